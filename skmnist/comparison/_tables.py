"""Comparisons as text, Markdown, HTML, CSV, data frames and JSON."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import math
import textwrap

from skmnist._support.optional import require
from skmnist._support.text import aligned, in_words
from skmnist.comparison._differences import Difference

_WIDTH = 79
_COSTS = ("fit_seconds", "predict_microseconds", "n_parameters", "pickled_bytes")
_COSTS += ("peak_memory_bytes",)
# Columns of differences, because with a single model there is no record to take them from.
_DIFFERENCE = tuple(field.name for field in dataclasses.fields(Difference) if field.name != "rope")
_DIFFERENCE += ("p_worse", "p_equal", "p_better")
_COST_TITLES = ("fit s", "predict µs/image", "weights", "pickle MB", "peak MB")


def cells(comparison):
    """Return the rows of the table as text cells, the header first."""
    header = ["model"]
    for metric in comparison.metrics:
        header += [in_words(metric), "95 % interval"]
    header += _COST_TITLES
    return [header, *(_line(row, comparison.metrics) for row in comparison.rows)]


def _line(row, metrics):
    if row.error is not None:
        return [row.model, "failed", *[""] * (2 * len(metrics) - 1 + len(_COSTS))]
    scores = []
    for metric in metrics:
        scores += [_score(row, metric), _interval(*row.interval(metric))]
    return [
        row.model,
        *scores,
        f"{row.fit_seconds:.2f}",
        f"{row.predict_microseconds:,.1f}",
        "-" if row.n_parameters is None else f"{row.n_parameters:,}",
        _megabytes(row.pickled_bytes),
        _megabytes(row.peak_memory_bytes),
    ]


def _score(row, metric):
    mean, std = row.mean(metric), row.std(metric)
    if math.isnan(mean):
        return "-"
    return f"{mean:.4f}" if math.isnan(std) else f"{mean:.4f} ± {std:.4f}"


def _interval(low, high):
    return "-" if math.isnan(low) else f"{low:.4f} to {high:.4f}"


def _megabytes(n_bytes):
    if n_bytes is None:
        return "-"
    megabytes = n_bytes / 1e6
    return f"{megabytes:,.0f}" if megabytes >= 9.95 else f"{megabytes:.2f}"


def notes(comparison):
    """Return the notes below the table."""
    seed = "" if comparison.random_state is None else f", seed {comparison.random_state}"
    shape = " x ".join(map(str, comparison.image_shape))
    name = f" of {comparison.data}" if comparison.data else ""
    versions = ", ".join(f"{title} {version}" for title, version in comparison.versions.items())
    cores = f"{comparison.n_cores} core{'s' * (comparison.n_cores != 1)}"
    return [
        *(f"{row.model} failed in {' '.join(row.error.split())}" for row in comparison.failures),
        *(
            f"{row.model} has no {in_words(metric)}: {reason}"
            for row in comparison.rows
            for metric, reason in row.reasons.items()
        ),
        f"{comparison.n_images:,} images{name} of {shape} pixels, {comparison.n_classes} classes. "
        f"{_splits(comparison)}{seed}.",
        f"{_meaning(comparison)} fit: seconds{_per_fold(comparison)}; predict: microseconds per "
        "image, after a warm-up; weights: numbers that the network or linear model at the end "
        "learns; peak: growth of the process while fitting and predicting.",
        *_difference_notes(comparison),
        f"{cores}, {comparison.machine}; {versions}.",
    ]


def _splits(comparison):
    if comparison.fixed_test:
        return f"One test set of {len(comparison.rows[0].folds[0].test) or len(comparison.y):,}"
    return f"Cross-validation: {comparison.n_folds} folds, the same for all models"


def _per_fold(comparison):
    return "" if comparison.fixed_test else ", mean of the folds"


def _meaning(comparison):
    if comparison.fixed_test:
        return "Intervals of accuracies are Wilson's."
    return (
        "Scores: mean ± standard deviation over the folds. Intervals are Nadeau and Bengio's, "
        "which allow for folds that share training images."
    )


def _difference_notes(comparison):
    if not comparison.differences:
        return []
    count = len(comparison.differences)
    return [
        f"Differences: {comparison.differences[0].test}, p-values corrected by Holm's method for "
        f"{count} pair{'s' * (count != 1)}; practically equal means by less than {comparison.rope}."
    ]


def as_text(comparison):
    """Return table, verdicts and notes, wrapped for a terminal."""
    lines = []
    for block in comparison.tables():
        # Costs are aligned to the right, so that their sizes can be compared.
        costs = [place for place, name in enumerate(block[0]) if name in _COST_TITLES]
        lines += [*aligned(block, right=costs), ""]
    found = [str(difference) for difference in comparison.differences_to_best()]
    if found:
        lines += [*(textwrap.fill(text, _WIDTH, subsequent_indent="  ") for text in found), ""]
    return "\n".join([*lines, *(textwrap.fill(note, _WIDTH) for note in notes(comparison))])


def blocks(table, width, gap):
    """Split a table into tables that fit into the width, each with the first column."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    parts, used = [[0]], widths[0]
    for index, needed in enumerate(widths[1:], 1):
        if used + gap + needed > width and len(parts[-1]) > 1:
            parts.append([0])
            used = widths[0]
        parts[-1].append(index)
        used += gap + needed
    return [[[line[index] for index in part] for line in table] for part in parts]


