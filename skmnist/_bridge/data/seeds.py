"""Seed of a fit, and the random generators derived from it."""

from __future__ import annotations

import numpy as np


def draw_seed(random_state):
    """Return the seed of a fit, drawn if `random_state` is not an integer.

    For ``None`` the seed comes from the operating system.  NumPy's global generator is not used,
    so that a fit does not change its state.
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    return int(random_state)


def epoch_order(seed, epoch, n_samples):
    """Return the order of the samples in an epoch.

    It depends on the arguments only.  Epoch 3 is therefore the same for ``fit``, for
    ``partial_fit`` and after unpickling.
    """
    return np.random.default_rng([seed, 0, epoch]).permutation(n_samples).astype(np.int32)


def holdout_generator(seed):
    """Return the generator that chooses the samples to hold out."""
    return np.random.default_rng([seed, 1])


def augmentation_generator(seed, epoch):
    """Return the generator that seeds the changes to the images of an epoch."""
    return np.random.default_rng([seed, 2, epoch])
