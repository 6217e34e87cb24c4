"""The tables of the families in README.md and docs/networks.md.

``python -m skmnist.classifiers._markdown`` writes them, in the folder that holds README.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType

from skmnist._support.markdown import markdown_table
from skmnist.classifiers._families import FAMILIES


def overview():
    """Return what each classifier is and has."""
    rows = [[f"`{family.class_name}`", family.summary] for family in FAMILIES.values()]
    rows.append(
        ["`KerasClassifier`", "a function that builds a Keras model, or a model of your own"]
    )
    return markdown_table([["", ""], *rows])


def networks():
    """Return the network of each classifier, and what it is for."""
    head = ["class", "network", "a network for"]
    rows = [[f"`{row.class_name}`", row.network, row.purpose] for row in FAMILIES.values()]
    rows.append(["`KerasClassifier`", "a function or model of your own", "anything else"])
    return markdown_table([head, *rows])


def results():
    """Return what each classifier achieves with its defaults."""
    head = ["", "MNIST accuracy", "Fashion-MNIST accuracy", "parameters", "epochs", "fit s"]
    rows = [[*head, "predict µs/image"]]
    for family in FAMILIES.values():
        measured = family.measured
        accuracies = [measured.mnist, measured.fashion]
        cells = ["not measured" if value is None else f"{value:.4f}" for value in accuracies]
        cells += [f"{measured.n_parameters:,}", str(measured.epochs), str(measured.fit_seconds)]
        rows.append([f"`{family.class_name}`", *cells, str(measured.predict_microseconds)])
    return markdown_table(rows, align="---:")


# Name of the place -> the page that has it, and what stands there.
TABLES = MappingProxyType(
    {
        "overview": ("README.md", overview),
        "networks": ("docs/networks.md", networks),
        "results": ("docs/networks.md", results),
    }
)


def with_tables(page, text):
    """Return the text of a page with its tables as they are to be.

    Parameters
    ----------
    page : str
        Path of the page, as in ``TABLES``.
    text : str
        What it holds.

    Returns
    -------
    text : str
        The same where nothing has changed.
    """
    for name, (place, table) in TABLES.items():
        if place == page:
            text, n_found = re.subn(
                rf"(<!-- {name} -->\n\n).*?(\n<!-- end of {name} -->)",
                lambda found, table=table: found[1] + table() + found[2],
                text,
                flags=re.DOTALL,
            )
            if n_found != 1:
                raise ValueError(
                    f"{page} must have one place for the table {name}, got {n_found} instead."
                )
    return text


if __name__ == "__main__":
    for path in {page: Path(page) for page, _ in TABLES.values()}.values():
        path.write_text(with_tables(path.as_posix(), path.read_text("utf-8")), "utf-8")
