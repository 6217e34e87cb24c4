"""What the page says, as values for the template."""

from __future__ import annotations

import math

from skmnist.report import _differences, _models, _plots
from skmnist.report._figures import Figures, plain_style
from skmnist.report._parameters import as_made, in_full
from skmnist.report._pictures import Pictures

_COSTS = ("fit_seconds", "predict_microseconds", "n_parameters", "pickled_bytes")
_COSTS += ("peak_memory_bytes",)


def page(comparison):
    """Return the variables of the template.

    Parameters
    ----------
    comparison : Comparison
        What :func:`skmnist.compare` returned.

    Returns
    -------
    variables : dict
        Text, numbers as text, and pictures.
    """
    figures, pictures = Figures(), Pictures(comparison.X)
    good = [row for row in comparison.rows if row.error is None]
    with plain_style():
        return {
            "comparison": comparison,
            "title": "Classifiers compared" + (f" on {comparison.data}" if comparison.data else ""),
            "summary": _summary(comparison, good),
            "table": _table(comparison),
            "missing_metrics": _missing_metrics(comparison),
            "differences": _differences.shown(comparison),
            "folds": _folds(comparison),
            "fold_plots": _plots.fold_scores(comparison, figures),
            "time_plot": _plots.score_against_time(comparison, figures),
            "training_plots": _plots.trainings(comparison, figures),
            "models": [
                {
                    "row": row,
                    "id": f"model-{number}",
                    "score": number_of(row.mean(comparison.metrics[0])),
                    "as_made": as_made(row.estimator),
                    "in_full": in_full(row.estimator),
                    "best_params": _best_params(row),
                    **_models.details(comparison, row, pictures, figures),
                }
                for number, row in enumerate(comparison.rows, 1)
            ],
            "pictures_missing": pictures.missing,
            "title_of": title_of,
        }


def title_of(metric):
    """Return a metric's name in words."""
    return metric.replace("_", " ")


def number_of(value):
    """Return a score as text."""
    return "-" if math.isnan(value) else f"{value:.4f}"


def enumerated(names):
    """Return names as a part of a sentence."""
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _summary(comparison, good):
    """Return the sentences at the top."""
    metric = comparison.metrics[0]
    scored = [row for row in good if not math.isnan(row.mean(metric))]
    said = _of_best(comparison, scored) if scored else ["No model has a score."]
    failed = [row.model for row in comparison.failures]
    if failed:
        said.append(f"{enumerated(failed)} failed; the errors stand below the table.")
    return said


def _of_best(comparison, scored):
    best, metric = scored[0], comparison.metrics[0]
    low, high = best.interval(metric)
    interval = "" if math.isnan(low) else f", 95 % interval {low:.4f} to {high:.4f}"
    over = "the test set" if comparison.fixed_test else f"{comparison.n_folds} folds"
    said = [
        f"{best.model} has the highest {title_of(metric)}: {best.mean(metric):.4f} "
        f"(on {over}{interval})."
    ]
    beaten, equal, open_, open_rows = [], [], [], []
    rows = {row.model: row for row in scored}
    for found in comparison.differences:
        if best.model not in (found.better, found.worse):
            continue
        other = found.worse if found.better == best.model else found.better
        if found.verdict == "yes":
            if found.better == best.model:
                beaten.append(other)
            continue
        (equal if found.verdict == "no" else open_).append(other)
        open_rows.append(rows[other])
    if beaten:
        said.append(f"It is better than {enumerated(beaten)}.")
    if equal:
        said.append(f"Practically as good as it: {enumerated(equal)}.")
    if open_:
        said.append(f"These data cannot tell whether it is better than {enumerated(open_)}.")
    if len(scored) == 1:
        said.append("There is no other model that it could be tested against.")
    quick = min([best, *open_rows], key=lambda row: row.fit_seconds)
    if open_rows and quick is not best:
        said.append(
            f"Of the models that are not shown to be worse, {quick.model} is the quickest to fit: "
            f"{quick.fit_seconds:.2f} s against {best.fit_seconds:.2f} s."
        )
    return said


def _table(comparison):
    """Return the table: texts as they are printed, and the numbers to sort them by."""
    header, *lines = comparison.table()
    first = comparison.metrics[0]
    scale = _scale(comparison, first)
    body = []
    for row, (model, *texts) in zip(comparison.rows, lines, strict=True):
        keys = []
        for metric in comparison.metrics:
            keys += [row.mean(metric), row.interval(metric)[0]]
        keys += [getattr(row, name) for name in _COSTS]
        cells = [
            {"text": text, "key": "" if key is None or math.isnan(key) else f"{float(key)!r}"}
            for text, key in zip(texts, keys, strict=True)
        ]
        body.append({"model": model, "cells": cells, "strip": _strip(row, first, scale)})
    return {"header": header, "rows": body, "has_strip": scale is not None}


def _scale(comparison, metric):
    """Return the ends of all intervals, or None if there are none."""
    ends = [end for row in comparison.rows for end in row.interval(metric) if not math.isnan(end)]
    if not ends or min(ends) == max(ends):
        return None
    return min(ends), max(ends)


def _strip(row, metric, scale):
    """Return where interval and mean lie, in percent of the scale."""
    low, high = row.interval(metric)
    if scale is None or math.isnan(low):
        return None
    start, width = scale[0], (scale[1] - scale[0]) / 100
    return {
        "low": f"{(low - start) / width:.2f}",
        "width": f"{max((high - low) / width, 0.5):.2f}",
        "mean": f"{(row.mean(metric) - start) / width:.2f}",
    }


def _missing_metrics(comparison):
    return [
        f"{row.model} has no {title_of(metric)}: {reason}"
        for row in comparison.rows
        for metric, reason in row.reasons.items()
    ]


def _folds(comparison):
    """Return a table for each metric and for the times: models by folds."""
    tables = [
        {
            "title": title_of(metric)[:1].upper() + title_of(metric)[1:],
            "lines": _of_folds(
                comparison, lambda fold, metric=metric: fold.scores.get(metric, math.nan), ".4f"
            ),
        }
        for metric in comparison.metrics
    ]
    tables += [
        {"title": title, "lines": _of_folds(comparison, get, form)}
        for title, get, form in (
            ("Seconds to fit", lambda fold: fold.fit_seconds, ",.2f"),
            ("Microseconds to predict an image", lambda fold: fold.predict_microseconds, ",.1f"),
        )
    ]
    return tables


def _of_folds(comparison, get, form):
    lines = []
    for row in comparison.rows:
        values = [math.nan if fold.error is not None else get(fold) for fold in row.folds]
        values += [math.nan] * (comparison.n_folds - len(values))
        cells = ["-" if math.isnan(value) else format(value, form) for value in values]
        lines.append({"model": row.model, "cells": cells})
    return lines


def _best_params(row):
    """Return what a search found best in each fold."""
    return [
        {"fold": number, "text": repr(fold.best_params)}
        for number, fold in enumerate(row.folds, 1)
        if fold.best_params is not None
    ]
