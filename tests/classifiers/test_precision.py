"""jit_compile and dtype_policy: what they change, and what they leave alone."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skmnist import CNNClassifier, KerasClassifier, MLPClassifier
from tests.classifiers.cases import assert_near, by_model, linear, own, weights
from tests.marks import slow_but


def without_dropout(case, **params):
    """Make an estimator that draws nothing: other numbers draw, and compute, otherwise."""
    return case.make(**{"model__dropout" if "model" in case.quick else "dropout": 0.0}, **params)


@pytest.mark.slow("compiles by XLA")
def test_compiled_by_xla_the_same_training(case, three):
    """The same up to rounding."""
    plain = without_dropout(case, epochs=2)
    compiled = clone(plain).set_params(jit_compile=True)
    plain.fit(*three)
    compiled.fit(*three)
    np.testing.assert_allclose(weights(compiled), weights(plain), rtol=0, atol=1e-4)
    np.testing.assert_allclose(compiled.loss_curve_, plain.loss_curve_, rtol=1e-4)
    again = pickle.loads(pickle.dumps(compiled))
    np.testing.assert_array_equal(again.predict_proba(three[0]), compiled.predict_proba(three[0]))


@pytest.mark.slow("compiles by XLA")
def test_xla_is_really_used(three, monkeypatch):
    from skmnist._bridge.engine import training
    from skmnist._keras import tf

    asked = []
    original = tf.function

    def function(*args, **kwargs):
        asked.append(bool(kwargs.get("jit_compile")))
        return original(*args, **kwargs)

    monkeypatch.setattr(tf, "function", function)
    assert training.tf.function is function
    for jit_compile in (False, True):
        asked.clear()
        # A network of its own, so that its graph is made now.
        MLPClassifier((3 + jit_compile,), epochs=1, jit_compile=jit_compile).fit(*three)
        assert any(asked) == jit_compile


@pytest.mark.parametrize(
    "policy",
    slow_but(
        ["mixed_bfloat16"],
        ["mixed_bfloat16", "mixed_float16", "float64"],
        "traces the network for every policy",
    ),
)
def test_dtype_policy(policy, case, three):
    X, y = three
    before = keras.config.dtype_policy().name
    fitted = without_dropout(case, dtype_policy=policy).fit(X, y)
    assert keras.config.dtype_policy().name == before
    wanted = keras.dtype_policies.get(policy)
    *hidden, last = (layer for layer in fitted.model_.layers if layer.weights)
    assert {layer.compute_dtype for layer in hidden} == {wanted.compute_dtype}
    assert {layer.variable_dtype for layer in hidden} == {wanted.variable_dtype}
    single = fitted.model_.name in ("mlp", "lenet") and policy != "float64"
    assert last.compute_dtype == ("float32" if single else wanted.compute_dtype)
    proba = fitted.predict_proba(X)
    assert proba.dtype == np.float32
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X), proba)
    exact = clone(fitted).set_params(dtype_policy=None).fit(X, y).predict_proba(X)
    assert not np.array_equal(exact, proba)
    # The first steps in float16 only find the scale of the loss; float64 draws other weights.
    if policy == "mixed_bfloat16":
        np.testing.assert_allclose(proba, exact, atol=0.2)


def test_unknown_policy(case, three):
    with pytest.raises(
        ValueError, match=r"'dtype_policy' parameter must be the name .* Got 'half' instead"
    ):
        case.make(dtype_policy="half").fit(*three)


def test_policy_cannot_change_under_warm_start(case, three):
    warm = case.make(warm_start=True, dtype_policy="mixed_bfloat16").fit(*three)
    before = weights(warm)
    warm.set_params(dtype_policy=None)
    with pytest.raises(ValueError, match="was built with dtype_policy='mixed_bfloat16'"):
        warm.fit(*three)
    np.testing.assert_array_equal(weights(warm), before)


def test_policy_of_a_model_that_exists():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    X, y = np.random.default_rng(0).random((20, 64)), np.arange(20) % 2
    with pytest.raises(ValueError, match="a model has a policy already"):
        KerasClassifier(model, epochs=1, dtype_policy="mixed_bfloat16").fit(X, y)
    with pytest.raises(ValueError, match="a model has a policy already"):
        KerasClassifier.from_keras(model, dtype_policy="mixed_bfloat16")


@pytest.mark.slow("traces a deep network")
@pytest.mark.parametrize("kind", [CNNClassifier])
def test_double_precision_in_every_network(kind, three):
    fitted = kind(epochs=1, dtype_policy="float64").fit(*three)
    assert {layer.compute_dtype for layer in fitted.model_.layers} == {"float64"}


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
