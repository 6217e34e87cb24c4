"""Functions and classes of the user's own: in copies, in later fits, and as they were compiled."""

import copy
import pickle

import cloudpickle
import numpy as np
import pytest
from sklearn.base import clone

from tests.classifiers.cases import itself, linear, mlp, own, through_pickle


def squashing():
    import keras

    def squash(x):
        return x / 2

    first = keras.layers.Activation(squash)

    def squash(x):
        return -x

    return linear(3, first, keras.layers.Activation(squash))


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("way", [copy.deepcopy, pickle.dumps, cloudpickle.dumps])
def test_two_functions_of_a_name(way, three):
    with pytest.raises(ValueError, match="squash"):
        way(own(squashing).fit(*three))
    with pytest.raises(ValueError, match="squash"):  # every fit copies a model
        own(squashing()).fit(*three)


@pytest.mark.slow("many fits, each traced anew")
def test_function_in_a_wrapped_layer(three):
    import keras

    def my_act(x):
        return keras.ops.sin(3 * x)

    def build():
        inner = keras.layers.Dense(4, activation=my_act)
        return linear(3, keras.layers.Reshape((8, 8)), keras.layers.TimeDistributed(inner))

    fitted = own(build).fit(*three)
    for copied in (copy.deepcopy(fitted), through_pickle(fitted, cloudpickle.dumps)):
        X = three[0]
        np.testing.assert_array_equal(copied.predict_proba(X), fitted.predict_proba(X))
    given = build()
    same = own(given, learning_rate=1e-12).fit(*three).predict_proba(X)
    expected = given.predict(X.reshape(-1, 8, 8, 1), verbose=0)
    np.testing.assert_allclose(same, expected, rtol=0, atol=1e-6)


@pytest.mark.slow("many fits, each traced anew")
@pytest.mark.parametrize("way", [itself, clone, copy.deepcopy])
def test_custom_schedule(way, three):
    import keras

    class Halving(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, first):
            self.first = first

        def __call__(self, step):
            return self.first * 0.5 ** keras.ops.cast(step, "float32")

        def get_config(self):
            return {"first": self.first}

    params = {"optimizer": keras.optimizers.Adam(Halving(0.1))}
    if way is not itself:  # Keras copies no optimizer with a schedule it does not know
        params = {"learning_rate": Halving(0.1)}
    fitted = way(mlp(**params)).fit(*three).fit(*three)
    # After a fit the schedule begins anew, as the optimizer does; from then on it goes on.
    fitted = fitted.partial_fit(*three)
    assert float(fitted.model_.optimizer.learning_rate.numpy()) == pytest.approx(0.1 / 8)
    fitted = fitted if way is clone else way(fitted)
    rate = fitted.partial_fit(*three).model_.optimizer.learning_rate
    assert float(rate.numpy()) == pytest.approx(0.1 / 64)


def compiled():
    import keras

    model = linear(3)
    model.compile(
        keras.optimizers.SGD(0.5, momentum=0.5),
        "sparse_categorical_crossentropy",
        loss_weights=[2.0],
        run_eagerly=True,
        steps_per_execution=3,
    )
    return model


@pytest.mark.parametrize("make", [lambda: compiled, compiled])
def test_compiled_model_keeps_how_it_was_compiled(make, three):
    fitted = own(make(), learning_rate=0.25).fit(*three)
    for model in (fitted.model_, copy.deepcopy(fitted).model_):
        assert model.run_eagerly is True
        assert model.steps_per_execution == 3
        assert list(model.get_compile_config()["loss_weights"]) == [2.0]
        assert float(model.optimizer.learning_rate.numpy()) == 0.25
        assert model.optimizer.momentum == 0.5
