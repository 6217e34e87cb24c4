"""Which differences can be trusted: the matrix of all pairs, and the table."""

from __future__ import annotations

import math

from skmnist._support.text import percent

# How the row compares with the column: class of the cell, sign, word.
_BETTER = ("better", "+", "better")
_WORSE = ("worse", "−", "worse")  # noqa: RUF001, the minus sign
_EQUAL = ("equal", "=", "equal")
_OPEN = ("open", "?", "open")
_MOST_WITH_WORDS = 8


def difference_variables(comparison):
    """Return the variables of the template about differences; None if there are no pairs.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.

    Returns
    -------
    variables : dict or None
        The matrix, sentences about the best model, and all pairs with their numbers.
    """
    if not comparison.differences:
        return None
    found = {frozenset((d.better, d.worse)): d for d in comparison.differences}
    named = {name for pair in found for name in pair}
    models = [row.model for row in comparison.rows if row.model in named]
    return {
        "models": models,
        "with_words": len(models) <= _MOST_WITH_WORDS,
        "matrix": [[_cell(a, b, found) for b in models] for a in models],
        "sentences": [str(difference) for difference in comparison.differences_to_best()],
        "pairs": [_pair(difference) for difference in comparison.differences],
        "test": comparison.differences[0].test,
        "metric": comparison.differences[0].metric,
    }


def _cell(model, other, found):
    if model == other:
        return None
    difference = found.get(frozenset((model, other)))
    if difference is None:
        return None
    if difference.verdict == "yes":
        kind = _BETTER if difference.better == model else _WORSE
    else:
        kind = _EQUAL if difference.verdict == "no" else _OPEN
    return {"kind": kind[0], "sign": kind[1], "word": kind[2], "why": str(difference)}


def _pair(difference):
    worse, equal, better = difference.rope
    texts = {
        "mean": (difference.mean, f"{difference.mean:.4f}"),
        "low": (difference.low, f"{difference.low:.4f} to {difference.high:.4f}"),
        "p": (difference.p_value, _p_text(difference.p_value)),
        "p_adjusted": (difference.p_adjusted, _p_text(difference.p_adjusted)),
        "p_better": (better, percent(better)),
        "p_equal": (equal, percent(equal)),
        "p_worse": (worse, percent(worse)),
    }
    cells = [
        {"key": "", "text": "-"} if math.isnan(value) else {"key": repr(float(value)), "text": text}
        for value, text in texts.values()
    ]
    return {
        "better": difference.better,
        "worse": difference.worse,
        "verdict": difference.verdict,
        "cells": cells,
    }


def _p_text(value):
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
