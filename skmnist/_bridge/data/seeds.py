"""Seeds of a fit, and of Keras layers that have none of their own."""

from __future__ import annotations

import numpy as np


def draw_seed(random_state):
    """Return the seed of a fit: the user's, or one from their generator, or a fresh one.

    ``None`` draws from the system and not from NumPy's global generator, which a fit leaves
    untouched.
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    return int(random_state)


def epoch_order(seed, epoch, n_samples):
    """Return the order of the samples in an epoch; it depends on nothing else.

    So epoch 3 is the same epoch, whether it is reached by ``fit``, by ``partial_fit`` or after
    unpickling.
    """
    return np.random.default_rng([seed, 0, epoch]).permutation(n_samples).astype(np.int32)


def holdout_generator(seed):
    """Return the generator that chooses the samples to hold out."""
    return np.random.default_rng([seed, 1])


def augmentation_generator(seed, epoch):
    """Return the generator that seeds the changes to the images of an epoch."""
    return np.random.default_rng([seed, 2, epoch])
