"""Models that can be compared by name, and the estimators of what the user passes.

scikit-learn is imported when a model is made, because listing their names needs none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from skmnist._support.names import find_named
from skmnist.baselines import BASELINES
from skmnist.classifiers._families import FAMILIES
from skmnist.recipes import RECIPES

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

RECIPE_PREFIX = "recipe:"


@dataclass(frozen=True)
class NamedModel:
    """A model that can be compared by name.

    Parameters
    ----------
    title : str
        Description in a few words.
    reason : str
        Reason for its settings, in one line.
    make : callable
        Makes the unfitted estimator, from whether images come as rows and a seed or None.
    """

    title: str
    reason: str
    make: Callable[[bool, int | None], Any]


def _network(family, flat, random_state):
    from sklearn.pipeline import make_pipeline

    from skmnist.preprocessing import MnistScaler

    network = family.classifier(epochs=family.epochs, random_state=random_state)
    return make_pipeline(MnistScaler(flatten=flat), network)


def _baseline(name, flat, random_state):
    from skmnist.baselines import make_baseline

    return make_baseline(name, random_state=random_state)


def _recipe(name, flat, random_state):
    from skmnist.recipes import make_recipe

    return make_recipe(name, random_state)


NETWORKS = MappingProxyType(
    {
        name: NamedModel(f"{row.title} ({row.class_name})", row.reason, partial(_network, row))
        for name, row in FAMILIES.items()
    }
)
_BASELINE_MODELS = {
    name: NamedModel(baseline.title, baseline.reason, partial(_baseline, name))
    for name, baseline in BASELINES.items()
}
_RECIPE_MODELS = {
    f"{RECIPE_PREFIX}{name}": NamedModel(recipe.title, "as documented", partial(_recipe, name))
    for name, recipe in RECIPES.items()
}
MODELS = MappingProxyType({**NETWORKS, **_BASELINE_MODELS, **_RECIPE_MODELS})
DEFAULT_MODELS = ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression")


def make_model(name: str, *, flat: bool = True, random_state: int | None = None) -> Pipeline:
    """Make a model by name.

    Parameters
    ----------
    name : str
        Name of a network or a baseline, or ``recipe:`` and the name of a recipe.
    flat : bool, default=True
        Whether images come as rows of pixels; otherwise networks see the images as they are.
    random_state : int or None, default=None
        Seed of everything random in the model.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted, from raw pixels to labels.

    Raises
    ------
    ValueError
        If the name is unknown; the message suggests the nearest one.

    Examples
    --------
    >>> from skmnist.comparison import make_model
    >>> make_model("mlp", random_state=0)[-1]
    MLPClassifier(epochs=15, random_state=0)
    """
    return find_named(name, MODELS, "model").make(flat, random_state)


def resolve_models(
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
        Models to compare, as :func:`skmnist.compare` takes them.
    baselines : {"fast", "all"}, str or iterable of str, default=None
        Baselines to add.
    recipes : {"all"}, str or iterable of str, default=None
        Recipes to add.
    flat : bool, default=True
        Whether images come as rows of pixels; otherwise named networks see the images as they
        are.
    random_state : int or None, default=None
        Seed of the named models and of the classes; estimators keep their own.

    Returns
    -------
    models : list of (str, estimator)
        Labels, numbered if they would be equal, and unfitted estimators.

    Raises
    ------
    ValueError
        If a name is unknown or there is nothing to compare.
    TypeError
        If something is not a name, an estimator or a class of estimators.
    """
    if estimators is None:
        estimators = DEFAULT_MODELS if baselines is None and recipes is None else ()
    single = isinstance(estimators, str) or hasattr(estimators, "fit")
    if single or not isinstance(estimators, Iterable):
        estimators = [estimators]
    if isinstance(estimators, Mapping):
        estimators = estimators.items()
    named = [*_baseline_names(baselines), *_recipe_names(recipes)]
    given = [*(_parse(model) for model in estimators), *((name, name) for name in named)]
    if not given:
        raise ValueError("There must be at least one model to compare. Got none instead.")
    models = [_resolve(model, flat, random_state) for _, model in given]
    return list(zip(_distinct([label for label, _ in given]), models, strict=True))


def _baseline_names(baselines):
    if isinstance(baselines, str) and baselines in ("fast", "all"):
        from skmnist.baselines import list_baselines

        return list_baselines("fast" if baselines == "fast" else None)
    return _checked_names(baselines, BASELINES, "baseline")


def _recipe_names(recipes):
    every = isinstance(recipes, str) and recipes == "all"
    names = list(RECIPES) if every else _checked_names(recipes, RECIPES, "recipe")
    return [f"{RECIPE_PREFIX}{name}" for name in names]


def _checked_names(names, table, kind):
    """Return names of a table as a list; raise if one of them is not in the table."""
    names = [] if names is None else [names] if isinstance(names, str) else list(names)
    for name in names:
        find_named(name, table, kind)
    return names


def _parse(given):
    """Return a pair of a label and a name, an estimator or a class."""
    label, model = given if isinstance(given, tuple) and len(given) == 2 else (None, given)
    if isinstance(model, str):
        find_named(model, MODELS, "model")
    elif not all(hasattr(model, method) for method in ("fit", "predict", "get_params")):
        raise TypeError(
            "The models to compare must be names, scikit-learn estimators or their classes, or "
            f"pairs of a label and one of these. Got {given!r} of type {type(given).__name__} "
            "instead."
        )
    if label is None:
        last = model if isinstance(model, str) else getattr(model, "steps", [("", model)])[-1][1]
        kind = last if isinstance(last, (str, type)) else type(last)
        label = getattr(kind, "__name__", kind)
    return " ".join(str(label).split()), model  # on one line, for tables


def _resolve(model, flat, random_state):
    """Return the estimator of a name or of a class; return an estimator itself."""
    if isinstance(model, str):
        return make_model(model, flat=flat, random_state=random_state)
    if not isinstance(model, type):
        return model
    try:
        estimator = model()
    except TypeError as error:
        raise TypeError(
            f"{model.__name__} needs arguments ({error}). Pass an instance instead."
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
