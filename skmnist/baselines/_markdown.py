"""Tables of the documentation, made from the table of the baselines."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from skmnist._support.markdown import markdown_table
from skmnist.baselines._make import make_baseline
from skmnist.baselines._table import BASELINES, DATA, MEASURED_ON, SOURCES


def defaults_table():
    """Return the table of the baselines, their settings and the reasons for them."""
    rows = [["baseline", "steps after `MnistScaler`", "what it is, and why so"]]
    for name, baseline in BASELINES.items():
        steps = " → ".join(f"`{' '.join(repr(step).split())}`" for step in make_baseline(name)[1:])
        rows.append([f"`{name}`", steps, f"{baseline.title}; {baseline.reason}"])
    return markdown_table(rows)


def results_table(data):
    """Return the table of accuracies on a data set, published and ours, with our times."""
    rows = [["baseline", "fast", "published", "ours", "fit s", "predict s"]]
    for name, baseline in BASELINES.items():
        published, ours = baseline.published[data], baseline.ours.get(data)
        row = [f"`{name}`", "yes" if baseline.fast else "", _published(published)]
        row += (
            [f"{ours.accuracy:.4f}", f"{ours.fit_seconds:.1f}", f"{ours.predict_seconds:.1f}"]
            if ours
            else ["not measured", "", ""]
        )
        rows.append(row)
    return markdown_table(rows)


def times():
    """Return a sentence on the total time of the fast ones, and on the machine."""
    sums = []
    for data, title in DATA.items():
        ours = [baseline.ours.get(data) for baseline in BASELINES.values() if baseline.fast]
        if all(ours):
            seconds = sum(measured.fit_seconds + measured.predict_seconds for measured in ours)
            sums.append(f"{seconds:.0f} s on {title}")
    together = f"The fast ones take {' and '.join(sums)} together. " if sums else ""
    return f"{together}Measured on {MEASURED_ON}."


def sources_table():
    """Return the numbered table of the sources of published accuracies."""
    rows = [["", "source"]]
    for number, (text, url) in enumerate(SOURCES.values(), start=1):
        rows.append([f"[{number}]", f"{text}. <{url}>"])
    return markdown_table(rows)


# Name of a place in docs/baselines.md -> function that returns its text.
TABLES = MappingProxyType(
    {
        "defaults": defaults_table,
        **{data: partial(results_table, data) for data in DATA},
        "times": times,
        "sources": sources_table,
    }
)


def _published(figures):
    cells = []
    for published in figures:
        number = list(SOURCES).index(published.source) + 1
        digits = 3 if round(published.accuracy, 3) == published.accuracy else 4
        cells.append(f"{published.accuracy:.{digits}f} [{number}]: {published.settings}")
    return "; ".join(cells) or "none found"
