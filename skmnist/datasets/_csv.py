"""Read tables of pixels and labels, a form in which MNIST is often passed on."""

from __future__ import annotations

import csv
import itertools
import math
import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist._support.choices import check_auto
from skmnist._support.csv_layout import csv_layout, is_number, lines_of, open_text
from skmnist._support.grey import check_pixels, to_bytes
from skmnist._support.idx import check_image_shape, is_stored_transposed, upright
from skmnist._support.published import emnist_names
from skmnist._support.shapes import square_side
from skmnist.datasets._bunch import make_bunch
from skmnist.datasets._descriptions import CSV_DESCR
from skmnist.datasets._docs import documented

if TYPE_CHECKING:
    from sklearn.utils import Bunch


@documented()
def load_csv(
    path: str | os.PathLike[str],
    *,
    label: str | int = "auto",
    image_shape: tuple[int, int] | None = None,
    transpose: Literal["auto"] | bool = "auto",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    r"""Load images and labels from a file of comma-separated values.

    Each line holds an image: its label and its pixels, row by row.  The first line may name the
    columns.  The file may be compressed by gzip, which is recognised by its content.

    Parameters
    ----------
    path : str or path-like
        The file.  Columns may be separated by commas, semicolons or tabs.
    label : "auto", str or int, default="auto"
        Name of the column of labels, or its index from 0; -1 is the last.  "auto" takes the column
        called label, class, target or y, in upper or lower case, and otherwise the first.
    image_shape : tuple of 2 int or None, default=None
        Height and width of the images; None if they are squares.
    transpose : "auto" or bool, default="auto"
        Whether to exchange rows and columns of the images; "auto" does so for EMNIST's own files,
        see :func:`load_idx`.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            The images.  Whole numbers up to 255 are kept.  Other numbers are scaled so that white
            becomes 255: the smallest of 1, 16, 255 and 65535 that is not below the brightest
            pixel.
        {data}
        target : ndarray or Series of shape (n_samples,), dtype int64 or str
            The class of each image; text if not all labels are whole numbers.
        target_names : ndarray of str
            The labels that occur, sorted, as text; for EMNIST's files, what they stand for.
        {frame}
        DESCR : str
            The file that was read.

    {pair}

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the table has no labels, its pixels do not form images, or a line is malformed.  The
        message names the file.
    ImportError
        If `as_frame` is True and pandas is not installed.

    See Also
    --------
    load_folder : Read pictures from one folder per class.

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
    check_auto("load_csv", "transpose", transpose)
    path = os.fspath(path)
    table = csv_layout(path, label)
    if table.label is None:
        raise ValueError(
            f"'{path}' has no column of labels: its {table.n_columns} columns form a square image. "
            "Pass the name or index of the column of labels as label=."
        )
    pixels, texts = _read(path, table)
    labels = _labels_of(texts, path)
    if len(labels) > 1 and label == "auto" and not table.header and len(set(texts)) == 1:
        raise ValueError(
            f"'{path}' holds only the label {texts[0]!r}, in its first column. If the last column "
            "holds the labels, pass label=-1."
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


def _read(path, table):
    """Return the pixels, as bytes, and the labels, as text."""
    try:
        return _parse(path, table, np.uint8)
    except ValueError:  # fractions, 16 bits, or a mistake, which the second attempt reports
        pixels, texts = _parse(path, table, np.float64)
    check_pixels(pixels, f"'{path}'")
    return to_bytes(pixels), texts


def _parse(path, table, dtype):
    texts = []
    with open_text(path) as file:
        try:
            lines = _pixels(lines_of(file, path), table, texts, path)
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
            message = str(error)
            raise ValueError(message if path in message else f"'{path}': {message}") from error
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
    if not all(map(is_number, set(texts))):
        return np.array(texts)
    numbers = {text: float(text) for text in set(texts)}
    odd = next((text for text, number in numbers.items() if not number.is_integer()), None)
    if odd is not None:
        raise ValueError(
            f"'{path}' must hold classes as labels, whole numbers or text, got {odd!r}. Pass the "
            "name or index of the column of labels as label=."
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
    side = square_side(n_pixels)
    if not side:
        raise ValueError(
            f"'{path}' has {n_pixels} columns of pixels, which do not form a square image, and "
            "one of labels. Pass the height and width as image_shape=."
        )
    return side, side
