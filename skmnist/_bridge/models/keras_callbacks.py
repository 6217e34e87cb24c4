"""Copies of Keras callbacks for each fit, with state of their own and shared references."""

from __future__ import annotations

import contextlib
import copy
import functools
import sys
import types
from collections import deque


def fresh_callbacks(callbacks):
    """Copy Keras callbacks for a fit.

    A copy starts with the attributes of the original, and training changes only those of the copy.
    Objects in the attributes are shared, because the user may want to see them: a study, a list, a
    stream.  Containers that Keras's own callbacks use, and callbacks inside a callback, are copied
    too.  A callback that cannot be copied is used itself.

    Parameters
    ----------
    callbacks : Callback, type, list, tuple or dict
        Parameter of the user, which may hold classes.

    Returns
    -------
    fresh : object of the same structure
        Copies of the instances; classes are unchanged.
    """
    return _fresh(callbacks, {})


def _fresh(thing, copies):
    """Return copies of callbacks, also inside a container; other objects unchanged."""
    if _is_callback(thing):
        if id(thing) not in copies:
            copies[id(thing)] = thing  # if it cannot be copied
            with contextlib.suppress(Exception):
                _copy_callback(thing, copies)
        return copies[id(thing)]
    if isinstance(thing, dict):
        parts = {name: _fresh(part, copies) for name, part in thing.items()}
        changed = any(parts[name] is not part for name, part in thing.items())
        return parts if changed and type(thing) is dict else thing
    if isinstance(thing, (list, tuple)) and type(thing) in (list, tuple):
        parts = [_fresh(part, copies) for part in thing]
        changed = any(new is not part for new, part in zip(parts, thing, strict=True))
        return type(thing)(parts) if changed else thing
    return thing


def _is_callback(thing):
    # ``clone`` must not start TensorFlow.  If Keras is not imported, no callback of it exists.
    callbacks = sys.modules.get("keras.callbacks")
    return callbacks is not None and isinstance(thing, callbacks.Callback)


def _copy_callback(callback, copies):
    kind = type(callback)
    if hasattr(kind, "__copy__"):
        copied = copy.copy(callback)
    else:
        # Not through the pickled state, which may lack references to objects outside.
        copied = kind.__new__(kind)
        for base in kind.__mro__:
            for name in _slots_of(base):
                if hasattr(callback, name):
                    object.__setattr__(copied, name, getattr(callback, name))
        vars(copied).update(vars(callback))
    copies[id(callback)] = copied
    of_keras = _names_of_keras(kind)
    for name, value in vars(callback).items():
        if vars(copied).get(name) is not value:  # its own ``__copy__`` has replaced it
            continue
        if name in ("_model", "params"):
            value = None
        elif name in of_keras and type(value) in (list, dict, set, deque):
            value = copy.copy(value)
        vars(copied)[name] = _rebound(_fresh(value, copies), callback, copied)


def _names_of_keras(kind):
    """Return all names in Keras's own code of a class, which include its attributes."""
    functions = [
        thing
        for base in kind.__mro__
        if base.__module__.startswith("keras.")
        for thing in vars(base).values()
        if isinstance(thing, types.FunctionType)
    ]
    return {name for function in functions for name in function.__code__.co_names}


def _slots_of(kind):
    slots = vars(kind).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else slots
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def _rebound(value, callback, copied):
    """Return a hook that refers to a callback with the copy in the callback's place."""
    if isinstance(value, types.MethodType) and value.__self__ is callback:
        return types.MethodType(value.__func__, copied)
    if isinstance(value, functools.partial):
        parts = [_rebound(part, callback, copied) for part in (value.func, *value.args)]
        parts = [copied if part is callback else part for part in parts]
        return functools.partial(*parts, **value.keywords)
    if isinstance(value, types.FunctionType) and value.__closure__:
        cells = [
            types.CellType(copied) if _content(cell) is callback else cell
            for cell in value.__closure__
        ]
        if any(new is not old for new, old in zip(cells, value.__closure__, strict=True)):
            rebound = types.FunctionType(
                value.__code__, value.__globals__, value.__name__, value.__defaults__, tuple(cells)
            )
            rebound.__kwdefaults__ = value.__kwdefaults__
            vars(rebound).update(vars(value))
            return rebound
    return value


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # the cell is empty
        return None
