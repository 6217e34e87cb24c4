"""Turn image and label arrays into what scikit-learn's loaders return."""

from __future__ import annotations

import math

import numpy as np
from sklearn.utils import Bunch

from skmnist._support.optional import require

# The parts that a data set is stored in, in the order in which "all" joins them.
PARTS = {"train": ("train",), "test": ("test",), "all": ("train", "test")}


def join_parts(parts, origin):
    """Concatenate (images, labels) pairs along the first axis.

    Parameters
    ----------
    parts : list of (ndarray of shape (n, height, width, ...), ndarray of shape (n,))
        At least one pair.
    origin : str
        The file they come from, for the message.

    Returns
    -------
    images, labels : ndarray
        A single pair is returned as it is, without a copy.

    Raises
    ------
    ValueError
        If the image sizes differ.
    """
    if len(parts) == 1:
        return parts[0]
    sizes = [images.shape[1:] for images, _ in parts]
    if len(set(sizes)) > 1:
        raise ValueError(
            f"{origin}: training and test images must have the same size to be joined, got "
            + " and ".join(" x ".join(map(str, size)) for size in sizes)
            + ' pixels. Load them one at a time with subset="train" and subset="test".'
        )
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def make_bunch(caller, images, labels, *, target_names, descr, return_X_y, as_frame):
    """Return the images and labels in the form of scikit-learn's loaders.

    Parameters
    ----------
    caller : str
        The public function, for the message when pandas is missing.
    images : ndarray of shape (n, height, width) or (n, height, width, channels), dtype uint8
        C-contiguous, so that ``data`` is a view of it.
    labels : ndarray of shape (n,), any integer dtype or str
        Class labels.
    target_names : sequence of str
        Class names, in the order of the sorted labels.
    descr : str
        The description.
    return_X_y, as_frame : bool
        As in scikit-learn.

    Returns
    -------
    Bunch, or (data, target) if `return_X_y`
    """
    data = images.reshape(len(images), math.prod(images.shape[1:]))
    target = labels if labels.dtype.kind == "U" else labels.astype(np.int64)
    feature_names = [
        "pixel_" + "_".join(map(str, position)) for position in np.ndindex(images.shape[1:])
    ]
    frame = None
    if as_frame:
        frame, data, target = _to_pandas(caller, data, target, feature_names)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        images=images,
        feature_names=feature_names,
        target_names=np.array(target_names, dtype=str),
        DESCR=descr,
    )


def _to_pandas(caller, data, target, feature_names):
    pd = require("pandas", f"{caller} with as_frame=True", extra="frames")
    data = pd.DataFrame(data, columns=feature_names, copy=False)
    target = pd.Series(target, name="target", copy=False)
    return pd.concat([data, target], axis=1), data, target
