"""Compare classifiers of small images: scores, costs, and which differences can be trusted."""

from __future__ import annotations

from skmnist.comparison._differences import Difference
from skmnist.comparison._measurements import Fold, Row
from skmnist.comparison._models import (
    DEFAULT_MODELS,
    MODELS,
    NETWORKS,
    RECIPE_PREFIX,
    Model,
    find_models,
    make_model,
)
from skmnist.comparison._result import Comparison
from skmnist.comparison._run import Step, compare

__all__ = [
    "DEFAULT_MODELS",
    "MODELS",
    "NETWORKS",
    "RECIPE_PREFIX",
    "Comparison",
    "Difference",
    "Fold",
    "Model",
    "Row",
    "Step",
    "compare",
    "find_models",
    "make_model",
]
