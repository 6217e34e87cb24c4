"""Read pictures from files: Pillow's formats, NumPy's arrays and IDX."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skmnist._support.grey import check_pixels, to_bytes
from skmnist._support.idx import IDX_HEADS, is_stored_transposed, read_idx, upright
from skmnist._support.optional import require

if TYPE_CHECKING:
    from collections.abc import Sequence

# Pixels of the largest picture that is read, about 300 megabytes in colour.
_MAX_PIXELS = 100_000_000
# Largest size of an unpacked array of a .npz file, in bytes.
_MAX_BYTES = 2**31
# Formats that Pillow passes to other programs, which run the code in the file.
_PROGRAMS = ("EPS", "WMF")
_GZIP, _ZIP, _NPY = b"\x1f\x8b", b"PK", b"\x93NUMPY"


@dataclass(frozen=True)
class Picture:
    """Picture that was read from a file.

    Parameters
    ----------
    name : str
        The file; for one of several pictures, with its index in the file.
    pixels : ndarray of shape (height, width) or (height, width, 1 to 4), dtype uint8
        Grey; grey and opacity; red, green and blue; or these and opacity.
    source : str
        Format and mode, such as "PNG, RGB".
    is_array : bool
        Whether the file holds arrays, as those of data sets do, rather than a picture.

    See Also
    --------
    read_pictures : Read pictures from files.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.pictures import Picture, to_mnist
    >>> stroke = np.pad(np.full((60, 10), 255, dtype=np.uint8), 20)
    >>> to_mnist(Picture("scanner", stroke, "page 1")).pixels.shape
    (28, 28)
    """

    name: str
    pixels: np.ndarray
    source: str
    is_array: bool = False


def read_pictures(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    image_shape: tuple[int, int] | None = None,
) -> list[Picture]:
    """Read pictures from files.

    Parameters
    ----------
    paths : str, path-like or sequence of these
        Files of pictures, in any format that Pillow reads, such as PNG and JPEG; only the first
        frame of an animation is read, and photographs are turned as their EXIF data say.  Or
        files of arrays: ``.npy``; ``.npz``, of which ``x_test`` is read if it exists, and
        otherwise all arrays that can be images; and IDX, also compressed by gzip.  Formats are
        recognised by content, not by name; but images of IDX files whose name begins with
        ``emnist-`` are made upright.

        An array may be one image, of shape (height, width) or (height, width, 3 or 4); or
        several, of shape (n, height, width) or (n, height, width, 1 to 4).
    image_shape : tuple of 2 int or None, default=None
        Height and width of the images in arrays of shape (n, height * width); None if there are
        no such arrays.

    Returns
    -------
    pictures : list of Picture
        The pictures, in the order of the files.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a file cannot be read as a picture; the message names it.
    ImportError
        If a file does not hold arrays and Pillow is not installed.

    See Also
    --------
    to_mnist : Convert a picture to an image like those of MNIST.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skmnist.pictures import read_pictures
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name, "white.png")
    >>> Image.new("RGB", (40, 30), "white").save(path)
    >>> [picture] = read_pictures(path)
    >>> picture.source, picture.pixels.shape
    ('PNG, RGB', (30, 40, 3))
    >>> np.save(Path(folder.name, "two.npy"), np.zeros((2, 28, 28), dtype=np.uint8))
    >>> [Path(picture.name).name for picture in read_pictures(Path(folder.name, "two.npy"))]
    ['two.npy[0]', 'two.npy[1]']
    >>> folder.cleanup()
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    return [picture for path in paths for picture in _read_file(os.fspath(path), image_shape)]


def from_pil(image):
    """Return the pixels of an image of Pillow, with its format and mode.

    Parameters
    ----------
    image : PIL.Image.Image
        An image of any mode.

    Returns
    -------
    pixels : ndarray of shape (height, width) or (height, width, 2 to 4), dtype uint8
        Its pixels.
    source : str
        Its format and mode.
    """
    from PIL import ImageOps

    source = ", ".join(filter(None, [image.format, image.mode]))
    if getattr(image, "n_frames", 1) > 1:
        source += f", the first of {image.n_frames} frames"
    if image.getexif().get(0x0112, 1) != 1:
        image = ImageOps.exif_transpose(image)
        source += ", turned as EXIF says"
    mode = image.mode
    if mode == "F" or mode.startswith("I"):  # 16 bits and more
        pixels = np.asarray(image)
        check_pixels(pixels, "The picture")
        return to_bytes(pixels), source
    transparent = mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
    if mode in ("1", "L", "LA", "La"):
        target = "LA" if transparent else "L"
    else:
        target = "RGBA" if transparent else "RGB"
    if mode in ("La", "RGBa"):  # Pillow converts premultiplied colours only to these
        image = image.convert("RGBA" if mode == "RGBa" else "LA")
    return np.asarray(image.convert(target)), source


