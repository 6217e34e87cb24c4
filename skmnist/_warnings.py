"""Warnings that point at the user's own line."""

from __future__ import annotations

import sys
import warnings

# Frames of these packages stand between the user's line and the warning.
_PASSED_OVER = ("skmnist", "sklearn", "joblib", "contextlib", "functools", "threading")


def warn(message, category=UserWarning):
    """Issue a warning whose location is the nearest caller outside skmnist and scikit-learn.

    Parameters
    ----------
    message : str
        What to say.
    category : type, default=UserWarning
        Class of the warning.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in _PASSED_OVER:
            break
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
