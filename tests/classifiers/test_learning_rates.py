"""The learning rate over the epochs of a fit, and optimizers that users bring."""

import copy
import math
import pickle

import cloudpickle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skmnist import MLPClassifier
from skmnist._bridge.engine import schedules
from tests.classifiers.cases import weights


def rates_of(estimator, *fits):
    """Return the learning rate at the end of every epoch of some calls."""
    import keras

    class Note(keras.callbacks.Callback):
        seen = []

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(float(self.model.optimizer.learning_rate))

    estimator.set_params(callbacks=[Note])
    Note.seen.clear()
    for fit in fits:
        fit(estimator)
    return list(Note.seen)


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("cosine", [(1 + math.cos(math.pi * (e + 0.5) / 4)) / 2 for e in range(4)]),
        ("auto", [(1 + math.cos(math.pi * (e + 0.5) / 4)) / 2 for e in range(4)]),
        ("linear", [0.875, 0.625, 0.375, 0.125]),
        (None, [1, 1, 1, 1]),
    ],
)
def test_rate_falls_from_the_learning_rate(case, kind, expected, two):
    estimator = case.make(epochs=4, learning_rate=0.02, learning_rate_schedule=kind)
    seen = rates_of(estimator, lambda e: e.fit(*two))
    np.testing.assert_allclose(seen, 0.02 * np.array(expected), rtol=1e-5)


def test_rate_falls_from_the_optimizers_own(two):
    estimator = MLPClassifier((4,), optimizer="sgd", epochs=2, learning_rate_schedule="linear")
    seen = rates_of(estimator, lambda e: e.fit(*two))
    np.testing.assert_allclose(seen, [0.0075, 0.0025], rtol=1e-5)


def test_parts_go_down_the_same_way_and_stay_at_its_end(two):
    estimator = MLPClassifier((4,), epochs=3, learning_rate=1.0, learning_rate_schedule="linear")
    seen = rates_of(estimator, *[lambda e: e.partial_fit(*two)] * 5)
    np.testing.assert_allclose(seen, np.array([5, 3, 1, 1, 1]) / 6, rtol=1e-5)


def test_a_warm_start_begins_at_the_top_again(two):
    estimator = MLPClassifier(
        (4,), epochs=2, learning_rate=1.0, learning_rate_schedule="linear", warm_start=True
    )
    seen = rates_of(estimator, lambda e: e.fit(*two), lambda e: e.fit(*two))
    np.testing.assert_allclose(seen, [0.75, 0.25, 0.75, 0.25], rtol=1e-5)


def test_a_new_learning_rate_is_the_new_top(two):
    estimator = MLPClassifier(
        (4,), epochs=2, learning_rate=1.0, learning_rate_schedule="linear", warm_start=True
    )
    change = [lambda e: e.fit(*two), lambda e: e.set_params(learning_rate=0.4).fit(*two)]
    np.testing.assert_allclose(rates_of(estimator, *change), [0.75, 0.25, 0.3, 0.1], rtol=1e-5)


@given(
    kind=st.sampled_from(["cosine", "linear"]),
    epochs=st.integers(1, 300),
    peak=st.floats(1e-6, 10),
)
def test_rates_fall_and_stay_positive(kind, epochs, peak):
    rate = schedules.schedule(kind, epochs, peak, 7)
    seen = [rate(7 + epoch) for epoch in range(epochs)]
    assert all(0 < value < peak for value in seen)
    assert seen == sorted(seen, reverse=True)
    assert np.isclose(np.mean(seen), peak / 2)


def test_two_schedules_are_an_error_before_training(two):
    import keras

    keras_schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    for params in (
        {"learning_rate": keras_schedule},
        {"optimizer": keras.optimizers.SGD(keras_schedule)},
        {"optimizer__learning_rate": keras_schedule},
    ):
        estimator = MLPClassifier(learning_rate_schedule="cosine", **params)
        with pytest.raises(
            ValueError,
            match=r"'learning_rate_schedule' parameter must be .* None if .* Got 'cosine'",
        ):
            estimator.fit(*two)
        assert not estimator.__sklearn_is_fitted__()


def test_invalid_schedule(two):
    with pytest.raises(ValueError, match=r"learning_rate_schedule.*'cosine'.*Got 'cosinus'"):
        MLPClassifier(learning_rate_schedule="cosinus").fit(*two)


def test_keras_schedules_count_batches(two):
    import keras

    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([4], [0.1, 0.001])
    estimator = MLPClassifier((4,), learning_rate=schedule, batch_size=15, epochs=2)
    seen = rates_of(estimator, lambda e: e.fit(*two))
    np.testing.assert_allclose(seen, [0.1, 0.001], rtol=1e-5)
    estimator.set_params(learning_rate_schedule="auto")  # the default of the deeper networks
    assert rates_of(estimator, lambda e: e.fit(*two)) == seen


def own_optimizers():
    """Optimizers and schedules of classes that Keras cannot find by name."""
    import keras

    class Slower(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, step):
            return self.rate / (1 + keras.ops.cast(step, "float32"))

        def get_config(self):
            return {"rate": self.rate}

    class Plain(keras.optimizers.SGD):
        pass

    return {
        "own schedule": keras.optimizers.Adam(Slower(0.05)),
        "own optimizer": Plain(0.1, momentum=0.5),
        "both": Plain(Slower(0.5)),
        "Keras's": keras.optimizers.AdamW(0.01, weight_decay=0.1, clipnorm=1.0),
    }


COPIES = {
    "clone": clone,
    "deepcopy": copy.deepcopy,
    "cloudpickle": lambda e: pickle.loads(cloudpickle.dumps(e)),
}


@pytest.mark.slow("fits for every way of copying")
@pytest.mark.parametrize("kind", ["own schedule", "own optimizer", "both", "Keras's"])
@pytest.mark.parametrize("way", COPIES)
def test_instances_are_copied_safely(kind, way, two):
    optimizer = own_optimizers()[kind]
    estimator = MLPClassifier((4,), optimizer=optimizer, epochs=2, random_state=0)
    copied = COPIES[way](estimator)
    assert copied.optimizer is not optimizer
    assert type(copied.optimizer).__name__ == type(optimizer).__name__
    first, second = estimator.fit(*two), copied.fit(*two)
    np.testing.assert_array_equal(weights(first), weights(second))
    assert optimizer.variables == [] or int(optimizer.iterations) == 0  # never trained itself
    assert estimator.optimizer is optimizer
    assert np.isfinite(cross_val_score(estimator, *two, cv=2, error_score="raise")).all()


@pytest.mark.slow("traces graphs anew for every case")
def test_a_fitted_one_trains_on_after_pickling(two):
    optimizer = own_optimizers()["both"]
    estimator = MLPClassifier((4,), optimizer=optimizer, random_state=0).partial_fit(*two)
    copied = pickle.loads(cloudpickle.dumps(estimator)).partial_fit(*two)
    np.testing.assert_array_equal(weights(copied), weights(estimator.partial_fit(*two)))
