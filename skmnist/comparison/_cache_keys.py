"""Keys of results on disk: equal only for the same data, parameters, code and versions."""

from __future__ import annotations

import copyreg
import functools
import hashlib
import sys
import sysconfig
import types
from importlib import metadata
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
_INSTALLED = tuple(
    Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "purelib", "platlib")
)
# Folders of Debian's Python, of a user's own packages, and of an environment's base Python.
_PACKAGES = {"site-packages", "dist-packages"}
_OWN_FOLDER = Path(__file__).resolve().parents[1]


def key_of(*parts):
    """Return a hash of values that depends on their content, not on their place in memory.

    An array is hashed by its content, a function by its code, an estimator by its class and its
    parameters.  Installed classes and functions are hashed by the versions of their
    distributions, the user's own by their code and by the code and constants that it uses.
    skmnist is hashed by its version and all of its source.

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
        If one of them has no content that would be the same in another process.
    """
    digest = _Digest({}, {}, fitted=False)
    for part in parts:
        digest.add(part)
    return digest.hash.hexdigest()


class _Digest:
    """A hash of values, and of the values that they consist of.

    Parameters
    ----------
    done : dict
        Finished digests by ``id`` of their value.  The value is kept with its digest, so that its
        ``id`` is not used again.
    begun : dict
        Depth of the values that contain this one, by ``id``.
    fitted : bool
        Whether the attributes that estimators have learnt are hashed too.

    Notes
    -----
    What every method keeps true:

    - Different values give different bytes: each text is written with its kind and its length, each
      collection with its number of parts, each array with its dtype and shape.
    - Equal values give equal bytes in every process: no address, hash seed, clock or counter of
      names is hashed. Sets are sorted by the keys of their parts; Keras objects are hashed by their
      configuration without names; a value that contains itself, by how many levels up it begins.
    - Code counts where it is: installed code by the version of its distribution, skmnist's by its
      source, the user's by its bytecode, its constants, and the values that its names stand for.
    - What cannot be hashed so is an error, because a key that leaves it out would find results of
      something else. The one exception is what the user's code may use or not, such as a logger:
      its type is hashed.
    """

    def __init__(self, done, begun, fitted):
        self.hash = hashlib.blake2b(digest_size=16)
        self.done, self.begun, self.fitted = done, begun, fitted

    def add(self, value):
        if isinstance(value, _PLAIN):
            self.tag(type(value).__name__, repr(value))
        elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.tag("array", f"{value.dtype.str}{value.shape}")
            plain = value.dtype.kind in "biufc"
            self.hash.update(np.ascontiguousarray(value).data if plain else value.tobytes())
        elif id(value) in self.begun:
            self.tag("cycle", str(len(self.begun) - self.begun[id(value)]))
        else:
            self.hash.update(b"=")
            self.hash.update(self.digest_of(value))

    def digest_of(self, value):
        """Return the digest of a value that consists of other values."""
        place = id(value), self.fitted
        if place not in self.done:
            part = _Digest(self.done, self.begun, self.fitted)
            self.begun[id(value)] = len(self.begun)
            try:
                part.add_composed(value)
            finally:
                del self.begun[id(value)]
            self.done[place] = part.hash.digest(), value
        return self.done[place][0]

    def tag(self, kind, text):
        data = f"{kind} {text}".encode("utf-8", "surrogatepass")
        self.hash.update(f"{len(data)}:".encode())
        self.hash.update(data)

    def add_all(self, kind, values):
        values = list(values)
        self.tag(kind, str(len(values)))
        for value in values:
            self.add(value)

    def add_if_possible(self, name, value):
        """Add a value that code may use; a logger or an open file does not affect results."""
        self.tag("named", name)
        try:
            self.add(value)
        except Exception:
            self.tag("untold", type(value).__qualname__)

    def add_composed(self, value):
        """Add a value that consists of other values."""
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
        elif isinstance(value, types.ModuleType):
            self.tag("module", f"{_version_of(value.__name__)} {value.__name__}")
        elif isinstance(value, (types.BuiltinFunctionType, np.ufunc)):
            self.tag("name", f"{getattr(value, '__module__', '')} {value.__name__}")
            owner = getattr(value, "__self__", None)
            if not isinstance(owner, types.ModuleType):
                self.add(owner)
        else:
            self.add_object(value)

    def add_object(self, value):
        kind = type(value)
        self.add_class(kind)
        if isinstance(value, BaseEstimator):
            self.add_estimator(value)
        elif any(base.__module__.partition(".")[0] == "keras" for base in kind.__mro__):
            # Their pickles contain the time of day.
            has_config = hasattr(value, "get_config")
            self.add(_without_names(value.get_config()) if has_config else vars(value))
            if hasattr(value, "get_weights"):
                self.add(value.get_weights())
        elif sparse.issparse(value):
            rows = value.tocsr(copy=True)
            rows.sum_duplicates()
            self.add_all("sparse", (rows.shape, rows.indptr, rows.indices, rows.data))
        elif hasattr(value, "__array__") and (hasattr(value, "columns") or hasattr(value, "dtype")):
            self.add_table(value)
        elif value is check_random_state(None):
            # SciPy's distributions hold NumPy's global generator, whose state changes all the time.
            self.tag("name", "numpy.random")
        elif "__wrapped__" in getattr(value, "__dict__", ()):  # functools.cache
            self.add(vars(value))
        else:
            self.add_reduced(value)

    def add_reduced(self, value):
        """Add the values that copies and pickles of an object are made from."""
        reduce = copyreg.dispatch_table.get(type(value))
        reduced = value.__reduce_ex__(4) if reduce is None else reduce(value)
        if isinstance(reduced, str):
            self.tag("name", f"{getattr(value, '__module__', '')} {reduced}")
            return
        make, arguments, state, items, pairs, *_ = (*reduced, None, None, None)
        self.add_all("object", (make, arguments, state, list(items or ()), list(pairs or ())))

    def add_estimator(self, value):
        self.add(value.get_params(deep=False))
        if self.fitted:
            self.add(vars(value))
        elif type(value).__sklearn_clone__ is not BaseEstimator.__sklearn_clone__:
            # Its clones keep what it has learnt, as those of FrozenEstimator do.
            self.hash.update(_Digest(self.done, {}, fitted=True).digest_of(value))

    def add_table(self, value):
        """Add a data frame or a series."""
        columns = getattr(value, "columns", ())
        dtypes = value.dtypes if hasattr(value, "columns") else [value.dtype]
        index = value.index if hasattr(value, "iloc") else ()
        self.add_all("table", (list(columns), [str(dtype) for dtype in dtypes], list(index)))
        self.add(np.asarray(value))

    def add_class(self, kind):
        if _is_installed(kind.__module__):
            self.tag(
                "class", f"{_version_of(kind.__module__)} {kind.__module__} {kind.__qualname__}"
            )
            return
        self.add_all("class", (kind.__module__, kind.__qualname__, *kind.__bases__))
        for name, part in sorted(vars(kind).items()):
            if isinstance(part, property):
                part = (part.fget, part.fset)
            elif isinstance(part, (staticmethod, classmethod)):
                part = part.__func__
            elif isinstance(part, functools.cached_property):
                part = part.func
            special = name.startswith("__") and name.endswith("__")
            # Some special attributes that are not code are added by Python itself.
            if not special or isinstance(part, types.FunctionType):
                self.add_if_possible(name, part)

    def add_function(self, function):
        module = function.__module__ or ""
        code = function.__code__
        self.tag("function", f"{module} {function.__qualname__}")
        # A function that was defined inside another one has a closure.
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        self.add_all("closure", (*code.co_freevars, *cells))
        if _is_installed(module):
            self.tag("version", _version_of(module))
            return
        self.add_all("body", (code, function.__defaults__, function.__kwdefaults__))
        names = sorted(_names_in(code))
        for holder in (vars(function), function.__globals__):
            for name in names:
                if name in holder:
                    self.add_used(name, holder[name], names)

    def add_used(self, name, value, names):
        """Add a value that a function uses; of the user's own modules, the names it may use."""
        self.add_if_possible(name, value)
        if isinstance(value, types.ModuleType) and not _is_installed(value.__name__):
            for part in names:
                if part in vars(value) and vars(value)[part] is not value:
                    self.add_if_possible(part, vars(value)[part])


