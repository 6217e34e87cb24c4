"""Seeds for the layers of one network."""

import itertools

import numpy as np


def layer_seeds(seed):
    """Yield one independent seed per layer, or ``None`` for ever when `seed` is ``None``.

    Parameters
    ----------
    seed : int or None
        Seed of the whole network.

    Yields
    ------
    seed : int or None
        A seed in the range [0, 2**31).
    """
    if seed is None:
        yield from itertools.repeat(None)
    generator = np.random.default_rng(seed)
    while True:
        yield int(generator.integers(2**31))
