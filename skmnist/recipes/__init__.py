"""Networks as published documents build and train them, and whether their figures hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skmnist._support.lazy import lazy_exports

if TYPE_CHECKING:
    from skmnist.recipes._make import get_recipe as get_recipe
    from skmnist.recipes._make import list_recipes as list_recipes
    from skmnist.recipes._make import make_recipe as make_recipe
    from skmnist.recipes._reproduce import RecipeStep as RecipeStep
    from skmnist.recipes._reproduce import reproduce as reproduce
    from skmnist.recipes._result import Check as Check
    from skmnist.recipes._result import Reproduction as Reproduction
    from skmnist.recipes._result import ReproductionReport as ReproductionReport
    from skmnist.recipes._result import Run as Run
    from skmnist.recipes._table import RECIPES as RECIPES
    from skmnist.recipes._table import Convolutions as Convolutions
    from skmnist.recipes._table import Document as Document
    from skmnist.recipes._table import DocumentedFigure as DocumentedFigure
    from skmnist.recipes._table import DocumentedRecipe as DocumentedRecipe
    from skmnist.recipes._table import Perceptron as Perceptron

# Public name -> the module that defines it. Listing the names loads no scikit-learn.
__all__, __getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Check": "_result",
        "Convolutions": "_table",
        "Document": "_table",
        "DocumentedFigure": "_table",
        "DocumentedRecipe": "_table",
        "Perceptron": "_table",
        "RECIPES": "_table",
        "RecipeStep": "_reproduce",
        "Reproduction": "_result",
        "ReproductionReport": "_result",
        "Run": "_result",
        "get_recipe": "_make",
        "list_recipes": "_make",
        "make_recipe": "_make",
        "reproduce": "_reproduce",
    },
    renamed={"Figure": "DocumentedFigure", "FitStep": "RecipeStep"},
)
