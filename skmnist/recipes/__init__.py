"""Networks as published documents build and train them, and whether their figures hold."""

from __future__ import annotations

from skmnist.recipes._make import get_recipe, list_recipes, make_recipe
from skmnist.recipes._reproduce import FitStep, reproduce
from skmnist.recipes._result import Check, Reproduction, ReproductionReport, Run
from skmnist.recipes._table import (
    RECIPES,
    Convolutions,
    Document,
    DocumentedRecipe,
    Figure,
    Perceptron,
)

__all__ = [
    "RECIPES",
    "Check",
    "Convolutions",
    "Document",
    "DocumentedRecipe",
    "Figure",
    "FitStep",
    "Perceptron",
    "Reproduction",
    "ReproductionReport",
    "Run",
    "get_recipe",
    "list_recipes",
    "make_recipe",
    "reproduce",
]