def _without_names(config):
    """Return a configuration without names, which Keras numbers in the order of creation."""
    if isinstance(config, dict):
        return {name: _without_names(part) for name, part in config.items() if name != "name"}
    if isinstance(config, (list, tuple)):
        return [_without_names(part) for part in config]
    return config


def _names_in(code):
    """Return the names that code uses, in its functions and comprehensions too."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(_names_in, inner))


@functools.cache
def _is_installed(module):
    """Return whether a module belongs to Python or to an installed distribution."""
    name = module.partition(".")[0]
    if name in sys.builtin_module_names or name == "skmnist":
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return False
    path = Path(file).resolve()
    return not _PACKAGES.isdisjoint(path.parts) or any(
        folder in path.parents for folder in _INSTALLED
    )


@functools.cache
def _version_of(module):
    """Return names and versions of the distributions that a module may come from."""
    name = module.partition(".")[0]
    if name in sys.stdlib_module_names:
        return ""  # Python's version is part of every key
    found = _distributions().get(name, [])
    versions = [f"{title} {metadata.version(title)}" for title in sorted(set(found))]
    if name == "skmnist":
        # The version is the same for different states of a checkout.
        versions.append(f"source {_digest_of_source(_OWN_FOLDER)}")
    return ", ".join(versions)


def own_version():
    """Return the version of skmnist with a hash of its source."""
    return _version_of("skmnist")


def _digest_of_source(folder):
    """Return a hash of the Python files in a folder and its subfolders."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes()):
            digest.update(f"{len(part)}:".encode())
            digest.update(part)
    return digest.hexdigest()


@functools.cache
def _distributions():
    return metadata.packages_distributions()
