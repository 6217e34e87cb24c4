"""Baselines by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sklearn.pipeline import Pipeline, make_pipeline

from skmnist._support.names import find_named
from skmnist.baselines._table import BASELINES
from skmnist.preprocessing import MnistScaler

if TYPE_CHECKING:
    import numpy as np


def list_baselines(speed: Literal["fast"] | None = None) -> list[str]:
    """List the names of baselines, for :func:`make_baseline`.

    Parameters
    ----------
    speed : {"fast"} or None, default=None
        ``"fast"`` for only those that together fit 60,000 images and predict 10,000 within five
        minutes on two cores; None for all.

    Returns
    -------
    names : list of str
        The names.

    Raises
    ------
    ValueError
        If `speed` is something else.

    See Also
    --------
    make_baseline : Make one of them.

    Examples
    --------
    >>> from skmnist.baselines import list_baselines
    >>> list_baselines()[:3]
    ['knn', 'naive-bayes', 'logistic-regression']
    >>> "rbf-svm" in list_baselines("fast")
    False
    """
    if speed is not None and not (isinstance(speed, str) and speed == "fast"):
        raise ValueError(
            "The 'speed' parameter of list_baselines must be 'fast' or None. "
            f"Got {speed!r} instead."
        )
    return [name for name, baseline in BASELINES.items() if speed is None or baseline.fast]


def make_baseline(name: str, random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a classical classifier, with pixels scaled by :class:`~skmnist.MnistScaler`.

    Parameters
    ----------
    name : str
        One of :func:`list_baselines`. ``BASELINES[name]`` describes it and gives the reason for
        its settings.

    random_state : int, RandomState instance or None, default=None
        Seed of every step that draws random numbers.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted pipeline of the scaler, steps that prepare the pixels, and the classifier. It
        takes images or rows of pixels, of any size.

    Raises
    ------
    ValueError
        If there is no such baseline; the message names the nearest one.

    See Also
    --------
    list_baselines : The names.
    skmnist.compare : Compare baselines, networks and estimators of your own.

    Notes
    -----
    ``"hog-svm"`` needs scikit-image (``pip install "skmnist[hog]"``), and its ``fit`` says so.

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
    baseline = find_named(name, BASELINES, "baseline")
    model = baseline.make()
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    pipeline = make_pipeline(MnistScaler(flatten=not baseline.images), *steps)
    if random_state is None:
        return pipeline
    seeds = [key for key in pipeline.get_params() if key.endswith("__random_state")]
    return pipeline.set_params(**dict.fromkeys(seeds, random_state))
