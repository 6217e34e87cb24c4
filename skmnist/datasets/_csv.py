"""Read tables of pixels and labels, as MNIST is passed on in."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import math
import os
import zlib
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist._support.grey import check_pixels, to_bytes
from skmnist._support.idx import check_image_shape, is_stored_transposed, upright
from skmnist.datasets._bunch import make_bunch
from skmnist.datasets._descr import CSV_DESCR
from skmnist.datasets._sources import emnist_names

if TYPE_CHECKING:
    from sklearn.utils import Bunch

# What the column of the labels is called.
_LABELS = ("label", "class", "target", "y", "labels", "digit")
# Columns that number the rows.
_NUMBERS = ("", "id", "index", "unnamed: 0")
_GZIP_MAGIC = b"\x1f\x8b"


def load_csv(
    path: str | os.PathLike[str],
    *,
    label: str | int = "auto",
    image_shape: tuple[int, int] | None = None,
    transpose: Literal["auto"] | bool = "auto",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    r"""Load images and labels from a table, in a file of comma-separated values.

    Each line is an image: its label, and its pixels row by row.  The first line may name the
    columns.  The file may be packed by gzip; the content tells, not the name.

    Parameters
    ----------
    path : str or path-like
        The file.  Columns may be separated by commas, semicolons or tabs.
    label : "auto", str or int, default="auto"
        Name or place of the column of the labels, from 0; -1 is the last.  "auto" takes the one
        that is called label, class, target or y, in either case, and otherwise the first.
    image_shape : tuple of 2 int or None, default=None
        Height and width of the images; None if they are squares.
    transpose : "auto" or bool, default="auto"
        Whether to exchange rows and columns of the images; "auto" does for EMNIST's own files, see
        :func:`load_idx`.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, ``data`` is a pandas DataFrame and ``target`` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            The images.  Whole numbers up to 255 are taken as they are; of others, 255 is made of
            white: of the smallest of 1, 16, 255 and 65535 that is not below the brightest pixel.
        data : ndarray or DataFrame of shape (n_samples, height * width), dtype uint8
            The images row by row; as an ndarray, a view of `images`.
        target : ndarray or Series of shape (n_samples,), dtype int64 or str
            The class of each image; text if not all labels are whole numbers.
        target_names : ndarray of str
            The labels that occur, sorted, as text; of EMNIST's files, what they stand for.
        feature_names : list of str
            ``pixel_<row>_<column>``, from 0.
        frame : DataFrame of shape (n_samples, height * width + 1) or None
            `data` and `target` together, if `as_frame`.
        DESCR : str
            Which file was read.

    (data, target) : tuple if `return_X_y` is True
        `data` and `target` alone.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the table has no labels, its pixels make no images, or a line is not like the others.
        The message names the file.
    ImportError
        If `as_frame` is True and pandas is not installed.

    See Also
    --------
    load_folder : Read pictures that lie in one folder for each class.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from skmnist.datasets import load_csv
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "digits.csv")
    >>> _ = path.write_text("label,a,b,c,d\n7,0,255,128,0\n1,0,0,255,255\n")
    >>> bunch = load_csv(path)
    >>> bunch.images.tolist(), bunch.target.tolist()
    ([[[0, 255], [128, 0]], [[0, 0], [255, 255]]], [7, 1])
    >>> folder.cleanup()
    """
    if not (isinstance(transpose, (bool, np.bool_)) or transpose == "auto"):
        raise ValueError(
            "The 'transpose' parameter of load_csv must be 'auto', True or False. "
            f"Got {transpose!r} instead."
        )
    path = os.fspath(path)
    table = csv_table(path, label)
    if table.label is None:
        raise ValueError(
            f"'{path}' has no column of labels: its {table.n_columns} columns make a square image. "
            "label= names the column, by its name or place."
        )
    pixels, texts = _read(path, table)
    labels = _labels_of(texts, path)
    if len(labels) > 1 and label == "auto" and not table.header and len(set(texts)) == 1:
        raise ValueError(
            f"'{path}' holds the label {texts[0]!r} only, in its first column. If the labels are "
            "in the last one, say label=-1."
        )
    images = pixels.reshape(len(pixels), *_shape_of(path, table, image_shape))
    check_image_shape(f"'{path}'", images.shape)
    if is_stored_transposed(path) if transpose == "auto" else transpose:
        images = upright(images)
    present = np.unique(labels)
    names = emnist_names(path, present) if present.dtype.kind == "i" else None
    return make_bunch(
        "load_csv",
        np.ascontiguousarray(images),
        labels,
        target_names=present.astype(str) if names is None else names,
        descr=CSV_DESCR.format(path=path),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


class Table:
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


def csv_table(path, label="auto"):
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
    with _open(path) as file:
        line = next((line for line in _lines(file, path) if line.strip()), "")
    if not line:
        raise ValueError(f"'{path}' is empty.")
    delimiter = max(",;\t", key=line.count)
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    n_columns = len(cells)
    # One cell that is no number may be a label; pandas numbers columns that have no name.
    others = [cell for cell in cells if cell.lower() not in _LABELS]
    numbered = n_columns > 4 and len(others) >= n_columns - 1 and _count_up(others)
    header = numbered or sum(not _is_number(cell) for cell in cells) > 1
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
    return Table(delimiter, header, n_columns, place, dropped)


def _open(path):
    file = open(os.fspath(path), "rb")  # noqa: SIM115 (closed by the wrapper that is returned)
    packed = file.read(2) == _GZIP_MAGIC
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if packed else file
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _lines(file, path):
    """Yield the lines of a file, naming it in errors."""
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise ValueError(f"'{path}' is no text: {error}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"'{path}' is a damaged gzip file: {error}.") from error


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _count_up(cells):
    return any(cells == [str(first + i) for i in range(len(cells))] for first in (0, 1))


def _read(path, table):
    """Return the pixels, as bytes, and the labels, as text."""
    try:
        return _parse(path, table, np.uint8)
    except ValueError:  # fractions, 16 bits, or a mistake that is then told
        pixels, texts = _parse(path, table, np.float64)
    check_pixels(pixels, f"'{path}'")
    return to_bytes(pixels), texts


def _parse(path, table, dtype):
    texts = []
    with _open(path) as file:
        try:
            lines = _pixels(_lines(file, path), table, texts, path)
            first = next(lines, None)
            if first is None:
                raise ValueError(f"'{path}' holds no images, only the names of its columns.")
            pixels = np.loadtxt(
                itertools.chain([first], lines),
                delimiter=table.delimiter,
                dtype=dtype,
                comments=None,
                ndmin=2,
            )
        except ValueError as error:
            told = str(error)
            raise ValueError(told if path in told else f"'{path}': {told}") from error
    return pixels, texts


def _pixels(lines, table, texts, path):
    """Yield the lines without their labels, which are added to `texts`."""
    delimiter, n_delimiters, label = table.delimiter, table.n_columns - 1, table.label
    whole = label == 0 and not table.dropped
    skip = table.header
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if skip:
            skip = False
            continue
        if whole and '"' not in line and line.count(delimiter) == n_delimiters:
            text, _, rest = line.partition(delimiter)
            texts.append(text.strip())
            yield rest
            continue
        cells = next(csv.reader([line], delimiter=delimiter))
        if len(cells) != table.n_columns:
            raise ValueError(
                f"'{path}': line {number} has {len(cells)} columns, the first line "
                f"{table.n_columns}."
            )
        texts.append(cells[label].strip())
        for place in sorted((label, *table.dropped), reverse=True):
            del cells[place]
        yield delimiter.join(cells)


def _labels_of(texts, path):
    """Return whole numbers, or else text."""
    empty = next((i for i, text in enumerate(texts) if not text), None)
    if empty is not None:
        raise ValueError(f"'{path}': image {empty + 1} has no label.")
    if not all(map(_is_number, set(texts))):
        return np.array(texts)
    numbers = {text: float(text) for text in set(texts)}
    odd = next((text for text, number in numbers.items() if not number.is_integer()), None)
    if odd is not None:
        raise ValueError(
            f"'{path}' must hold classes as labels, whole numbers or text, got {odd!r}. label= "
            "names the column of the labels."
        )
    return np.array([int(numbers[text]) for text in texts], dtype=np.int64)


def _shape_of(path, table, image_shape):
    """Return the height and width of the images."""
    n_pixels = table.n_pixels
    if image_shape is not None:
        if math.prod(image_shape) != n_pixels:
            raise ValueError(
                f"'{path}': images of shape {tuple(image_shape)} have {math.prod(image_shape)} "
                f"pixels, the table has {n_pixels} columns of pixels."
            )
        return tuple(image_shape)
    side = math.isqrt(n_pixels)
    if n_pixels == 0 or side**2 != n_pixels:
        raise ValueError(
            f"'{path}' has {n_pixels} columns of pixels, which make no square image, and one of "
            "labels. image_shape= tells the height and width."
        )
    return side, side
