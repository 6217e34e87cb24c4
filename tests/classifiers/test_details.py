"""Names of metrics, NumPy's numbers as parameters, pixels and bytes, random state, outputs."""

import copy
import pickle
import random

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmnist import KerasClassifier, LeNetClassifier, MLPClassifier
from tests.classifiers.cases import CASES, network, weights


def mlp(**params):
    """Make a small and quick multilayer perceptron."""
    params = {"hidden_layer_sizes": (8,), "epochs": 1, "random_state": 0, **params}
    return MLPClassifier(**params)


def own(model=network, **params):
    """Make a KerasClassifier that trains for one epoch."""
    return KerasClassifier(model, **{"epochs": 1, "random_state": 0, **params})


def linear(n_units, *layers, activation="softmax", **options):
    """Return a network of one dense layer, after some others."""
    import keras

    last = keras.layers.Dense(n_units, activation=activation, **options)
    return keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Flatten(), last])


def through_pickle(estimator, dumps=pickle.dumps):
    return pickle.loads(dumps(estimator))


# Metrics are named the same in every fit.


METRICS = {
    "name": (lambda keras: ["AUC"], ["auc"]),
    "class": (lambda keras: [keras.metrics.AUC], ["auc"]),
    "instance": (lambda keras: [keras.metrics.AUC()], ["auc"]),
    "two names": (lambda keras: ["AUC", "AUC"], ["auc", "auc_2"]),
    "two instances": (lambda keras: [keras.metrics.AUC(), keras.metrics.AUC()], ["auc", "auc_2"]),
    "named": (lambda keras: [keras.metrics.AUC(name="area")], ["area"]),
}


@pytest.mark.parametrize("make, kind", [(mlp, kind) for kind in METRICS] + [(own, "name")])
def test_names_of_metrics(make, kind, three):
    import keras

    metrics, names = METRICS[kind]
    estimator = make(loss="categorical_crossentropy", metrics=metrics(keras))
    expected = ["loss", *names]
    assert list(estimator.fit(*three).history_) == expected
    assert list(estimator.fit(*three).history_) == expected
    assert list(clone(estimator).fit(*three).history_) == expected
    again = copy.deepcopy(estimator)
    assert again.model_.compiled
    for fitted in (through_pickle(again), through_pickle(estimator)):
        history = fitted.partial_fit(*three).history_
        assert {k: len(values) for k, values in history.items()} == dict.fromkeys(expected, 2)


def test_monitoring_a_metric_by_its_name(three):
    import keras

    stopping = keras.callbacks.EarlyStopping(
        monitor="val_auc", mode="max", patience=1, min_delta=1e9
    )
    estimator = mlp(
        loss="categorical_crossentropy", metrics=["AUC"], callbacks=[stopping], epochs=4
    )
    for _ in range(2):
        estimator.fit(*three, X_val=three[0], y_val=three[1])
        assert estimator.n_iter_ == 2
        assert list(estimator.history_) == ["loss", "auc", "val_loss", "val_auc"]


# NumPy's numbers and arrays are parameters like Python's.

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


def test_numpy_grid(three):
    grid = {"dense_units": np.arange(8, 10)}
    search = GridSearchCV(LeNetClassifier(epochs=1), grid, error_score="raise", cv=2)
    assert search.fit(*three).best_params_["dense_units"] in (8, 9)


# Bytes, grey levels and fractions.


@pytest.fixture(scope="module")
def grey(three):
    """The images of `three` as bytes."""
    return np.rint(three[0] * 255).astype(np.uint8)


def forms(grey):
    """Return the same images in every form that grey levels come in."""
    mixed = pd.DataFrame(grey)
    mixed[3] = mixed[3].astype(np.int64)
    return {
        "uint8": grey,
        "int64": grey.astype(np.int64),
        "nested list": grey.tolist(),
        "float 0..1": grey / 255,
        "float32 0..1": (grey / 255).astype(np.float32),
        "float 0..255": grey.astype(float),
        "int64 images": grey.reshape(-1, 8, 8).astype(np.int64),
        "frame": pd.DataFrame(grey),
        "frame with an int64 column": mixed,
        "object frame": pd.DataFrame(grey).astype(object),
    }


def by_model(fitted, X):
    """Compute the outputs of a fitted network for pixels as they are."""
    images = np.asarray(X, dtype=np.float32).reshape(-1, 8, 8, 1)
    return fitted.model_.predict(images, verbose=0)


def assert_near(actual, expected, message="", atol=1e-6):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=atol, err_msg=message)


@pytest.mark.parametrize("form", ["uint8", "frame"])
def test_fitted_on_bytes(form, grey, three):
    estimator = mlp().fit(forms(grey)[form], three[1])
    expected = by_model(estimator, grey / 255)
    assert np.abs(expected - by_model(estimator, grey)).max() > 0.01
    for name, X in forms(grey).items():
        assert_near(estimator.predict_proba(X), expected, name)
    # Integers are bytes, however dark; the rest of a batch does not matter.
    dark = np.minimum(grey, 1)
    for X in (dark, dark.astype(np.int64), dark.tolist()):
        assert_near(estimator.predict_proba(X), by_model(estimator, dark / 255))


