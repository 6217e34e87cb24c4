"""Unfitted pipelines made from the entries of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmnist._support.names import find_named
from skmnist.classifiers import LeNetClassifier, MLPClassifier
from skmnist.preprocessing import MnistScaler
from skmnist.recipes._table import RECIPES, Perceptron

if TYPE_CHECKING:
    from skmnist.recipes._table import DocumentedRecipe


def list_recipes() -> list[str]:
    """List the names of recipes, for :func:`make_recipe` and :func:`reproduce`.

    Returns
    -------
    names : list of str
        The names.

    Examples
    --------
    >>> from skmnist.recipes import list_recipes
    >>> list_recipes()
    ['tf-quickstart', 'two-512', 'two-50-validated', 'tiny-15', 'l1-128-32', 'lenet', 'single-512']
    """
    return list(RECIPES)


def get_recipe(name: str) -> DocumentedRecipe:
    """Return everything documented about a recipe.

    Parameters
    ----------
    name : str
        One of :func:`list_recipes`.

    Returns
    -------
    recipe : DocumentedRecipe
        The entry of the table.

    Raises
    ------
    ValueError
        If there is no such recipe; the message names the nearest one.

    Examples
    --------
    >>> from skmnist.recipes import get_recipe
    >>> recipe = get_recipe("tf-quickstart")
    >>> recipe.network
    Perceptron(units=(128,), dropout=0.2, l1=0.0)
    >>> recipe.figures[0]
    DocumentedFigure(name='test_accuracy', value=0.973, digits=4)
    """
    return find_named(name, RECIPES, "recipe")


def make_recipe(name: str, random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a documented network, with its documented preprocessing and training.

    Parameters
    ----------
    name : str
        One of :func:`list_recipes`.
    random_state : int, RandomState instance or None, default=None
        Seed of the network.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted pipeline of the steps ``"pixels"`` and ``"net"``.  It takes grey levels from 0 to
        255 of any type, which the first step divides by 255, or leaves unchanged if the document
        does.

    Raises
    ------
    ValueError
        If there is no such recipe; the message names the nearest one.

    See Also
    --------
    reproduce : Fit recipes, and compare their figures with the documented ones.

    Examples
    --------
    >>> from skmnist.datasets import load_mnist_sample
    >>> from skmnist.recipes import make_recipe
    >>> X, y = load_mnist_sample(return_X_y=True)
    >>> pipeline = make_recipe("single-512", random_state=0)
    >>> pipeline["net"]
    MLPClassifier(batch_size=128, dropout=0.0, hidden_layer_sizes=(512,),
                  optimizer='rmsprop', random_state=0)
    >>> pipeline.fit(X[:4000], y[:4000]).score(X[4000:], y[4000:]) > 0.8
    True
    """
    return build(get_recipe(name), random_state)


def build(recipe, random_state=None):
    """Make the pipeline of an entry of the table, for :func:`make_recipe`.

    Parameters
    ----------
    recipe : DocumentedRecipe
        The entry.
    random_state : int, RandomState instance or None, default=None
        Seed of the network.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted pipeline.
    """
    # Everything is passed, so that a changed default of a class does not change a recipe.
    training = {
        "optimizer": recipe.optimizer,
        "learning_rate": recipe.learning_rate,
        "loss": recipe.loss,
        "metrics": ("accuracy",),
        "batch_size": recipe.batch_size,
        "epochs": recipe.epochs,
        "validation_fraction": recipe.validation_fraction,
        "random_state": random_state,
    }
    network = recipe.network
    flat = isinstance(network, Perceptron)
    if flat:
        classifier = MLPClassifier(
            network.units,
            activation="relu",
            dropout=network.dropout,
            l1=network.l1,
            l2=0.0,
            **training,
        )
    else:
        classifier = LeNetClassifier(
            network.filters,
            kernel_size=network.kernel_size,
            dense_units=network.dense_units,
            activation="relu",
            pooling="average",
            dropout=0.0,
            **training,
        )
    if recipe.divisor is None:
        # Not MnistScaler(scale=1), because it would warn of pixels above 1.
        classifier.set_params(pixel_range="as-is")
        pixels = FunctionTransformer(np.asarray, kw_args={"dtype": "float32"})
    else:
        # Not "auto", because the divisor of a document does not depend on the brightest pixel.
        pixels = MnistScaler(scale=recipe.divisor, flatten=flat)
    return Pipeline([("pixels", pixels), ("net", classifier)])
