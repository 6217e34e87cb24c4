"""The contents of the page, as variables of the template."""

from __future__ import annotations

import math

from skmnist._support.text import in_words
from skmnist.report import _models, _plots
from skmnist.report._differences import difference_variables
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
        Result of :func:`skmnist.compare`.

    Returns
    -------
    variables : dict
        Text, numbers as text, and images.
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
            "differences": difference_variables(comparison),
            "folds": _folds(comparison),
            "fold_plots": _plots.fold_scores(comparison, figures),
            "time_plot": _plots.score_against_time(comparison, figures),
            "training_plots": _plots.trainings(comparison, figures),
            "models": [
                {
                    "row": row,
                    "id": f"model-{number}",
                    "score": _score_text(row.mean(comparison.metrics[0])),
                    "as_made": as_made(row.estimator),
                    "in_full": in_full(row.estimator),
                    "best_params": _best_params(row),
                    **_models.details(comparison, row, pictures, figures),
                }
                for number, row in enumerate(comparison.rows, 1)
            ],
            "pictures_missing": pictures.missing,
            "in_words": in_words,
        }


def _score_text(value):
    return "-" if math.isnan(value) else f"{value:.4f}"


def _enumeration(names):
    """Return names as part of a sentence: "a, b and c"."""
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _summary(comparison, good):
    """Return the sentences at the top."""
    metric = comparison.metrics[0]
    scored = [row for row in good if not math.isnan(row.mean(metric))]
    sentences = ["No model has a score."]
    if scored:
        sentences = [
            _best_score(comparison, scored[0]),
            *_comparisons_with_best(comparison.differences, scored),
        ]
    failed = [row.model for row in comparison.failures]
    if failed:
        sentences.append(f"{_enumeration(failed)} failed; the errors stand below the table.")
    return sentences


def _best_score(comparison, best):
    metric = comparison.metrics[0]
    low, high = best.interval(metric)
    interval = "" if math.isnan(low) else f", 95 % interval {low:.4f} to {high:.4f}"
    over = "the test set" if comparison.fixed_test else f"{comparison.n_folds} folds"
    return (
        f"{best.model} has the highest {in_words(metric)}: {best.mean(metric):.4f} "
        f"(on {over}{interval})."
    )


def _comparisons_with_best(differences, scored):
    """Return sentences that compare the other models with the best one."""
    best = scored[0]
    if len(scored) == 1:
        return ["There is no other model to test it against."]
    others = {"yes": [], "no": [], "can't tell": []}
    for found in differences:
        if best.model not in (found.better, found.worse):
            continue
        best_wins = found.better == best.model
        if best_wins or found.verdict != "yes":
            others[found.verdict].append(found.worse if best_wins else found.better)
    sentences = []
    if others["yes"]:
        sentences.append(f"It is better than {_enumeration(others['yes'])}.")
    if others["no"]:
        sentences.append(f"Practically equal to it: {_enumeration(others['no'])}.")
    if others["can't tell"]:
        names = _enumeration(others["can't tell"])
        sentences.append(f"These data cannot tell whether it is better than {names}.")
    not_worse = {best.model, *others["no"], *others["can't tell"]}
    quick = min((row for row in scored if row.model in not_worse), key=lambda row: row.fit_seconds)
    if quick is not best:
        sentences.append(
            f"Of the models that are not shown to be worse, {quick.model} is the fastest to fit: "
            f"{quick.fit_seconds:.2f} s against {best.fit_seconds:.2f} s."
        )
    return sentences


def _table(comparison):
    """Return the table: the printed texts, and the numbers to sort by."""
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
    """Return the positions of interval and mean, in percent of the scale."""
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
        f"{row.model} has no {in_words(metric)}: {reason}"
        for row in comparison.rows
        for metric, reason in row.reasons.items()
    ]


def _folds(comparison):
    """Return a table for each metric and for the times: models by folds."""
    tables = [
        {
            "title": in_words(metric)[:1].upper() + in_words(metric)[1:],
            "lines": _fold_lines(
                comparison, lambda fold, metric=metric: fold.scores.get(metric, math.nan), ".4f"
            ),
        }
        for metric in comparison.metrics
    ]
    tables += [
        {"title": title, "lines": _fold_lines(comparison, get, form)}
        for title, get, form in (
            ("Seconds to fit", lambda fold: fold.fit_seconds, ",.2f"),
            ("Microseconds to predict an image", lambda fold: fold.predict_microseconds, ",.1f"),
        )
    ]
    return tables


def _fold_lines(comparison, get, form):
    lines = []
    for row in comparison.rows:
        values = [math.nan if fold.error is not None else get(fold) for fold in row.folds]
        values += [math.nan] * (comparison.n_folds - len(values))
        cells = ["-" if math.isnan(value) else format(value, form) for value in values]
        lines.append({"model": row.model, "cells": cells})
    return lines


def _best_params(row):
    """Return the best parameters of a search in each fold."""
    return [
        {"fold": number, "text": repr(fold.best_params)}
        for number, fold in enumerate(row.folds, 1)
        if fold.best_params is not None
    ]
