"""Optimizer instances as parameters that can be cloned and pickled.

Keras copies an optimizer through its serialized configuration.  That holds only the names of the
user's own classes of optimizers and learning-rate schedules.
"""

from __future__ import annotations

import copy
from numbers import Integral

from skmnist._compat.keras_optimizers import exclude, exclusions_of, rate_of


def is_instance(optimizer):
    """Return whether an ``optimizer`` parameter is an instance, not a name or a class."""
    return hasattr(optimizer, "get_config") and not isinstance(optimizer, type)


def as_rate(learning_rate):
    """Return a learning rate as float if it is an integer, because Keras refuses integers."""
    whole = isinstance(learning_rate, Integral) and not isinstance(learning_rate, bool)
    return float(learning_rate) if whole else learning_rate


class OptimizerCopy:
    """Class and parameters of an optimizer, without its state.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Optimizer to copy.
    """

    def __init__(self, optimizer):
        self.kind, self.config = type(optimizer), optimizer.get_config()
        if isinstance(self.config.get("learning_rate"), dict):  # a schedule, which it only names
            self.config["learning_rate"] = copy.deepcopy(rate_of(optimizer))
        self.exclusions = exclusions_of(optimizer)

    def make(self, learning_rate=None):
        """Make an optimizer, with another learning rate if one is given."""
        config = copy.deepcopy(self.config)
        if learning_rate is not None:
            config["learning_rate"] = as_rate(learning_rate)
        optimizer = self.kind.from_config(config)
        exclude(optimizer, self.exclusions)
        return optimizer

    def get_config(self):
        """Return the parameters, for comparing copies."""
        config = dict(self.config)
        if hasattr(config.get("learning_rate"), "get_config"):
            schedule = config["learning_rate"]
            config["learning_rate"] = (type(schedule), schedule.get_config())
        return {"kind": self.kind, "exclusions": self.exclusions, **config}

    def __repr__(self):
        given = {k: v for k, v in self.config.items() if k in ("learning_rate", "momentum")}
        return f"{self.kind.__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})"

    def __deepcopy__(self, memo):
        copied = object.__new__(type(self))
        copied.kind, copied.config = self.kind, copy.deepcopy(self.config, memo)
        copied.exclusions = self.exclusions
        return copied

    def __setstate__(self, state):
        vars(self).update({"exclusions": (), **state})
