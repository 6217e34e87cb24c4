"""Scores of models fold by fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from skmnist._support.text import in_words
from skmnist.plots._axes import BLUE, GREY, ORANGE, SMALL, shorten
from skmnist.plots._display import Display
from skmnist.plots._inputs import checked_metric
from skmnist.statistics import corrected_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison


class FoldScoresDisplay(Display):
    """Scores of models on every fold, with means and their intervals, the best model on top.

    Make it with :meth:`from_comparison` or :meth:`from_scores`.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_folds,)
        Scores of each model; greater is better.
    intervals : dict of str to (float, float), default=None
        Lower and upper end of the interval of the mean, by model; models may be missing.
    metric : str, default="score"
        What the scores are.
    confidence : float in (0, 1), default=0.95
        Confidence level of the intervals.
    missing : dict of str to str, default=None
        Models without scores, which are listed below the others, with the reason in a word.

    Attributes
    ----------
    models_ : list of str
        Names from top to bottom: by mean score, those without scores last.
    means_ : ndarray of shape (n_models,)
        Mean scores in this order; NaN for models without scores.
    points_ : list of matplotlib PathCollection
        Scores of the folds, for each model with scores.
    mean_points_ : matplotlib PathCollection
        Means.
    bars_ : list of matplotlib Line2D
        Intervals, for each model with an interval.
    ax_ : matplotlib Axes
        Axes with the scores.
    {figure_}

    See Also
    --------
    AccuracyTimeDisplay : Mean scores against the time to fit.
    skmnist.compare : Score models on the same folds.

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

        The interval is that of the corrected resampled t-test (Nadeau and Bengio 2003), because
        the training sets of the folds overlap and the usual interval of the mean is too narrow.

        Parameters
        ----------
        scores : dict of str to array-like of shape (n_folds,)
            Scores of each model on the same folds, as
            :func:`sklearn.model_selection.cross_val_score` returns them; greater is better.
        metric : str, default="score"
            What the scores are.
        confidence : float in (0, 1), default=0.95
            Confidence level of the intervals.
        test_train_ratio : float > 0, default=None
            Number of test samples divided by number of training samples.  None for that of k-fold
            cross-validation, 1 / (k - 1).
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If there are no scores, or a parameter is out of range.
        """
        if not 0 < confidence < 1:
            raise ValueError(
                f"confidence must be a number between 0 and 1. Got {confidence!r} instead."
            )
        if test_train_ratio is not None and not test_train_ratio > 0:
            raise ValueError(
                f"test_train_ratio must be a number above 0. Got {test_train_ratio!r} instead."
            )
        arrays = {str(name): np.asarray(values, dtype=float) for name, values in scores.items()}
        for name, values in arrays.items():
            if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
                raise ValueError(
                    f"The scores of {name!r} must be one finite number for each fold. Got "
                    f"{values.tolist()} instead."
                )
        intervals = {}
        for name, values in arrays.items():
            if values.size > 1:
                ratio = test_train_ratio or 1 / (values.size - 1)
                intervals[name] = corrected_interval(values, ratio, confidence=confidence)
        display = cls(arrays, intervals=intervals, metric=metric, confidence=confidence)
        return display.plot(ax=ax)

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, *, metric: str | None = None, ax: Axes | None = None
    ) -> Self:
        """Draw the scores of the models of a comparison.

        Parameters
        ----------
        {comparison}
        metric : str, default=None
            One of the metrics of the comparison; None for the first one.
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If the metric is unknown.
        """
        metric = checked_metric(comparison, metric)
        scores, intervals, missing = {}, {}, {}
        for row in comparison.rows:
            values = np.asarray(row.values(metric), dtype=float)
            if row.error is not None:
                missing[row.model] = "failed"
            elif not np.isfinite(values).all():
                missing[row.model] = f"no {in_words(metric)}"
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

        {returns_itself}
        """
        missing = self.missing or {}
        if not self.scores and not missing:
            raise ValueError("There must be at least one model. Got empty scores instead.")
        means = {name: float(np.mean(values)) for name, values in self.scores.items()}
        self.models_ = [*sorted(means, key=lambda name: -means[name]), *missing]
        self.means_ = np.array([means.get(name, np.nan) for name in self.models_])
        size = (6.4, 1.3 + 0.3 * len(self.models_))
        ax = self._single_axes(ax, size)
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
            dots = {"s": 16, "facecolors": "none", "edgecolors": BLUE, "linewidths": 1}
            if several:
                self.points_.append(ax.scatter(values, heights, label="one fold", **dots))
            if (ends := (self.intervals or {}).get(name)) is not None:
                thick = {"color": ORANGE, "linewidth": 2, "marker": "|", "markersize": 8}
                label = f"{self.confidence:.0%} interval of the mean"
                self.bars_ += ax.plot(ends, [place, place], label=label, zorder=3, **thick)
        shown = ~np.isnan(self.means_)
        self.mean_points_ = ax.scatter(
            self.means_[shown],
            np.flatnonzero(shown),
            marker="D",
            s=34,
            color=ORANGE,
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
        ax.set_xlabel(in_words(self.metric))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
        ax.grid(axis="x", color="#E0E0E0", linewidth=0.8)
        ax.set_axisbelow(True)
        handles = dict(zip(*ax.get_legend_handles_labels()[::-1], strict=True))  # one each
        if several and handles:
            # Above the axes: inside, it would cover a model.
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
