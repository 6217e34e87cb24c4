"""Schedules of the learning rate over the epochs of a fit."""

from __future__ import annotations

import math

import numpy as np

from skmnist._compat.keras_optimizers import is_scheduled

_FRACTIONS = {
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda done: 1 - done,
}


def peak_rate(optimizer):
    """Return the initial learning rate of an optimizer; None if it has a Keras schedule."""
    return None if is_scheduled(optimizer) else float(optimizer.learning_rate)


class ScheduledRate:
    """Setter of the learning rate of every epoch, which respects changes by callbacks.

    If a callback has changed the rate, it differs by a factor from the planned rate.  The planned
    rates of later epochs are multiplied by the same factor.

    Parameters
    ----------
    plan : callable
        Takes the number of an epoch and returns its learning rate.
    factor : float
        Factor by which callbacks have changed the rate in earlier trainings.
    """

    def __init__(self, plan, factor):
        self._plan = plan
        self.factor = factor
        self._planned = self._set = None  # rate of the latest epoch, without and with the factor

    def begin(self, optimizer):
        """Record the rate at the start of a training."""
        self._set = _rate_of(optimizer)
        self._planned = self._set / self.factor if self.factor else self._set

    def goes_on_after(self, epoch):
        """Take the present rate as that of `epoch` of an interrupted training."""
        self._planned = self._set = self._plan(epoch)
        self.factor = 1.0

    def set(self, optimizer, epoch):
        """Set the rate of an epoch, after a look for changes by callbacks."""
        self.look(optimizer)
        self._planned = self._plan(epoch)
        # Without a change by callbacks the factor is one, which keeps every bit of the rate.
        self._set = self._planned * self.factor
        optimizer.learning_rate = self._set

    def look(self, optimizer):
        """Update the factor if a callback has changed the rate."""
        rate = _rate_of(optimizer)
        if rate != float(np.float32(self._set)) and self._planned:
            self.factor = rate / self._planned


def _rate_of(optimizer):
    return float(optimizer.learning_rate)


def scheduled(request, state, first):
    """Return the setter of the learning rates of a training; None if the rate is constant.

    Parameters
    ----------
    request : FitRequest
        Contains ``learning_rate_schedule`` and ``scheduled_epochs``.
    state : FittedState
        State to train.
    first : int
        Number of the epoch at which the schedule starts.
    """
    plan = schedule(
        request.learning_rate_schedule, request.scheduled_epochs, state.peak_rate, first
    )
    return None if plan is None else ScheduledRate(plan, state.rate_factor)


def schedule(kind, n_epochs, peak, first):
    """Return a function from the number of an epoch to its learning rate.

    Parameters
    ----------
    kind : {"auto", "cosine", "linear"} or None
        Kind of schedule; None for a constant rate.
    n_epochs : int
        Number of epochs of the schedule.
    peak : float or None
        Initial rate; None if the optimizer has a Keras schedule.
    first : int
        Number of the epoch at which the schedule starts.

    Returns
    -------
    rate : callable or None
        The function; None if the rate is constant.
    """
    if kind == "auto":
        kind = None if peak is None else "cosine"
    if kind is None:
        return None
    if peak is None:
        raise ValueError(
            "The 'learning_rate_schedule' parameter must be 'auto' or None if the learning rate "
            f"of the optimizer is a Keras schedule. Got {kind!r} instead."
        )

    def rate(epoch):
        # The rate in the middle of an epoch.  At the start the first epoch would not be reduced,
        # and at the end the last epoch would have rate zero.
        done = (min(epoch - first, n_epochs - 1) + 0.5) / n_epochs
        return peak * _FRACTIONS[kind](done)

    return rate
