"""Scores against the time to fit, with the models that no other model beats in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from skmnist._support.text import in_words
from skmnist.plots._axes import GREY, SMALL, shorten, style
from skmnist.plots._display import Display
from skmnist.plots._inputs import checked_metric
from skmnist.plots._label_placement import place_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from skmnist.comparison import Comparison

_SIZE = (7.2, 4.8)  # inches, without a legend beside the axes


class AccuracyTimeDisplay(Display):
    """The score of each model against the time to fit it, with the Pareto front.

    Make it with :meth:`from_comparison` or :meth:`from_values`.  A model is on the Pareto front
    if no other model is at least as good in both score and time, and better in one of them.  A
    model off the front is never the best choice by these two numbers.

    Parameters
    ----------
    models : sequence of str
        Names of the models.
    scores : array-like of shape (n_models,)
        Their scores; greater is better.
    seconds : array-like of shape (n_models,)
        Time to fit each, in seconds, greater than 0.
    metric : str, default="score"
        What the scores are.
    error_scale : bool, default=False
        Whether the axis of the scores is logarithmic in the error, 1 - score, so that 0.9, 0.99
        and 0.999 are equally far apart.  Needs scores of at most 1.  Perfect scores are drawn as
        if their error were half of the smallest other error.

    Attributes
    ----------
    on_front_ : ndarray of shape (n_models,), bool
        Which models are on the Pareto front.
    front_ : list of str
        Their names, the fastest first.
    points_ : list of matplotlib Line2D
        The marker of each model, in the order of `models`.
    line_ : matplotlib Line2D
        The Pareto front.
    labels_ : list of matplotlib Annotation
        Names written beside the markers: of all models if there is room, otherwise of those on
        the front.
    ax_ : matplotlib Axes
        Axes with the scores.
    {figure_}

    See Also
    --------
    FoldScoresDisplay : Scores of every fold.
    skmnist.compare : Compare scores and times of models.

    Examples
    --------
    >>> from skmnist.plots import AccuracyTimeDisplay
    >>> display = AccuracyTimeDisplay.from_values(
    ...     {"nearest centroid": (0.82, 0.1), "lenet": (0.99, 35.0), "lstm": (0.98, 98.0)}
    ... )
    >>> display.front_
    ['nearest centroid', 'lenet']
    """

    def __init__(self, models, scores, seconds, *, metric="score", error_scale=False):
        self.models = models
        self.scores = scores
        self.seconds = seconds
        self.metric = metric
        self.error_scale = error_scale

    @classmethod
    def from_values(
        cls,
        values: Mapping[str, tuple[float, float]],
        *,
        metric: str = "score",
        error_scale: bool = False,
        ax: Axes | None = None,
    ) -> Self:
        """Draw scores against times.

        Parameters
        ----------
        values : dict of str to (float, float)
            Score (greater is better) and seconds to fit, by model.
        metric : str, default="score"
            What the scores are.
        error_scale : bool, default=False
            Whether the axis of the scores is logarithmic in the error, 1 - score.
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If there is no model, a number is not finite, or a time is not positive.
        """
        for name, (score, seconds) in values.items():
            if not (np.isfinite(score) and np.isfinite(seconds) and seconds > 0):
                raise ValueError(
                    f"{name!r} needs a finite score and a positive number of seconds. Got "
                    f"{score!r} and {seconds!r} instead."
                )
        scores = np.array([score for score, _ in values.values()], dtype=float)
        seconds = np.array([seconds for _, seconds in values.values()], dtype=float)
        display = cls(list(values), scores, seconds, metric=metric, error_scale=error_scale)
        return display.plot(ax=ax)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        *,
        metric: str | None = None,
        error_scale: bool = False,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the models of a comparison that have the score.

        Parameters
        ----------
        {comparison}
        metric : str, default=None
            One of the metrics of the comparison; None for the first one.
        {error_scale}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If the metric is unknown, or no model has it.
        """
        metric = checked_metric(comparison, metric)
        rows = [row for row in comparison.rows if row.error is None]
        values = {row.model: (row.mean(metric), row.fit_seconds) for row in rows}
        values = {name: pair for name, pair in values.items() if np.isfinite(pair).all()}
        return cls.from_values(values, metric=metric, error_scale=error_scale, ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the models and their Pareto front.

        Parameters
        ----------
        {ax}

        {returns_itself}
        """
        if len(self.models) == 0:
            raise ValueError("There must be at least one model with a score and a time.")
        scores, seconds = np.asarray(self.scores, float), np.asarray(self.seconds, float)
        self.on_front_ = pareto_front(scores, seconds)
        order = np.lexsort((scores, seconds))
        if self.error_scale:
            if scores.max() > 1:
                raise ValueError(
                    f"error_scale needs scores of at most 1. Got {scores.max():g} instead."
                )
            scores = _with_errors(scores)
        front = [i for i in order if self.on_front_[i]]
        self.front_ = [self.models[i] for i in front]
        self._owns_figure = ax is None
        ax = self._single_axes(ax, _SIZE)
        ax.set_xscale("log")
        ax.set_xlabel("seconds to fit (logarithmic)")
        ax.set_ylabel(in_words(self.metric))
        ax.grid(color="#E8E8E8", linewidth=0.8)
        ax.set_axisbelow(True)
        self.points_ = []
        for i in range(len(self.models)):
            look = {"markersize": 7, "linestyle": "", "label": shorten(self.models[i], 32)}
            look |= style(i) | {"zorder": 3}
            if not self.on_front_[i]:
                look |= {"fillstyle": "none", "markeredgewidth": 1.4}
            self.points_ += ax.plot(seconds[i], scores[i], **look)
        # Steps from model to model: everything to the right and below is beaten.
        (self.line_,) = ax.plot(
            seconds[front],
            scores[front],
            drawstyle="steps-post",
            color=GREY,
            linestyle="--",
            linewidth=1.2,
            zorder=1,
            label="Pareto front (filled)" if len(front) < len(scores) else "Pareto front",
        )
        ax.margins(x=0.12, y=0.14)
        if self.error_scale:
            _set_error_scale(ax, scores)
        self.ax_, self.figure_ = ax, ax.figure
        self._name_points(seconds, scores, front, order)
        return self

    @staticmethod
    def _steps(seconds, scores):
        """Return the lines of the Pareto front: to the right, then up, at each model."""
        x, y = seconds, scores
        flat = np.column_stack([x[:-1], y[:-1], x[1:], y[:-1]])
        return np.vstack([flat, np.column_stack([x[1:], y[:-1], x[1:], y[1:]])])

    def _name_points(self, seconds, scores, front, order):
        """Write names beside the points, or into a legend if there is not enough room."""
        ax = self.ax_
        handles = [self.line_]
        others = [i for i in order if not self.on_front_[i]]
        names = [shorten(name, 24) for name in self.models]
        points = np.column_stack([seconds, scores])
        placing = {"fontsize": SMALL, "lines": self._steps(seconds[front], scores[front])}
        options = {"fontsize": SMALL, "frameon": False, "borderaxespad": 0.2}
        # Above the axes, where no name can be; and first, because it moves the axes.
        ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), **options)
        self.labels_, all_placed = place_labels(ax, points, names, [*front, *others], **placing)
        if all_placed:
            return
        for label in self.labels_:
            label.remove()
        others.sort(key=lambda i: -scores[i])
        handles += [self.points_[i] for i in [*front[::-1], *others]]
        n_columns = 1 + len(handles) // 24
        if self._owns_figure:
            self.figure_.set_size_inches(_SIZE[0] + 2.2 * n_columns, _SIZE[1])
        options |= {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "ncols": n_columns}
        ax.legend(handles=handles, **options)
        self.labels_, _ = place_labels(ax, points, names, front, **placing)


def _set_error_scale(ax, scores):
    """Make the axis of the scores logarithmic in the error."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    def steps(score):
        return -np.log10(np.maximum(1 - np.asarray(score, dtype=float), 1e-15))

    def scores_at(steps):
        return 1 - 10.0 ** -np.asarray(steps)

    low, high = steps([scores.min(), scores.max()])
    margin = 0.14 * (high - low) or 0.1
    bottom, top = scores_at(low - margin), scores_at(high + margin)
    ax.set_yscale("function", functions=(steps, scores_at))
    ax.set_ylim(bottom, top)
    for factors in ((1, 2, 5), range(1, 10)):
        ticks = [1 - factor * 10.0**-k for k in range(1, 12) for factor in factors]
        ticks = [tick for tick in [0.0, *ticks] if bottom <= tick <= top]
        if len(ticks) > 2:
            break
    else:  # the scores span so little of the scale that it is nearly linear
        ticks = MaxNLocator(5).tick_values(bottom, top)
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda score, _: f"{score:.10g}"))


def _with_errors(scores):
    """Return scores below 1, because the logarithm of an error of 0 does not exist."""
    errors = 1 - scores[scores < 1]
    return np.minimum(scores, 1 - (errors.min() / 2 if errors.size else 0.01))


def pareto_front(scores, seconds):
    """Return which models are not beaten: no other is better in one and as good in the other.

    Parameters
    ----------
    scores : ndarray of shape (n_models,)
        Greater is better.
    seconds : ndarray of shape (n_models,)
        Smaller is better.

    Returns
    -------
    on_front : ndarray of shape (n_models,), bool
        Of equal models, either all or none are on the front.
    """
    as_good = (scores[:, None] >= scores) & (seconds[:, None] <= seconds)
    better = (scores[:, None] > scores) | (seconds[:, None] < seconds)
    return ~(as_good & better).any(axis=0)
