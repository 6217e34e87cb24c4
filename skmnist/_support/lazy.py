"""Packages that import what they export when it is first used."""

from __future__ import annotations

import importlib
import sys

from skmnist._warnings import warn


def lazy_exports(package, exports, renamed=None):
    """Return the names of a package, and the functions by which a module looks them up.

    Parameters
    ----------
    package : str
        Name of the package, its ``__name__``.
    exports : mapping of str to str
        Each public name, and the module of the package that defines it.
    renamed : mapping of str to str, default=None
        Each name that a public one had in the last release, and the new one. The old name works
        with a FutureWarning.

    Returns
    -------
    __all__, __getattr__, __dir__ : list of str, function, function
        To be bound to these names in the package, as PEP 562 describes.
    """
    names, renamed = sorted(exports), renamed or {}

    def __getattr__(name):
        if name in renamed:
            warn(
                f"{package}.{name} is now called {renamed[name]}. The old name will be removed in "
                "the next release.",
                FutureWarning,
            )
            return getattr(sys.modules[package], renamed[name])
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{exports[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *names})

    return names, __getattr__, __dir__
