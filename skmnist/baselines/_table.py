"""The baselines: description, reason for the defaults, published and measured accuracies.

``_classifiers.py`` makes their classifiers and documents the measurements behind their settings;
``results.json``, which ``benchmarks/baselines.py`` writes, holds our own figures.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any

# Data sets of the figures: key -> title.
DATA = MappingProxyType({"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"})

# Key -> where figures were published and how they were obtained, with the URL.
SOURCES = MappingProxyType(
    {
        "xiao2017": (
            "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for "
            "Benchmarking Machine Learning Algorithms, 2017, table 3: scikit-learn, mean of five "
            "orders of the training images",
            "https://arxiv.org/abs/1708.07747",
        ),
        "zalando": (
            "Fashion-MNIST project, README, table of submitted benchmarks (by subalde), not "
            "verified by the project",
            "https://github.com/zalandoresearch/fashion-mnist#benchmark",
        ),
        "maji2009": (
            "S. Maji and J. Malik, Fast and Accurate Digit Classification, UCB/EECS-2009-159: "
            "0.79 % error",
            "https://people.cs.umass.edu/~smaji/projects/digits/index.html",
        ),
        "lecun": (
            "Y. LeCun, C. Cortes and C. Burges, The MNIST Database of Handwritten Digits, table "
            "of test errors, of methods without preprocessing",
            "http://yann.lecun.com/exdb/mnist/",
        ),
    }
)


@dataclass(frozen=True)
class Published:
    """Published accuracy.

    Parameters
    ----------
    accuracy : float
        Accuracy on the 10,000 test images after training on the 60,000.
    settings : str
        The settings used, as far as they differ from ours.
    source : str
        Key of `SOURCES`.
    """

    accuracy: float
    settings: str
    source: str


@dataclass(frozen=True)
class Measured:
    """Our measurements with 60,000 training images and the 10,000 official test images.

    Parameters
    ----------
    accuracy : float
        Accuracy on the test images.
    fit_seconds : float
        Time of the fit, in seconds.
    predict_seconds : float
        Time of predicting all test images, in seconds.
    """

    accuracy: float
    fit_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class Baseline:
    """Entry of a classical classifier.

    Parameters
    ----------
    title : str
        Short description.
    reason : str
        Reason for its settings, in one line.
    make : callable
        Makes the unfitted classifier, or a pipeline of the steps after the scaler.
    fast : bool
        Whether it belongs to those that together take less than five minutes.
    images : bool
        Whether it takes images rather than rows of pixels.
    published : mapping of str to tuple of Published
        Published accuracies on ``"mnist"`` and ``"fashion_mnist"``; empty if we know of none.
    ours : mapping of str to Measured
        Our measurements on the same.
    """

    title: str
    reason: str
    make: Callable[[], Any]
    fast: bool
    images: bool
    published: MappingProxyType
    ours: MappingProxyType


_RESULTS = json.loads((files(__package__) / "results.json").read_text("utf-8"))
# Machine and versions of the measurements.
MEASURED_ON = _RESULTS["measured on"]


def _make(function):
    # Imported here, because listing the baselines needs no scikit-learn.
    from skmnist.baselines import _classifiers

    return getattr(_classifiers, function)()


def _baseline(name, title, reason, *, mnist=(), fashion=(), fast=False, images=False):
    """Make an entry; published figures come as tuples (accuracy, settings, source)."""
    given = {"mnist": mnist, "fashion_mnist": fashion}
    measured = _RESULTS["baselines"].get(name, {})
    return name, Baseline(
        title,
        reason,
        partial(_make, name.replace("-", "_")),
        fast,
        images,
        MappingProxyType(
            {data: tuple(Published(*one) for one in of) for data, of in given.items()}
        ),
        MappingProxyType({data: Measured(*of) for data, of in measured.items()}),
    )


def _xiao(fashion, mnist, settings, *others):
    """Return both figures of one line of the table of 2017, and other figures for MNIST."""
    return {
        "mnist": ((mnist, settings, "xiao2017"), *others),
        "fashion": ((fashion, settings, "xiao2017"),),
    }


BASELINES = MappingProxyType(
    dict(
        [
            _baseline(
                "knn",
                "k-nearest neighbours",
                "3 weighted by distance: no ties; brute force beats trees",
                fast=True,
                **_xiao(0.852, 0.945, "5 neighbours", (0.9691, "by K. Wilder", "lecun")),
            ),
            _baseline(
                "naive-bayes",
                "naive Bayes on ink or no ink",
                "Bernoulli, more accurate than Gaussian or multinomial",
                fast=True,
                **_xiao(0.511, 0.524, "Gaussian"),
            ),
            _baseline(
                "logistic-regression",
                "logistic regression",
                "C=0.1 overfits less than 1; newton-cg converges fast",
                fast=True,
                **_xiao(0.841, 0.917, "C=1, one against the rest"),
            ),
            _baseline(
                "linear-svm",
                "linear support vector machine",
                "C=0.03: the default of 1 overfits",
                **_xiao(0.820, 0.912, "C=1"),
            ),
            _baseline(
                "rbf-svm",
                "support vector machine, Gaussian kernel",
                "images of unit length, so that gamma=2 suits any size",
                **_xiao(0.897, 0.973, "gamma not given", (0.986, "settings not given", "lecun")),
            ),
            _baseline(
                "nystroem",
                "Nyström approximation of that kernel, ridge regression",
                "up to 1,000 images to compare with; ridge is solved in one step",
                fast=True,
            ),
            _baseline(
                "decision-tree",
                "decision tree",
                "entropy, lightly pruned",
                fast=True,
                **_xiao(0.789, 0.886, "entropy, depth 50"),
            ),
            _baseline(
                "random-forest",
                "random forest",
                "100 trees; entropy is a little more accurate than Gini",
                fast=True,
                **_xiao(0.873, 0.970, "entropy, depth 100"),
            ),
            _baseline(
                "extra-trees",
                "extremely randomised trees",
                "100 trees; a tenth of the pixels at each split",
                fast=True,
            ),
            _baseline(
                "hist-gradient-boosting",
                "histogram gradient boosting",
                "a tenth of the pixels at each split is faster; no early stopping",
                **_xiao(0.880, 0.969, "exact splits, 100 rounds, depth 10"),
            ),
            _baseline(
                "lda",
                "linear discriminant analysis",
                "Ledoit-Wolf shrinkage: border pixels hardly vary",
                fast=True,
            ),
            _baseline(
                "nearest-centroid",
                "nearest mean image",
                "means: medians and shrinkage are worse",
                fast=True,
            ),
            _baseline(
                "pca-svm",
                "support vector machine on principal components",
                "0.85 of the variance; several times as fast as all pixels",
                fast=True,
            ),
            _baseline(
                "hog-svm",
                "support vector machine on histograms of oriented gradients",
                "cells of 1/7 of the side; PCA halves the time of the machine",
                images=True,
                mnist=((0.9921, "spatial pyramid, intersection kernel", "maji2009"),),
                fashion=((0.926, "settings not given", "zalando"),),
            ),
            _baseline(
                "sklearn-mlp",
                "scikit-learn's MLPClassifier",
                "256 units; stops when the training loss does",
                **_xiao(0.871, 0.972, "100 units"),
            ),
            _baseline(
                "dummy",
                "most frequent class",
                "what every model must beat",
                fast=True,
            ),
        ]
    )
)
