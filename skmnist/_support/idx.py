"""Read one IDX file, the format MNIST was published in, of any of its types of numbers."""

from __future__ import annotations

import gzip
import math
import os
import re
import struct
import zlib

import numpy as np

from skmnist._support.grey import check_pixels, to_bytes

_MAGIC = {"images": 0x00000803, "labels": 0x00000801}
# The third byte of the magic number: what the numbers are, in words and to NumPy.
_TYPES = {
    0x08: ("unsigned bytes", ">u1"),
    0x09: ("signed bytes", ">i1"),
    0x0B: ("16-bit integers", ">i2"),
    0x0C: ("32-bit integers", ">i4"),
    0x0D: ("32-bit floats", ">f4"),
    0x0E: ("64-bit floats", ">f8"),
}
IDX_HEADS = tuple(bytes([0, 0, kind]) for kind in _TYPES)
_GZIP_MAGIC = b"\x1f\x8b"
# Deflate cannot shrink data by more than 1032 to 1, so a larger claim is false.
MAX_DEFLATE_RATIO = 1032
_CHUNK = 2**20
# ``feature_names`` of data sets holds a string for every pixel, so a few bytes of a header could
# ask for any number of strings.  No small image has nearly a million pixels.
MAX_PIXELS = 2**20


def plain_name(path):
    """Return the name of a file in the form of MNIST's: lower case, hyphens, no ``.gz``.

    Parameters
    ----------
    path : str or path-like
        The file; unpacking programs and mirrors write ``train-images.idx3-ubyte`` and the like.

    Returns
    -------
    name : str
        Such as ``train-images-idx3-ubyte``.
    """
    name = os.path.basename(os.fspath(path)).lower()
    return re.sub(r"[._ ]+", "-", name.removesuffix(".gz"))


def published_name(path):
    """Return the plain name of an IDX file, or of the folder of that name that it is alone in."""
    name, folder = plain_name(path), plain_name(os.path.dirname(os.path.abspath(os.fspath(path))))
    return folder if "-idx" in folder and "-idx" not in name else name


def is_stored_transposed(path):
    """Return whether a file, by its name, holds images with rows and columns exchanged.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    is_transposed : bool
        Whether it is one of EMNIST's files, which all do.
    """
    return published_name(path).startswith("emnist-")


def upright(images):
    """Return images with rows and columns exchanged, contiguous in memory."""
    return np.ascontiguousarray(images.swapaxes(1, 2))


def check_image_shape(origin, shape):
    """Raise ValueError unless `shape` is that of small one-channel images.

    Parameters
    ----------
    origin : str
        The file, for the message.
    shape : tuple of int
        (n_images, height, width).
    """
    height, width = shape[1:]
    if not (height >= 1 and width >= 1 and height * width <= MAX_PIXELS):
        raise ValueError(
            f"{origin}: images must have between 1 and {MAX_PIXELS} pixels, "
            f"got images of {height} x {width} pixels."
        )


def read_idx(path, kind, shape=None):
    """Read one IDX file, raw or gzip-compressed.

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
    ndarray
        Writable.  Images are uint8: other types are converted as pictures are, see
        :func:`skmnist._support.grey.to_bytes`.  Labels are uint8, or int64 of other types.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`skmnist.datasets.load_idx`.
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
    words, dtype, is_column = _check_magic(stream.read(4), origin, kind)
    n_dimensions = 3 if kind == "images" else 1 + is_column
    header = stream.read(4 * n_dimensions)
    if len(header) < 4 * n_dimensions:
        raise ValueError(
            f"{origin} is truncated: the header of IDX {kind} has {4 + 4 * n_dimensions} bytes, "
            f"got {4 + len(header)}."
        )
    found = struct.unpack(f">{n_dimensions}I", header)
    if is_column:
        if found[1] != 1:
            raise ValueError(
                f"{origin} must hold one label per image, got an array of shape {found} instead."
            )
        found = found[:1]
    if kind == "images":
        check_image_shape(origin, found)
    if shape is not None and found != shape:
        raise ValueError(f"{origin}: the {kind} must have the shape {shape}, got {found} instead.")
    expected = math.prod(found) * dtype.itemsize
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
    array = np.frombuffer(content, dtype=dtype).reshape(found)
    if dtype == np.uint8:
        return array
    if kind == "labels":
        return array.astype(np.int64)
    if array.size:
        check_pixels(array, f"{origin}, an IDX file of {words},")
        array = to_bytes(array)
    return array.astype(np.uint8)


def _check_magic(magic, origin, kind):
    """Return the type of the numbers, in words and to NumPy, and whether labels are a column."""
    other = "labels" if kind == "images" else "images"
    n_dimensions = {"images": (3,), "labels": (1, 2)}
    if len(magic) == 4 and magic[:2] == bytes(2) and magic[2] in _TYPES:
        words, dtype = _TYPES[magic[2]]
        if magic[3] in n_dimensions[kind]:
            if kind == "labels" and dtype[1] == "f":
                raise ValueError(
                    f"{origin} holds {words} (type 0x{magic[2]:02x} of IDX); labels must be "
                    "integers. Write them anew as unsigned bytes (0x08) or 32-bit integers (0x0c)."
                )
            return words, np.dtype(dtype), magic[3] == 2
        if magic[3] in n_dimensions[other]:
            raise ValueError(
                f"{origin} must be an IDX file of {kind} but holds {other} (magic number "
                f"0x{magic.hex()}): are the images and labels files swapped?"
            )
        raise ValueError(
            f"{origin} is not an IDX file of {kind}: it holds {words} in {magic[3]} dimensions "
            f"(magic number 0x{magic.hex()}), not in {n_dimensions[kind][0]} "
            f"(0x{_MAGIC[kind]:08x})."
        )
    got = f"0x{magic.hex()}" if len(magic) == 4 else f"{len(magic)} bytes"
    raise ValueError(
        f"{origin} is not an IDX file of {kind}: it must begin with the magic number "
        f"0x{_MAGIC[kind]:08x}, got {got} instead."
    )


def _raise_wrong_length(origin, kind, expected, got):
    state = "is truncated" if got < expected else "has trailing bytes"
    # Of a packed file that is too long, only one byte more is read.
    amount = f"{got} bytes" if got != expected else "more"
    raise ValueError(
        f"{origin} {state}: the header says {expected} bytes of {kind} follow, got {amount} "
        "instead."
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
