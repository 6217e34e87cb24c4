"""A comparison and digits, for the tests of the plots; no windows, and no figures left open."""

from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from sklearn.datasets import load_digits

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    """For the tests of each module that imports it."""
    from matplotlib import pyplot

    yield
    pyplot.close("all")


DIGITS = load_digits()
X = DIGITS.data / 16
Y = DIGITS.target


class Row:
    """What a display may ask a row of a comparison for."""

    def __init__(self, model, folds, error=None):
        self.model, self.folds, self.error = model, tuple(folds), error

    def values(self, metric):
        return np.array([fold.scores[metric] for fold in self.folds])

    def mean(self, metric):
        return float(self.values(metric).mean())

    def interval(self, metric):
        values = self.values(metric)
        return (values.min() - 0.01, values.max() + 0.01) if len(values) > 1 else (np.nan, np.nan)

    @property
    def fit_seconds(self):
        return float(np.mean([fold.fit_seconds for fold in self.folds]))


def fold(test, predicted, probabilities=None, history=None, seconds=1.0, **scores):
    return SimpleNamespace(
        test=np.asarray(test),
        predicted=np.asarray(predicted),
        probabilities=probabilities,
        history=history,
        fit_seconds=seconds,
        scores=scores,
        error=None,
    )


def comparison():
    """Four images of two classes on two folds; a good, a bad, a scoreless and a failed model."""
    sure = np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32)
    wrong = np.array([[0.3, 0.7], [0.6, 0.4]], dtype=np.float32)
    log = {"loss": [2.0, 1.0], "accuracy": [0.5, 0.75]}
    longer = {"loss": [2.0, 1.5, 1.0], "accuracy": [0.5, 0.6, 0.7]}
    rows = (
        Row(
            "good",
            [
                fold([0, 2], ["a", "b"], sure, log, accuracy=1.0, auc=0.9),
                fold([1, 3], ["a", "b"], sure, longer, 3.0, accuracy=0.9, auc=0.7),
            ],
        ),
        Row(
            "bad",
            [
                fold([0, 2], ["b", "a"], wrong, seconds=0.1, accuracy=0.5, auc=0.8),
                fold([1, 3], ["a", "b"], sure, seconds=0.3, accuracy=0.7, auc=0.9),
            ],
        ),
        Row(
            "no probabilities",
            [
                fold([0, 2], ["a", "a"], seconds=5.0, accuracy=0.6, auc=np.nan),
                fold([1, 3], ["a", "b"], seconds=5.0, accuracy=0.7, auc=np.nan),
            ],
        ),
        Row("broken", [fold([], [], accuracy=np.nan, auc=np.nan)], "fold 1: ValueError: no"),
    )
    images = np.arange(4 * 6, dtype=float).reshape(4, 2, 3)
    return SimpleNamespace(
        rows=rows,
        metrics=("accuracy", "auc"),
        X=images,
        y=np.array(["a", "a", "b", "b"]),
        classes=np.array(["a", "b"]),
    )
