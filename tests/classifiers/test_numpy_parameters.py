"""NumPy's numbers and arrays are parameters like Python's."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmnist import LeNetClassifier
from tests.classifiers.cases import CASES, through_pickle, weights

NUMPY = {
    "mlp": [
        {"hidden_layer_sizes": np.array([8, 8]), "l1": np.float32(1e-4)},
        {"image_shape": np.array([8, 8])},
        {"hidden_layer_sizes": (np.int64(8),), "l2": np.float32(1e-4), "dropout": np.float32(0.1)},
        {"learning_rate": np.float32(0.1), "epochs": np.int64(1), "batch_size": np.int64(32)},
        {"random_state": np.int64(3), "validation_fraction": np.float32(0.2)},
        {"early_stopping": np.bool_(True), "n_iter_no_change": np.int64(2), "verbose": np.int64(0)},
    ],
    "lenet": [
        {"kernel_size": np.int64(3), "dense_units": np.int64(8), "dropout": np.float32(0.1)},
        {"kernel_size": np.array([3, 2]), "filters": np.array([2, 3])},
        {"filters": (np.int64(2), np.int32(3)), "learning_rate": np.float32(0.1)},
    ],
}


def as_python(value):
    if isinstance(value, tuple):
        return tuple(map(as_python, value))
    return tuple(value.tolist()) if isinstance(value, np.ndarray) else value.item()


@pytest.mark.slow("two networks for every set of parameters")
@pytest.mark.parametrize("name, params", [(name, p) for name in NUMPY for p in NUMPY[name]])
def test_numpy_parameters(name, params, three):
    quick = {"epochs": 1, "warm_start": True}
    fitted = clone(CASES[name].make(**{**quick, **params})).fit(*three)
    python = (
        CASES[name].make(**{**quick, **{k: as_python(v) for k, v in params.items()}}).fit(*three)
    )
    expected = python.predict_proba(three[0])
    np.testing.assert_array_equal(fitted.predict_proba(three[0]), expected)
    again = through_pickle(fitted)
    np.testing.assert_array_equal(again.predict_proba(three[0]), expected)
    np.testing.assert_array_equal(weights(again.fit(*three)), weights(python.fit(*three)))


@pytest.mark.slow("many fits")
def test_numpy_grid(three):
    grid = {"dense_units": np.arange(8, 10)}
    search = GridSearchCV(LeNetClassifier(epochs=1), grid, error_score="raise", cv=2)
    assert search.fit(*three).best_params_["dense_units"] in (8, 9)
