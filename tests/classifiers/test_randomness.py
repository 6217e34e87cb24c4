"""random_state: reproducible fits, and global generators left alone."""

import copy
import pickle
import random

import numpy as np
import pytest
from sklearn.base import clone

from skmnist import KerasClassifier
from tests.classifiers.cases import (
    CASES,
    assert_near,
    own,
    through_pickle,
    weights,
)
from tests.processes import check_ran, run_python


def with_dropout(case, **params):
    name = "model__dropout" if "model" in case.quick else "dropout"
    return case.make(**{name: 0.4, **params})


def unseeded_network(image_shape, n_classes):
    """Build a network with every kind of layer that draws at random, none of them seeded."""
    import keras

    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.GaussianNoise(0.1),
            keras.layers.RandomTranslation(0.1, 0.1),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu", kernel_initializer="he_normal"),
            keras.layers.AlphaDropout(0.2),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"epochs": 3}])
def test_same_seed_same_result(case, params, three):
    X, y = three
    estimator = with_dropout(case, **params)
    first = clone(estimator).fit(X, y)
    second = clone(estimator).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    np.testing.assert_array_equal(first.fit(X, y).predict_proba(X), second.predict_proba(X))
    assert first.history_ == second.history_


@pytest.mark.slow("traces graphs anew for every case")
def test_same_seed_in_layers_without_seed(three):
    X, y = three
    first, second = (
        KerasClassifier(unseeded_network, epochs=2, random_state=5).fit(X, y) for _ in range(2)
    )
    np.testing.assert_array_equal(weights(first), weights(second))
    other = KerasClassifier(unseeded_network, epochs=2, random_state=6).fit(X, y)
    assert np.abs(weights(first) - weights(other)).max() > 1e-3


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_same_seed_in_two_processes(three, tmp_path):
    """Bit-identical in another process, which has another hash seed."""
    X, y = three
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    code = """
        import numpy as np
        from tests.classifiers.cases import CASES
        from tests.classifiers.test_randomness import with_dropout
        X, y = np.load("X.npy"), np.load("y.npy")
        for name, case in CASES.items():
            proba = with_dropout(case).fit(X, y).predict_proba(X)
            np.save(f"{name}.npy", proba)
        """
    check_ran(run_python(code, cwd=tmp_path, PYTHONHASHSEED="77"))
    for name, case in CASES.items():
        here = with_dropout(case).fit(X, y).predict_proba(X)
        np.testing.assert_array_equal(np.load(tmp_path / f"{name}.npy"), here)


def test_seeds_differ(case, three):
    X, y = three
    results = [
        with_dropout(case, random_state=seed).fit(X, y).predict_proba(X)
        for seed in (0, 1, 2**32 - 1)
    ]
    assert np.abs(results[0] - results[1]).max() > 1e-3
    assert np.abs(results[0] - results[2]).max() > 1e-3


def test_none_differs(case, three):
    """None differs between fits, whatever the global generators were seeded with."""
    X, y = three
    results = []
    for _ in range(2):
        np.random.seed(0)
        random.seed(0)
        results.append(case.make(random_state=None).fit(X, y).predict_proba(X))
    assert np.abs(results[0] - results[1]).max() > 1e-3


def test_random_state_instance(case, three):
    X, y = three
    fits = [
        case.make(random_state=np.random.RandomState(seed)).fit(X, y).predict_proba(X)
        for seed in (3, 3, 4)
    ]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert np.abs(fits[0] - fits[2]).max() > 1e-3
    shared = case.make(random_state=np.random.RandomState(3))
    first = shared.fit(X, y).predict_proba(X)
    assert np.abs(first - shared.fit(X, y).predict_proba(X)).max() > 1e-3


def draws():
    """Draw from the global generators of Python, NumPy, Keras and TensorFlow."""
    import keras
    import tensorflow as tf

    return (
        random.random(),
        np.random.rand(3).tolist(),
        keras.random.normal((3,)).numpy().tolist(),
        keras.layers.Dense(2).kernel_initializer((3, 2)).numpy().tolist(),
        tf.random.normal((3,)).numpy().tolist(),
    )


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("seed", [0, None])
def test_global_generators_unchanged(case, seed, three):
    import keras

    X, y = three
    keras.utils.set_random_seed(11)
    expected = draws(), draws()
    keras.utils.set_random_seed(11)
    assert draws() == expected[0]
    estimator = with_dropout(case, random_state=seed, early_stopping=True).fit(X, y)
    estimator.predict(X)
    estimator.set_params(early_stopping=False).partial_fit(X, y)
    assert draws() == expected[1]


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("seed", [0, None])
def test_global_generators_unchanged_by_unseeded_layers(seed, three):
    import keras

    keras.utils.set_random_seed(11)
    expected = draws(), draws()
    keras.utils.set_random_seed(11)
    assert draws() == expected[0]
    KerasClassifier(unseeded_network, epochs=1, random_state=seed).fit(*three)
    assert draws() == expected[1]


def test_builders_touch_no_global_state():
    import keras

    for case in CASES.values():
        if case.builder is None:
            continue
        keras.utils.set_random_seed(11)
        expected = draws()
        keras.utils.set_random_seed(11)
        models = [case.builder((8, 8, 1), 3, dropout=0.5, seed=s) for s in (1, 1, 2)]
        assert draws() == expected
        kernels = [np.concatenate([w.ravel() for w in m.get_weights()]) for m in models]
        np.testing.assert_array_equal(kernels[0], kernels[1])
        assert np.abs(kernels[0] - kernels[2]).max() > 1e-3


def test_failed_builder_leaves_generators_alone(three):
    def broken(image_shape):
        np.random.rand(5)
        random.random()
        raise RuntimeError("broken")

    import keras

    keras.utils.set_random_seed(11)
    expected = draws()
    keras.utils.set_random_seed(11)
    with pytest.raises(RuntimeError, match="broken"):
        KerasClassifier(broken, random_state=0).fit(*three)
    assert draws() == expected


@pytest.mark.slow("many fits")
def test_caller_seed_does_not_matter(case, three):
    """What the caller seeded has no influence on a fit with a seed of its own."""
    import keras

    X, y = three
    results = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        results.append(with_dropout(case).fit(X, y).predict_proba(X))
    np.testing.assert_array_equal(*results)


def test_row_order_and_layers_use_different_seeds(three):
    """Different layers start from different weights though one seed gives all of them."""
    from skmnist import networks

    model = networks.mlp((4, 4, 1), 16, hidden_layer_sizes=(16, 16), seed=0)
    kernels = [w for w in model.get_weights() if w.shape == (16, 16)]
    assert len(kernels) == 3
    assert len({kernel.tobytes() for kernel in kernels}) == 3


@pytest.mark.slow("many fits")
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


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_named_networks_never_reseed(name, three, monkeypatch):
    def refuse(*_):
        raise AssertionError("Python's generator was reseeded")

    before = random.getstate()
    monkeypatch.setattr(random, "seed", refuse)
    CASES[name].make(dropout=0.3, epochs=1).fit(*three)
    assert random.getstate() == before


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_dropout_leaves_the_initial_weights(name, three):
    params = {"epochs": 1, "learning_rate": 1e-12}
    without, some = (CASES[name].make(dropout=d, **params).fit(*three) for d in (0.0, 0.1))
    for a, b in zip(without.model_.get_weights(), some.model_.get_weights(), strict=True):
        assert_near(a, b, atol=1e-9)
