"""What the estimators that make images have in common."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state


def sampling_generator(random_state):
    """Return the generator to draw from; of an int the same in every call.

    ``None`` is seeded by the system and not from NumPy's global generator, as in a fit.
    """
    return np.random.RandomState() if random_state is None else check_random_state(random_state)


def check_n_samples(n_samples):
    """Validate a number of images to make."""
    if isinstance(n_samples, bool) or not isinstance(n_samples, Integral) or n_samples < 1:
        raise ValueError(f"n_samples must be an int >= 1. Got {n_samples!r} instead.")
    return int(n_samples)


def classes_to_make(labels, n_samples, y, generator):
    """Return the class codes of images to make.

    Parameters
    ----------
    labels : Labels
        The classes.
    n_samples : int
        Number of images.
    y : label, array-like of shape (n_samples,) or None
        What the user asked for: one label for all, or each; None for as many of each class.
    generator : RandomState
        Source of the order of classes where the user did not ask for any.

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
            f"y holds {len(asked)} labels, but n_samples={n_samples}. Pass one label for all "
            "images, or one for each."
        )
    return labels.encode(asked)
