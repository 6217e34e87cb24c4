"""Arrangement of the columns of a CSV file, inferred from its first line."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib

from skmnist._support.shapes import square_side

# Names of the column of labels.
_LABELS = ("label", "class", "target", "y", "labels", "digit")
# Names of columns that number the rows.
_NUMBERS = ("", "id", "index", "unnamed: 0")
_GZIP_MAGIC = b"\x1f\x8b"


class CsvLayout:
    """Arrangement of the columns of a table.

    Parameters
    ----------
    delimiter : str
        Character between columns.
    header : bool
        Whether the first line names the columns.
    n_columns : int
        Number of columns.
    label : int or None
        Index of the column of labels; None if there is none.
    dropped : tuple of int
        Indices of the columns that number the rows.
    """

    def __init__(self, delimiter, header, n_columns, label, dropped=()):
        self.delimiter = delimiter
        self.header = header
        self.n_columns = n_columns
        self.label = label
        self.dropped = dropped

    @property
    def n_pixels(self):
        """Number of pixels of an image."""
        return self.n_columns - (self.label is not None) - len(self.dropped)


def csv_layout(path, label="auto"):
    """Infer the arrangement of a table from its first line.

    Parameters
    ----------
    path : str or path-like
        The file.
    label : "auto", str or int, default="auto"
        Name or index of the column of labels.

    Returns
    -------
    layout : CsvLayout
        Its arrangement.
    """
    with open_text(path) as file:
        line = next((line for line in lines_of(file, path) if line.strip()), "")
    if not line:
        raise ValueError(f"'{path}' is empty.")
    delimiter = max(",;\t", key=line.count)
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    n_columns = len(cells)
    # One cell that is not a number may be a label; pandas numbers columns that have no name.
    others = [cell for cell in cells if cell.lower() not in _LABELS]
    numbered = n_columns > 4 and len(others) >= n_columns - 1 and _count_up(others)
    header = numbered or sum(not is_number(cell) for cell in cells) > 1
    names = [cell.lower() for cell in cells] if header else []
    dropped = tuple(i for i, name in enumerate(names[:1]) if name in _NUMBERS)
    if isinstance(label, str) and label == "auto":
        place = next((names.index(name) for name in _LABELS if name in names), None)
        if place is None:
            rest = n_columns - len(dropped)
            # A square number of columns holds pixels only; otherwise the first one is the label.
            place = len(dropped) if square_side(rest) is None else None
    elif isinstance(label, str):
        if label.lower() not in names:
            listed = ", ".join(cells[:3]) + (", ..." if n_columns > 3 else "") if header else "none"
            raise ValueError(f"'{path}' has no column {label!r}; its columns: {listed}.")
        place = cells.index(label) if label in cells else names.index(label.lower())
    else:
        if isinstance(label, bool) or not -n_columns <= label < n_columns:
            raise ValueError(
                "The 'label' parameter of load_csv must be the name or the index of a column. "
                f"Got {label!r} for '{path}', which has {n_columns} columns."
            )
        place = int(label) % n_columns
    dropped = tuple(i for i in dropped if i != place)
    return CsvLayout(delimiter, header, n_columns, place, dropped)


def open_text(path):
    file = open(os.fspath(path), "rb")  # noqa: SIM115 (closed by the wrapper that is returned)
    packed = file.read(2) == _GZIP_MAGIC
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if packed else file
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def lines_of(file, path):
    """Yield the lines of a file, naming it in errors."""
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise ValueError(f"'{path}' is not text: {error}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"'{path}' is a damaged gzip file: {error}.") from error


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _count_up(cells):
    return any(cells == [str(first + i) for i in range(len(cells))] for first in (0, 1))
