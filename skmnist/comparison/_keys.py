"""Keys of results on disk: the same for the same data, parameters, code and versions only."""

from __future__ import annotations

import functools
import hashlib
import inspect
import pickle
import sys
import sysconfig
import types
from importlib import metadata
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
_INSTALLED = tuple(
    Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "purelib", "platlib")
)


def key_of(*parts):
    """Return a digest of values: of what they say, not of where in memory they stand.

    An array counts by its content, a function by its code, an estimator by its class and its
    parameters.  Of classes and functions that are installed, the versions of their distributions
    count; of those of the user's, their code, and the code that it calls.

    Parameters
    ----------
    *parts : object
        The values.

    Returns
    -------
    key : str
        Hexadecimal digits.

    Raises
    ------
    Exception
        If one of them says nothing that would be the same in another process.
    """
    digest = _Digest()
    for part in parts:
        digest.add(part)
    return digest.hash.hexdigest()


class _Digest:
    def __init__(self):
        self.hash = hashlib.blake2b(digest_size=16)
        self.seen = {}

    def add(self, value):
        if isinstance(value, _PLAIN):
            self.tag(type(value).__name__, repr(value))
        elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.tag("array", f"{value.dtype.str}{value.shape}")
            plain = value.dtype.kind in "biufc"
            self.hash.update(np.ascontiguousarray(value).data if plain else value.tobytes())
        elif id(value) in self.seen:
            self.tag("seen", str(self.seen[id(value)][0]))
        else:
            # The value is kept, so that no other one gets its place in memory.
            self.seen[id(value)] = len(self.seen), value
            self.add_composed(value)

    def tag(self, kind, text):
        data = f"{kind} {text}".encode("utf-8", "surrogatepass")
        self.hash.update(f"{len(data)}:".encode())
        self.hash.update(data)

    def add_all(self, kind, values):
        values = list(values)
        self.tag(kind, str(len(values)))
        for value in values:
            self.add(value)

    def add_composed(self, value):
        """Add what consists of other values."""
        if isinstance(value, type):
            self.add_class(value)
        elif isinstance(value, (list, tuple)):
            self.add_all(type(value).__name__, value)
        elif isinstance(value, (dict, types.MappingProxyType)):
            self.add_all("dict", (part for item in value.items() for part in item))
        elif isinstance(value, (set, frozenset)):
            self.add_all("set", sorted(key_of(part) for part in value))
        elif isinstance(value, np.ndarray):
            self.add_all(f"array {value.shape}", value.ravel().tolist())
        elif isinstance(value, types.FunctionType):
            self.add_function(value)
        elif isinstance(value, types.MethodType):
            self.add_all("method", (value.__func__, value.__self__))
        elif isinstance(value, functools.partial):
            self.add_all("partial", (value.func, value.args, value.keywords))
        elif isinstance(value, types.CodeType):
            self.add_all(
                "code", (value.co_code, value.co_consts, value.co_names, value.co_varnames)
            )
        elif isinstance(value, (types.ModuleType, types.BuiltinFunctionType, np.ufunc)):
            self.tag("name", f"{getattr(value, '__module__', '')} {value.__name__}")
        else:
            self.add_object(value)

    def add_object(self, value):
        kind = type(value)
        self.add_class(kind)
        if isinstance(value, BaseEstimator):
            self.add(value.get_params(deep=False))
        elif any(base.__module__.partition(".")[0] == "keras" for base in kind.__mro__):
            # Pickled, they would carry the time of day.
            self.add(value.get_config() if hasattr(value, "get_config") else vars(value))
            if hasattr(value, "get_weights"):
                self.add(value.get_weights())
        elif hasattr(value, "__dict__") and kind.__reduce__ is object.__reduce__:
            self.add(vars(value))
        else:
            self.add(pickle.dumps(value, protocol=5))

    def add_class(self, kind):
        if _is_installed(kind.__module__):
            self.tag(
                "class", f"{_version_of(kind.__module__)} {kind.__module__} {kind.__qualname__}"
            )
            return
        self.add_all("class", (kind.__module__, kind.__qualname__, *kind.__bases__))
        for name, part in sorted(vars(kind).items()):
            part = getattr(part, "__func__", getattr(part, "fget", part))
            if isinstance(part, (types.FunctionType, *_PLAIN)) and name not in (
                "__doc__",
                "__module__",
                "__firstlineno__",
            ):
                self.add_all(name, (part,))

    def add_function(self, function):
        module = function.__module__ or ""
        self.tag("function", f"{module} {function.__qualname__}")
        if _is_installed(module):
            self.tag("version", _version_of(module))
            # A function that was made while running has variables of its own.
            self.add_all("closure", inspect.getclosurevars(function).nonlocals.items())
            return
        self.add_all("body", (function.__code__, function.__defaults__, function.__kwdefaults__))
        used = inspect.getclosurevars(function)
        self.add_all("closure", sorted(used.nonlocals.items(), key=lambda item: item[0]))
        self.add_all(
            "globals",
            (
                (name, value)
                for name, value in sorted(used.globals.items(), key=lambda item: item[0])
                if isinstance(value, (types.FunctionType, type, *_PLAIN))
            ),
        )


@functools.cache
def _is_installed(module):
    """Tell whether a module belongs to Python or to an installed distribution."""
    name = module.partition(".")[0]
    if name in sys.builtin_module_names or name == "skmnist":
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return False
    return any(folder in Path(file).resolve().parents for folder in _INSTALLED)


@functools.cache
def _version_of(module):
    """Return names and versions of the distributions that a module may come from."""
    name = module.partition(".")[0]
    if name in sys.stdlib_module_names:
        return ""  # Python's version is part of every key
    found = _distributions().get(name, [])
    return ", ".join(f"{title} {metadata.version(title)}" for title in sorted(set(found)))


@functools.cache
def _distributions():
    return metadata.packages_distributions()
