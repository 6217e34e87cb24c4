"""What callbacks change of the model, of its rate, and of what the user gave them."""

import io

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skmnist import Autoencoder, CNNClassifier, GANGenerator, MLPClassifier
from tests.classifiers.cases import weights


def changing(change, hook="on_train_begin", epoch=0):
    """Return a callback that changes the model at one of its hooks."""
    import keras

    class Change(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            if hook == "on_train_begin":
                change(self.model)

        def on_epoch_begin(self, at, logs=None):
            if hook == "on_epoch_begin" and at == epoch:
                change(self.model)

    return Change()


def freeze(model):
    for layer in model.layers:
        layer.trainable = False


def drop_most(model):
    for layer in model.layers:
        if hasattr(layer, "rate"):
            layer.rate = 0.9


def drop_nothing(model):
    for layer in model.layers:
        if hasattr(layer, "rate"):
            layer.rate = 0.0


def penalize(model):
    for layer in model.layers:
        if getattr(layer, "kernel_regularizer", None) is not None:
            layer.kernel_regularizer.l2 = 0.5


def slow_momentum(model):
    model.optimizer.beta_1 = 0.1


def clip(model):
    model.optimizer.clipnorm = 1e-3


def activate_otherwise(model):
    import keras

    dense = next(layer for layer in model.layers if hasattr(layer, "kernel"))
    dense.activation = keras.activations.tanh


def compile_again(model):
    import keras

    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])


CHANGES = [
    *(freeze, drop_most, drop_nothing, penalize, slow_momentum, clip),
    *(activate_otherwise, compile_again),
]


def make(**params):
    return MLPClassifier((12,), epochs=3, dropout=0.3, l2=1e-3, random_state=0, **params)


@pytest.mark.slow("traces graphs anew for every change")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changes_of_the_model_count(change, three):
    """From the epoch on in which they are made; and other fits run graphs of their own."""
    plain = make().fit(*three)
    begun = make(callbacks=[changing(change)]).fit(*three)
    first = make(callbacks=[changing(change, "on_epoch_begin", 0)]).fit(*three)
    later = make(callbacks=[changing(change, "on_epoch_begin", 1)]).fit(*three)
    assert begun.loss_curve_ != plain.loss_curve_
    assert begun.loss_curve_ == first.loss_curve_
    np.testing.assert_array_equal(weights(begun), weights(first))
    assert later.loss_curve_[0] == plain.loss_curve_[0]
    assert later.loss_curve_[2] not in (plain.loss_curve_[2], begun.loss_curve_[2])
    np.testing.assert_array_equal(weights(make().fit(*three)), weights(plain))
    images = three[0].reshape(-1, 8, 8, 1)
    for fitted in (begun, later):
        np.testing.assert_allclose(
            fitted.predict_proba(three[0]), fitted.model_.predict(images, verbose=0), atol=1e-6
        )


@pytest.mark.slow("traces graphs anew for every case")
def test_frozen_weights_stay(three):
    frozen = changing(freeze)
    start = make(optimizer="sgd", learning_rate=1e-30).fit(*three)
    found = make(callbacks=[frozen]).fit(*three)
    np.testing.assert_allclose(weights(found), weights(start), rtol=0, atol=1e-20)
    later = make(callbacks=[changing(freeze, "on_epoch_begin", 1)]).fit(*three)
    one = make().set_params(epochs=1).fit(*three)
    np.testing.assert_array_equal(weights(later), weights(one))


def test_error_undoes_changes(three):
    """A training that goes on and fails leaves the network as it was, rates and flags included."""
    import keras

    def fail(model):
        freeze(model)
        drop_most(model)
        raise ArithmeticError("from the callback")

    estimator = make().partial_fit(*three)
    expected = weights(make().partial_fit(*three).partial_fit(*three))
    estimator.set_params(callbacks=[changing(fail)])
    with pytest.raises(ArithmeticError, match="from the callback"):
        estimator.partial_fit(*three)
    estimator.set_params(callbacks=[keras.callbacks.LambdaCallback()]).partial_fit(*three)
    np.testing.assert_array_equal(weights(estimator), expected)


# Rates.