def _read_file(path, image_shape):
    with open(path, "rb") as file:
        head = file.read(8)
    if not head:
        raise ValueError(f"{path!r} is empty.")
    # The fourth byte counts dimensions; in TGA files, which begin in the same way, it is zero.
    if head.startswith(_GZIP) or (head[:3] in IDX_HEADS and head[3:4] != b"\0"):
        images, source = read_idx(path, "images"), "IDX"
        if is_stored_transposed(path):
            images, source = upright(images), "IDX, made upright as EMNIST's files are not"
        return _of_array(path, "", images, source, None)
    if head.startswith(_NPY):
        return _read_numpy(path, "NPY", image_shape)
    if head.startswith(_ZIP):
        return _read_numpy(path, "NPZ", image_shape)
    return [_read_pillow(path)]


def _read_numpy(path, kind, image_shape):
    """Read arrays, never pickled objects; NumPy raises almost anything on damaged files."""
    try:
        # Memory-mapped, so that a file with a false size in its header takes no memory.
        loaded = np.load(path, mmap_mode="r" if kind == "NPY" else None, allow_pickle=False)
        if kind == "NPY":
            arrays = {"": loaded}
        else:
            with loaded:
                if any(info.file_size > _MAX_BYTES for info in loaded.zip.infolist()):
                    raise ValueError(f"its arrays are larger than {_MAX_BYTES:,} bytes")
                names = [n for n in loaded.files if n == "x_test"] or loaded.files
                arrays = {f":{name}": loaded[name] for name in names}
    except Exception as error:
        raise ValueError(f"{path!r} is not a readable {kind} file: {error}") from error
    if kind == "NPZ":  # labels are not images
        arrays = {name: array for name, array in arrays.items() if array.ndim >= 2}
        if not arrays:
            raise ValueError(f"{path!r} holds no array of images.")
    return [
        picture
        for name, array in arrays.items()
        for picture in _of_array(path, name, array, kind, image_shape)
    ]


def _of_array(path, name, array, kind, image_shape):
    """Return the pictures in an array."""
    where = f"{path}{name}"
    if image_shape and array.ndim == 2 and array.shape != tuple(image_shape):
        n_pixels = image_shape[0] * image_shape[1]
        if array.shape[1] == n_pixels:
            array = array.reshape(-1, *image_shape)
    one = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4) and array.shape[0] > 1)
    several = array.ndim == 3 or (array.ndim == 4 and 1 <= array.shape[3] <= 4)
    if not (one or several):
        raise ValueError(
            f"{where!r} must be an image or several, of shape (height, width), (n, height, width) "
            f"or with 1 to 4 channels after these, got shape {array.shape} instead."
        )
    check_pixels(array, repr(where))
    pixels = to_bytes(np.asarray(array))
    if one:
        return [Picture(where, pixels, kind, is_array=True)]
    return [Picture(f"{where}[{i}]", image, kind, is_array=True) for i, image in enumerate(pixels)]


def _read_pillow(path):
    Image = require("PIL.Image", "read_pictures", extra="cli", package="Pillow")
    try:
        with Image.open(path) as image:
            width, height = image.size
            if width * height > _MAX_PIXELS:
                raise ValueError(f"it has {width} x {height} pixels, more than {_MAX_PIXELS:,}")
            if image.format in _PROGRAMS:
                raise ValueError(f"{image.format} files are programs; make a PNG of it")
            pixels, source = from_pil(image)
    except Image.UnidentifiedImageError as error:
        raise ValueError(f"{path!r} is not a picture in a format that Pillow reads.") from error
    # Pillow's readers raise almost anything on damaged files.
    except Exception as error:
        message = str(error) or type(error).__name__
        raise ValueError(f"{path!r} could not be read as a picture: {message}.") from error
    return Picture(path, pixels, source)
