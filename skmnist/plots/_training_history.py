"""Learning curves: loss and metrics after every epoch of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmnist._support.pipelines import unwrap_fitted
from skmnist._support.text import in_words
from skmnist.plots._axes import SMALL, shorten, style
from skmnist.plots._display import Display
from skmnist.plots._inputs import listed, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison

_VALIDATION = "val_"
_MOST_COLUMNS = 3
_LONGEST_NAME = 40


class TrainingHistoryDisplay(Display):
    """Loss and metrics after every epoch of training, on training and validation data.

    Make it with :meth:`from_estimator`, :meth:`from_history` or :meth:`from_comparison`.  There
    is a panel for each metric.  Dashed lines are measured on the training data while the weights
    change, solid lines on validation data.  A ring marks the epoch of the lowest validation loss,
    whose weights early stopping restores.

    Parameters
    ----------
    histories : dict of str to list of dict
        Histories of the trainings of each model, one for each fold or a single one: dicts of
        lists with a number for each epoch.  Names of metrics on validation data have the prefix
        ``val_``.
    metrics : sequence of str, default=None
        Metrics to show, without the prefix; None for all that were recorded, except learning
        rates.
    stopped : dict of str to bool, default=None
        Whether early stopping ended the training, by model.

    Attributes
    ----------
    metrics_ : list of str
        Metrics that are shown, panel by panel.
    best_epochs_ : dict of str to list of (int or None)
        Epoch with the lowest validation loss, counted from one, for each training of each model;
        None without validation.
    lines_ : dict of str to list of matplotlib Line2D
        Curves of each panel.
    axes_ : ndarray of matplotlib Axes of shape (n_panels,)
        The panels that show something.
    {ax_}
    {figure_}

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores against the number of training samples.
    FoldScoresDisplay : Scores of trained models.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import MLPClassifier
    >>> from skmnist.plots import TrainingHistoryDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> network = MLPClassifier(epochs=10, validation_fraction=0.2, random_state=0).fit(X / 16, y)
    >>> display = TrainingHistoryDisplay.from_estimator(network)
    >>> display.metrics_
    ['loss', 'accuracy']
    >>> display.best_epochs_
    {'MLPClassifier': [10]}
    """

    def __init__(self, histories, *, metrics=None, stopped=None):
        self.histories = histories
        self.metrics = metrics
        self.stopped = stopped

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        metrics: Sequence[str] | None = None,
        name: str | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the history of a fitted network, or of several.

        Parameters
        ----------
        estimator : fitted estimator, or dict of str to fitted estimator
            A network, a pipeline that ends in one, or a search, whose best estimator is taken;
            scikit-learn's ``MLPClassifier`` and ``MLPRegressor`` are fine as well.  Pass several
            as a dict, by their names.
        metrics : sequence of str, default=None
            Metrics to show, such as ``["loss"]``; None for all that were recorded, except
            learning rates.
        name : str, default=None
            Name of a single estimator; None for the name of its class.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide into panels, or one for each panel; None for a new figure.

        {returns_drawn}

        Raises
        ------
        NotFittedError
            If an estimator is not fitted.
        AttributeError
            If an estimator has no history.
        """
        several = isinstance(estimator, Mapping)
        given = estimator if several else {name: estimator}
        histories, stopped = {}, {}
        for label, one in given.items():
            _, last = unwrap_fitted(one)
            label = type(last).__name__ if label is None else label
            histories[label] = [_history_of(last)]
            n_epochs = len(next(iter(histories[label][0].values()), ()))
            early = getattr(last, "early_stopping", False)
            most = getattr(last, "epochs", getattr(last, "max_iter", n_epochs))
            stopped[label] = bool(early) and n_epochs < most
        return cls(histories, metrics=metrics, stopped=stopped).plot(ax=ax)

    @classmethod
    def from_history(
        cls,
        history: Mapping[str, Any],
        *,
        metrics: Sequence[str] | None = None,
        name: str = "training",
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw a history: ``history_`` of an estimator, or ``History.history`` of Keras.

        Parameters
        ----------
        history : dict of str to list of float, or dict of str to such dicts
            A number for each epoch, by metric; or several such histories, by the names of their
            models.
        {metrics}
        name : str, default="training"
            Name of a single history.
        {ax}

        {returns_drawn}
        """
        several = bool(history) and all(isinstance(part, Mapping) for part in history.values())
        given = history if several else {name: history}
        return cls({label: [one] for label, one in given.items()}, metrics=metrics).plot(ax=ax)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        *,
        models: Sequence[str] | None = None,
        metrics: Sequence[str] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the histories of the networks of a comparison, with a line for each fold.

        Parameters
        ----------
        {comparison}
        models : sequence of str, default=None
            Labels of models; None for all with a history.
        {metrics}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If a model is unknown, failed, or has no history; or if no model has one.
        """
        if models is None:
            rows = [row for row in comparison.rows if row.error is None]
        else:
            rows = [row_of(comparison, model) for model in models]
        histories = {row.model: [f.history for f in row.folds if f.history] for row in rows}
        if models is None:
            histories = {label: found for label, found in histories.items() if found}
        if missing := [label for label, found in histories.items() if not found]:
            raise ValueError(f"No history of training was recorded for {listed(missing)}.")
        return cls(histories, metrics=metrics).plot(ax=ax)

    def plot(self, ax: Axes | ArrayLike | None = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        {ax}

        {returns_itself}
        """
        self.metrics_ = self._checked_metrics()
        n_panels = len(self.metrics_)
        n_columns = min(n_panels, _MOST_COLUMNS)
        n_rows = -(-n_panels // n_columns)
        if isinstance(ax, (list, tuple, np.ndarray)):
            n_rows, n_columns = 1, n_panels  # one for each panel, in any arrangement
        size = (max(4.2 * n_columns, 6.4) + self._legend_width(), 3.6 * n_rows)
        axes, self.figure_ = self._grid_of_axes(ax, (n_rows, n_columns), size)
        for spare in axes.flat[n_panels:]:
            spare.set_axis_off()
        self.axes_ = axes.ravel()[:n_panels]
        self.ax_ = self.axes_[0]
        self.best_epochs_ = {
            label: [_best_epoch(history) for history in trainings]
            for label, trainings in self.histories.items()
        }
        self.lines_ = {}
        for panel, metric in zip(self.axes_, self.metrics_, strict=True):
            self.lines_[metric] = self._draw(panel, metric)
        self._add_legend()
        return self

    def _checked_metrics(self):
        recorded = {}  # as an ordered set
        for trainings in self.histories.values():
            for history in trainings:
                recorded |= {name.removeprefix(_VALIDATION): None for name in history}
        if self.metrics is not None:
            metrics = [name.removeprefix(_VALIDATION) for name in self.metrics]
            if unknown := [name for name in metrics if name not in recorded]:
                raise ValueError(
                    f"The history has no metrics {listed(unknown)}. Its metrics are "
                    f"{listed(recorded) or 'none'}."
                )
        else:
            metrics = [name for name in recorded if name not in ("learning_rate", "lr")]
        if not metrics:
            raise ValueError(
                "The history has no epochs. A network that was loaded, not trained, has none."
            )
        return metrics

    def _draw(self, panel, metric):
        from matplotlib.ticker import MaxNLocator

        lines = []
        for i, (label, trainings) in enumerate(self.histories.items()):
            look = style(i)
            thin = {"linewidth": 1.5 if len(trainings) == 1 else 0.9}
            faint = 0.5 if len(self.histories) > 1 else 1.0  # for curves of training
            for history, best in zip(trainings, self.best_epochs_[label], strict=True):
                for prefix, dashes in (("", (0, (4, 2))), (_VALIDATION, "-")):
                    values = history.get(prefix + metric)
                    if not values:
                        continue
                    epochs = np.arange(1, len(values) + 1)
                    every = (
                        i % 3,
                        max(1, len(values) // 6),
                    )  # so that markers of two models seldom coincide
                    options = {"markersize": 4, "markevery": every} | thin | look
                    options["alpha"] = 1.0 if prefix else faint
                    lines += panel.plot(epochs, values, linestyle=dashes, **options)
                    measured = prefix or f"{_VALIDATION}{metric}" not in history
                    if measured and (self.stopped or {}).get(label):
                        panel.plot(epochs[-1], values[-1], "|", color=look["color"], markersize=14)
                    if prefix and best is not None and best <= len(values):
                        ring = {"fillstyle": "none", "markersize": 11, "markeredgewidth": 1.4}
                        panel.plot(best, values[best - 1], "o", color=look["color"], **ring)
        panel.set_xlabel("epoch")
        panel.set_ylabel(in_words(metric))
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        return lines

    def _legend_width(self):
        """Return the width in inches of a legend beside the panels."""
        if len(self.histories) == 1:
            return 0.0
        longest = min(max(len(str(label)) for label in self.histories), _LONGEST_NAME)
        return (0.6 + 0.075 * max(longest, 22)) * self._legend_columns(len(self.histories) + 4)

    @staticmethod
    def _legend_columns(n_lines):
        return 1 + (n_lines - 1) // 20

    def _add_legend(self):
        from matplotlib.lines import Line2D

        handles = []
        if len(self.histories) > 1:
            handles += [
                Line2D([], [], label=shorten(label, _LONGEST_NAME), markersize=4, **style(i))
                for i, label in enumerate(self.histories)
            ]
        names = {name for ts in self.histories.values() for history in ts for name in history}
        line = {"color": "black", "linewidth": 1.5}
        if any(not name.startswith(_VALIDATION) for name in names):
            handles.append(Line2D([], [], linestyle=(0, (4, 2)), label="training", **line))
        if any(name.startswith(_VALIDATION) for name in names):
            handles.append(Line2D([], [], linestyle="-", label="validation", **line))
        if any(best is not None for found in self.best_epochs_.values() for best in found):
            ring = {"fillstyle": "none", "markersize": 9, "markeredgewidth": 1.4}
            label = f"lowest validation{self._only_best()}"
            handles.append(Line2D([], [], linestyle="", marker="o", color="k", label=label, **ring))
        if any((self.stopped or {}).values()):
            tick = {"marker": "|", "markersize": 12, "linestyle": "", "color": "k"}
            handles.append(Line2D([], [], label="stopped early", **tick))
        # The legend of one model fits inside the axes; of several it could hide curves there.
        if len(self.histories) == 1:
            inside = self.ax_.legend(handles=handles, fontsize=SMALL, loc="best", framealpha=0.9)
            inside.set_in_layout(False)  # otherwise it would squeeze small axes
            if len(self.axes_) > 1:
                self.ax_.set_zorder(1)  # so that the next panel does not cover it
            return
        last = self.axes_[min(len(self.axes_), _MOST_COLUMNS) - 1]
        last.legend(
            handles=handles,
            fontsize=SMALL,
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
            borderaxespad=0,
            frameon=False,
            ncols=self._legend_columns(len(handles)),
        )

    def _only_best(self):
        found = [best for trainings in self.best_epochs_.values() for best in trainings]
        return f"\nloss (epoch {found[0]})" if len(found) == 1 else " loss"


def _history_of(estimator):
    """Return the history of a network, or what scikit-learn's networks keep of theirs."""
    history = getattr(estimator, "history_", None)
    if isinstance(history, Mapping):
        return history
    if not hasattr(estimator, "loss_curve_"):
        raise AttributeError(
            f"{type(estimator).__name__} keeps no history of its training: it has neither "
            "'history_', as skmnist's networks have, nor 'loss_curve_'."
        )
    history = {"loss": list(estimator.loss_curve_)}
    scores = getattr(estimator, "validation_scores_", None)
    if scores is not None:
        history["val_score"] = list(scores)
    return history


def _best_epoch(history):
    losses = history.get("val_loss")
    if not losses or np.isnan(losses).all():
        return None
    return int(np.nanargmin(losses)) + 1
