"""Checks of arguments."""

from __future__ import annotations

import math
from numbers import Real

# Scores are sums of at most a few thousand numbers near 1: smaller differences are rounding.
ROUNDING = 1e-12


def check_positive(value, name):
    """Check a positive finite number."""
    if not isinstance(value, Real) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number. Got {value!r} instead.")
    return float(value)


def check_fraction(value, name):
    """Check a number between 0 and 1."""
    if not isinstance(value, Real) or not 0 < value < 1:
        raise ValueError(f"{name} must be a number between 0 and 1. Got {value!r} instead.")
    return float(value)


def check_rope(rope):
    """Check a region of practical equivalence."""
    if not isinstance(rope, Real) or not 0 <= rope < math.inf:
        raise ValueError(f"rope must be a number of at least 0. Got {rope!r} instead.")
    return float(rope)
