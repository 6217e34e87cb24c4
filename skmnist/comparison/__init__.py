"""Compare classifiers of small images: scores, costs, and which differences can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skmnist._support.lazy import lazy_exports

if TYPE_CHECKING:
    from skmnist.comparison._differences import Difference as Difference
    from skmnist.comparison._measurements import Fold as Fold
    from skmnist.comparison._measurements import Row as Row
    from skmnist.comparison._models import DEFAULT_MODELS as DEFAULT_MODELS
    from skmnist.comparison._models import MODELS as MODELS
    from skmnist.comparison._models import NETWORKS as NETWORKS
    from skmnist.comparison._models import RECIPE_PREFIX as RECIPE_PREFIX
    from skmnist.comparison._models import NamedModel as NamedModel
    from skmnist.comparison._models import make_model as make_model
    from skmnist.comparison._models import resolve_models as resolve_models
    from skmnist.comparison._result import Comparison as Comparison
    from skmnist.comparison._run import ComparisonStep as ComparisonStep
    from skmnist.comparison._run import compare as compare

# Public name -> the module that defines it. Listing the names loads no scikit-learn.
__all__, __getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Comparison": "_result",
        "ComparisonStep": "_run",
        "DEFAULT_MODELS": "_models",
        "Difference": "_differences",
        "Fold": "_measurements",
        "MODELS": "_models",
        "NETWORKS": "_models",
        "NamedModel": "_models",
        "RECIPE_PREFIX": "_models",
        "Row": "_measurements",
        "compare": "_run",
        "make_model": "_models",
        "resolve_models": "_models",
    },
    renamed={"Model": "NamedModel", "Step": "ComparisonStep", "find_models": "resolve_models"},
)
