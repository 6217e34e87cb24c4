"""Reliability diagrams: whether predictions are right as often as their probabilities say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from skmnist._support.calibration import N_BINS, CalibrationBins, calibration_bins
from skmnist._support.comparisons import predictions_of
from skmnist._support.pipelines import unwrap_fitted
from skmnist.plots._axes import BLUE, GREY, PALE, SMALL, shorten
from skmnist.plots._display import Display
from skmnist.plots._inputs import (
    as_labels,
    as_probabilities,
    classes_of,
    probabilities_of,
    row_of,
)
from skmnist.statistics import accuracy_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison


class ReliabilityDisplay(Display):
    """Accuracy against confidence, in bins of confidence, for any number of classes.

    Make it with :meth:`from_estimator`, :meth:`from_predictions` or :meth:`from_comparison`.
    The confidence of a prediction is the probability of the predicted class, the largest one.  Of
    predictions with a confidence of 0.8, four in five should be right: such points lie on the
    diagonal.  Below it the model is overconfident, above it underconfident.  The lower panel
    shows the number of images in each bin.

    Parameters
    ----------
    accuracy : ndarray of shape (n_bins,)
        Fraction of the predictions in each bin that are right; NaN for empty bins.
    confidence : ndarray of shape (n_bins,)
        Mean confidence of the predictions in each bin; NaN for empty bins.
    counts : ndarray of shape (n_bins,), int
        Number of predictions in each bin.
    edges : ndarray of shape (n_bins + 1,)
        Bin edges; each bin includes its upper edge.
    name : str, default=None
        Name of the model.

    Attributes
    ----------
    expected_calibration_error_ : float
        Mean distance between accuracy and confidence over the bins, weighted by their counts.
    line_ : matplotlib Line2D
        Accuracy against mean confidence, for bins that are not empty.
    intervals_ : matplotlib LineCollection
        95% intervals of the accuracy in each of these bins (Wilson 1927).
    bars_ : matplotlib BarContainer
        Number of images in each bin.
    axes_ : ndarray of matplotlib Axes of shape (2,)
        The diagram, and the counts.
    ax_ : matplotlib Axes
        The diagram.
    {figure_}

    See Also
    --------
    skmnist.statistics.expected_calibration_error : The error alone.
    sklearn.calibration.CalibrationDisplay : The same diagram for one of two classes.
    sklearn.calibration.CalibratedClassifierCV : Makes probabilities reliable.
    MisclassifiedDisplay : The most confident mistakes.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.
    Nguyen and O'Connor, "Posterior calibration and exploratory analysis for natural language
    processing models", EMNLP 2015, for bins of equal counts.
    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22, 1927.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import cross_val_predict
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skmnist.plots import ReliabilityDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> y_proba = cross_val_predict(GaussianNB(), X, y, method="predict_proba")
    >>> display = ReliabilityDisplay.from_predictions(y, y_proba)
    >>> round(display.expected_calibration_error_, 2)
    0.18
    """

    def __init__(self, accuracy, confidence, counts, edges, *, name=None):
        self.accuracy = accuracy
        self.confidence = confidence
        self.counts = counts
        self.edges = edges
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_bins: int = N_BINS,
        strategy: Literal["uniform", "quantile"] = "uniform",
        name: str | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the reliability of a fitted classifier.

        Parameters
        ----------
        estimator : fitted classifier
            Any estimator with `predict_proba`, pipelines and searches included.
        X : array-like of shape (n_samples, ...)
            Images that it was not fitted on, as the estimator takes them.
        {y}
        n_bins : int >= 1, default=15
            Number of bins.  There are fewer bins of equal counts if many confidences are equal.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width, or of equal counts.
        name : str, default=None
            Name of the model; None for the name of its class.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or two; None for a new figure.

        {returns_drawn}

        Raises
        ------
        AttributeError
            If the estimator has no `predict_proba`.
        {NotFittedError}
        ValueError
            If a parameter is out of range, or labels and classes do not fit.
        """
        return cls.from_predictions(
            y,
            probabilities_of(estimator, X, f"{cls.__name__}.from_estimator"),
            classes=classes_of(estimator),
            n_bins=n_bins,
            strategy=strategy,
            name=type(unwrap_fitted(estimator)[1]).__name__ if name is None else name,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_bins: int = N_BINS,
        strategy: Literal["uniform", "quantile"] = "uniform",
        name: str | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the reliability of probabilities.

        Parameters
        ----------
        {y_true}
        y_proba : array-like of shape (n_samples, n_classes)
            Probabilities.
        {classes}
        {n_bins}
        {strategy}
        name : str, default=None
            Name of the model.
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If a parameter is out of range, or labels and classes do not fit.
        """
        y_true = as_labels(y_true, "y_true")
        y_proba, _, true = as_probabilities(y_proba, classes, y_true)
        right = y_proba.argmax(axis=1) == true
        bins = calibration_bins(y_proba.max(axis=1), right, n_bins=n_bins, strategy=strategy)
        display = cls(bins.accuracy, bins.confidence, bins.counts, bins.edges, name=name)
        return display.plot(ax=ax)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        model: str | None = None,
        *,
        n_bins: int = N_BINS,
        strategy: Literal["uniform", "quantile"] = "uniform",
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the reliability of a model of a comparison, over all folds.

        Parameters
        ----------
        {comparison}
        {model}
        {n_bins}
        {strategy}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If the model is unknown, failed, or has no probabilities.
        """
        row = row_of(comparison, model)
        test, _, probabilities = predictions_of(comparison, row)
        if probabilities is None:
            raise ValueError(f"{row.model} gives no probabilities, so there is nothing to draw.")
        return cls.from_predictions(
            np.asarray(comparison.y)[test],
            probabilities,
            classes=comparison.classes,
            n_bins=n_bins,
            strategy=strategy,
            name=row.model,
            ax=ax,
        )

    def plot(self, ax: Axes | ArrayLike | None = None) -> Self:
        """Draw the diagram and the counts.

        Parameters
        ----------
        {ax}

        {returns_itself}
        """
        counts, filled = np.asarray(self.counts), np.asarray(self.counts) > 0
        accuracy, confidence = self.accuracy[filled], self.confidence[filled]
        weights = counts[filled] / counts.sum()
        bins = CalibrationBins(self.accuracy, self.confidence, counts, self.edges)
        self.expected_calibration_error_ = bins.error
        axes, self.figure_ = self._grid_of_axes(ax, (2, 1), (4.6, 5.4), height_ratios=(3, 1))
        self.axes_ = axes[:, 0]
        self.ax_, below = self.axes_
        self.ax_.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="reliable")
        n_right = np.rint(accuracy * counts[filled])
        low, high = np.transpose([*map(accuracy_interval, n_right, counts[filled])])
        self.intervals_ = self.ax_.vlines(
            confidence, low, high, color=BLUE, linewidth=1.2, label="95% interval"
        )
        look = {"color": BLUE, "marker": "o", "markersize": 5, "linewidth": 1.2}
        name = "accuracy in bin" if self.name is None else shorten(self.name, 30)
        (self.line_,) = self.ax_.plot(confidence, accuracy, label=name, **look)
        mean_accuracy, mean_confidence = weights @ accuracy, weights @ confidence
        self.ax_.text(
            0.97,
            0.03,
            f"expected calibration error {self.expected_calibration_error_:.3f}\n"
            f"mean confidence {mean_confidence:.3f}\naccuracy {mean_accuracy:.3f}",
            transform=self.ax_.transAxes,
            ha="right",
            va="bottom",
            fontsize=SMALL,
        )
        self.ax_.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy")
        self.ax_.grid(color="#E8E8E8", linewidth=0.8)
        legend = self.ax_.legend(loc="upper left", fontsize=SMALL, framealpha=0.9)
        legend.set_in_layout(False)  # otherwise it would squeeze small axes
        bars = {"color": PALE, "edgecolor": GREY, "linewidth": 0.6}
        self.bars_ = below.bar(self.edges[:-1], counts, np.diff(self.edges), align="edge", **bars)
        below.set(xlim=(0, 1), xlabel="confidence (probability of the predicted class)")
        below.set_ylabel("images")
        if counts.max() > 20 * max(counts[filled].min(), 1):
            below.set_yscale("log")  # otherwise bins of few images would be invisible
            below.set_ylabel("images (log.)")
            below.set_ylim(bottom=0.7)
        return self
