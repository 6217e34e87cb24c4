"""KerasClassifier: builders of every form, compiled models, model instances, subclasses."""

import functools
import pickle

import numpy as np
import pytest
from sklearn.base import clone

from skmnist import KerasClassifier
from tests.classifiers.cases import network, squared_error, weights
from tests.marks import slow_but


def softmax_model(shape, n_classes, flatten=True):
    import keras

    layers = [keras.Input(shape)] + ([keras.layers.Flatten()] if flatten else [])
    return keras.Sequential([*layers, keras.layers.Dense(n_classes, activation="softmax")])


def no_parameters():
    return softmax_model((8, 8, 1), 3)


def with_meta(meta, hidden=5):
    import keras

    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )


def with_meta_and_compile_kwargs(meta, compile_kwargs):
    model = with_meta(meta)
    model.compile(optimizer=compile_kwargs["optimizer"], loss=compile_kwargs["loss"])
    return model


def with_seed(image_shape, n_classes, seed):
    import keras

    initializer = keras.initializers.GlorotUniform(seed)
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softmax", kernel_initializer=initializer),
        ]
    )


def with_any(image_shape, n_classes, **params):
    assert set(params) <= {"units"}, params
    return network(image_shape, n_classes, **params)


class Callable:
    def __call__(self, image_shape, n_classes, units=4):
        return network(image_shape, n_classes, units)


def without_input(n_classes):
    import keras

    return keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(n_classes, "softmax")])


def flat_input(n_classes):
    return softmax_model((64,), n_classes, flatten=False)


BUILDERS = {
    "image_shape": network,
    "nothing": no_parameters,
    "meta": with_meta,
    "meta and compile_kwargs": with_meta_and_compile_kwargs,
    "seed": with_seed,
    "any": with_any,
    "partial": functools.partial(network, units=6),
    "callable object": Callable(),
    "lambda": lambda image_shape, n_classes: softmax_model(image_shape, n_classes),
    "without input": without_input,
    "flat input": flat_input,
}


@pytest.mark.parametrize(
    "name",
    slow_but(["lambda", "without input"], BUILDERS, "two fits of 40 epochs for every builder"),
)
def test_builders(name, three):
    X, y = three
    estimator = KerasClassifier(
        BUILDERS[name], epochs=40, learning_rate=0.01, random_state=0, batch_size=16
    )
    fitted = clone(estimator).fit(X, y)
    assert fitted.score(X, y) > 0.8
    images = clone(estimator).fit(X.reshape(-1, 8, 8), y)
    np.testing.assert_array_equal(images.predict_proba(X), fitted.predict_proba(X))
    again = clone(estimator).fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(fitted))
    if name != "lambda":
        again = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.slow("traces graphs anew for every case")
def test_seed_reaches_the_builder(three):
    seeds = []

    def build(image_shape, n_classes, seed):
        seeds.append(seed)
        return softmax_model(image_shape, n_classes)

    KerasClassifier(build, epochs=1, random_state=17).fit(*three)
    KerasClassifier(build, epochs=1).fit(*three)
    assert seeds[0] == 17
    assert isinstance(seeds[1], int)


@pytest.mark.slow("traces graphs anew for every case")
def test_model_parameters_reach_the_builder(three):
    fitted = KerasClassifier(network, model__units=7, epochs=1).fit(*three)
    assert fitted.model_.layers[1].units == 7
    fitted = KerasClassifier(with_any, model__units=9, epochs=1).fit(*three)
    assert fitted.model_.layers[1].units == 9
    fitted = KerasClassifier(with_meta, model__hidden=3, epochs=1).fit(*three)
    assert fitted.model_.layers[0].units == 3


@pytest.mark.parametrize("images", [False, True])
def test_convolution_without_input(images, three):
    """A network that does not tell its input shape and needs images gets images."""
    import keras

    def build():
        return keras.Sequential(
            [
                keras.layers.Conv2D(2, 3),
                keras.layers.Flatten(),
                keras.layers.Dense(3, activation="softmax"),
            ]
        )

    X = three[0].reshape(-1, 8, 8) if images else three[0]
    fitted = KerasClassifier(build, epochs=1, random_state=0).fit(X, three[1])
    assert fitted.predict(three[0]).shape == (90,)


