"""Checks of parameters that take one of a few values, with messages like those of scikit-learn."""

from __future__ import annotations

import numpy as np


def check_choice(caller, name, value, choices):
    """Raise ValueError unless `value` is one of the strings in `choices`.

    Parameters
    ----------
    caller, name : str
        The public function and its parameter, for the message.
    value : object
        What the user passed.
    choices : iterable of str
        The values allowed.
    """
    if not isinstance(value, str) or value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(
            f"The {name!r} parameter of {caller} must be one of {{{allowed}}}. "
            f"Got {value!r} instead."
        )


def check_auto(caller, name, value):
    """Raise ValueError unless `value` is "auto", True or False; see :func:`check_choice`."""
    if not (isinstance(value, (bool, np.bool_)) or (isinstance(value, str) and value == "auto")):
        raise ValueError(
            f"The {name!r} parameter of {caller} must be 'auto', True or False. "
            f"Got {value!r} instead."
        )
