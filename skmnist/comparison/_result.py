"""What a comparison found, as objects; how they are written stands in ``_tables.py``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from skmnist.comparison import _tables
from skmnist.comparison._differences import Difference
from skmnist.statistics import accuracy_interval, corrected_interval


@dataclass(frozen=True, eq=False)
class Fold:
    """One model on one of the splits.

    Parameters
    ----------
    scores : dict of str to float
        Each metric; NaN where it cannot be computed for this model.
    reasons : dict of str to str
        Why metrics are missing.
    fit_seconds : float
        Time to fit, from the raw training images.
    predict_microseconds : float
        Time to predict, per test image, after a warm-up.
    n_parameters : int or None
        Number of weights of the network or linear model at the end; None where there are none.
    pickled_bytes : int or None
        Size of the fitted model as a pickle; None if it cannot be pickled.
    peak_memory_bytes : int or None
        By how much the process grew at most while it fitted and predicted; None where the system
        does not tell (elsewhere than on Linux).
    best_params : dict or None
        What a search found best.
    test : ndarray of int
        Rows of the test images, in `Comparison.X` and `Comparison.y`.
    predicted : ndarray of shape (n_test,)
        Their predicted labels.
    probabilities : ndarray of float32 of shape (n_test, n_classes) or None
        Their probabilities, in the order of `Comparison.classes`; None if the model has none.
    history : dict of str to list of float, or None
        `history_` of the network; None if the model has none.
    error : str or None
        What went wrong; nothing else is known then.
    """

    scores: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    fit_seconds: float = math.nan
    predict_microseconds: float = math.nan
    n_parameters: int | None = None
    pickled_bytes: int | None = None
    peak_memory_bytes: int | None = None
    best_params: dict[str, Any] | None = None
    test: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    predicted: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    probabilities: np.ndarray | None = None
    history: dict[str, list[float]] | None = None
    error: str | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """One model on all the splits.

    Parameters
    ----------
    model : str
        Its label.
    estimator : estimator
        The unfitted estimator.
    folds : tuple of Fold
        One for each split, in the order of the splits.  A model that fails is not tried on the
        splits that remain, and its numbers are NaN: over fewer folds than those of the others,
        they could not be compared.
    test_train_ratio : float
        Number of test images per training image.
    """

    model: str
    estimator: Any
    folds: tuple[Fold, ...]
    test_train_ratio: float = math.nan

    @property
    def error(self):
        """What went wrong, with the number of the fold; None if nothing did."""
        error = self.folds[-1].error
        return None if error is None else f"fold {len(self.folds)}: {error}"

    @property
    def reasons(self):
        """Why metrics are missing, by their names."""
        return {name: text for fold in self.folds for name, text in fold.reasons.items()}

    def values(self, metric):
        """Return the scores of the folds.

        Parameters
        ----------
        metric : str
            Which metric.

        Returns
        -------
        scores : ndarray of float of shape (n_folds,)
            In the order of the splits; NaN where the fold failed.
        """
        return np.array([fold.scores.get(metric, math.nan) for fold in self.folds])

    def mean(self, metric):
        """Return the mean score over the folds.

        Parameters
        ----------
        metric : str
            Which metric.

        Returns
        -------
        mean : float
            NaN if the model failed or has no such score.
        """
        return math.nan if self.error is not None else float(np.mean(self.values(metric)))

    def std(self, metric):
        """Return the standard deviation of the scores of the folds.

        Parameters
        ----------
        metric : str
            Which metric.

        Returns
        -------
        std : float
            With the divisor n - 1; NaN for one fold.
        """
        if self.error is not None or len(self.folds) < 2:
            return math.nan
        return float(np.std(self.values(metric), ddof=1))

    def interval(self, metric):
        """Return the 95 % confidence interval of the score.

        Parameters
        ----------
        metric : str
            Which metric.

        Returns
        -------
        low, high : float
            Of several folds, the interval of Nadeau and Bengio
            (:func:`~skmnist.statistics.corrected_interval`); of an accuracy on one test set,
            Wilson's (:func:`~skmnist.statistics.accuracy_interval`); otherwise NaN.
        """
        scores = self.values(metric)
        if self.error is not None or np.isnan(scores).any():
            return math.nan, math.nan
        if len(scores) > 1:
            return corrected_interval(scores, self.test_train_ratio)
        n = len(self.folds[0].test)
        n_right = round(scores[0] * n)
        # Something else may be called so: of an accuracy, this is a whole number.
        if metric == "accuracy" and 0 <= n_right <= n and math.isclose(n_right / n, scores[0]):
            return accuracy_interval(n_right, n)
        return math.nan, math.nan

    @property
    def fit_seconds(self):
        """Mean time to fit on the training images of one split."""
        return self._mean_of("fit_seconds")

    @property
    def predict_microseconds(self):
        """Mean time to predict, per image."""
        return self._mean_of("predict_microseconds")

    @property
    def n_parameters(self):
        """Mean number of weights; None if there are none."""
        return self._rounded("n_parameters")

    @property
    def pickled_bytes(self):
        """Mean size as a pickle; None if it cannot be pickled."""
        return self._rounded("pickled_bytes")

    @property
    def peak_memory_bytes(self):
        """Largest growth of the process in any fold; None where it is not known."""
        known = self._known("peak_memory_bytes")
        return max(known) if known else None

    def _known(self, name):
        if self.error is not None:
            return []
        values = (getattr(fold, name) for fold in self.folds)
        return [value for value in values if value is not None]

    def _mean_of(self, name):
        known = self._known(name)
        return float(np.mean(known)) if known else math.nan

    def _rounded(self, name):
        mean = self._mean_of(name)
        return None if math.isnan(mean) else round(mean)


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What :func:`skmnist.compare` found; prints as a table.

    Parameters
    ----------
    rows : tuple of Row
        The models, that of the highest first score first; those that failed come last.
    metrics : tuple of str
        The metrics; the first one decides the order and the differences.
    differences : tuple of Difference
        Every pair of models that did not fail, the better one first; in the order of `rows`.
    X : array-like of shape (n_tested, n_features) or (n_tested, height, width)
        The images that models were tested on, as they were given.
    y : ndarray of shape (n_tested,)
        Their labels.
    classes : ndarray of shape (n_classes,)
        The labels there are, sorted.
    n_images : int
        Number of images, those to fit to and those to test on.
    n_folds : int
        Number of splits.
    fixed_test : bool
        Whether there is one test set, rather than a cross-validation.
    random_state : int or None
        Seed of the splits and of the models given by name.
    rope : float
        Differences up to this do not matter.
    alpha : float
        Differences with a smaller p-value count.
    n_cores : int
        Number of processor cores this process may use.
    machine : str
        Operating system and kind of processor.
    versions : dict of str to str
        Versions of Python and of the libraries.
    data : str or None
        Name of the data.
    """

    rows: tuple[Row, ...]
    metrics: tuple[str, ...]
    differences: tuple[Difference, ...]
    X: Any
    y: np.ndarray
    classes: np.ndarray
    n_images: int
    n_folds: int
    fixed_test: bool
    random_state: int | None
    rope: float
    alpha: float
    n_cores: int
    machine: str
    versions: dict[str, str]
    data: str | None = None

    @property
    def image_shape(self):
        """Shape of an image as it was given."""
        return tuple(self.X.shape[1:])

    @property
    def n_classes(self):
        """Number of classes."""
        return len(self.classes)

    @property
    def failures(self):
        """The rows of the models that failed."""
        return [row for row in self.rows if row.error is not None]

    def verdicts(self):
        """Return what can be said of the best model against each of the others.

        Returns
        -------
        differences : list of Difference
            In the order of `rows`.
        """
        best = self.rows[0].model
        return [found for found in self.differences if best in (found.better, found.worse)]

    def table(self):
        """Return the table as text, cell by cell.

        Returns
        -------
        cells : list of list of str
            The header first.
        """
        return _tables.cells(self)

    def tables(self, width=79, *, gap=2):
        """Return the table in parts that are narrow enough.

        Parameters
        ----------
        width : int, default=79
            Characters in a line.
        gap : int, default=2
            Characters between two columns.

        Returns
        -------
        tables : list of list of list of str
            Parts of the columns, each after the names of the models.
        """
        return _tables.blocks(_tables.cells(self), width, gap)

    def notes(self):
        """Return what must be known to read the table.

        Returns
        -------
        notes : list of str
            Errors of models that failed; data and splits; what the columns mean; machine and
            versions.
        """
        return _tables.notes(self)

    def __str__(self):
        return _tables.as_text(self)

    __repr__ = __str__

    def to_markdown(self):
        """Return the table, the differences to the best model and the notes as Markdown.

        Returns
        -------
        text : str
            A pipe table, and below it lists.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skmnist import compare
        >>> X, y = load_digits(return_X_y=True)
        >>> print(compare("knn", X, y).to_markdown())
        | model | accuracy | 95 % interval | fit s | predict µs/image | ...
        |:---|---:|---:|---:|---:|---:|---:|---:|
        | knn | 0.98... ± 0.00... | 0.9... to 0.9... | ...
        <BLANKLINE>
        - 1,797 images of 64 pixels, 10 classes. Cross-validation: 5 folds, ...
        """
        return _tables.as_markdown(self)

    def to_frame(self, of="models"):
        """Return the numbers as a data frame.

        Parameters
        ----------
        of : {"models", "folds", "differences"}, default="models"
            What has a row in it: each model, each model on each fold, or each pair of models.

        Returns
        -------
        frame : pandas.DataFrame
            Of models, with the index ``model`` and the columns ``accuracy`` (or whatever
            the metrics are), ``accuracy_std``, ``accuracy_low``, ``accuracy_high``,
            ``fit_seconds``, ``predict_microseconds``, ``n_parameters``, ``pickled_bytes``,
            ``peak_memory_bytes`` (NaN where not known) and ``error`` (None for models that did
            not fail).  Of folds, the same of every fold, with the index ``model``, ``fold``.  Of
            differences, the attributes of :class:`Difference`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `of` is something else.
        """
        return _tables.as_frame(self, of)

    def to_csv(self, path=None, of="models"):
        """Write the numbers as comma-separated values.

        Parameters
        ----------
        path : str, path-like or None, default=None
            File to write; None to return the text.
        of : {"models", "folds", "differences"}, default="models"
            What has a line, as of `to_frame`.

        Returns
        -------
        text : str or None
            The text, if there is no `path`.

        Raises
        ------
        ValueError
            If `of` is something else.
        """
        text = _tables.as_csv(self, of)
        if path is None:
            return text
        Path(path).write_text(text, encoding="utf-8", newline="")
        return None

    def to_html(self):
        """Return the table, the differences to the best model and the notes as HTML.

        Returns
        -------
        html : str
            A fragment to put into a page; notebooks show it.  A whole page with plots is what
            :func:`skmnist.report.write_report` makes.
        """
        return _tables.as_html(self)

    _repr_html_ = to_html

    def to_dict(self):
        """Return everything but images and predictions as a dict that fits into JSON.

        Returns
        -------
        content : dict
            The attributes of the comparison; for each model its means, its numbers fold by fold,
            and its error; each difference.  NaN is None.
        """
        return _tables.as_dict(self)