def compiled(optimizer="sgd", loss="categorical_crossentropy", metrics=("mae",)):
    model = softmax_model((8, 8, 1), 3)
    model.compile(optimizer=optimizer, loss=loss, metrics=list(metrics))
    return model


def test_compiled_model_keeps_its_compile(three):
    import keras

    model = compiled(keras.optimizers.SGD(0.07, momentum=0.5))
    fitted = KerasClassifier(model, random_state=0).fit(*three)
    optimizer = fitted.model_.optimizer
    assert (type(optimizer).__name__, optimizer.momentum) == ("SGD", 0.5)
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(0.07)
    assert list(fitted.history_) == ["loss", "mae"]


@pytest.mark.slow("traces graphs anew for every case")
def test_parameters_override_a_compile(three):
    import keras

    model = compiled(keras.optimizers.SGD(0.07, momentum=0.5))
    fitted = KerasClassifier(model, learning_rate=0.2, random_state=0).fit(*three)
    assert fitted.model_.optimizer.momentum == 0.5
    assert float(fitted.model_.optimizer.learning_rate.numpy()) == pytest.approx(0.2)
    fitted = KerasClassifier(model, optimizer="adam", metrics=["accuracy"]).fit(*three)
    assert type(fitted.model_.optimizer).__name__ == "Adam"
    assert list(fitted.history_) == ["loss", "accuracy"]
    fitted = KerasClassifier(model, loss="sparse_categorical_crossentropy", metrics=[]).fit(*three)
    assert list(fitted.history_) == ["loss"]
    fitted = KerasClassifier(model, optimizer__momentum=0.25, optimizer="sgd").fit(*three)
    assert fitted.model_.optimizer.momentum == 0.25
    assert model.optimizer.momentum == 0.5


def test_uncompiled_model_gets_the_defaults(three):
    fitted = KerasClassifier(no_parameters, epochs=1).fit(*three)
    assert type(fitted.model_.optimizer).__name__ == "Adam"
    assert list(fitted.history_) == ["loss", "accuracy"]


def test_compiled_with_functions(three):
    """Loss and metric of a compiled model may be functions of the user's own."""
    model = compiled("sgd", squared_error, (squared_error,))
    fitted = KerasClassifier(model, epochs=2, random_state=0).fit(*three)
    np.testing.assert_allclose(fitted.history_["squared_error"], fitted.loss_curve_, rtol=1e-5)
    fitted = KerasClassifier(model, optimizer="adam", epochs=2).fit(*three)
    assert type(fitted.model_.optimizer).__name__ == "Adam"


def test_model_instance_is_copied(three):
    X, y = three
    model = softmax_model((8, 8, 1), 3)
    before = [w.copy() for w in model.get_weights()]
    estimator = KerasClassifier(model, epochs=2, random_state=0)
    fitted = clone(estimator).fit(X, y)
    estimator.fit(X, y)
    assert estimator.model is model
    assert estimator.model_ is not model
    assert not model.compiled
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(weights(fitted), weights(estimator))
    np.testing.assert_array_equal(weights(estimator.fit(X, y)), weights(fitted))


def test_model_instance_brings_its_weights(three):
    X, y = three
    model = softmax_model((8, 8, 1), 3)
    trained = KerasClassifier(model, epochs=40, learning_rate=0.01, random_state=0).fit(X, y)
    goes_on = KerasClassifier(trained.model_, epochs=1, optimizer="sgd", learning_rate=1e-9)
    np.testing.assert_allclose(
        goes_on.fit(X, y).predict_proba(X), trained.predict_proba(X), atol=1e-4
    )


def test_frozen_layers_stay_frozen(three):
    import keras

    model = network((8, 8, 1), 3)
    model.layers[1].trainable = False
    frozen = model.layers[1].get_weights()[0].copy()
    fitted = KerasClassifier(model, epochs=2, random_state=0).fit(*three)
    np.testing.assert_array_equal(fitted.model_.layers[1].get_weights()[0], frozen)
    again = pickle.loads(pickle.dumps(fitted)).partial_fit(*three)
    np.testing.assert_array_equal(again.model_.layers[1].get_weights()[0], frozen)
    assert isinstance(again.model_, keras.Model)