def as_markdown(comparison):
    """Return a pipe table, with lists below it."""
    header, *lines = [[_escape(cell) for cell in line] for line in cells(comparison)]
    sides = f"|:---|{'---:|' * (len(header) - 1)}"
    text = [f"| {' | '.join(line)} |" for line in [header, *lines]]
    text.insert(1, sides)
    found = [f"- {_escape(str(difference))}" for difference in comparison.differences_to_best()]
    listed = [f"- {_escape(note)}" for note in notes(comparison)]
    return "\n".join([*text, "", *([*found, ""] if found else []), *listed])


def _escape(text):
    return text.replace("|", "\\|")


def as_html(comparison):
    """Return a fragment of a page: a table, with lists below it."""
    header, *lines = cells(comparison)
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header)
    body = "\n".join(
        f'<tr><th scope="row">{html.escape(first)}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in lines
    )
    differences = _html_list(map(str, comparison.differences_to_best()))
    return (
        f'<div class="skmnist-comparison">\n<table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>\n"
        f"{differences}{_html_list(notes(comparison))}</div>"
    )


def _html_list(texts):
    items = "\n".join(f"<li>{html.escape(text)}</li>" for text in texts)
    return f"<ul>\n{items}\n</ul>\n" if items else ""


def _records(comparison, of):
    """Return the index columns and the rows, as a list of dicts, of `to_frame`."""
    if of == "models":
        return ["model"], [_model_record(row, comparison.metrics) for row in comparison.rows]
    if of == "folds":
        return ["model", "fold"], [
            _fold_record(row, number, fold, comparison.metrics)
            for row in comparison.rows
            for number, fold in enumerate(row.folds, 1)
        ]
    if of == "differences":
        return [], [_difference_record(difference) for difference in comparison.differences]
    raise ValueError(f"of must be 'models', 'folds' or 'differences'. Got {of!r} instead.")


def _model_record(row, metrics):
    record = {"model": row.model}
    for metric in metrics:
        low, high = row.interval(metric)
        record |= {
            metric: row.mean(metric),
            f"{metric}_std": row.std(metric),
            f"{metric}_low": low,
            f"{metric}_high": high,
        }
    return record | {name: getattr(row, name) for name in _COSTS} | {"error": row.error}


def _fold_record(row, number, fold, metrics):
    scores = {metric: fold.scores.get(metric, math.nan) for metric in metrics}
    costs = {name: getattr(fold, name) for name in _COSTS}
    return {"model": row.model, "fold": number, **scores, **costs, "error": fold.error}


def _difference_record(difference):
    record = {name: getattr(difference, name) for name in _DIFFERENCE[:-3]}
    return record | dict(zip(_DIFFERENCE[-3:], difference.rope, strict=True))


def as_frame(comparison, of):
    """Return a data frame; unknown numbers are NaN."""
    index, records = _records(comparison, of)
    pd = require("pandas", "Comparison.to_frame", extra="frames")
    frame = pd.DataFrame(records, columns=None if records else list(_DIFFERENCE))
    for name in _COSTS:
        if name in frame:
            frame[name] = frame[name].astype(float)
    if "error" in frame:
        # As a column of strings, it would have NaN in place of None.
        errors = [record["error"] for record in records]
        frame["error"] = pd.Series(errors, index=frame.index, dtype=object)
    return frame.set_index(index) if index else frame


def as_csv(comparison, of):
    """Return comma-separated values; unknown values are empty."""
    _, records = _records(comparison, of)
    file = io.StringIO()
    columns = records[0] if records else _DIFFERENCE
    writer = csv.DictWriter(file, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: "" if _plain(value) is None else value for name, value in record.items()}
        for record in records
    )
    return file.getvalue()


def as_dict(comparison):
    """Return a dict of JSON types."""
    models = []
    for row in comparison.rows:
        folds = [
            _plain_values(_fold_record(row, number, fold, comparison.metrics))
            | {"best_params": None if fold.best_params is None else repr(fold.best_params)}
            for number, fold in enumerate(row.folds, 1)
        ]
        for fold in folds:
            del fold["model"]
        models.append(
            _plain_values(_model_record(row, comparison.metrics))
            | {"estimator": " ".join(repr(row.estimator).split()), "folds": folds}
        )
    named = ("n_images", "n_classes", "n_folds", "fixed_test", "random_state", "rope", "alpha")
    named += ("n_cores", "machine", "versions", "data")
    return {
        "models": models,
        "differences": [
            _plain_values(_difference_record(found)) for found in comparison.differences
        ],
        "metrics": list(comparison.metrics),
        "image_shape": list(comparison.image_shape),
        "classes": comparison.classes.tolist(),
        **{name: getattr(comparison, name) for name in named},
    }


def _plain_values(record):
    return {name: _plain(value) for name, value in record.items()}


def _plain(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value
