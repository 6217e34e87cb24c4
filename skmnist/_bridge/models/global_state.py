"""Process-wide state of Keras: numbers in names, and the source of default seeds."""

from __future__ import annotations

import contextlib
import random
import threading

import numpy as np

from skmnist._compat.keras_names import numbered_from_one

# Only one thread at a time builds a model, because layers without a seed draw one from Python's
# generator, which all threads share.
making_models = threading.RLock()


@contextlib.contextmanager
def seeded(seed):
    """Seed the generators of Keras's default seeds, and restore their state afterwards."""
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
    """Restart the numbers in Keras's automatic names, and restore the counters afterwards.

    TensorFlow keeps some memory for every new name of a variable until the process ends.  A fit
    that reuses the names of the fit before adds nothing.
    """
    with making_models, numbered_from_one():
        yield


def seeds_its_layers(builder):
    """Return whether a builder seeds every random layer, as all builders of skmnist do."""
    return getattr(builder, "__module__", "").startswith("skmnist.networks")
