"""Classifiers of small images: one class per network family, and one for your own network."""

import importlib
from typing import TYPE_CHECKING

from skmnist.classifiers._families import FAMILIES as _FAMILIES

if TYPE_CHECKING:
    from skmnist.classifiers._families import *
    from skmnist.classifiers.custom import KerasClassifier as KerasClassifier

# Public name -> the module that defines it, which is imported when the name is first used.
_EXPORTS = {family.class_name: family.name for family in _FAMILIES.values()}
_EXPORTS["KerasClassifier"] = "custom"

__all__ = sorted(_EXPORTS)


def __getattr__(name):
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
