"""Which models can be compared by name, and how what the user gave becomes estimators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from sklearn.pipeline import make_pipeline

from skmnist.baselines import BASELINES, Recipe
from skmnist.bridge.parameters import find_named
from skmnist.classifiers import LeNetClassifier, MLPClassifier
from skmnist.preprocessing import MnistScaler

# An epoch over 4,000 images is a fifteenth of one over MNIST, so the classes' own defaults are
# too few here.  Accuracy on the sample, 3 of 5 folds, after 5, 10, 15, 20 and 30 epochs:
# MLP 0.930, 0.939, 0.944, 0.945, 0.940; LeNet 0.957, 0.965, 0.967, 0.968, 0.976, where the
# second fifteen epochs take as long as the first, which is most of the time of a comparison.
_EPOCHS = 15

NETWORKS = MappingProxyType(
    {
        "mlp": Recipe(
            "multilayer perceptron (MLPClassifier)",
            "15 epochs: more add no accuracy on 4,000 images",
            lambda: MLPClassifier(epochs=_EPOCHS),
        ),
        "lenet": Recipe(
            "convolutional network (LeNetClassifier)",
            "15 epochs: 30 take twice the time for 0.01 more",
            lambda: LeNetClassifier(epochs=_EPOCHS),
        ),
    }
)
MODELS = MappingProxyType({**NETWORKS, **BASELINES})
DEFAULT_MODELS = ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression")


def find_models(estimators=None, *, flat=True, random_state=None):
    """Turn names and estimators into labelled estimators.

    Parameters
    ----------
    estimators : str, estimator, mapping or iterable of str, estimator and (label, either), \
            default=None
        What to compare; None for `DEFAULT_MODELS`.
    flat : bool, default=True
        Whether the pixels of an image are given in a row; otherwise named networks see the
        images as they are.
    random_state : int or None, default=None
        Seed of the named models; estimators keep their own.

    Returns
    -------
    models : list of (str, estimator)
        Labels, numbered where they would be the same, and unfitted estimators.

    Raises
    ------
    ValueError
        If a name is unknown or there is nothing to compare.
    TypeError
        If something is neither a name nor an estimator.
    """
    if estimators is None:
        estimators = DEFAULT_MODELS
    if isinstance(estimators, str) or hasattr(estimators, "fit"):
        estimators = [estimators]
    if isinstance(estimators, Mapping):
        estimators = estimators.items()
    labelled = [_labelled(given) for given in estimators]
    if not labelled:
        raise ValueError("There must be at least one model to compare, got none.")
    models = [
        _make(model, flat, random_state) if isinstance(model, str) else model
        for _, model in labelled
    ]
    return list(zip(_distinct([label for label, _ in labelled]), models, strict=True))


def _labelled(given):
    """Return (label, name or estimator)."""
    label, model = given if isinstance(given, tuple) and len(given) == 2 else (None, given)
    if isinstance(model, type):
        raise TypeError(f"compare takes estimators, not classes: pass {model.__name__}().")
    if isinstance(model, str):
        find_named(model, MODELS, "model")
    elif not all(hasattr(model, method) for method in ("fit", "predict", "get_params")):
        raise TypeError(
            "compare takes names of models, scikit-learn estimators, and pairs of a label and "
            f"one of these, got {given!r} of type {type(given).__name__}."
        )
    if label is None:
        last = model if isinstance(model, str) else getattr(model, "steps", [("", model)])[-1][1]
        label = last if isinstance(last, str) else type(last).__name__
    return str(label), model


def _make(name, flat, random_state):
    scaler = MnistScaler(flatten=flat or name not in NETWORKS)
    model = make_pipeline(scaler, find_named(name, MODELS, "model").make())
    seeds = [
        key
        for key, value in model.get_params().items()
        if key.endswith("random_state") and value is None
    ]
    return model.set_params(**dict.fromkeys(seeds, random_state))


def _distinct(labels):
    """Append numbers to the labels that occur more than once."""
    total, seen = Counter(labels), Counter()
    distinct = []
    for label in labels:
        seen[label] += 1
        distinct.append(label if total[label] == 1 else f"{label}-{seen[label]}")
    return distinct