def test_fitted_on_fractions(grey, three):
    X, y = grey / 255, three[1]
    estimator = mlp().fit(X, y, X_val=grey, y_val=y)
    same = mlp().fit(X, y, X_val=X, y_val=y)
    assert estimator.history_["val_loss"] == pytest.approx(same.history_["val_loss"], rel=1e-5)
    for name in ("uint8", "int64", "int64 images", "float 0..1", "float32 0..1", "frame"):
        assert_near(estimator.predict_proba(forms(grey)[name]), by_model(estimator, X), name)
    estimator.partial_fit(grey, y)
    assert_near(estimator.predict_proba(X), same.partial_fit(X, y).predict_proba(X), atol=1e-5)


def test_fitted_on_binary_bytes(three):
    binary, y = (three[0] > 0.5).astype(np.uint8), three[1]
    on_bytes, on_floats = mlp().fit(binary, y), mlp().fit(binary.astype(float), y)
    expected = by_model(on_floats, binary)
    assert_near(on_bytes.predict_proba(binary), expected)
    assert_near(on_bytes.predict_proba(binary.astype(float)), expected)


@pytest.mark.parametrize("most", [2, 16])
def test_bytes_of_few_levels_warn(most, three):
    X = np.rint(three[0] * most).astype(np.uint8)
    with pytest.warns(UserWarning, match="255"):
        mlp().fit(X, three[1])


@pytest.mark.parametrize("kind", ["function", "nested", "model"])
def test_network_that_rescales_gets_bytes(kind, grey, three):
    import keras

    def build():
        rescaling = keras.layers.Rescaling(1 / 255)
        nested = keras.Sequential([keras.Input((8, 8, 1)), rescaling])
        return linear(3, nested if kind == "nested" else rescaling)

    estimator = own(build() if kind == "model" else build).fit(grey, three[1])
    expected = by_model(estimator, grey)
    assert np.abs(expected - by_model(estimator, grey / 255)).max() > 0.01
    for X in (grey, grey.astype(np.int64), grey.astype(float), pd.DataFrame(grey)):
        assert_near(estimator.predict_proba(X), expected)


def test_fitted_on_other_numbers(grey, three):
    for X in (three[0] * 14.4, three[0] - 0.5):  # neither whole nor from 0 to 1
        estimator = mlp().fit(X, three[1])
        for given in (X, grey, grey.astype(np.int64), three[0]):
            assert_near(estimator.predict_proba(given), by_model(estimator, given), atol=1e-5)


# Global random state.


@pytest.mark.parametrize("way", [copy.deepcopy, through_pickle])
def test_copies_leave_the_random_state(way, three):
    fitted = own(model__dropout=0.5, warm_start=True).fit(*three)
    random.seed(5)
    np.random.seed(5)
    before, numpy_before = random.getstate(), pickle.dumps(np.random.get_state())
    way(fitted).predict(three[0])
    assert random.getstate() == before
    way(fitted).set_params(learning_rate=0.1).fit(*three)
    fitted.set_params(learning_rate=0.2).fit(*three)
    assert random.getstate() == before
    assert pickle.dumps(np.random.get_state()) == numpy_before


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_named_networks_never_reseed(name, three, monkeypatch):
    def refuse(*_):
        raise AssertionError("Python's generator was reseeded")

    before = random.getstate()
    monkeypatch.setattr(random, "seed", refuse)
    CASES[name].make(dropout=0.3, epochs=1).fit(*three)
    assert random.getstate() == before


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_dropout_leaves_the_initial_weights(name, three):
    params = {"epochs": 1, "learning_rate": 1e-12}
    without, some = (CASES[name].make(dropout=d, **params).fit(*three) for d in (0.0, 0.1))
    for a, b in zip(without.model_.get_weights(), some.model_.get_weights(), strict=True):
        assert_near(a, b, atol=1e-9)


# Outputs and labels.


def test_probabilities_of_half_precision(digits):
    proba = own(lambda: linear(10, dtype="float16")).fit(*digits).predict_proba(digits[0])
    assert proba.dtype == np.float32
    assert_near(proba.sum(axis=1, dtype=float), np.ones(300))


@pytest.mark.parametrize("factor", [1.0, 1e4])
def test_scores_of_one_logit(factor, two):
    import keras

    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    estimator = own(lambda: linear(1, activation=None), loss=loss, metrics=[]).fit(*two)
    estimator.model_.set_weights([factor * w for w in estimator.model_.get_weights()])
    scores = estimator.decision_function(two[0])
    expected = by_model(estimator, two[0])[:, 0]
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6 * factor)
    large = scores[np.abs(scores) > 200]
    assert len(np.unique(large)) == len(large) >= (30 if factor > 1 else 0)


@pytest.mark.parametrize("dtype, kind", [("Int64", "i"), ("boolean", "b")])
def test_nullable_labels(dtype, kind, two):
    y = pd.Series(two[1]).astype(dtype)
    fitted = mlp().fit(two[0], y)
    assert fitted.classes_.dtype.kind == fitted.predict(two[0]).dtype.kind == kind
    assert fitted.classes_.tolist() == [0, 1]
    assert 0 <= fitted.score(two[0], y) <= 1
