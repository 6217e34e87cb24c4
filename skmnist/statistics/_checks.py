"""Checks of arguments."""

from __future__ import annotations

import math
from numbers import Real

# Scores are sums of at most some thousands of numbers near 1: what is smaller is rounding.
ROUNDING = 1e-12


def check_positive(value, name):
    """Check a positive finite number."""
    if not isinstance(value, Real) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number, got {value!r}")
    return float(value)


def check_share(value, name):
    """Check a number between 0 and 1."""
    if not isinstance(value, Real) or not 0 < value < 1:
        raise ValueError(f"{name} must be a number between 0 and 1, got {value!r}")
    return float(value)


def check_width(rope):
    """Check a region of practical equivalence."""
    if not isinstance(rope, Real) or not 0 <= rope < math.inf:
        raise ValueError(f"rope must be a number, 0 or more, got {rope!r}")
    return float(rope)