@pytest.mark.slow("traces graphs anew for every case")
def test_batch_normalisation_state(three):
    """State that is no weight to be trained is kept, restored and pickled too."""
    import keras

    def build(image_shape, n_classes):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Flatten(),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    X, y = three
    whole = KerasClassifier(build, epochs=4, random_state=0).fit(X, y)
    partly = KerasClassifier(build, random_state=0)
    for _ in range(4):
        partly.partial_fit(X, y)
    np.testing.assert_array_equal(weights(partly), weights(whole))


@functools.cache
def subclass():
    """Return a class at the top of this module, made when Keras is there."""
    import keras

    @keras.saving.register_keras_serializable("skmnist_tests")
    class Subclassed(keras.Model):
        def __init__(self, units=8, n_classes=3, **options):
            super().__init__(**options)
            self.units, self.n_classes = units, n_classes
            self.flatten = keras.layers.Flatten()
            self.hidden = keras.layers.Dense(units, activation="relu")
            self.out = keras.layers.Dense(n_classes, activation="softmax")

        def call(self, inputs):
            return self.out(self.hidden(self.flatten(inputs)))

        def get_config(self):
            return {**super().get_config(), "units": self.units, "n_classes": self.n_classes}

    Subclassed.__qualname__ = "Subclassed"
    globals()["Subclassed"] = Subclassed
    return Subclassed


@pytest.mark.slow("traces models that differ in their code")
@pytest.mark.parametrize("form", ["builder", "instance"])
def test_subclassed_model(form, three):
    X, y = three
    Subclassed = subclass()
    given = Subclassed()
    if form == "builder":
        given = lambda n_classes: Subclassed(n_classes=n_classes)  # noqa: E731
    estimator = KerasClassifier(given, epochs=40, learning_rate=0.01, random_state=0)
    fitted = clone(estimator).fit(X, y)
    assert fitted.score(X, y) > 0.8
    np.testing.assert_array_equal(weights(fitted), weights(clone(estimator).fit(X, y)))
    np.testing.assert_array_equal(
        fitted.predict_proba(X.reshape(-1, 8, 8, 1)), fitted.predict_proba(X)
    )
    if form == "instance":
        again = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
        again.partial_fit(X, y)
        np.testing.assert_array_equal(weights(again), weights(fitted.partial_fit(X, y)))


def two_outputs(image_shape):
    import keras

    inputs = keras.Input(image_shape)
    flat = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, [keras.layers.Dense(3, "softmax")(flat) for _ in range(2)])


def image_output(image_shape):
    import keras

    return keras.Sequential([keras.Input(image_shape), keras.layers.Dense(3, "softmax")])


def linear_output(image_shape):
    import keras

    return keras.Sequential(
        [keras.Input(image_shape), keras.layers.Flatten(), keras.layers.Dense(3)]
    )


WRONG = {
    "too many outputs": (lambda: softmax_model((8, 8, 1), 4), ValueError, "4 outputs.*3 classes"),
    "too few outputs": (lambda: softmax_model((8, 8, 1), 2), ValueError, "2 outputs.*3 classes"),
    "several outputs": (two_outputs, ValueError, "single output"),
    "image output": (image_output, ValueError, "single output"),
    "no probabilities": (linear_output, ValueError, "not probabilities.*softmax"),
    "other input": (lambda: softmax_model((7, 9, 1), 3), ValueError, r"\(7, 9, 1\).*64 features"),
    "no model": (lambda: 3, TypeError, "must be a keras.Model.*3"),
    "nothing": (lambda: None, TypeError, "must be a keras.Model.*None"),
    "layer": (lambda: __import__("keras").layers.Dense(3), TypeError, "must be a keras.Model"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_builders(name, three, monkeypatch):
    from skmnist._bridge.engine import training

    def train(*args, **kwargs):
        raise AssertionError("training was begun")

    monkeypatch.setattr(training, "train", train)
    builder, error, message = WRONG[name]
    estimator = KerasClassifier(builder)
    with pytest.raises(error, match=message):
        estimator.fit(*three)
    assert not estimator.__sklearn_is_fitted__()


def test_error_in_the_builder_is_the_users(three):
    def broken():
        raise ZeroDivisionError("of the user")

    with pytest.raises(ZeroDivisionError, match="of the user"):
        KerasClassifier(broken).fit(*three)


def test_missing_builder_parameter(three):
    with pytest.raises(TypeError, match="size"):
        KerasClassifier(lambda size: softmax_model((8, 8, 1), size)).fit(*three)
