"""Classical classifiers to measure a network against, with defaults that suit small images.

The defaults were chosen by measurements, which the documentation of the baselines reports and
``BASELINES`` summarises.
"""

from __future__ import annotations

from skmnist.baselines._hog import HOG
from skmnist.baselines._make import list_baselines, make_baseline
from skmnist.baselines._table import BASELINES, Baseline, Measured, Published

__all__ = [
    "BASELINES",
    "HOG",
    "Baseline",
    "Measured",
    "Published",
    "list_baselines",
    "make_baseline",
]
