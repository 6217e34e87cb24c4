"""Fits of recipes with several seeds, and the figures that the documents report."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING

import joblib
import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from skmnist._support.progress import run_steps
from skmnist._support.published import MNIST
from skmnist._versions import versions
from skmnist.datasets import fetch_mnist
from skmnist.recipes._make import build, get_recipe, list_recipes
from skmnist.recipes._result import Reproduction, ReproductionReport, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

_BATCH = 500


@dataclass(frozen=True)
class RecipeStep:
    """Progress of :func:`reproduce`: one recipe with one seed.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    seed : int
        The seed.
    number, n_steps : int
        Number of the step, from 1, and number of all steps.
    result : Run or None
        None when the step begins; its result when it ends.
    seconds_left : float or None
        Estimate for the remaining steps; None before the first step ends.
    """

    recipe: str
    seed: int
    number: int
    n_steps: int
    result: Run | None = None
    seconds_left: float | None = None


def reproduce(
    names: str | Iterable[str] | None = None,
    X_train: ArrayLike | None = None,
    y_train: ArrayLike | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    seeds: int | Iterable[int] = 5,
    progress: Callable[[RecipeStep], object] | None = None,
) -> ReproductionReport:
    """Fit recipes, and compare their figures with the documented ones.

    Parameters
    ----------
    names : str, iterable of str or None, default=None
        Names of recipes, see :func:`list_recipes`; None for all.
    X_train : array-like, default=None
        Training images of shape (n_samples, n_features) or (n_samples, height, width), grey
        levels from 0 to 255.  If no data are given, those of
        :func:`~skmnist.datasets.fetch_mnist` are used.
    y_train : array-like of shape (n_samples,), default=None
        Their labels.
    X_test : array-like, default=None
        Test images, of the same shape.
    y_test : array-like, default=None
        Their labels, which must all occur in `y_train`.
    seeds : int >= 1 or iterable of int, default=5
        The seeds to fit each recipe with; an int n stands for 0 to n - 1.
    progress : callable, default=None
        Called with a :class:`RecipeStep` when the fit of a recipe with a seed begins, and again
        when it ends.

    Returns
    -------
    report : ReproductionReport
        Prints as a table; `holds` says whether every documented figure was reproduced.

    Raises
    ------
    ValueError
        If a name is unknown, or the data or the seeds are invalid.
    OSError
        If MNIST is needed and cannot be fetched.

    Notes
    -----
    Documented figures are of MNIST.  Hashes of pixels and labels show whether the data are MNIST;
    with other data, the report holds the obtained figures without verdicts.

    Accuracy and loss on the test images are those of Keras's ``evaluate``, with penalties and
    without dropout.  Training figures are Keras's too: means over the last epoch, taken while the
    network learns.

    A recipe that raises an error is reported as failed; the other recipes are fitted nevertheless.

    Examples
    --------
    >>> from skmnist.datasets import load_mnist_sample
    >>> from skmnist.recipes import reproduce
    >>> X, y = load_mnist_sample(return_X_y=True)
    >>> report = reproduce("single-512", X[:4000], y[:4000], X[4000:], y[4000:], seeds=2)
    >>> print(report)
    recipe      figure          documented  obtained         verdict
    ----------  --------------  ----------  ---------------  -------
    single-512  test accuracy            -  0.9... ± 0.0...
                test loss                -  0.2... ± 0.0...
                train accuracy           -  0.9... ± 0.0...
    <BLANKLINE>
    4,000 training and 1,000 test images. Seeds: 0, 1. Train and val figures are of
    the last epoch.
    The documented figures are of all of MNIST; these are other images, so nothing
    is compared.
    ...
    >>> report.comparable, report.holds
    (False, True)
    """
    names = [names] if isinstance(names, str) else list_recipes() if names is None else list(names)
    recipes = {name: get_recipe(name) for name in names}
    if not recipes:
        raise ValueError("There must be at least one recipe to reproduce, got none.")
    seeds = _check_seeds(seeds)
    data = (X_train, y_train, X_test, y_test)
    if all(part is None for part in data):
        parts = [fetch_mnist(subset=subset) for subset in ("train", "test")]
        data = [array for part in parts for array in (part.images, part.target)]
    data = _check_data(*data)
    comparable = _is_mnist(*data[:2], "train") and _is_mnist(*data[2:], "test")

    entries = list(recipes.items())

    def begin(index, number):
        name, recipe = entries[index]
        return partial(RecipeStep, name, seeds[number]), partial(_run, recipe, seeds[number], *data)

    def failed(index, number, error):
        return Run(seeds[number], error=error)

    runs = run_steps(len(entries), len(seeds), begin, failed, progress or _ignore)
    rows = [
        Reproduction(name, recipe, of_recipe, comparable)
        for (name, recipe), of_recipe in zip(entries, runs, strict=True)
    ]
    return ReproductionReport(
        recipes=tuple(rows),
        seeds=seeds,
        n_train=len(data[1]),
        n_test=len(data[3]),
        comparable=comparable,
        n_cores=joblib.cpu_count(),
        versions=versions(),
    )


def _ignore(step):
    """Report no progress."""


def _check_seeds(seeds):
    if isinstance(seeds, Integral):
        seeds = range(seeds)
    seeds = tuple(seeds) if isinstance(seeds, Iterable) else ()
    valid = all(isinstance(seed, Integral) and 0 <= seed < 2**32 for seed in seeds)
    if not seeds or not valid or len(set(seeds)) < len(seeds):
        raise ValueError(
            "The 'seeds' parameter of reproduce must be an int >= 1, or different ints from 0 to "
            f"2**32 - 1. Got {seeds!r} instead."
        )
    return tuple(int(seed) for seed in seeds)


def _check_data(X_train, y_train, X_test, y_test):
    """Return the data as arrays; raise ValueError if every recipe would fail on them."""
    given = {"X_train": X_train, "y_train": y_train, "X_test": X_test, "y_test": y_test}
    missing = [name for name, part in given.items() if part is None]
    if missing:
        raise ValueError(
            f"reproduce needs X_train, y_train, X_test and y_test, or none of them for MNIST; got "
            f"no {' and no '.join(missing)}."
        )
    X_train, X_test = np.asarray(X_train), np.asarray(X_test)
    y_train, y_test = column_or_1d(y_train), column_or_1d(y_test)
    check_consistent_length(X_train, y_train)
    check_consistent_length(X_test, y_test)
    if X_train.shape[1:] != X_test.shape[1:]:
        raise ValueError(
            f"Training and test images must have the same shape, got {X_train.shape[1:]} and "
            f"{X_test.shape[1:]}."
        )
    unknown = np.setdiff1d(y_test, y_train).tolist()
    if not len(y_test) or unknown:
        raise ValueError(
            "There must be test images, with labels that the training images have too; got "
            + (f"{unknown}, which they lack." if unknown else "none.")
        )
    return X_train, y_train, X_test, y_test


def _is_mnist(X, y, part):
    """Return whether these are the images and labels of a part of MNIST, in order."""
    if X.size != np.prod(MNIST.shapes[part]) or not np.issubdtype(y.dtype, np.integer):
        return False
    hashes = []
    for array in (X, y):
        content = array.astype(np.uint8)
        if not np.array_equal(content, array):
            return False
        hashes.append(hashlib.sha256(np.ascontiguousarray(content)).hexdigest())
    return tuple(hashes) == MNIST.sha256[part]


def _run(recipe, seed, X_train, y_train, X_test, y_test):
    pipeline = build(recipe, random_state=seed)
    start = time.perf_counter()
    pipeline.fit(X_train, y_train)
    fit_seconds = time.perf_counter() - start
    history = {name: list(map(float, curve)) for name, curve in pipeline["net"].history_.items()}
    figures = {f"test_{name}": value for name, value in evaluate(pipeline, X_test, y_test).items()}
    for name, curve in history.items():
        figures[name if name.startswith("val_") else f"train_{name}"] = curve[-1]
    if len(y_test) > 4 and y_test[4] == 4:
        column = pipeline["net"].classes_.tolist().index(4)
        figures["test_image_4"] = float(pipeline.predict_proba(X_test[4:5])[0, column])
    return Run(seed, figures, history, fit_seconds)


def evaluate(pipeline, X, y):
    """Measure a fitted recipe with Keras's own ``evaluate``.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted pipeline of :func:`make_recipe`.
    X : ndarray of shape (n_samples, ...)
        Images.
    y : ndarray of shape (n_samples,)
        Labels, all of which occurred in the fit.

    Returns
    -------
    figures : dict of str to float
        ``"accuracy"``, and ``"loss"`` with the penalties of the network.
    """
    network = pipeline["net"]
    model = network.model_
    pixels = pipeline[:-1].transform(X)
    pictures = pixels.reshape(len(pixels), *model.input_shape[1:])
    targets = np.searchsorted(network.classes_, y)
    if not network.loss.startswith("sparse"):
        targets = np.eye(len(network.classes_), dtype=np.float32)[targets]
    # Not from predicted probabilities: Keras's graph computes the loss from the input of the
    # softmax, so that a confident mistake costs more than its rounded probability suggests.
    with _quiet_tensorflow():
        found = model.evaluate(pictures, targets, batch_size=_BATCH, verbose=0, return_dict=True)
    return {name: float(found[name]) for name in ("accuracy", "loss")}


@contextlib.contextmanager
def _quiet_tensorflow():
    """Suppress the warning that every new network makes TensorFlow trace a function again."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
