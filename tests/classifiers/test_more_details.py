"""Weights, custom objects, interrupts, warm starts, and messages about what is not valid."""

import copy
import pickle

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from tests.classifiers.cases import CASES, weights
from tests.classifiers.test_details import linear, mlp, own, through_pickle

# Functions and classes of the user's own.


def itself(estimator):
    return estimator


def squashing():
    import keras

    def squash(x):
        return x / 2

    first = keras.layers.Activation(squash)

    def squash(x):
        return -x

    return linear(3, first, keras.layers.Activation(squash))


@pytest.mark.parametrize("way", [copy.deepcopy, pickle.dumps, cloudpickle.dumps])
def test_two_functions_of_a_name(way, three):
    with pytest.raises(ValueError, match="squash"):
        way(own(squashing).fit(*three))
    with pytest.raises(ValueError, match="squash"):  # every fit copies a model
        own(squashing()).fit(*three)


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


def test_metric_without_a_full_config(three):
    """Every fit uses a copy of the instance, parameters and all."""
    import keras

    class Within(keras.metrics.Metric):
        def __init__(self, tolerance, name="within"):
            super().__init__(name=name)
            self.tolerance = tolerance
            self.inside = self.add_weight(initializer="zeros", name="inside")

        def update_state(self, y_true, y_pred, sample_weight=None):
            near = keras.ops.abs(keras.ops.max(y_pred) - 1) < self.tolerance
            self.inside.assign(keras.ops.cast(near, "float32"))

        def result(self):
            return self.inside + 0

    metric = Within(2.0)
    fitted = mlp(metrics=[metric]).fit(*three).fit(*three)
    assert fitted.partial_fit(*three).history_["within"] == [1.0, 1.0]
    assert float(metric.result()) == 0.0
    assert mlp(metrics=[Within(-1.0)]).fit(*three).history_["within"] == [0.0]
    fitted = mlp(metrics=[Within], metrics__0__tolerance=2.0).fit(*three).fit(*three)
    assert fitted.partial_fit(*three).history_["within"] == [1.0, 1.0]


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


# Weights.


@pytest.mark.parametrize("case_name", CASES)
def test_weight_zero_is_removal_when_balanced(case_name, three):
    X, y = three
    keep = np.random.default_rng(0).random(90) < np.array([0.9, 0.5, 0.2])[y]
    params = {"class_weight": "balanced", "batch_size": None, "learning_rate": 0.01}
    params |= {"dropout": 0.0} if case_name != "keras" else {}
    weighted = CASES[case_name].make(**params).fit(X, y, sample_weight=keep.astype(float))
    removed = CASES[case_name].make(**params).fit(X[keep], y[keep])
    np.testing.assert_allclose(weighted.predict_proba(X), removed.predict_proba(X), atol=1e-6)


def test_weights_of_partial_fit_are_relative_to_the_first(three):
    def after(first, second, way=itself):
        estimator = mlp(optimizer="sgd").partial_fit(*three, sample_weight=first)
        return weights(way(estimator).partial_fit(*three, sample_weight=second))

    one, hundred = np.full(90, 1.0), np.full(90, 100.0)
    same = after(one, one)
    for weights_ in ((None, one), (hundred, hundred)):
        np.testing.assert_allclose(after(*weights_), same, rtol=0, atol=1e-6)
    more = after(one, hundred)
    assert np.abs(more - same).max() > 1e-3
    np.testing.assert_array_equal(after(one, hundred, through_pickle), more)


def test_partial_fits_with_weights_equal_a_fit(three):
    weight = np.random.default_rng(0).random(90)
    whole = mlp(epochs=3).fit(*three, sample_weight=weight)
    partly = mlp()
    for _ in range(3):
        partly.partial_fit(*three, sample_weight=weight)
    np.testing.assert_allclose(weights(partly), weights(whole), rtol=0, atol=1e-6)


@pytest.mark.parametrize("case_name", ["mlp", "keras"])
def test_class_weight_leaves_validation_alone(case_name, three):
    X, y = three
    fitted = CASES[case_name].make(class_weight={1: 50}).fit(X, y, X_val=X, y_val=y)
    unweighted = fitted.model_.evaluate(X.reshape(-1, 8, 8, 1), y, verbose=0, return_dict=True)
    assert fitted.history_["val_loss"][-1] == pytest.approx(unweighted["loss"], rel=1e-5)


# Interrupts.


class Interrupt:
    """A callback of scikit-learn's that presses Ctrl-C at the end of epoch 2."""

    epochs = 0

    def nothing(self, estimator, context): ...

    setup = teardown = on_fit_task_begin = nothing

    def on_fit_task_end(self, estimator, context):
        self.epochs += context.parent is not None
        if self.epochs == 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("epochs", [2, 5])
