"""Keras networks for small images as ordinary scikit-learn estimators.

Importing :mod:`skmnist` loads neither TensorFlow nor scikit-learn: every public name is imported
when it is first used, and TensorFlow only when a network is first built.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__: str  # read from the installed distribution when it is first asked for

# Public name -> the module that defines it.  The block under ``TYPE_CHECKING`` below says the
# same to type checkers and editors; a test keeps the two equal.
_EXPORTS = {
    "Augmentation": "skmnist.augmentation",
    "Autoencoder": "skmnist.unsupervised",
    "AutoencoderOutlierDetector": "skmnist.unsupervised",
    "CNNClassifier": "skmnist.classifiers",
    "GANGenerator": "skmnist.unsupervised",
    "KerasClassifier": "skmnist.classifiers",
    "LSTMClassifier": "skmnist.classifiers",
    "LeNetClassifier": "skmnist.classifiers",
    "MLPClassifier": "skmnist.classifiers",
    "MnistScaler": "skmnist.preprocessing",
    "OneHotLabelEncoder": "skmnist.preprocessing",
    "ResNetClassifier": "skmnist.classifiers",
    "TransformerClassifier": "skmnist.classifiers",
    "compare": "skmnist.comparison",
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

__all__ = [
    "Augmentation",
    "Autoencoder",
    "AutoencoderOutlierDetector",
    "CNNClassifier",
    "GANGenerator",
    "KerasClassifier",
    "LSTMClassifier",
    "LeNetClassifier",
    "MLPClassifier",
    "MnistScaler",
    "OneHotLabelEncoder",
    "ResNetClassifier",
    "TransformerClassifier",
    "__version__",
    "augmentation",
    "baselines",
    "classifiers",
    "compare",
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
]

if TYPE_CHECKING:
    from skmnist import (
        augmentation,
        baselines,
        classifiers,
        comparison,
        datasets,
        networks,
        pictures,
        plots,
        preprocessing,
        recipes,
        report,
        statistics,
        unsupervised,
    )
    from skmnist.augmentation import (
        Augmentation,
    )
    from skmnist.classifiers import (
        CNNClassifier,
        KerasClassifier,
        LeNetClassifier,
        LSTMClassifier,
        MLPClassifier,
        ResNetClassifier,
        TransformerClassifier,
    )
    from skmnist.comparison import (
        compare,
    )
    from skmnist.preprocessing import (
        MnistScaler,
        OneHotLabelEncoder,
    )
    from skmnist.unsupervised import (
        Autoencoder,
        AutoencoderOutlierDetector,
        GANGenerator,
    )


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
