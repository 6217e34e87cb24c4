"""Validation and random draws for estimators that generate images."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state


def sampling_generator(random_state):
    """Return a generator for draws, which are the same in every call if `random_state` is an int.

    For ``None`` the seed comes from the operating system and not from NumPy's global generator, as
    in a fit.
    """
    return np.random.RandomState() if random_state is None else check_random_state(random_state)


def check_n_samples(n_samples):
    """Validate the number of images to generate."""
    if isinstance(n_samples, bool) or not isinstance(n_samples, Integral) or n_samples < 1:
        raise ValueError(
            f"The 'n_samples' parameter of sample must be an int >= 1. Got {n_samples!r} instead."
        )
    return int(n_samples)


def classes_to_make(labels, n_samples, y, generator):
    """Return the class codes of images to generate.

    Parameters
    ----------
    labels : Labels
        Classes.
    n_samples : int
        Number of images.
    y : label, array-like of shape (n_samples,) or None
        Label of all images, or one label per image; None for equal numbers of all classes.
    generator : RandomState
        Source of the order of the classes if `y` is None.

    Returns
    -------
    codes : ndarray of shape (n_samples,), int32
        Class codes.
    """
    if y is None:
        return generator.permutation(np.arange(n_samples) % len(labels.classes)).astype(np.int32)
    asked = np.asarray(y)
    if asked.ndim == 0:
        asked = np.full(n_samples, asked[()])
    if len(asked) != n_samples:
        raise ValueError(
            f"The 'y' parameter of sample must be a label or hold n_samples={n_samples} labels. "
            f"Got {len(asked)} labels instead."
        )
    return labels.encode(asked)
