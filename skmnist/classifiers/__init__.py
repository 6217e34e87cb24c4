"""Classifiers of small images: one class per network family, and one for your own network."""

from typing import TYPE_CHECKING

from skmnist._support.lazy import lazy_exports
from skmnist.classifiers._families import FAMILIES as _FAMILIES

if TYPE_CHECKING:
    from skmnist.classifiers._families import *
    from skmnist.classifiers.custom import KerasClassifier as KerasClassifier

# Public name -> the module that defines it, which is imported when the name is first used.
_EXPORTS = {family.class_name: family.name for family in _FAMILIES.values()}
_EXPORTS["KerasClassifier"] = "custom"

__all__, __getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
