"""Details of a single model: confusions, mistakes, reliability."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from skmnist._support.comparisons import predictions_of
from skmnist._support.confusions import confused_pairs
from skmnist._support.text import percent
from skmnist.report._figures import new_figure, plain_text, png

_N_MISTAKES = 24
_N_PAIRS = 6
_N_IMAGES_OF_PAIR = 6
_MOST_CLASSES_IN_TABLE = 20


def details(comparison, row, pictures, figures):
    """Return the variables of the template about a model.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.
    row : Row
        The model.
    pictures : Pictures
        The images of the comparison.
    figures : Figures
        Converts figures to SVG.

    Returns
    -------
    variables : dict
        ``confusion``, ``pairs``, ``mistakes``, ``reliability``, and the numbers of predictions
        and of wrong predictions; only ``n_predicted``, which is 0, if the model failed.
    """
    if row.error is not None:
        return {"n_predicted": 0}
    test, predicted, probabilities = predictions_of(comparison, row)
    true = np.asarray(comparison.y)[test]
    wrong = np.flatnonzero(true != predicted)
    labels = np.unique(np.concatenate([comparison.classes, predicted]))
    counts = confusion_matrix(true, predicted, labels=labels)
    return {
        "n_predicted": len(test),
        "n_wrong": len(wrong),
        "confusion": _confusion(row, counts, labels),
        "pairs": _pairs(true, predicted, test, counts, labels, pictures),
        "mistakes": _mistakes(
            true[wrong],
            predicted[wrong],
            test[wrong],
            None if probabilities is None else probabilities[wrong],
            comparison.classes,
            pictures,
        ),
        "reliability": _reliability(row, true, probabilities, comparison.classes, figures),
    }


def _confusion(row, counts, labels):
    """Return the confusion matrix as cells with shades, or as an image if it is large."""
    names = [str(label) for label in labels]
    if len(labels) > _MOST_CLASSES_IN_TABLE:
        return {"names": names, "cells": None, "png": _confusion_png(counts, labels)}
    most = max(int(np.max(counts - np.diag(np.diag(counts)))), 1)
    cells = [
        [
            # Shades are CSS classes: steps of the count relative to the most frequent mistake.
            {"count": int(n), "shade": 0 if i == j or n == 0 else 1 + int(5 * n / most)}
            for j, n in enumerate(line)
        ]
        for i, line in enumerate(counts)
    ]
    recall = [percent(line[i] / line.sum()) if line.sum() else "-" for i, line in enumerate(counts)]
    return {"names": names, "cells": cells, "recall": recall, "png": None}


def _confusion_png(counts, labels):
    from skmnist.plots import ConfusedPairsDisplay

    figure, ax = new_figure(7.5, 6.8)
    names = [plain_text(label) for label in labels]
    ConfusedPairsDisplay(counts, classes=names).plot(ax=ax)
    return png(figure)


def _pairs(true, predicted, test, counts, labels, pictures):
    """Return the most confused pairs of classes, with images."""
    pairs = []
    for i, j, count in confused_pairs(counts)[:_N_PAIRS]:
        rows = test[(true == labels[i]) & (predicted == labels[j])]
        rows = np.unique(rows)[:_N_IMAGES_OF_PAIR]
        addresses = pictures.data_uris(rows)
        shown = [
            {"row": int(row), "src": address} for row, address in zip(rows, addresses, strict=False)
        ]
        pair = {"true": str(labels[i]), "predicted": str(labels[j]), "count": count}
        pairs.append(pair | {"images": shown})
    return pairs


def _mistakes(true, predicted, test, probabilities, classes, pictures):
    """Return misclassified images, the most confident mistakes first."""
    order = np.arange(len(true))
    of_true = of_predicted = None
    if probabilities is not None:
        of_true, of_predicted = (_column(probabilities, y, classes) for y in (true, predicted))
        order = np.argsort(-np.nan_to_num(of_predicted), kind="stable")
    # With repeated splits, an image may have been misclassified several times.
    _, first = np.unique(test[order], return_index=True)
    chosen = order[np.sort(first)][:_N_MISTAKES]
    addresses = pictures.data_uris(test[chosen])
    return [
        {
            "src": address,
            "row": int(test[i]),
            "true": str(true[i]),
            "predicted": str(predicted[i]),
            "p_true": None if of_true is None else _whole_percent(of_true[i]),
            "p_predicted": None if of_predicted is None else _whole_percent(of_predicted[i]),
        }
        for i, address in zip(chosen, addresses, strict=False)
    ]


def _column(probabilities, y, classes):
    """Return the probability of the label of each row; NaN for labels without a column."""
    columns = {label: i for i, label in enumerate(np.asarray(classes).tolist())}
    found = [columns.get(label) for label in y.tolist()]
    values = zip(probabilities, found, strict=True)
    return np.array([np.nan if i is None else row[i] for row, i in values], dtype=float)


def _whole_percent(probability):
    return "-" if np.isnan(probability) else percent(probability, decimals=0)


def _reliability(row, true, probabilities, classes, figures):
    """Return the reliability diagram, or the reason why there is none."""
    from skmnist.plots import ReliabilityDisplay

    if probabilities is None:
        return {"svg": None, "why": f"{row.model} gives no probabilities."}
    edges = {"left": 0.15, "right": 0.97, "bottom": 0.1, "top": 0.985}
    figure, ax = new_figure(3.9, 4.6, edges)
    try:
        display = ReliabilityDisplay.from_predictions(true, probabilities, classes=classes, ax=ax)
    except ValueError as error:  # predict_proba of an estimator may return anything
        return {"svg": None, "why": f"There is no diagram of the probabilities: {error}"}
    error = display.expected_calibration_error_
    filled = display.counts > 0
    bins = "; ".join(
        f"confidence {confidence:.2f}, accuracy {accuracy:.2f}, {count} images"
        for confidence, accuracy, count in zip(
            display.confidence[filled],
            display.accuracy[filled],
            display.counts[filled],
            strict=True,
        )
    )
    alt = f"Reliability of {row.model}: expected calibration error {error:.3f}. Bins: {bins}."
    return {"svg": figures.svg(figure, alt), "why": None, "error": f"{error:.3f}"}
