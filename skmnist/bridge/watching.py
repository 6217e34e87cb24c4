"""Who watches a training: scikit-learn's callbacks, and the user at a terminal."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import signal
import sys
import threading
import time
import types
from collections import deque

from sklearn.callback import AutoPropagatedCallback

# Attributes that scikit-learn gives an estimator for as long as its fit runs.
_FIT_STATE = ("_callback_fit_ctx", "_parent_callback_ctx", "_skl_callbacks_to_teardown")


def outside_of_fit(state):
    """Return the attributes of an estimator less what belongs to a fit that runs.

    A callback may keep the fitted estimator it is shown, or write it to a file; trained on, such a
    copy would report to the searches and bars of a fit that is long over.
    """
    kept = {name: value for name, value in state.items() if name not in _FIT_STATE}
    if "_parent_callback_ctx" in state and "_skl_callbacks" in kept:
        # Lent by the pipeline or search around, which permits none of its steps' own.
        own = [c for c in kept["_skl_callbacks"] if not isinstance(c, AutoPropagatedCallback)]
        kept = {**kept, "_skl_callbacks": own}
    return kept


@contextlib.contextmanager
def _uninterrupted():
    """Hold Ctrl-C back while scikit-learn's callbacks are at work; a second one is let through.

    ProgressBar hands every message to another thread. Interrupted in the middle of that, Python's
    queue loses a wake-up, and the end of the bar, and with it of the fit, is waited for for ever.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    held = []

    def hold(*signalled):
        held.append(signalled)
        if len(held) > 1:
            usual(*signalled)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if held:
            usual(*held[0])


class Watch:
    """Reports a training: scikit-learn's callbacks, and a line per epoch if asked for."""

    def __init__(self, estimator, fitted, data, context, given, progress, n_epochs):
        X, y, sample_weight = given
        self.estimator, self.fitted, self.data, self.context = estimator, fitted, data, context
        self.progress, self.n_epochs = progress, n_epochs
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.began = time.perf_counter()

    def __enter__(self):
        with _uninterrupted():
            self.context.call_on_fit_task_begin(**self.given)
            self._begin_epoch()

    def __exit__(self, kind, *_):
        if kind is None:
            with _uninterrupted():
                self.context.call_on_fit_task_end(
                    **self.given, reconstruction_attributes=self._attributes
                )

    def _begin_epoch(self):
        self.epoch_context = self.context.subcontext(task_name="epoch")
        self.epoch_context.call_on_fit_task_begin(**self.given)

    def after_epoch(self, epoch, logs):
        """Report an epoch; return whether a scikit-learn callback asks to stop."""
        if self.estimator.verbose:
            now = time.perf_counter()
            values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
            print(f"Epoch {epoch}/{self.n_epochs}  {values}  {now - self.began:.1f} s", flush=True)
            self.began = now
        with _uninterrupted():
            stop = self.epoch_context.call_on_fit_task_end(
                **self.given, reconstruction_attributes=self._attributes
            )
            if epoch < self.n_epochs and not (stop or self.fitted.network.model.stop_training):
                self._begin_epoch()
        return stop

    def _attributes(self):
        """Return what makes an independent estimator of the training so far."""
        fitted = dataclasses.replace(self.fitted, network=copy.deepcopy(self.fitted.network))
        more = self.estimator._learn_more(fitted, self.data)
        return fitted.attributes(self.progress.history) | more


def fresh_callbacks(callbacks):
    """Copy Keras callbacks for a fit: their own state is fresh, what the user gave them is shared.

    A copy has attributes of its own, so what it counts is not counted in the original, whose
    numbers it begins with.  What the attributes refer to is the same: a study, a list, a stream.
    Of the containers in Keras's own callbacks there are copies, and of callbacks in a callback.  A
    callback that cannot be copied is used itself.

    Parameters
    ----------
    callbacks : Callback, type, list, tuple or dict
        What the user gave, classes included.

    Returns
    -------
    fresh : object of the same structure
        The copies, and classes as they are.
    """
    return _fresh(callbacks, {})


def _fresh(thing, copies):
    """Return callbacks, also in a container, as copies; and anything else as it is."""
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
    # A clone must not start TensorFlow; where Keras is not imported, there is no callback of it.
    callbacks = sys.modules.get("keras.callbacks")
    return callbacks is not None and isinstance(thing, callbacks.Callback)


def _copy_callback(callback, copies):
    kind = type(callback)
    if hasattr(kind, "__copy__"):
        copied = copy.copy(callback)
    else:
        # Not by what it pickles, which may leave out what is outside.
        copied = kind.__new__(kind)
        for base in kind.__mro__:
            for name in _slots_of(base):
                if hasattr(callback, name):
                    object.__setattr__(copied, name, getattr(callback, name))
        vars(copied).update(vars(callback))
    copies[id(callback)] = copied
    of_keras = _names_of_keras(kind)
    for name, value in vars(callback).items():
        if vars(copied).get(name) is not value:  # its own way to copy has seen to it
            continue
        if name in ("_model", "params"):
            value = None
        elif name in of_keras and type(value) in (list, dict, set, deque):
            value = copy.copy(value)
        vars(copied)[name] = _rebound(_fresh(value, copies), callback, copied)


def _names_of_keras(kind):
    """Return the attributes that Keras's own code of a class uses, among other names."""
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
    """Return a hook that an instance has made for itself, as a hook of its copy."""
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
    except ValueError:  # there is none yet
        return None
