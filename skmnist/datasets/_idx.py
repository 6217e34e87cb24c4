"""Read IDX files, the format MNIST was published in."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib

import numpy as np

from skmnist.datasets._bunch import check_image_shape, make_bunch
from skmnist.datasets._descr import IDX_DESCR

_MAGIC = {"images": 0x00000803, "labels": 0x00000801}
_GZIP_MAGIC = b"\x1f\x8b"
# Deflate cannot shrink data by more than 1032 to 1, so a larger claim is false.
MAX_DEFLATE_RATIO = 1032
_CHUNK = 2**20


def load_idx(images, labels, *, return_X_y=False, as_frame=False):
    """Load images and labels from a pair of IDX files.

    The files may be raw or gzip-compressed; the content tells which, not the name.  Every byte is
    accounted for: a file that is shorter or longer than its header says is refused, and no
    memory is reserved on the strength of a header alone.

    Parameters
    ----------
    images : str or path-like
        IDX file of unsigned bytes in three dimensions (magic number 0x00000803).  Images may
        have any height and width of at least 1, up to 2**20 pixels together.
    labels : str or path-like
        IDX file of unsigned bytes in one dimension (magic number 0x00000801), as many as there
        are images.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, ``data`` is a pandas DataFrame and ``target`` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            The images as they are seen.
        data : ndarray or DataFrame of shape (n_samples, height * width), dtype uint8
            The images row by row; as an ndarray, a view of `images`.
        target : ndarray or Series of shape (n_samples,), dtype int64, values 0 to 255
            The class of each image.
        target_names : ndarray of str
            The labels that occur, sorted, as text.
        feature_names : list of str
            ``pixel_<row>_<column>``, from 0.
        frame : DataFrame of shape (n_samples, height * width + 1) or None
            `data` and `target` together, if `as_frame`.
        DESCR : str
            Which files were read.

    (data, target) : tuple if `return_X_y` is True
        `data` and `target` alone.

    Raises
    ------
    FileNotFoundError
        If a file does not exist.
    ValueError
        If a file is not of the expected format, or is damaged, or if there are not as many
        labels as images.  The message names the file.
    ImportError
        If `as_frame` is True and pandas is not installed.

    References
    ----------
    The format: http://yann.lecun.com/exdb/mnist/

    Examples
    --------
    >>> import pathlib, struct, tempfile
    >>> from skmnist.datasets import load_idx
    >>> folder = tempfile.TemporaryDirectory()
    >>> images = pathlib.Path(folder.name, "images")
    >>> labels = pathlib.Path(folder.name, "labels")
    >>> _ = images.write_bytes(struct.pack(">4I", 0x803, 2, 2, 3) + bytes(range(12)))
    >>> _ = labels.write_bytes(struct.pack(">2I", 0x801, 2) + bytes([7, 4]))
    >>> bunch = load_idx(images, labels)
    >>> bunch.images.shape, bunch.data.shape, bunch.target.tolist()
    ((2, 2, 3), (2, 6), [7, 4])
    >>> folder.cleanup()
    """
    pixels, targets = read_idx_pair(images, labels)
    return make_bunch(
        "load_idx",
        pixels,
        targets,
        target_names=np.unique(targets).astype(str),
        descr=IDX_DESCR.format(images=os.fspath(images), labels=os.fspath(labels)),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def read_idx_pair(images, labels, shape=None):
    """Read a pair of IDX files and check that they belong together.

    Parameters
    ----------
    images, labels : str or path-like
        The files.
    shape : tuple of 3 int, optional
        The only shape of the images to accept.

    Returns
    -------
    images : ndarray of shape (n, height, width), dtype uint8
    labels : ndarray of shape (n,), dtype uint8

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`load_idx`.
    """
    pixels = read_idx(images, "images", shape)
    targets = read_idx(labels, "labels", shape and shape[:1])
    if len(pixels) != len(targets):
        raise ValueError(
            f"There must be as many labels as images, got {len(pixels)} images in "
            f"'{os.fspath(images)}' and {len(targets)} labels in '{os.fspath(labels)}'."
        )
    return pixels, targets


def read_idx(path, kind, shape=None):
    """Read one IDX file of unsigned bytes, raw or gzip-compressed.

    Parameters
    ----------
    path : str or path-like
        The file.
    kind : {"images", "labels"}
        Three dimensions or one.
    shape : tuple of int, optional
        The only shape to accept.

    Returns
    -------
    ndarray of dtype uint8
        Writable.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`load_idx`.
    """
    # fspath refuses integers, which open() would take for file descriptors.
    path = os.fspath(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        packed = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if not packed:
            return _parse(file, f"'{path}'", kind, shape, size, packed=False)
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                return _parse(stream, f"'{path}'", kind, shape, size, packed=True)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"'{path}' is a damaged gzip file: {error}.") from error


def _parse(stream, origin, kind, shape, file_size, *, packed):
    _check_magic(stream.read(4), origin, kind)
    n_dimensions = 3 if kind == "images" else 1
    header = stream.read(4 * n_dimensions)
    if len(header) < 4 * n_dimensions:
        raise ValueError(
            f"{origin} is truncated: the header of IDX {kind} has {4 + 4 * n_dimensions} bytes, "
            f"got {4 + len(header)}."
        )
    found = struct.unpack(f">{n_dimensions}I", header)
    if kind == "images":
        check_image_shape(origin, found)
    if shape is not None and found != shape:
        raise ValueError(f"{origin}: the {kind} must have the shape {shape}, got {found}.")
    expected = math.prod(found)
    rest = file_size - 4 - len(header)
    if packed and expected > file_size * MAX_DEFLATE_RATIO:
        raise ValueError(
            f"{origin}: the header says {expected} bytes of {kind}, more than a gzip file of "
            f"{file_size} bytes can hold."
        )
    if not packed and rest != expected:
        _raise_wrong_length(origin, kind, expected, rest)
    content = _read_up_to(stream, expected)
    # Reading on past the end also makes gzip compare its checksum.
    if len(content) < expected or stream.read(1):
        _raise_wrong_length(origin, kind, expected, len(content))
    return np.frombuffer(content, dtype=np.uint8).reshape(found)


def _check_magic(magic, origin, kind):
    if magic == struct.pack(">I", _MAGIC[kind]):
        return
    for other, number in _MAGIC.items():
        if magic == struct.pack(">I", number):
            raise ValueError(
                f"{origin} must be an IDX file of {kind} but holds {other} (magic number "
                f"0x{number:08x}): are the images and labels files swapped?"
            )
    got = f"0x{magic.hex()}" if len(magic) == 4 else f"{len(magic)} bytes"
    raise ValueError(
        f"{origin} is not an IDX file of {kind}: it must begin with the magic number "
        f"0x{_MAGIC[kind]:08x}, got {got}."
    )


def _raise_wrong_length(origin, kind, expected, got):
    state = "is truncated" if got < expected else "has trailing bytes"
    # Of a packed file that is too long, only one byte more is read.
    amount = f"{got} bytes" if got != expected else "more"
    raise ValueError(
        f"{origin} {state}: the header says {expected} bytes of {kind} follow, got {amount}."
    )


def _read_up_to(stream, size):
    """Read `size` bytes, or fewer if there are no more, growing with what is really there."""
    content = bytearray()
    while len(content) < size:
        chunk = stream.read(min(_CHUNK, size - len(content)))
        if not chunk:
            break
        content += chunk
    return content
