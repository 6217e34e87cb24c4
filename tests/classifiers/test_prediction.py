"""A row's prediction depends on that row alone, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.classifiers.cases import CASES
from tests.marks import slow_but

# Wide enough for the matrix kernels to work in blocks.
WIDE = {
    "mlp": {"hidden_layer_sizes": (128, 64)},
    "lenet": {"filters": (6, 16), "dense_units": 84},
    "keras": {"model__units": 100},
}
_fitted = {}


def wide(name):
    if name not in _fitted:
        rng = np.random.default_rng(0)
        X = rng.random((2100, 28, 28), dtype=np.float32)
        estimator = CASES[name].make(epochs=1, batch_size=50, **WIDE[name])
        estimator.fit(X[:100], np.arange(100) % 10)
        _fitted[name] = estimator, X, estimator.predict_proba(X)
    return _fitted[name]


@pytest.mark.parametrize("name", slow_but(["mlp"], CASES, "predicts for every length"))
def test_alone_and_in_a_batch(name):
    estimator, X, expected = wide(name)
    for i in (0, 1, 15, 16, 17, 1023, 1024, 1025, 2047, 2099):
        np.testing.assert_array_equal(estimator.predict_proba(X[i : i + 1])[0], expected[i])


@pytest.mark.parametrize("name", CASES)
def test_every_length(name):
    estimator, X, expected = wide(name)
    for n in [*range(1, 36), 63, 64, 65, 1000, 1023, 1024, 1025, 1040, 2048, 2049]:
        np.testing.assert_array_equal(estimator.predict_proba(X[:n]), expected[:n])


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30, deadline=None, database=None)
@given(rows=st.lists(st.integers(0, 2099), min_size=1, max_size=80))
def test_any_rows_in_any_order(name, rows):
    estimator, X, expected = wide(name)
    np.testing.assert_array_equal(estimator.predict_proba(X[rows]), expected[rows])
    flat = X[rows].reshape(len(rows), -1)
    np.testing.assert_array_equal(estimator.predict(flat), expected[rows].argmax(axis=1))


@pytest.mark.parametrize("name", CASES)
def test_permutation(name):
    estimator, X, expected = wide(name)
    order = np.random.default_rng(1).permutation(len(X))
    np.testing.assert_array_equal(estimator.predict_proba(X[order]), expected[order])


@pytest.mark.parametrize("name", CASES)
def test_duplicates(name):
    estimator, X, expected = wide(name)
    np.testing.assert_array_equal(
        estimator.predict_proba(np.repeat(X[:1], 333, axis=0)), np.repeat(expected[:1], 333, axis=0)
    )


@pytest.mark.parametrize("name", CASES)
def test_equals_the_keras_model(name):
    estimator, X, expected = wide(name)
    direct = estimator.model_.predict(X[:100, ..., np.newaxis], verbose=0)
    np.testing.assert_allclose(expected[:100], direct, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_dropout_is_off(name):
    estimator, X, _ = wide(name)
    np.testing.assert_array_equal(estimator.predict_proba(X[:50]), estimator.predict_proba(X[:50]))


def test_sizes_of_small_calls_are_tried():
    from skmnist._bridge.models import forward

    def calculate(rows):
        # Kernels that treat the last rows of four apart, as those of other processors may.
        outputs = rows.numpy().sum(axis=1, keepdims=True)
        return [tf.constant(outputs + 1e-6 if len(outputs) == 4 else outputs)]

    tf = forward.tf
    assert forward.exact_sizes(calculate, [np.ones((1, 6), np.float32)]) == (12,)
    assert forward.exact_sizes(lambda rows: [rows], [np.ones((1, 6), np.float32)]) == (4, 12)
    padded = [len(forward.padded(np.ones((n, 2)), (12,))) for n in (1, 4, 12, 13, 24, 25)]
    assert padded == [12, 12, 12, 24, 24, 48]


def test_a_network_that_draws_at_prediction_is_called_once():
    import keras

    from skmnist import KerasClassifier

    class Noise(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.generator = keras.random.SeedGenerator(0)

        def call(self, inputs):
            return inputs + 0.1 * keras.random.normal((784,), seed=self.generator)

    def build(image_shape, n_classes):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Flatten(),
                Noise(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    X, y = np.random.default_rng(0).random((40, 28, 28), dtype=np.float32), np.arange(40) % 10
    fitted = KerasClassifier(build, epochs=1, random_state=0).fit(X, y)
    counter = fitted.model_.layers[1].generator.state
    before = counter.numpy().copy()
    first = fitted.predict_proba(X[:3])
    once = counter.numpy() - before
    fitted.predict_proba(X[:3])
    np.testing.assert_array_equal(counter.numpy() - before, 2 * once)
    assert once.any() and np.isfinite(first).all()