SCHEDULED = {
    "mlp": lambda **p: MLPClassifier((8,), learning_rate_schedule="cosine", **p),
    "cnn": lambda **p: CNNClassifier(filters=(2,), dense_units=4, **p),
    "gan": lambda **p: GANGenerator(**p),
    "autoencoder": lambda **p: Autoencoder(2, hidden_layer_sizes=(8,), **p),
}


def rates_with(make, data, *callbacks):
    """Return the learning rate of every epoch."""
    import keras

    seen = []

    class Note(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 0:
                seen.append(float(self.model.optimizer.learning_rate))

    make(epochs=4, random_state=0, callbacks=[*callbacks, Note()]).fit(*data)
    return np.array(seen)


def halving():
    import keras

    class Halving(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2

    return Halving()


@pytest.mark.slow("traces graphs anew for every change")
@pytest.mark.parametrize("name", SCHEDULED)
def test_factors_come_on_top_of_the_schedule(name, two):
    import keras

    plain = rates_with(SCHEDULED[name], two)
    plateau = keras.callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1, min_delta=1e9)
    reduced = rates_with(SCHEDULED[name], two, plateau)
    np.testing.assert_allclose(reduced / plain, [1, 1, 0.1, 0.01], rtol=1e-5)
    halved = rates_with(SCHEDULED[name], two, halving())
    np.testing.assert_allclose(halved / plain, [1, 1 / 2, 1 / 4, 1 / 8], rtol=1e-5)
    absolute = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / 2**epoch)
    set_each = rates_with(SCHEDULED[name], two, absolute)
    np.testing.assert_allclose(set_each, [0.1, 0.05, 0.025, 0.0125], rtol=1e-5)


@pytest.mark.slow("traces graphs anew for every case")
def test_factors_stay_when_training_goes_on(two):
    import pickle

    import cloudpickle

    params = {"epochs": 4, "learning_rate_schedule": "linear", "random_state": 0}
    whole = MLPClassifier((8,), callbacks=[halving()], **params).fit(*two)
    parts = MLPClassifier((8,), callbacks=[halving()], **params)
    for _ in range(4):
        parts = pickle.loads(cloudpickle.dumps(parts)).partial_fit(*two)
    np.testing.assert_array_equal(weights(parts), weights(whole))


# What the user gave.


def recording(seen):
    import keras

    class Record(keras.callbacks.Callback):
        def __init__(self, seen):
            super().__init__()
            self.seen, self.count = seen, 0
            self.on_epoch_begin = lambda epoch, logs=None: self.begin()

        def begin(self):
            assert self.model is not None
            self.count += 1

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(self.count)

    return Record(seen)


def test_users_own_list_is_reached(case, two):
    """By fits, clones and cross-validation; what a callback counts is fresh in each."""
    seen = []
    callback = recording(seen)
    estimator = case.make(callbacks=[callback], epochs=2).fit(*two)
    assert seen == [1, 2]
    copied = clone(estimator)
    assert copied.callbacks is not estimator.callbacks
    assert copied.callbacks[0] is not callback
    copied.fit(*two)
    cross_val_score(estimator, *two, cv=2, error_score="raise")
    assert seen == [1, 2] * 4
    assert callback.count == 0
    assert callback.model is None


def test_stream_that_cannot_be_copied(two):
    import keras

    class Prints(keras.callbacks.Callback):
        def __init__(self, file):
            super().__init__()
            self.file = file

        def on_epoch_end(self, epoch, logs=None):
            self.file.write(f"{epoch}\n")

    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, write_through=True)
    cross_val_score(MLPClassifier((4,), epochs=2, callbacks=[Prints(stream)]), *two, cv=2)
    assert raw.getvalue().decode().split() == ["0", "1"] * 2


def test_callbacks_in_callbacks_are_fresh(two):
    import keras

    class Around(keras.callbacks.EarlyStopping):
        def __init__(self, inner):
            super().__init__("loss", patience=1, min_delta=1e9)
            self.inner = inner

        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            assert self.inner.model is self.model

    inner = keras.callbacks.EarlyStopping("loss")
    estimator = MLPClassifier((4,), callbacks=[inner, Around(inner)])
    assert estimator.fit(*two).n_iter_ == estimator.fit(*two).n_iter_ == 2
    assert inner.model is None