@pytest.mark.parametrize("averaging", [False, True])
def test_interrupt_by_a_callback_of_sklearn(averaging, epochs, three):
    import keras

    ends = []

    class Counter(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            ends.append(1)

    params = {"optimizer": keras.optimizers.SGD(0.1, use_ema=averaging), "callbacks": [Counter()]}
    estimator = mlp(epochs=epochs, **params).set_callbacks(Interrupt())
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*three)
    assert estimator.n_iter_ == len(estimator.loss_curve_) == 2
    assert len(ends) == 1
    whole = mlp(epochs=2, **params).fit(*three)
    expected = whole.predict_proba(three[0])
    np.testing.assert_array_equal(estimator.predict_proba(three[0]), expected)
    estimator.set_callbacks().partial_fit(*three)
    np.testing.assert_array_equal(weights(estimator), weights(whole.partial_fit(*three)))


# Warm starts.


@pytest.mark.parametrize("way", [itself, lambda e: through_pickle(e, cloudpickle.dumps)])
def test_learning_rate_of_a_warm_start(way, three):
    import keras

    lower = keras.callbacks.LearningRateScheduler(lambda epoch: 0.003)
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 12, 0.5)
    warm = mlp(warm_start=True, learning_rate=0.1, callbacks=[lower]).fit(*three)
    for n, (change, rate) in enumerate(
        [
            ({"metrics": [], "callbacks": None}, 0.003),
            ({"learning_rate": 0.2}, 0.2),
            ({"learning_rate": decay}, 0.05),
            ({"learning_rate": 0.01}, 0.01),
        ]
    ):
        warm = way(warm).set_params(**change).fit(*three)
        optimizer = warm.model_.optimizer
        assert float(optimizer.learning_rate.numpy()) == pytest.approx(rate)
        assert int(optimizer.iterations.numpy()) == 3 * (n + 2)


def test_warm_start_with_other_metrics_trains_the_same(three):
    warm = mlp(warm_start=True).fit(*three).set_params(metrics=[]).fit(*three)
    np.testing.assert_array_equal(weights(warm), weights(mlp(epochs=2).fit(*three)))


def test_warm_start_of_another_network(three):
    sizes = [8]
    warm = mlp(hidden_layer_sizes=sizes, warm_start=True).fit(*three)
    with pytest.raises(ValueError, match="image_shape"):
        warm.set_params(image_shape=(4, 16)).fit(*three)
    assert warm.set_params(image_shape=(8, 8)).fit(*three).n_iter_ == 2
    sizes.append(8)
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        warm.fit(*three)
    assert warm.n_iter_ == 2


# Labels and messages.


def several(n_inputs, n_outputs):
    import keras

    inputs = [keras.Input((8, 8, 1)) for _ in range(n_inputs)]
    x = keras.layers.Flatten()(inputs[0] if n_inputs == 1 else keras.layers.Add()(inputs))
    outputs = [keras.layers.Dense(3, activation="softmax")(x) for _ in range(n_outputs)]
    return keras.Model(inputs, outputs if n_outputs > 1 else outputs[0])


INVALID = [
    (lambda X, y: own(lambda: several(2, 1)).fit(X, y), "single input"),
    (lambda X, y: own(several(2, 1)).fit(X, y), "single input"),
    (lambda X, y: own(lambda: several(1, 2)).fit(X, y), "single output"),
    (lambda X, y: own(several(1, 2)).fit(X, y), "single output"),
    (lambda X, y: mlp().fit(X, y, X_val=X * np.nan, y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X[:, :9], y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X.reshape(-1, 4, 16), y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y[:9]), "X_val|y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y + 7), "y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y / 0.3), "y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=np.eye(4)[y]), "y_val"),
    (lambda X, y: mlp().fit(X, pd.Series(["a", "b", pd.NA] * 30, dtype="string")), "missing"),
    (lambda X, y: mlp().fit(X, pd.Series(["a", "b", None] * 30, dtype=object)), "missing"),
    (lambda X, y: mlp(class_weight={1: "a"}).fit(X, y), "class_weight"),
    (lambda X, y: mlp(class_weight="balanced").partial_fit(X, y), "class_weight"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[0, 1]), "classes"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[0, 1, 2, 3]), "classes"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[1, 2, 3]), "classes"),
]


@pytest.mark.parametrize("call, message", INVALID)
def test_message(call, message, three):
    with pytest.raises(ValueError, match=f"(?i){message}"):
        call(*three)


def test_grey_bytes_after_black_and_white_ones(three):
    X, y = three
    fitted = mlp().partial_fit((X > 0.5).astype("u1"), y)
    with pytest.raises(ValueError, match="bytes that are all 0 and 1"):
        fitted.predict((X * 255).astype("u1"))
