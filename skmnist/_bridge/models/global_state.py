"""State of Keras that belongs to the whole process: its names, and the seeds that layers draw."""

from __future__ import annotations

import contextlib
import random
import threading

import numpy as np

from skmnist._compat.keras_names import numbered_from_one

# Making models is done by one thread at a time: layers without a seed draw it from Python's
# generator, which belongs to all threads.
making_models = threading.RLock()


@contextlib.contextmanager
def seeded(seed):
    """Seed what Keras layers draw their default seeds from, and put it back as it was."""
    with making_models:
        python, numpy_state = random.getstate(), np.random.get_state()
        random.seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy_state)


@contextlib.contextmanager
def fresh_names():
    """Let Keras number what it names from one on, and go on where it was afterwards.

    TensorFlow keeps something of every variable whose name is new, for ever; a fit that names its
    variables as the one before does leaves nothing.
    """
    with making_models, numbered_from_one():
        yield


def seeds_its_layers(builder):
    """Tell whether a builder gives a seed to every layer that draws at random: skmnist's do."""
    return getattr(builder, "__module__", "").startswith("skmnist.networks")
