"""Keras networks for small images as ordinary scikit-learn estimators.

Importing :mod:`skmnist` loads neither TensorFlow nor scikit-learn: every public name is imported
when it is first used, and TensorFlow only when a network is first built.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from skmnist.classifiers._families import FAMILIES as _FAMILIES

__version__: str  # read from the installed distribution when it is first asked for

# Public name -> the module that defines it.  The block under ``TYPE_CHECKING`` below says the
# same to type checkers and editors; a test keeps the two equal.
_EXPORTS = {
    "Augmentation": "skmnist.augmentation",
    "Autoencoder": "skmnist.unsupervised",
    "AutoencoderOutlierDetector": "skmnist.unsupervised",
    "GANGenerator": "skmnist.unsupervised",
    "KerasClassifier": "skmnist.classifiers",
    "MnistScaler": "skmnist.preprocessing",
    "OneHotLabelEncoder": "skmnist.preprocessing",
    "compare": "skmnist.comparison",
    **{family.class_name: "skmnist.classifiers" for family in _FAMILIES.values()},
}
_SUBMODULES = (
    "augmentation",
    "baselines",
    "classifiers",
    "comparison",
    "datasets",
    "networks",
    "pictures",
    "plots",
    "preprocessing",
    "recipes",
    "report",
    "statistics",
    "unsupervised",
)

__all__ = sorted({*_EXPORTS, *_SUBMODULES, "__version__"})

if TYPE_CHECKING:
    from skmnist import augmentation as augmentation
    from skmnist import baselines as baselines
    from skmnist import classifiers as classifiers
    from skmnist import comparison as comparison
    from skmnist import datasets as datasets
    from skmnist import networks as networks
    from skmnist import pictures as pictures
    from skmnist import plots as plots
    from skmnist import preprocessing as preprocessing
    from skmnist import recipes as recipes
    from skmnist import report as report
    from skmnist import statistics as statistics
    from skmnist import unsupervised as unsupervised
    from skmnist.augmentation import Augmentation as Augmentation
    from skmnist.classifiers import KerasClassifier as KerasClassifier
    from skmnist.classifiers._families import *
    from skmnist.comparison import compare as compare
    from skmnist.preprocessing import MnistScaler as MnistScaler
    from skmnist.preprocessing import OneHotLabelEncoder as OneHotLabelEncoder
    from skmnist.unsupervised import Autoencoder as Autoencoder
    from skmnist.unsupervised import AutoencoderOutlierDetector as AutoencoderOutlierDetector
    from skmnist.unsupervised import GANGenerator as GANGenerator


def __getattr__(name):
    if name in _EXPORTS:
        value = getattr(importlib.import_module(_EXPORTS[name]), name)
    elif name in _SUBMODULES:
        value = importlib.import_module(f"skmnist.{name}")
    elif name == "__version__":
        value = importlib.import_module("skmnist._version").find_version()
    else:
        raise AttributeError(f"module 'skmnist' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
