"""Learning rates that fall over the epochs of a fit."""

from __future__ import annotations

import math

from skmnist._keras import keras

_FRACTIONS = {
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda done: 1 - done,
}


def peak_rate(optimizer):
    """Return the learning rate an optimizer begins with, None if a Keras schedule decides it."""
    own = getattr(optimizer, "_learning_rate", None)  # Keras tells the rate of a step only
    if isinstance(own, keras.optimizers.schedules.LearningRateSchedule):
        return None
    return float(optimizer.learning_rate)


def schedule(estimator, peak, first):
    """Return the function from the number of an epoch to its learning rate.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Its ``learning_rate_schedule`` says how the rate falls, over its ``epochs``.
    peak : float or None
        The rate it falls from; None where a Keras schedule decides.
    first : int
        The number of the epoch at which it begins to fall.

    Returns
    -------
    rate : callable or None
        None if the rate stays as it is.
    """
    kind = estimator.learning_rate_schedule
    if kind == "auto":
        kind = None if peak is None else "cosine"
    if kind is None:
        return None
    if peak is None:
        raise ValueError(
            "The learning rate is scheduled twice: by a Keras schedule as the learning rate of "
            f"the optimizer, and by learning_rate_schedule={kind!r}. Set "
            "learning_rate_schedule=None, or the learning rate to a number."
        )

    def rate(epoch):
        # In the middle of the epoch, so that neither the first nor the last one is lost.
        done = (min(epoch - first, estimator.epochs - 1) + 0.5) / estimator.epochs
        return peak * _FRACTIONS[kind](done)

    return rate
