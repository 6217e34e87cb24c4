"""Seeds for the layers of one network."""

import zlib

import numpy as np


def layer_seeds(seed):
    """Return a function from the name of a layer to its seed.

    A layer's seed depends only on the network's seed and on the layer's name.  Adding or removing a
    layer does not change the seeds of the remaining layers.

    Parameters
    ----------
    seed : int or None
        Seed of the whole network.

    Returns
    -------
    seed_of : callable
        Function from a name to an int in [0, 2**31), or to None if `seed` is None.
    """

    def seed_of(name):
        if seed is None:
            return None
        return int(np.random.default_rng([seed, zlib.crc32(name.encode())]).integers(2**31))

    return seed_of
