"""Scores of models fold by fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import stats

from skmnist.plots._axes import GREY, SMALL, shorten, single_axes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison

_BLUE, _ORANGE = "#0072B2", "#D55E00"


class FoldScoresDisplay:
    """The score of each model on every fold, their mean and its interval, best model on top.

    Make it with :meth:`from_comparison` or :meth:`from_scores`.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_folds,)
        Scores of each model; greater is better.
    intervals : dict of str to (float, float), default=None
        Lower and upper end of an interval of the mean of each model; models may be missing.
    metric : str, default="score"
        What the scores are.
    confidence : float in (0, 1), default=0.95
        Confidence level of the intervals.
    missing : dict of str to str, default=None
        Models without scores, which are listed below the others, and why in a word.

    Attributes
    ----------
    models_ : list of str
        Names from top to bottom: by mean score, those without scores last.
    means_ : ndarray of shape (n_models,)
        Mean scores in this order; NaN for models without scores.
    points_ : list of matplotlib PathCollection
        Scores of the folds, for each model that has some.
    mean_points_ : matplotlib PathCollection
        Means.
    bars_ : list of matplotlib Line2D
        Intervals, for each model that has one.
    ax_ : matplotlib Axes
        Axes with the scores.
    figure_ : matplotlib Figure
        Figure that contains them.

    See Also
    --------
    AccuracyTimeDisplay : Mean scores against the time to fit.
    skmnist.compare : Scores models on the same folds.

    References
    ----------
    Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    Examples
    --------
    >>> from skmnist.plots import FoldScoresDisplay
    >>> scores = {"knn": [0.93, 0.95, 0.94], "lenet": [0.98, 0.97, 0.99]}
    >>> display = FoldScoresDisplay.from_scores(scores, metric="accuracy")
    >>> display.models_
    ['lenet', 'knn']
    """

    def __init__(self, scores, *, intervals=None, metric="score", confidence=0.95, missing=None):
        self.scores = scores
        self.intervals = intervals
        self.metric = metric
        self.confidence = confidence
        self.missing = missing

    @classmethod
    def from_scores(
        cls,
        scores: Mapping[str, ArrayLike],
        *,
        metric: str = "score",
        confidence: float = 0.95,
        test_train_ratio: float | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw scores of cross-validation.

        The interval is that of the corrected resampled t-test (Nadeau and Bengio 2003): the
        training sets of the folds overlap, so the plain interval of the mean is too narrow.

        Parameters
        ----------
        scores : dict of str to array-like of shape (n_folds,)
            Scores of each model, on the same folds, greater being better; as
            :func:`sklearn.model_selection.cross_val_score` returns them.
        metric : str, default="score"
            What the scores are.
        confidence : float in (0, 1), default=0.95
            Confidence level of the intervals.
        test_train_ratio : float > 0, default=None
            Number of test samples divided by that of training samples.  None for that of k-fold
            cross-validation, 1 / (k - 1).
        ax : matplotlib Axes, default=None
            Axes to draw on; None for a new figure.

        Returns
        -------
        display : FoldScoresDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are no scores, or a parameter is out of range.
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is a number between 0 and 1. Got {confidence!r}.")
        if test_train_ratio is not None and not test_train_ratio > 0:
            raise ValueError(
                f"test_train_ratio is a number greater than 0. Got {test_train_ratio!r}."
            )
        arrays = {str(name): np.asarray(values, dtype=float) for name, values in scores.items()}
        for name, values in arrays.items():
            if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
                raise ValueError(
                    f"The scores of {name!r} are one finite number for each fold. Got "
                    f"{values.tolist()}."
                )
        intervals = {
            name: _corrected_interval(values, confidence, test_train_ratio)
            for name, values in arrays.items()
            if values.size > 1
        }
        display = cls(arrays, intervals=intervals, metric=metric, confidence=confidence)
        return display.plot(ax=ax)

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, metric: str | None = None, ax: Axes | None = None
    ) -> Self:
        """Draw the scores of the models that were compared.

        Parameters
        ----------
        comparison : Comparison
            What :func:`skmnist.compare` returned.
        metric : str, default=None
            Which of its metrics; None for the first.
        ax : matplotlib Axes, default=None
            Axes to draw on; None for a new figure.

        Returns
        -------
        display : FoldScoresDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no such metric.
        """
        metric = checked_metric(comparison, metric)
        scores, intervals, missing = {}, {}, {}
        for row in comparison.rows:
            values = np.asarray(row.values(metric), dtype=float)
            if row.error is not None:
                missing[row.model] = "failed"
            elif not np.isfinite(values).all():
                missing[row.model] = f"no {metric.replace('_', ' ')}"
            else:
                scores[row.model] = values
                if np.isfinite(ends := row.interval(metric)).all():
                    intervals[row.model] = ends
        return cls(scores, intervals=intervals, metric=metric, missing=missing).plot(ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None for a new figure, whose height grows with the number of models.

        Returns
        -------
        display : FoldScoresDisplay
            The display itself.
        """
        missing = self.missing or {}
        if not self.scores and not missing:
            raise ValueError("There must be at least one model; scores is empty.")
        means = {name: float(np.mean(values)) for name, values in self.scores.items()}
        self.models_ = [*sorted(means, key=lambda name: -means[name]), *missing]
        self.means_ = np.array([means.get(name, np.nan) for name in self.models_])
        size = (6.4, 1.3 + 0.3 * len(self.models_))
        ax = single_axes(f"{type(self).__name__}.plot", ax, size)
        several = max((len(values) for values in self.scores.values()), default=0) > 1
        self.points_, self.bars_ = [], []
        for place, name in enumerate(self.models_):
            if name not in self.scores:
                text = {"fontsize": SMALL, "color": GREY, "style": "italic", "va": "center"}
                ax.text(0.02, place, missing[name], transform=ax.get_yaxis_transform(), **text)
                continue
            values = np.asarray(self.scores[name])
            # Folds in their order from top to bottom, so that equal scores remain visible.
            spread = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else 0.0
            heights = place + np.broadcast_to(spread, values.shape)
            dots = {"s": 16, "facecolors": "none", "edgecolors": _BLUE, "linewidths": 1}
            if several:
                self.points_.append(ax.scatter(values, heights, label="one fold", **dots))
            if (ends := (self.intervals or {}).get(name)) is not None:
                thick = {"color": _ORANGE, "linewidth": 2, "marker": "|", "markersize": 8}
                label = f"{self.confidence:.0%} interval of the mean"
                self.bars_ += ax.plot(ends, [place, place], label=label, zorder=3, **thick)
        shown = ~np.isnan(self.means_)
        self.mean_points_ = ax.scatter(
            self.means_[shown],
            np.flatnonzero(shown),
            marker="D",
            s=34,
            color=_ORANGE,
            edgecolors="black",
            linewidths=0.8,
            zorder=4,
            label="mean",
        )
        self._finish(ax, several)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _finish(self, ax, several):
        from matplotlib.ticker import MaxNLocator

        ax.set_yticks(range(len(self.models_)), [shorten(name, 36) for name in self.models_])
        ax.set_ylim(len(self.models_) - 0.5, -0.5)  # the best one on top
        ax.set_xlabel(self.metric.replace("_", " "))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
        ax.grid(axis="x", color="#E0E0E0", linewidth=0.8)
        ax.set_axisbelow(True)
        handles = dict(zip(*ax.get_legend_handles_labels()[::-1], strict=True))  # one of each
        if several and handles:
            # Above the axes: inside, some model would be behind it.
            ax.legend(
                handles=handles.values(),
                labels=handles.keys(),
                loc="lower right",
                bbox_to_anchor=(1, 1),
                ncols=len(handles),
                fontsize=SMALL,
                frameon=False,
                handletextpad=0.4,
                columnspacing=1.2,
            )


def checked_metric(comparison, metric):
    """Return one of the metrics of a comparison: the first, if it is None."""
    if metric is None:
        return comparison.metrics[0]
    if metric not in comparison.metrics:
        raise ValueError(
            f"The comparison has no metric {metric!r}, but {', '.join(comparison.metrics)}."
        )
    return metric


def _corrected_interval(values, confidence, test_train_ratio):
    n_folds = len(values)
    ratio = 1 / (n_folds - 1) if test_train_ratio is None else test_train_ratio
    error = values.std(ddof=1) * np.sqrt(1 / n_folds + ratio)
    half = stats.t.ppf((1 + confidence) / 2, n_folds - 1) * error
    return float(values.mean() - half), float(values.mean() + half)
