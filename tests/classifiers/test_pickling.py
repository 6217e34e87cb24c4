"""Pickling and copying: same predictions, same further training, small files."""

import copy
import io
import pickle

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmnist import KerasClassifier, MLPClassifier
from tests.classifiers.cases import CASES, squared_error, weights
from tests.marks import slow_but
from tests.processes import check_ran, run_forked


def through_joblib(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


WAYS = {
    "pickle": lambda e: pickle.loads(pickle.dumps(e)),
    "pickle-2": lambda e: pickle.loads(pickle.dumps(e, protocol=2)),
    "cloudpickle": lambda e: pickle.loads(cloudpickle.dumps(e)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(params=slow_but(["mlp"], CASES, "the same for a network of another kind"))
def case(request):
    """Each kind of classifier in turn: layers differ in what they keep."""
    return CASES[request.param]


@pytest.mark.parametrize("way", WAYS)
def test_round_trip(way, case, fitted, three):
    X, y = three
    unfitted = case.make(epochs=1)
    assert WAYS[way](unfitted).get_params() == unfitted.get_params()
    assert not WAYS[way](unfitted).__sklearn_is_fitted__()
    np.testing.assert_array_equal(
        WAYS[way](unfitted).fit(X, y).predict_proba(X), clone(unfitted).fit(X, y).predict_proba(X)
    )
    again = WAYS[way](fitted)
    assert again.get_params() == fitted.get_params()
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert again.history_ == fitted.history_
    assert again.n_iter_ == fitted.n_iter_
    assert again.n_features_in_ == 64
    second = WAYS[way](WAYS[way](again))
    np.testing.assert_array_equal(second.predict_proba(X), fitted.predict_proba(X))


def test_copies_are_independent(fitted, three):
    X, y = three
    before = fitted.predict_proba(X)
    for way in WAYS.values():
        way(fitted).partial_fit(X, y)
        np.testing.assert_array_equal(fitted.predict_proba(X), before)


def test_pipeline(case, three):
    X, y = three
    pipeline = make_pipeline(StandardScaler(), case.make()).fit(X, y)
    for way in WAYS.values():
        np.testing.assert_array_equal(way(pipeline).predict_proba(X), pipeline.predict_proba(X))


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_fresh_process(three, tmp_path):
    """A process that imports nothing but the pickle predicts and trains on the same."""
    X, y = three
    fitted = {name: case.make().fit(X, y) for name, case in CASES.items()}
    joblib.dump(fitted, tmp_path / "fitted.joblib")
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    process = run_forked(
        """
        import joblib, numpy as np
        X, y = np.load("X.npy"), np.load("y.npy")
        for name, estimator in joblib.load("fitted.joblib").items():
            np.save(f"{name}-proba.npy", estimator.predict_proba(X))
            np.save(f"{name}-more.npy", estimator.partial_fit(X, y).predict_proba(X))
        """,
        cwd=tmp_path,
    )
    check_ran(process)
    for name, estimator in fitted.items():
        there = np.load(tmp_path / f"{name}-proba.npy")
        np.testing.assert_array_equal(there, estimator.predict_proba(X))
        there = np.load(tmp_path / f"{name}-more.npy")
        np.testing.assert_array_equal(there, estimator.partial_fit(X, y).predict_proba(X))


@pytest.mark.parametrize("optimizer", ["adam", "sgd-momentum", "schedule"])
def test_continued_training_equals_uninterrupted(optimizer, case, three):
    import keras

    X, y = three
    params = {
        "adam": {},
        "sgd-momentum": {"optimizer": "sgd", "optimizer__momentum": 0.9},
        "schedule": {"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 20)},
    }[optimizer]
    if "model" not in case.quick:
        params["dropout"] = 0.3
    else:
        params["model__dropout"] = 0.3
    whole = case.make(epochs=3, **params).fit(X, y)
    partly = case.make(**params)
    warm = case.make(epochs=1, warm_start=True, **params)
    for _ in range(3):
        partly = copy.deepcopy(partly.partial_fit(X, y))
        warm = pickle.loads(pickle.dumps(warm.fit(X, y)))
    for other in (partly, warm):
        np.testing.assert_array_equal(weights(other), weights(whole))
        assert other.history_ == whole.history_
        assert other.n_iter_ == 3


def test_predicting_between_does_not_lose_the_optimizer(fitted, three):
    """Unpickle, predict, pickle, unpickle, train: the optimizer's state comes along."""
    X, y = three
    again = pickle.loads(pickle.dumps(fitted))
    again.predict(X)
    assert again.model_ is not None
    again = pickle.loads(pickle.dumps(again)).partial_fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(fitted.partial_fit(X, y)))


def compiled_network(image_shape, n_classes):
    import keras

    model = keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def compiled_with_function(image_shape, n_classes):
    model = compiled_network(image_shape, n_classes)
    model.compile("adam", squared_error)
    return model


@pytest.mark.parametrize("twice", [False, True])
def test_compiled_model_keeps_its_optimizer_state(twice, three):
    X, y = three
    fitted = KerasClassifier(compiled_network, epochs=3, random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    if twice:
        again.predict(X)
        again = pickle.loads(pickle.dumps(again))
    again.partial_fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(fitted.partial_fit(X, y)))


@pytest.mark.slow("compiles with functions, which are traced anew")
@pytest.mark.parametrize("way", ["pickle", "cloudpickle", "deepcopy"])
def test_compiled_with_a_function_as_loss(way, three):
    X, y = three
    fitted = KerasClassifier(compiled_with_function, epochs=1, random_state=0).fit(X, y)
    again = WAYS[way](fitted)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    again.partial_fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(fitted.partial_fit(X, y)))


@pytest.mark.slow("traces graphs anew for every case")
def test_function_as_loss(case, three):
    X, y = three
    fitted = case.make(loss=squared_error).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    again.partial_fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(fitted.partial_fit(X, y)))


@pytest.mark.slow("traces graphs anew for every case")
def test_unpickled_model_can_be_evaluated(three):
    """``model_`` is a real Keras model before and after pickling."""
    X, y = three
    fitted = MLPClassifier(epochs=1, random_state=0).fit(X, y)
    images = X.reshape(-1, 8, 8, 1)
    before = fitted.model_.evaluate(images, y, verbose=0)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_allclose(again.model_.evaluate(images, y, verbose=0), before, rtol=1e-5)


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", CASES)
def test_size(name, three):
    """A pickle holds the weights, two moments of each, and little else."""
    params = {"early_stopping": True, "epochs": 3, "callbacks": []}
    if name == "mlp":
        params["hidden_layer_sizes"] = (400, 200)
    fitted = CASES[name].make(**params).fit(*three)
    n_bytes = 4 * weights(fitted).size
    for _ in range(2):
        packed = pickle.dumps(fitted)
        assert len(packed) <= 3 * n_bytes + 64 * 1024
        fitted = pickle.loads(packed)
        fitted.predict(three[0])


def test_history_is_plain_after_pickling(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    assert type(again.history_) is dict
    assert all(type(value) is float for values in again.history_.values() for value in values)


def test_class_pickles_that_the_user_defined_locally(three):
    """Copying needs no import: a layer class may live inside a function."""
    import keras

    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    def build(image_shape, n_classes):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Flatten(),
                Twice(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    X, y = three
    fitted = KerasClassifier(build, epochs=1, random_state=0).fit(X, y)
    for way in (copy.deepcopy, lambda e: pickle.loads(cloudpickle.dumps(e))):
        np.testing.assert_array_equal(way(fitted).predict_proba(X), fitted.predict_proba(X))
