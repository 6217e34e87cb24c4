"""The classifiers under test, one row each, and what the tests have in common.

``NETWORKS`` has the families of ``skmnist.classifiers._families``, and a network of the user's own.
What belongs to a network and its class is tested on every row; what belongs to the base that all
share, on the dense network of ``CASES``; and where it may matter to the base whose the network is,
on a network of convolutions and one of the user's own too.
"""

import inspect
import pickle
from dataclasses import dataclass, field

import numpy as np

from skmnist import Augmentation, KerasClassifier, MLPClassifier
from skmnist.classifiers._families import FAMILIES


def network(image_shape, n_classes, units=12, dropout=0.0, seed=None):
    """Build the network that the tests give to KerasClassifier; its layers take no seed."""
    import keras

    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def wide_network(image_shape, n_classes, units=20):
    """Build another network, to stand in a grid beside ``network``."""
    return network(image_shape, n_classes, units)


def squared_error(y_true, y_pred):
    """Compute a loss that is a plain function."""
    import keras

    return keras.ops.mean((y_true - y_pred) ** 2, axis=-1)


def linear(n_units, *layers, activation="softmax", **options):
    """Return a network of one dense layer, after some others."""
    import keras

    last = keras.layers.Dense(n_units, activation=activation, **options)
    return keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Flatten(), last])


@dataclass
class Case:
    """A classifier class: quick parameters, its own parameters off default, its builder."""

    cls: type
    quick: dict = field(default_factory=dict)
    other: dict = field(default_factory=dict)
    builder: object = None

    def make(self, **params):
        """Make a quick instance."""
        return self.cls(**{**self.quick, "epochs": 2, "random_state": 0, **params})


NETWORKS = {
    **{
        name: Case(row.classifier, dict(row.small), dict(row.other), row.builder)
        for name, row in FAMILIES.items()
    },
    "keras": Case(
        KerasClassifier,
        quick={"model": network},
        other={
            "model": [wide_network],
            "classes": [[2, 0, 1]],
            "model__units": [5],
            "model__dropout": [0.4],
        },
    ),
}
CASES = {name: NETWORKS[name] for name in ("mlp", "lenet", "keras")}

# Values off the default of the parameters all classifiers have.
COMMON_OTHER = {
    "optimizer": ["sgd", "rmsprop"],
    "learning_rate": [0.01],
    "learning_rate_schedule": ["auto", "linear"],
    "loss": ["categorical_crossentropy"],
    "metrics": [[], ["accuracy", "top_k_categorical_accuracy"]],
    "epochs": [1, 3],
    "batch_size": [16, None],
    "early_stopping": [True],
    "validation_fraction": [0.2],
    "n_iter_no_change": [2],
    "restore_best_weights": [False],
    "callbacks": [[], {}],
    "class_weight": ["balanced", {0: 2.0}],
    "augmentation": [Augmentation(rotation=5)],
    "warm_start": [True],
    "jit_compile": [True],
    "dtype_policy": ["float32", "mixed_bfloat16"],
    "image_shape": [(8, 8), (4, 16, 1)],
    "pixel_range": [(0, 2), "unit", "as-is"],
    "weighted_metrics": [["accuracy"]],
    "random_state": [1, None],
    "verbose": [1, True],
}

ROUTED = {
    "optimizer__momentum": ({"optimizer": "sgd"}, [0.1, 0.9]),
    "optimizer__learning_rate": ({}, [0.1, 0.01]),
    "optimizer__weight_decay": ({"optimizer": "adam"}, [0.01]),
    "loss__label_smoothing": ({"loss": "categorical_crossentropy"}, [0.1, 0.4]),
}


def all_off_default(name):
    """Return every constructor parameter of a case with a value off its default."""
    case = NETWORKS[name]
    params = {k: v[0] for k, v in (COMMON_OTHER | case.other).items()}
    params |= {"metrics": ("mse",), "callbacks": {}, "optimizer": "sgd"}
    params.pop("model__dropout", None)  # wide_network has none
    return params


def mlp(**params):
    """Make a small and quick multilayer perceptron."""
    params = {"hidden_layer_sizes": (8,), "epochs": 1, "random_state": 0, **params}
    return MLPClassifier(**params)


def own(model=network, **params):
    """Make a KerasClassifier that trains for one epoch."""
    return KerasClassifier(model, **{"epochs": 1, "random_state": 0, **params})


def itself(estimator):
    """Return the estimator: a copy that is none."""
    return estimator


def through_pickle(estimator, dumps=pickle.dumps):
    """Return an estimator as it is after pickling."""
    return pickle.loads(dumps(estimator))


def constructor_names(cls):
    """Return the names of the parameters in a class's signature."""
    return list(inspect.signature(cls).parameters)


def weights(estimator):
    """Return all weights of a fitted estimator's network in one vector."""
    return np.concatenate([w.ravel() for w in estimator.model_.get_weights()])


def by_model(fitted, X):
    """Compute the outputs of a fitted network for pixels as they are."""
    images = np.asarray(X, dtype=np.float32).reshape(-1, 8, 8, 1)
    return fitted.model_.predict(images, verbose=0)


def assert_near(actual, expected, message="", atol=1e-6):
    """Check that numbers differ by little, however small they are."""
    np.testing.assert_allclose(actual, expected, rtol=0, atol=atol, err_msg=message)
