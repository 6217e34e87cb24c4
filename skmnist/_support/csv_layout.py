"""How a file of comma-separated values is arranged, found out from its first line."""

from __future__ import annotations

import csv
import gzip
import io
import math
import os
import zlib

# What the column of the labels is called.
_LABELS = ("label", "class", "target", "y", "labels", "digit")
# Columns that number the rows.
_NUMBERS = ("", "id", "index", "unnamed: 0")
_GZIP_MAGIC = b"\x1f\x8b"


class CsvLayout:
    """How the columns of a table are arranged.

    Parameters
    ----------
    delimiter : str
        What stands between columns.
    header : bool
        Whether the first line names the columns.
    n_columns : int
        How many there are.
    label : int or None
        Place of the labels; None if there are none.
    dropped : tuple of int
        Places of columns that number the rows.
    """

    def __init__(self, delimiter, header, n_columns, label, dropped=()):
        self.delimiter = delimiter
        self.header = header
        self.n_columns = n_columns
        self.label = label
        self.dropped = dropped

    @property
    def n_pixels(self):
        """How many pixels an image has."""
        return self.n_columns - (self.label is not None) - len(self.dropped)


def csv_layout(path, label="auto"):
    """Find out from its first line how a table is arranged.

    Parameters
    ----------
    path : str or path-like
        The file.
    label : "auto", str or int, default="auto"
        Name or place of the labels.

    Returns
    -------
    table : Table
        Its arrangement.
    """
    with open_text(path) as file:
        line = next((line for line in lines_of(file, path) if line.strip()), "")
    if not line:
        raise ValueError(f"'{path}' is empty.")
    delimiter = max(",;\t", key=line.count)
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    n_columns = len(cells)
    # One cell that is no number may be a label; pandas numbers columns that have no name.
    others = [cell for cell in cells if cell.lower() not in _LABELS]
    numbered = n_columns > 4 and len(others) >= n_columns - 1 and _count_up(others)
    header = numbered or sum(not is_number(cell) for cell in cells) > 1
    names = [cell.lower() for cell in cells] if header else []
    dropped = tuple(i for i, name in enumerate(names[:1]) if name in _NUMBERS)
    if isinstance(label, str) and label == "auto":
        place = next((names.index(name) for name in _LABELS if name in names), None)
        if place is None:
            rest = n_columns - len(dropped)
            # As many columns as a square has pixels, and one more that is the label.
            place = None if math.isqrt(rest) ** 2 == rest else len(dropped)
    elif isinstance(label, str):
        if label.lower() not in names:
            told = ", ".join(cells[:3]) + (", ..." if n_columns > 3 else "") if header else "none"
            raise ValueError(f"'{path}' has no column {label!r}; the names of its columns: {told}.")
        place = cells.index(label) if label in cells else names.index(label.lower())
    else:
        if isinstance(label, bool) or not -n_columns <= label < n_columns:
            raise ValueError(
                "The 'label' parameter of load_csv must be the name or the place of a column. "
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
        raise ValueError(f"'{path}' is no text: {error}.") from error
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
