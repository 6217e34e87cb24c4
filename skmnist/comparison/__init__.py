"""Compare classifiers of small images: cross-validated accuracy, and what it costs in time."""

from __future__ import annotations

from skmnist.comparison._models import DEFAULT_MODELS, MODELS, NETWORKS, find_models
from skmnist.comparison._result import Comparison, Fold, Row
from skmnist.comparison._run import Step, compare

__all__ = [
    "Comparison",
    "DEFAULT_MODELS",
    "Fold",
    "MODELS",
    "NETWORKS",
    "Row",
    "Step",
    "compare",
    "find_models",
]
