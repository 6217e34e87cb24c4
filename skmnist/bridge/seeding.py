"""Seeds of a fit, and of Keras layers that have none of their own."""

from __future__ import annotations

import contextlib
import random
import threading

import numpy as np

from skmnist._keras import keras

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
    with making_models:
        # A reset is public, going back is not.
        global_state = keras.src.backend.common.global_state
        kept = global_state.get_global_attribute("object_name_uids")
        global_state.set_global_attribute("object_name_uids", None)
        try:
            yield
        finally:
            global_state.set_global_attribute("object_name_uids", kept)


def seeds_its_layers(builder):
    """Tell whether a builder gives a seed to every layer that draws at random: skmnist's do."""
    return getattr(builder, "__module__", "").startswith("skmnist.networks")


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
