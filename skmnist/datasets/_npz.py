"""Read .npz files in the layout Keras gives its image data sets."""

from __future__ import annotations

import io
import math
import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist._support.choices import check_choice
from skmnist._support.idx import check_image_shape
from skmnist.datasets._bunch import PARTS, join_parts, make_bunch
from skmnist.datasets._descriptions import NPZ_DESCR
from skmnist.datasets._docs import documented
from skmnist.datasets._safe_zip import capacity, check_size, open_archive

if TYPE_CHECKING:
    from sklearn.utils import Bunch

# Enough for the .npy header of any plain array (NumPy writes 128 bytes).
_MAX_HEADER = 10_000
# The record at the end of a zip archive, which only a comment may follow.
_END_RECORD_MAGIC, _END_RECORD_SIZE = b"PK\x05\x06", 22


@documented()
def load_npz(
    path: str | os.PathLike[str],
    *,
    subset: Literal["train", "test", "all"] = "all",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load images and labels from a .npz file.

    The file holds the arrays ``x_train``, ``y_train``, ``x_test`` and ``y_test``, as
    ``mnist.npz`` of Keras does; only those that `subset` needs are required.  Pickled objects are
    never loaded.  The sizes that the file claims are checked against its real size before any
    memory is allocated.

    Parameters
    ----------
    path : str or path-like
        The file.  Its images are of dtype uint8 and of shape (n, height, width), or
        (n, height, width, 1), up to 2**20 pixels each; its labels are integers of shape (n,).
    subset : {"train", "test", "all"}, default="all"
        Which images to load; "all" is the training images followed by the test images.
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
            The labels that occur, sorted, as text.
        {frame}
        DESCR : str
            The file that was read.

    {pair}

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If `subset` is unknown, or the file is not a .npz file, is damaged, holds pickled objects
        or lacks an array, or if an array has a wrong shape or dtype.  The message names the file.
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from skmnist.datasets import load_npz
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "tiny.npz")
    >>> np.savez(path, x_train=np.zeros((3, 8, 8), np.uint8), y_train=[0, 1, 2],
    ...          x_test=np.ones((1, 8, 8), np.uint8), y_test=[2])
    >>> load_npz(path).target.tolist()
    [0, 1, 2, 2]
    >>> load_npz(path, subset="test").images.shape
    (1, 8, 8)
    >>> folder.cleanup()
    """
    check_choice("load_npz", "subset", subset, PARTS)
    parts = read_npz(path, PARTS[subset])
    images, labels = join_parts(parts, f"'{os.fspath(path)}'")
    return make_bunch(
        "load_npz",
        images,
        labels,
        target_names=np.unique(labels).astype(str),
        descr=NPZ_DESCR.format(path=os.fspath(path), subset=subset),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def read_npz(path, parts, shapes=None):
    """Read the images and labels of `parts` from a .npz file.

    Parameters
    ----------
    path : str or path-like
        The file.
    parts : sequence of {"train", "test"}
        What to read.
    shapes : dict of str to tuple of 3 int, optional
        For every part, the only shape of the images to accept.

    Returns
    -------
    list of (images, labels)
        images of shape (n, height, width), dtype uint8, C-contiguous; labels of shape (n,), of
        an integer dtype whose values fit int64.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`load_npz`.
    """
    # fspath refuses integers, which open() would take for file descriptors.
    path = os.fspath(path)
    names = [f"{axis}_{part}" for part in parts for axis in "xy"]
    with open(path, "rb") as file:
        arrays = _read_arrays(file, f"'{path}'", names)
    pairs = []
    for part in parts:
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if shapes is not None and images.shape != shapes[part]:
            raise ValueError(
                f"'{path}': x_{part} must have the shape {shapes[part]}, got {images.shape} "
                "instead."
            )
        if len(images) != len(labels):
            raise ValueError(
                f"'{path}': there must be as many labels as images, got {len(images)} images "
                f"in x_{part} and {len(labels)} labels in y_{part}."
            )
        pairs.append((images, labels))
    return pairs


def _read_arrays(file, origin, names):
    """Check all that the file says of itself, then let NumPy read it; return {name: array}."""
    with open_archive(file, f"{origin} is not a readable .npz file") as archive:
        present, comment = archive.namelist(), archive.comment
        members = {}
        for name in names:
            if f"{name}.npy" in present:
                info = archive.getinfo(f"{name}.npy")
                with archive.open(info) as member:
                    members[name] = info, io.BytesIO(member.read(_MAX_HEADER))
    missing = [name for name in names if name not in members]
    if missing:
        raise ValueError(
            f"{origin} must hold the arrays {', '.join(names)}; {', '.join(missing)} missing, "
            f"got {', '.join(sorted(present)[:10]) or 'nothing'}."
        )
    size = os.fstat(file.fileno()).st_size
    # The archive must end with its end record; zipfile overlooks what follows it.
    file.seek(max(0, size - _END_RECORD_SIZE - len(comment)))
    if file.read(4) != _END_RECORD_MAGIC:
        raise ValueError(f"{origin} has trailing bytes after the end of the archive.")
    for name, (info, head) in members.items():
        check_size(info, f"{origin}: {name}", capacity(info, f"{origin}: {name}", size))
        _check_header(head, f"{origin}: {name}", name, info.file_size)
    file.seek(0)
    try:
        with np.load(file, allow_pickle=False) as npz:
            # By the full name: "x_train" alone could be another member, which was not checked.
            arrays = {name: npz[f"{name}.npy"] for name in names}
    except Exception as error:
        raise ValueError(f"{origin} is damaged: {error}") from error
    return {
        name: _tidy(name.startswith("x_"), array, f"{origin}: {name}")
        for name, array in arrays.items()
    }


def _check_header(head, origin, name, member_size):
    try:
        version = np.lib.format.read_magic(head)
        readers = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        # Version 3 is written for structured arrays only.
        shape, _, dtype = readers[version](head, max_header_size=_MAX_HEADER)
    except Exception as error:
        raise ValueError(f"{origin} is not a readable .npy array: {error}") from error
    if dtype.hasobject:
        raise ValueError(
            f"{origin} holds pickled Python objects (dtype {dtype}), which are never loaded, "
            "because loading them can run any program. Save the array again, as numbers: "
            "np.savez(file, x_train=np.stack(images).astype(np.uint8), "
            "y_train=np.array(labels, dtype=int))."
        )
    if name.startswith("x_"):
        if dtype != np.uint8:
            raise ValueError(
                f"{origin} must hold images of dtype uint8, got dtype {dtype} instead."
            )
        if len(shape) not in (3, 4) or shape[3:] not in ((), (1,)):
            raise ValueError(
                f"{origin} must hold images of shape (n, height, width), got shape {shape} instead."
            )
        check_image_shape(origin, shape[:3])
    elif dtype.kind not in "iu" or len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
        raise ValueError(
            f"{origin} must hold integer labels of shape (n,), got dtype {dtype} and shape {shape} "
            "instead."
        )
    expected = math.prod(shape) * dtype.itemsize
    got = member_size - head.tell()
    if shape[0] < 0 or got != expected:
        state = "is truncated" if got < expected else "has trailing bytes"
        raise ValueError(
            f"{origin} {state}: its header says shape {shape} and dtype {dtype}, that is "
            f"{expected} bytes, got {got} instead."
        )


def _tidy(is_images, array, origin):
    if not is_images:
        array = array.reshape(-1)  # a column of labels, as some libraries keep them
    else:
        return np.ascontiguousarray(array.reshape(array.shape[:3]))
    if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{origin} must hold labels that fit int64, got {array.max()} instead.")
    return array
