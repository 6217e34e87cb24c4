"""Read IDX files, the format MNIST was published in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist._support.choices import check_auto
from skmnist._support.idx import is_stored_transposed, read_idx, upright
from skmnist._support.published import emnist_names
from skmnist.datasets._bunch import make_bunch
from skmnist.datasets._descriptions import IDX_DESCR
from skmnist.datasets._docs import documented

if TYPE_CHECKING:
    from sklearn.utils import Bunch


@documented()
def load_idx(
    images: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    transpose: Literal["auto"] | bool = "auto",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load images and labels from a pair of IDX files.

    The files may be raw or compressed by gzip, which is recognised by their content.  A file that
    is shorter or longer than its header says is refused, and no memory is allocated because of a
    header alone.

    Parameters
    ----------
    images : str or path-like
        IDX file with three dimensions, usually of unsigned bytes (magic number 0x00000803).
        Images may have any height and width of at least 1, and up to 2**20 pixels.  Other types
        of numbers must not be negative, and are scaled so that white becomes 255: the smallest of
        1, 16, 255 and 65535 that is not below the brightest pixel of the file.
    labels : str or path-like
        IDX file with one dimension, usually of unsigned bytes (magic number 0x00000801); one
        integer per image.
    transpose : "auto" or bool, default="auto"
        Whether to exchange rows and columns of the images.  EMNIST's files hold them exchanged;
        "auto" recognises these by a name that begins with ``emnist-``, and makes the images
        upright as :func:`fetch_emnist` does.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            The images as they are seen.
        {data}
        target : ndarray or Series of shape (n_samples,), dtype int64
            The class of each image.
        target_names : ndarray of str
            The labels that occur, sorted, as text; for EMNIST's files, what they stand for.
        {frame}
        DESCR : str
            The files that were read.

    {pair}

    Raises
    ------
    FileNotFoundError
        If a file does not exist.
    ValueError
        If a file is damaged or not of the expected format, or if the numbers of labels and images
        differ.  The message names the file.
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
    check_auto("load_idx", "transpose", transpose)
    pixels, targets = read_idx_pair(images, labels)
    if is_stored_transposed(images) if transpose == "auto" else transpose:
        pixels = upright(pixels)
    present = np.unique(targets)
    names = emnist_names(images, present)
    return make_bunch(
        "load_idx",
        pixels,
        targets,
        target_names=present.astype(str) if names is None else names,
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
    labels : ndarray of shape (n,), dtype uint8 or int64

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
