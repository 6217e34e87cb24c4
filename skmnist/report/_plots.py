"""Plots of the whole comparison."""

from __future__ import annotations

import numpy as np

from skmnist._support.text import in_words
from skmnist.report._figures import new_figure, plain_text, share_limits


def _scored(comparison, metric):
    """Return the models with this metric."""
    return [
        row
        for row in comparison.rows
        if row.error is None and np.isfinite(row.values(metric)).all()
    ]


def fold_scores(comparison, figures):
    """Return a plot of the scores of all folds for each metric that any model has."""
    from skmnist.plots import FoldScoresDisplay

    plots = []
    for metric in comparison.metrics:
        rows = _scored(comparison, metric)
        if not rows:
            continue
        figure, ax = new_figure(5.4, 1.2 + 0.3 * len(rows))
        scores = {plain_text(row.model): row.values(metric) for row in rows}
        intervals = {plain_text(row.model): row.interval(metric) for row in rows}
        intervals = {name: ends for name, ends in intervals.items() if np.isfinite(ends).all()}
        FoldScoresDisplay(scores, intervals=intervals, metric=plain_text(metric)).plot(ax=ax)
        alt = "; ".join(_describe_folds(row, metric) for row in rows)
        title = in_words(metric)
        svg = figures.svg(figure, f"{title} of each fold. {alt}.")
        plots.append({"metric": title, "svg": svg})
    return plots


def _describe_folds(row, metric):
    values = row.values(metric)
    if len(values) == 1:
        return f"{row.model}: {values[0]:.4f}"
    return f"{row.model}: {values.min():.4f} to {values.max():.4f}, mean {values.mean():.4f}"


def score_against_time(comparison, figures):
    """Return the plot of score against time to fit, or None if no model has both."""
    from skmnist.plots import AccuracyTimeDisplay

    metric = comparison.metrics[0]
    rows = [row for row in _scored(comparison, metric) if row.fit_seconds > 0]
    if not rows:
        return None
    figure, ax = new_figure(*((5.4, 3.7) if len(rows) <= 10 else (6.6, 4.4)))
    values = {row.model: (row.mean(metric), row.fit_seconds) for row in rows}
    drawn = {plain_text(name): value for name, value in values.items()}
    display = AccuracyTimeDisplay.from_values(drawn, metric=plain_text(metric), ax=ax)
    on_front = {name for name in values if plain_text(name) in display.front_}
    front = sorted(on_front, key=lambda name: values[name][1])
    if len(display.labels_) == len(rows):
        display.ax_.get_legend().remove()  # names are at the markers; the caption says the rest
    title = in_words(metric)
    described = "; ".join(
        f"{name}: {values[name][0]:.4f} in {values[name][1]:.3g} s" for name in front
    )
    others = [name for name in values if name not in on_front]
    alt = f"{title} against seconds to fit. On the Pareto front: {described}."
    if others:
        alt += f" Not on it: {', '.join(others)}."
    return {"svg": figures.svg(figure, alt), "metric": title}


def trainings(comparison, figures):
    """Return the learning curves of each network, all with the same limits."""
    from skmnist.plots import TrainingHistoryDisplay

    drawn, panels = [], {}
    for row in comparison.rows:
        if row.error is not None:
            continue
        histories = [fold.history for fold in row.folds if fold.history]
        if not any(_recorded(history) for history in histories):
            continue
        n_panels = len({name for history in histories for name in _recorded(history)})
        figure, ax = new_figure(3.0 * min(n_panels, 3), 2.4 * -(-n_panels // 3))
        display = TrainingHistoryDisplay.from_comparison(comparison, models=[row.model], ax=ax)
        legend = display.ax_.get_legend()
        if legend is not None:
            legend.remove()  # the text above the plots explains the lines
        for line in (line for lines in display.lines_.values() for line in lines):
            line.set_marker("")  # markers tell models apart, and there is only one
        for metric, panel in zip(display.metrics_, display.axes_, strict=True):
            panels.setdefault(metric, []).append(panel)
        drawn.append((row.model, figure, histories))
    share_limits(panels)
    return [
        {"model": model, "svg": figures.svg(figure, _describe_training(model, histories))}
        for model, figure, histories in drawn
    ]


def _recorded(history):
    """Return the names of the metrics with curves in a history."""
    return {
        name.removeprefix("val_")
        for name, values in history.items()
        if values and name not in ("learning_rate", "lr")
    }


def _describe_training(model, histories):
    parts = []
    for name in histories[0]:
        if name in ("learning_rate", "lr"):
            continue
        curves = [history[name] for history in histories if history.get(name)]
        if not curves:
            continue
        first, last = (float(np.mean([curve[i] for curve in curves])) for i in (0, -1))
        measured = "validation" if name.startswith("val_") else "training"
        title = in_words(name.removeprefix("val_"))
        parts.append(f"{measured} {title} from {first:.3f} to {last:.3f}")
    n_epochs = sorted({max(map(len, history.values())) for history in histories})
    epochs = str(n_epochs[0]) if len(n_epochs) == 1 else f"{n_epochs[0]} to {n_epochs[-1]}"
    return f"Training of {model}, {epochs} epochs. On average, {', '.join(parts)}."
