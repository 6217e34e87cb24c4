"""Which models can be compared by name, and how what the user gave becomes estimators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sklearn.pipeline import make_pipeline

from skmnist._support.names import find_named
from skmnist.baselines import BASELINES, list_baselines, make_baseline
from skmnist.classifiers._families import FAMILIES
from skmnist.preprocessing import MnistScaler
from skmnist.recipes import RECIPES, list_recipes, make_recipe

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

RECIPE_PREFIX = "recipe:"


@dataclass(frozen=True)
class Model:
    """A model with a name of its own.

    Parameters
    ----------
    title : str
        What it is, in a few words.
    reason : str
        Why its settings are what they are, in one line.
    make : callable
        Makes the unfitted estimator; takes whether images come as rows, and a seed or None.
    """

    title: str
    reason: str
    make: Callable[[bool, int | None], Any]


def _network(family, flat, random_state):
    network = family.classifier(epochs=family.epochs, random_state=random_state)
    return make_pipeline(MnistScaler(flatten=flat), network)


NETWORKS = MappingProxyType(
    {
        name: Model(f"{row.title} ({row.class_name})", row.reason, partial(_network, row))
        for name, row in FAMILIES.items()
    }
)
_BASELINE_MODELS = {
    name: Model(
        baseline.title,
        baseline.reason,
        lambda flat, random_state, name=name: make_baseline(name, random_state=random_state),
    )
    for name, baseline in BASELINES.items()
}
_RECIPE_MODELS = {
    f"{RECIPE_PREFIX}{name}": Model(
        recipe.title,
        "as documented",
        lambda flat, random_state, name=name: make_recipe(name, random_state),
    )
    for name, recipe in RECIPES.items()
}
MODELS = MappingProxyType({**NETWORKS, **_BASELINE_MODELS, **_RECIPE_MODELS})
DEFAULT_MODELS = ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression")


def make_model(name: str, *, flat: bool = True, random_state: int | None = None) -> Pipeline:
    """Make a model of which the name is known.

    Parameters
    ----------
    name : str
        A network, a baseline, or a recipe with ``recipe:`` before its name.
    flat : bool, default=True
        Whether the pixels of an image are given in a row; otherwise networks see the images as
        they are.
    random_state : int or None, default=None
        Seed of all that is random in it.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted, from raw pixels to labels.

    Raises
    ------
    ValueError
        If there is no such model; the message names the nearest one.

    Examples
    --------
    >>> from skmnist.comparison import make_model
    >>> make_model("mlp", random_state=0)[-1]
    MLPClassifier(epochs=15, random_state=0)
    """
    return find_named(name, MODELS, "model").make(flat, random_state)


def find_models(
    estimators: Any = None,
    *,
    baselines: str | Iterable[str] | None = None,
    recipes: str | Iterable[str] | None = None,
    flat: bool = True,
    random_state: int | None = None,
) -> list[tuple[str, BaseEstimator]]:
    """Turn names, classes and estimators into labelled estimators.

    Parameters
    ----------
    estimators : str, estimator, class, mapping or iterable, default=None
        What to compare, as :func:`skmnist.compare` takes it.
    baselines : {"fast", "all"}, str or iterable of str, default=None
        Baselines to add.
    recipes : {"all"}, str or iterable of str, default=None
        Recipes to add.
    flat : bool, default=True
        Whether the pixels of an image are given in a row; otherwise named networks see the
        images as they are.
    random_state : int or None, default=None
        Seed of the named models and of the classes; estimators keep their own.

    Returns
    -------
    models : list of (str, estimator)
        Labels, numbered where they would be the same, and unfitted estimators.

    Raises
    ------
    ValueError
        If a name is unknown or there is nothing to compare.
    TypeError
        If something is neither a name nor an estimator nor a class of estimators.
    """
    if estimators is None:
        estimators = DEFAULT_MODELS if baselines is None and recipes is None else ()
    single = isinstance(estimators, str) or hasattr(estimators, "fit")
    if single or not isinstance(estimators, Iterable):
        estimators = [estimators]
    if isinstance(estimators, Mapping):
        estimators = estimators.items()
    named = [*_baseline_names(baselines), *_recipe_names(recipes)]
    given = [*(_labelled(model) for model in estimators), *((name, name) for name in named)]
    if not given:
        raise ValueError("There must be at least one model to compare, got none.")
    models = [_made(model, flat, random_state) for _, model in given]
    return list(zip(_distinct([label for label, _ in given]), models, strict=True))


def _baseline_names(baselines):
    if isinstance(baselines, str) and baselines in ("fast", "all"):
        return list_baselines("fast" if baselines == "fast" else None)
    return _checked(baselines, BASELINES, "baseline")


def _recipe_names(recipes):
    every = isinstance(recipes, str) and recipes == "all"
    names = list_recipes() if every else _checked(recipes, RECIPES, "recipe")
    return [f"{RECIPE_PREFIX}{name}" for name in names]


def _checked(names, table, kind):
    """Return names of a table as a list; raise if one of them is not in it."""
    names = [] if names is None else [names] if isinstance(names, str) else list(names)
    for name in names:
        find_named(name, table, kind)
    return names


def _labelled(given):
    """Return (label, name or estimator or class)."""
    label, model = given if isinstance(given, tuple) and len(given) == 2 else (None, given)
    if isinstance(model, str):
        find_named(model, MODELS, "model")
    elif not all(hasattr(model, method) for method in ("fit", "predict", "get_params")):
        raise TypeError(
            "compare takes names of models, scikit-learn estimators or their classes, and pairs "
            f"of a label and one of these, got {given!r} of type {type(given).__name__}."
        )
    if label is None:
        last = model if isinstance(model, str) else getattr(model, "steps", [("", model)])[-1][1]
        kind = last if isinstance(last, (str, type)) else type(last)
        label = getattr(kind, "__name__", kind)
    return " ".join(str(label).split()), model  # tables have lines


def _made(model, flat, random_state):
    """Return the estimator of a name, of a class, or itself."""
    if isinstance(model, str):
        return make_model(model, flat=flat, random_state=random_state)
    if not isinstance(model, type):
        return model
    try:
        estimator = model()
    except TypeError as error:
        raise TypeError(
            f"{model.__name__} cannot be made without arguments ({error}): pass an instance."
        ) from error
    if "random_state" in estimator.get_params(deep=False):
        estimator.set_params(random_state=random_state)
    return estimator


def _distinct(labels):
    """Append numbers to the labels that occur more than once."""
    total, seen = Counter(labels), Counter()
    distinct = []
    for label in labels:
        name = label
        while total[name] > 1 or (name != label and name in total):
            seen[label] += 1
            name = f"{label}-{seen[label]}"
        distinct.append(name)
    return distinct
