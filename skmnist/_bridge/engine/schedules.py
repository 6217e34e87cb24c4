"""Learning rates that fall over the epochs of a fit."""

from __future__ import annotations

import math

import numpy as np

from skmnist._compat.keras_optimizers import is_scheduled

_FRACTIONS = {
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda done: 1 - done,
}


def peak_rate(optimizer):
    """Return the learning rate an optimizer begins with, None if a Keras schedule decides it."""
    return None if is_scheduled(optimizer) else float(optimizer.learning_rate)


class ScheduledRate:
    """Sets the learning rate of every epoch, on top of what callbacks make of it.

    A rate that somebody else has changed differs by a factor from what was planned. The factor
    stays, and the schedule goes on from there.

    Parameters
    ----------
    plan : callable
        Takes the number of an epoch and returns its learning rate.
    factor : float
        What callbacks changed the rate by in the trainings before.
    """

    def __init__(self, plan, factor):
        self._plan = plan
        self.factor = factor
        self._planned = self._set = None  # for the latest epoch, without and with the factor

    def begin(self, optimizer):
        """Note the rate that a training finds."""
        self._set = _rate_of(optimizer)
        self._planned = self._set / self.factor if self.factor else self._set

    def goes_on_after(self, epoch):
        """Take the rate for that of an epoch in an interrupted training."""
        self._planned = self._set = self._plan(epoch)
        self.factor = 1.0

    def set(self, optimizer, epoch):
        """Set the rate of an epoch, having looked at it."""
        self.look(optimizer)
        self._planned = self._plan(epoch)
        # Times one, which changes no bit, unless a callback has changed the rate.
        self._set = self._planned * self.factor
        optimizer.learning_rate = self._set

    def look(self, optimizer):
        """Find out what callbacks have made of the rate."""
        rate = _rate_of(optimizer)
        if rate != float(np.float32(self._set)) and self._planned:
            self.factor = rate / self._planned


def _rate_of(optimizer):
    return float(optimizer.learning_rate)


def scheduled(request, state, first):
    """Return what sets the learning rates of a training, None if the rate stays as it is.

    Parameters
    ----------
    request : FitRequest
        Its ``learning_rate_schedule`` says how the rate falls, over ``scheduled_epochs``.
    state : FittedState
        What is trained.
    first : int
        The number of the epoch at which the rate begins to fall.
    """
    plan = schedule(
        request.learning_rate_schedule, request.scheduled_epochs, state.peak_rate, first
    )
    return None if plan is None else ScheduledRate(plan, state.rate_factor)


def schedule(kind, n_epochs, peak, first):
    """Return the function from the number of an epoch to its learning rate.

    Parameters
    ----------
    kind : {"auto", "cosine", "linear"} or None
        How the rate falls; None for not at all.
    n_epochs : int
        Number of epochs over which it falls.
    peak : float or None
        The rate it falls from; None where a Keras schedule decides.
    first : int
        The number of the epoch at which it begins to fall.

    Returns
    -------
    rate : callable or None
        None if the rate stays as it is.
    """
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
        done = (min(epoch - first, n_epochs - 1) + 0.5) / n_epochs
        return peak * _FRACTIONS[kind](done)

    return rate
