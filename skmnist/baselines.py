"""Classical classifiers to measure a network against, with defaults that suit images of digits.

The defaults were chosen by measurement: 5-fold cross-validation on the 5,000 images of
:func:`skmnist.datasets.load_mnist_sample`, and again on 5,000 other images, the first ones of
MNIST's test part.  The accuracies below are those two.

``"knn"``: ``KNeighborsClassifier(n_neighbors=3, weights="distance", algorithm="brute")``
    0.940 and 0.920.  Weights matter more than the number of neighbours: with equal ones, three
    neighbours often disagree and the lowest label wins the tie (0.936 and 0.914); five neighbours
    give 0.937 and 0.917, one gives 0.940 and 0.919.  Brute force finds the same neighbours as the
    trees, thirty times as fast: in 784 dimensions a tree excludes next to nothing.

``"naive-bayes"``: ``BernoulliNB(binarize=0.2, alpha=0.01)``
    0.838 and 0.824.  It asks of each pixel only whether there is ink.  Thresholds from 0.2 to 0.4
    do equally well, so do values of `alpha` below 1.  Grey levels help less: ``MultinomialNB``
    has 0.832 and 0.810, ``GaussianNB`` with its default `var_smoothing` 0.601 and 0.548, since
    pixels that are nearly always black have nearly no variance, and any ink there outweighs all
    the rest; even the best of its values, 0.03 to 0.1, only give 0.807 and 0.779.

``"logistic-regression"``: ``LogisticRegression(C=0.1, solver="newton-cg")``
    0.905 and 0.893.  The default ``C=1.0`` overfits a little (0.899 and 0.889).  The default
    solver, lbfgs, is as accurate but does not always converge in its 100 iterations, and on two
    cores takes 1.0 s for 4,000 images; newton-cg needs nine iterations and 0.2 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from skmnist.bridge.parameters import find_named
from skmnist.preprocessing import MnistScaler

__all__ = ["list_baselines", "make_baseline"]


@dataclass(frozen=True)
class Recipe:
    """A model with a name of its own.

    Parameters
    ----------
    title : str
        What it is, in a few words.
    reason : str
        Why its settings are what they are, in one line.
    make : callable
        Makes the unfitted classifier.
    """

    title: str
    reason: str
    make: Callable[[], Any]


BASELINES = MappingProxyType(
    {
        "knn": Recipe(
            "k-nearest neighbours",
            "3 weighted by distance: no ties; brute force beats trees",
            lambda: KNeighborsClassifier(n_neighbors=3, weights="distance", algorithm="brute"),
        ),
        "naive-bayes": Recipe(
            "naive Bayes on ink or no ink",
            "Bernoulli, more accurate than Gaussian or multinomial",
            lambda: BernoulliNB(binarize=0.2, alpha=0.01),
        ),
        "logistic-regression": Recipe(
            "logistic regression",
            "C=0.1 overfits less than 1; newton-cg converges fast",
            lambda: LogisticRegression(C=0.1, solver="newton-cg"),
        ),
    }
)


def list_baselines():
    """List the names that :func:`make_baseline` knows.

    Returns
    -------
    names : list of str
        The names.

    Examples
    --------
    >>> from skmnist.baselines import list_baselines
    >>> list_baselines()
    ['knn', 'naive-bayes', 'logistic-regression']
    """
    return list(BASELINES)


def make_baseline(name) -> Pipeline:
    """Make a classical classifier, with pixels scaled by :class:`~skmnist.MnistScaler`.

    Parameters
    ----------
    name : str
        One of :func:`list_baselines`.  What each is, and why its settings are what they are,
        stands at the head of :mod:`skmnist.baselines`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted pipeline of the scaler and the classifier.

    Raises
    ------
    ValueError
        If there is no such baseline; the message names the nearest one.

    See Also
    --------
    skmnist.compare : Compare baselines, networks and estimators of your own.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import cross_val_score
    >>> from skmnist.baselines import make_baseline
    >>> X, y = load_digits(return_X_y=True)
    >>> make_baseline("knn")[-1]
    KNeighborsClassifier(algorithm='brute', n_neighbors=3, weights='distance')
    >>> bool(cross_val_score(make_baseline("knn"), X, y).mean() > 0.96)
    True
    """
    return make_pipeline(MnistScaler(), find_named(name, BASELINES, "baseline").make())
