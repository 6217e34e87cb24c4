"""Compiled graphs belong to architectures: shared by all fits of one, and never by two."""

import copy
import pickle
import threading
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import cross_validate

from skmnist import KerasClassifier, MLPClassifier
from skmnist._bridge.graphs import cache
from tests.classifiers.cases import CASES, NETWORKS, network, weights


@pytest.fixture(autouse=True)
def graphs(monkeypatch):
    """An empty cache for every test; the one of the process is back afterwards."""
    monkeypatch.setattr(cache, "_graphs", OrderedDict())
    return cache


def result(estimator, X):
    """Return all numbers that a fit ends in."""
    history = np.array([v for values in estimator.history_.values() for v in values])
    parts = [estimator.predict_proba(X), weights(estimator), history]
    return np.concatenate([part.ravel() for part in parts])


@pytest.fixture(scope="module")
def known(three):
    """Graphs of the networks that others are compared with, made once."""
    X, y = three
    kept, cache._graphs = cache._graphs, OrderedDict()
    try:
        first = result(mlp().fit(X, y), X)
        mlp(loss="categorical_crossentropy").fit(X, y)
        return first, OrderedDict(cache._graphs)
    finally:
        cache._graphs = kept


def in_fresh_cache(function, *arguments):
    """Call a function with an empty cache, and put the cache back."""
    kept, cache._graphs = cache._graphs, OrderedDict()
    try:
        return function(*arguments)
    finally:
        cache._graphs = kept


def mlp(**params):
    given = {
        "hidden_layer_sizes": (7,),
        "dropout": 0.1,
        "l1": 1e-3,
        "l2": 1e-3,
        "learning_rate": 0.01,
        "epochs": 2,
        "random_state": 0,
    }
    return MLPClassifier(**given | params)


# Shared.

SHARING = {
    "random_state": {"random_state": 5},
    "learning_rate": {"learning_rate": 0.1},
    "schedule": {"learning_rate_schedule": "cosine"},
    "dropout": {"dropout": 0.5},
    "l1": {"l1": 0.1},
    "l2": {"l2": 0.2},
    "batch_size": {"batch_size": 20},
    "no batches": {"batch_size": None},
    "epochs": {"epochs": 3},
    "nothing": {},
}


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", SHARING)
def test_values_are_shared(name, three, known):
    X, y = three
    first, graphs = known
    cache._graphs.update(graphs)

    def fit():
        return result(mlp(**SHARING[name]).fit(X, y), X)

    n_graphs = cache.n_graphs()
    assert n_graphs == 3  # training with two losses, and forward
    found = fit()
    assert cache.n_graphs() == n_graphs
    np.testing.assert_array_equal(found, in_fresh_cache(fit))
    if name != "nothing":
        assert found.shape != first.shape or np.abs(found - first).max() > 1e-4


@pytest.mark.slow("traces graphs anew for every case")
def test_other_data_share(three, digits):
    X, y = three
    mlp().fit(X, y).predict(X)
    n_graphs = cache.n_graphs()
    for rows, labels in [(X[:50], y[:50]), (X * 2, y), (np.tile(X, (4, 1)), np.tile(y, 4))]:

        def fit(rows=rows, labels=labels):
            return result(mlp().fit(rows, labels), rows)

        found = fit()
        assert cache.n_graphs() == n_graphs
        np.testing.assert_array_equal(found, in_fresh_cache(fit))
    mlp().fit(*digits)  # of ten classes
    assert cache.n_graphs() == n_graphs + 1


def test_clones_refits_and_folds_share(three):
    X, y = three
    estimator = mlp()
    expected = in_fresh_cache(lambda: result(clone(estimator).fit(X, y), X))
    np.testing.assert_array_equal(result(estimator.fit(X, y), X), expected)
    n_graphs = cache.n_graphs()
    np.testing.assert_array_equal(result(estimator.fit(X, y), X), expected)
    np.testing.assert_array_equal(result(clone(estimator).fit(X, y), X), expected)
    scores = cross_validate(estimator, X, y, cv=3)["test_score"]
    assert cache.n_graphs() == n_graphs
    alone = in_fresh_cache(lambda: cross_validate(estimator, X, y, cv=3)["test_score"])
    np.testing.assert_array_equal(scores, alone)


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("way", [pickle.dumps, copy.deepcopy, None])
def test_training_on_shares(way, three):
    """Warm starts, of copies too, make no graph, and end where the original would."""
    X, y = three

    def train_on():
        estimator = mlp(warm_start=True).fit(X, y)
        if way is not None:
            made = way(estimator)
            estimator = pickle.loads(made) if isinstance(made, bytes) else made
        before = result(estimator, X)
        estimator.set_params(learning_rate=0.02).fit(X, y)
        after = result(estimator.partial_fit(X, y), X)
        assert len(after) > len(before)
        return after

    mlp().fit(X, y).predict(X)
    n_graphs = cache.n_graphs()
    found = train_on()
    assert cache.n_graphs() == n_graphs
    np.testing.assert_array_equal(found, in_fresh_cache(train_on))


@pytest.mark.slow("traces graphs anew for every case")
def test_networks_share_over_seeds_and_dropout(any_case, three):
    """Of every class: another seed, another rate."""
    X, y = three
    name = "model__dropout" if "model" in any_case.quick else "dropout"

    def fit():
        estimator = any_case.make(epochs=1, random_state=7, learning_rate=0.02, **{name: 0.5})
        return result(estimator.fit(X, y), X)

    any_case.make(epochs=1, **{name: 0.1}).fit(X, y).predict(X)
    n_graphs = cache.n_graphs()
    found = fit()
    assert cache.n_graphs() == n_graphs
    np.testing.assert_array_equal(found, in_fresh_cache(fit))


def test_layers_that_keras_names_share(three):
    """Whatever else was named before: the names of a builder's layers are numbers."""
    import keras

    X, y = three
    KerasClassifier(network, model__dropout=0.2, epochs=1, random_state=0).fit(X, y).predict(X)
    n_graphs = cache.n_graphs()
    assert n_graphs == 2

    def build(image_shape, n_classes):
        for _ in range(3):
            keras.layers.Dense(1), keras.layers.Flatten()
        return network(image_shape, n_classes, dropout=0.4)

    estimator = KerasClassifier(build, epochs=1, random_state=0).fit(X, y)
    assert estimator.model_.layers[1].name != "dense"
    estimator.predict(X)
    assert cache.n_graphs() == n_graphs


# Not shared.

OWN = {
    "no dropout": {"dropout": 0.0},
    "activation": {"activation": "tanh"},
    "units": {"hidden_layer_sizes": (8,)},
    "layers": {"hidden_layer_sizes": (7, 7)},
    "normalization": {"batch_norm": True},
    "no penalty": {"l1": 0.0},
    "optimizer": {"optimizer": "sgd"},
    "optimizer's options": {"optimizer__beta_1": 0.5},
    "weight decay": {"optimizer__weight_decay": 0.5},
    "loss": {"loss": "categorical_crossentropy"},
    "loss's options": {
        "loss": "categorical_crossentropy",
        "loss__label_smoothing": 0.5,
    },
    "metrics": {"metrics": ()},
    "shape": {"image_shape": (4, 16)},
}


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", OWN)
def test_other_computations_have_their_own(name, three, known):
    """Every kind of them, in one cache, does what it does in a fresh one."""
    X, y = three
    cache._graphs.update(known[1])

    def fit():
        return result(mlp(**OWN[name]).fit(X, y), X)

    n_graphs = cache.n_graphs()
    found = fit()
    assert cache.n_graphs() > n_graphs or name == "loss"
    np.testing.assert_array_equal(found, in_fresh_cache(fit))


@pytest.mark.slow("traces graphs anew for every case")
def test_weights_and_validation_have_their_own(three):
    X, y = three
    generator = np.random.default_rng(0)
    w = generator.uniform(0.5, 2, len(y))
    val = {"X_val": X[:20], "y_val": y[:20]}
    counts = []
    for options in ({}, {"sample_weight": w}, val, val | {"sample_weight_val": w[:20]}):

        def fit(options=options):
            return result(mlp().fit(X, y, **options), X)

        found = fit()
        counts.append(cache.n_graphs())
        np.testing.assert_array_equal(found, in_fresh_cache(fit))
    assert np.diff([0, *counts]).tolist() == [2, 1, 1, 1]


LOSS_OPTIONS = {
    "huber": ("huber", {"delta": 0.05}, {"delta": 1.0}),
    "focal": ("categorical_focal_crossentropy", {"gamma": 0.5}, {"gamma": 4.0}),
    "smoothing": ("categorical_crossentropy", {"label_smoothing": 0.1}, {"label_smoothing": 0.4}),
    "axis": ("cosine_similarity", {"axis": -1}, {"axis": 0}),
}


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", LOSS_OPTIONS)
def test_options_of_a_loss_count(name, three):
    """Those that Keras leaves out of a loss's configuration, too."""
    X, y = three
    loss, *options = LOSS_OPTIONS[name]
    check_kept_apart(
        X, y, *({"loss": loss} | {f"loss__{k}": v for k, v in o.items()} for o in options)
    )


def check_kept_apart(X, y, first, second, make=mlp):
    """Check that two fits in one cache are what they are alone, and not the same."""

    def fit_of(params):
        return lambda: result(make(**params).fit(X, y), X)

    assert cache.n_graphs() == 0
    fits = [fit_of(first), fit_of(second)]
    alone = [fits[0](), in_fresh_cache(fits[1])]
    assert np.abs(alone[0] - alone[1]).max() > 1e-4
    # Each beside the graphs of the other.
    for fit, expected in zip(fits[::-1], alone[::-1], strict=True):
        np.testing.assert_array_equal(fit(), expected)


# Code of the user.


def of_images(*layers):
    """Return a network of some layers between pixels and probabilities."""
    import keras

    last = keras.layers.Dense(3, activation="softmax")
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), *layers, last])


def function_of(factor):
    """Return a function that has the same name as others."""

    def times(x):
        return x * factor

    return times


def layer_class(factor):
    import keras

    class Times(keras.layers.Layer):
        def call(self, inputs):
            return inputs * factor

    return Times()


def custom_dropout(factor):
    """A class that has the name of one of Keras's, and a rate that is not its rate."""
    import keras

    class Dropout(keras.layers.Dropout):
        def call(self, inputs, training=False):
            return inputs * factor

    return Dropout(0.3)


def lambda_layer(factor):
    import keras

    return keras.layers.Lambda(lambda x: x * factor)


def lambda_of_keras(factor):
    """A layer that draws from a seed of its own."""
    import keras

    arguments = {"rate": 0.5, "seed": int(10 * factor)}
    return keras.layers.Lambda(keras.random.dropout, arguments=arguments)


def dense_with(**options):
    import keras

    return keras.layers.Dense(6, **options)


def regularizer(factor):
    import keras

    class Penalty(keras.regularizers.Regularizer):
        def __call__(self, x):
            return factor * keras.ops.sum(x**2)

    return dense_with(kernel_regularizer=Penalty())


def constraint(factor):
    import keras

    class Shrink(keras.constraints.Constraint):
        def __call__(self, w):
            return w * factor

    return dense_with(kernel_constraint=Shrink())


def executed(factor):
    """A function that belongs to no module."""
    names = {}
    exec(f"def times(x): return x * {factor}", names)
    return dense_with(activation=names["times"])


def with_own_call(factor):
    """A layer of Keras's with a method of the user's."""
    layer = dense_with()
    layer.call = lambda inputs, **named: type(layer).call(layer, inputs, **named) * factor
    return layer


def normalization(factor):
    """A layer that has seen data: its means are not in its configuration."""
    import keras

    layer = keras.layers.Normalization()
    layer.adapt(np.random.default_rng(0).normal(size=(50, 64)).astype("float32") * factor)
    return layer


USER_LAYERS = {
    "layer": layer_class,
    "name of Keras's": custom_dropout,
    "lambda": lambda_layer,
    "lambda of Keras's": lambda_of_keras,
    "activation": lambda factor: dense_with(activation=function_of(factor)),
    "penalty": regularizer,
    "constraint": constraint,
    "executed": executed,
    "call": with_own_call,
    "normalization": normalization,
}


def custom(build, **params):
    return KerasClassifier(build, **{"epochs": 1, "random_state": 0, "batch_size": 30} | params)


def make_custom(**params):
    return custom(params.pop("build"), **params)


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", USER_LAYERS)
def test_user_layers_are_told_apart(name, three):
    """Though names and configurations are the same."""
    builds = [{"build": lambda f=factor: of_images(USER_LAYERS[name](f))} for factor in (0.5, 3.0)]
    check_kept_apart(*three, *builds, make=make_custom)


def normalized():
    """Return a network whose first layer has seen data."""
    return of_images(normalization(3.0))


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("as_model", [False, True])
def test_copies_keep_what_a_layer_has_seen(as_model, three):
    """With no graph of the original to share."""
    X, y = three
    fitted = custom(normalized() if as_model else normalized).fit(X, y)
    expected = fitted.predict_proba(X)
    means = normalization(3.0).mean
    np.testing.assert_array_equal(fitted.model_.layers[1].mean, means)
    for copied in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        found = in_fresh_cache(copied.predict_proba, X)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(copied.model_.layers[1].mean, means)


@pytest.mark.slow("traces graphs anew for every case")
def test_user_operations_are_told_apart(three):
    """Operations of a functional network that are no layers."""
    import keras

    def operation(factor):
        class Times(keras.Operation):
            def call(self, x):
                return x * factor

            def compute_output_spec(self, x):
                return keras.KerasTensor(x.shape, x.dtype)

        return Times()

    def build(factor):
        inputs = keras.Input((64,))
        x = operation(factor)(inputs)
        return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))

    builds = [{"build": lambda f=factor: build(f)} for factor in (0.5, 3.0)]
    check_kept_apart(*three, *builds, make=make_custom)


def set_penalty(model, factor):
    import keras

    model.layers[1].kernel.regularizer = keras.regularizers.L2(factor)


def set_constraint(model, factor):
    model.layers[1].kernel.constraint = lambda w: w * factor


def compile_with_exclusion(model, factor):
    import keras

    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias" if factor < 1 else "kernel"])
    model.compile(optimizer, "sparse_categorical_crossentropy")


def compile_with_own_update(model, factor):
    import keras

    optimizer = keras.optimizers.SGD(0.1)
    optimizer.update_step = lambda g, v, rate: v.assign_sub(g * rate * factor)
    model.compile(optimizer, "sparse_categorical_crossentropy")


def set_train_step(model, factor):
    import keras
    import tensorflow as tf

    def train_step(data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = keras.losses.sparse_categorical_crossentropy(y, model(x, training=True))
            loss = factor * tf.reduce_mean(loss)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply(gradients, model.trainable_variables)
        model._loss_tracker.update_state(loss)
        return model.get_metrics_result()

    model.train_step = train_step


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize(
    "change",
    [
        set_penalty,
        set_constraint,
        compile_with_exclusion,
        compile_with_own_update,
        set_train_step,
    ],
)
def test_changes_to_a_model_are_told_apart(change, three):
    """What a builder sets on its model, and no configuration tells."""

    def build(factor):
        model = of_images(dense_with())
        change(model, factor)
        return model

    given = {} if "compile" not in change.__name__ else {"optimizer": None, "loss": None}
    builds = [{"build": lambda f=factor: build(f)} | given for factor in (0.5, 3.0)]
    check_kept_apart(*three, *builds, make=make_custom)


def make_loss(alpha):
    def loss(y_true, y_pred):
        import keras

        return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** alpha, axis=-1)

    return loss


def mean_of(factor):
    def mean(y_true, y_pred):
        import keras

        return factor * keras.ops.mean(y_pred, axis=-1)

    return mean


def wrapped_metric(factor):
    import keras

    return keras.metrics.MeanMetricWrapper(mean_of(factor), name="mean")


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize(
    "name, make",
    [
        ("activation", function_of),
        ("loss", make_loss),
        ("metrics", lambda factor: [mean_of(factor)]),
        ("metrics", lambda factor: [wrapped_metric(factor)]),
    ],
    ids=["activation", "loss", "metric", "wrapped metric"],
)
def test_user_functions_are_told_apart(name, make, three):
    check_kept_apart(*three, {name: make(0.5)}, {name: make(3.0)})


@pytest.mark.slow("traces graphs anew for every case")
def test_registered_layers_are_told_apart(three):
    """A name may stand for another class than before."""
    import keras

    def make(factor):
        layer = layer_class(factor)
        keras.saving.register_keras_serializable("tests", "Times")(type(layer))
        model = of_images(layer)
        model.set_weights([np.full(w.shape, 0.01) for w in model.get_weights()])
        return custom(model)

    try:
        check_kept_apart(*three, {"factor": 0.5}, {"factor": 3.0}, make=make)
    finally:
        keras.saving.get_custom_objects().pop("tests>Times", None)


@pytest.mark.slow("traces graphs anew for every case")
def test_settings_of_keras_are_told_apart(three):
    """What is added before a division or a logarithm is the same in the whole process."""
    import keras

    def make(epsilon):
        keras.config.set_epsilon(epsilon)
        return mlp(loss="kl_divergence")

    kept = keras.config.epsilon()
    try:
        check_kept_apart(*three, {"epsilon": kept}, {"epsilon": 0.3}, make=make)
    finally:
        keras.config.set_epsilon(kept)


@pytest.mark.slow("traces graphs anew for every case")
def test_user_optimizers_are_told_apart(three):
    import keras

    def optimizer(factor):
        class Mine(keras.optimizers.SGD):
            def update_step(self, gradient, variable, learning_rate):
                super().update_step(gradient, variable, learning_rate * factor)

        return Mine(0.05)

    given = [{"optimizer": optimizer(f), "learning_rate": None} for f in (0.5, 3.0)]
    check_kept_apart(*three, *given)


@pytest.mark.slow("traces graphs anew for every case")
def test_shared_penalties_are_told_from_one_each(three):
    """Two layers with one penalty object, or with one each, of other numbers."""
    import keras

    def build(*factors):
        objects = {factor: keras.regularizers.L2(factor) for factor in factors}
        return of_images(*(dense_with(kernel_regularizer=objects[f]) for f in factors))

    builds = [
        {"build": lambda: build(0.1, 0.1)},
        {"build": lambda: build(0.1, 2.0)},
    ]
    check_kept_apart(*three, *builds, make=make_custom)
    cache._graphs.clear()
    check_kept_apart(*three, *builds[::-1], make=make_custom)


@pytest.mark.slow("traces graphs anew for every case")
def test_shared_layers_are_told_from_one_each(three):
    """A dropout used twice draws twice from one state."""
    import keras

    def build(shared):
        first = keras.layers.Dropout(0.4)
        second = first if shared else keras.layers.Dropout(0.4)
        inputs = keras.Input((64,))
        x = second(dense_with()(first(inputs)))
        return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))

    builds = [{"build": lambda s=shared: build(s)} for shared in (True, False)]
    check_kept_apart(*three, *builds, make=make_custom)


# Bounds.


@pytest.mark.slow("traces graphs anew for every case")
def test_cache_is_bounded(three, monkeypatch):
    """The least recently used go, and their networks predict and train on."""
    X, y = three
    monkeypatch.setattr(cache, "MAX_GRAPHS", 4)
    first = mlp(warm_start=True).fit(X, y)
    expected = result(first, X)
    most = 0
    for units in range(3, 9):
        mlp(hidden_layer_sizes=(units,), epochs=1).fit(X, y).predict(X)
        most = max(most, cache.n_graphs())
    assert most == 4
    np.testing.assert_array_equal(result(first, X), expected)
    trained_on = result(first.fit(X, y), X)
    alone = in_fresh_cache(lambda: result(mlp(warm_start=True).fit(X, y).fit(X, y), X))
    np.testing.assert_array_equal(trained_on, alone)
    assert cache.n_graphs() == 4


@pytest.mark.slow("traces graphs anew for every case")
def test_recently_used_graphs_are_kept(three, monkeypatch):
    X, y = three
    monkeypatch.setattr(cache, "MAX_GRAPHS", 4)
    mlp().fit(X, y).predict(X)
    keys = set(cache._graphs)
    for units in (3, 4, 5):
        mlp(hidden_layer_sizes=(units,), epochs=1).fit(X, y).predict(X)
        mlp(epochs=1).fit(X, y).predict(X)
        assert keys <= set(cache._graphs)


# In any order.

_CHANGES = {
    "dropout": st.sampled_from([0.0, 0.1, 0.5]),
    "l1": st.sampled_from([0.0, 0.01, 0.1]),
    "l2": st.sampled_from([0.0, 0.01]),
    "learning_rate": st.sampled_from([0.001, 0.05]),
    "batch_size": st.sampled_from([None, 16, 40]),
    "random_state": st.integers(0, 3),
    "activation": st.sampled_from(["relu", "tanh"]),
    "optimizer": st.sampled_from(["adam", "sgd"]),
}


@pytest.mark.slow("traces graphs anew for every case")
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(candidates=st.lists(st.fixed_dictionaries(_CHANGES), min_size=2, max_size=3))
def test_candidates_in_any_order_are_what_they_are_alone(candidates, three):
    X, y = three
    cache._graphs.clear()
    for params in candidates:

        def fit(params=params):
            return result(mlp(epochs=1, **params).fit(X, y), X)

        np.testing.assert_array_equal(fit(), in_fresh_cache(fit))


# Threads.


def in_threads(functions):
    """Call functions at the same time, each in a thread; return what they return."""
    results, barrier = [None] * len(functions), threading.Barrier(len(functions))

    def run(i):
        barrier.wait()
        try:
            results[i] = functions[i]()
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found in results:
        if isinstance(found, BaseException):
            raise found
    return results


@pytest.mark.slow("traces graphs anew for every case")
def test_fits_in_threads(three):
    """From an empty cache, all of one architecture."""
    X, y = three
    candidates = [{"dropout": 0.1 + 0.2 * i, "random_state": i} for i in range(4)]
    fits = [lambda params=params: result(mlp(**params).fit(X, y), X) for params in candidates]
    found = in_threads(fits)
    for values, fit in zip(found, fits, strict=True):
        np.testing.assert_array_equal(values, fit())
    assert cache.n_graphs() == 2


@pytest.mark.slow("traces graphs anew for every case")
def test_predictions_in_threads_while_another_fits(three):
    X, y = three
    estimator = mlp().fit(X, y)
    expected = estimator.predict_proba(X)
    copies = [estimator, estimator, pickle.loads(pickle.dumps(estimator))]
    other = mlp(random_state=9, dropout=0.5, epochs=20)

    def predict(estimator):
        return [estimator.predict_proba(X) for _ in range(30)]

    functions = [lambda e=e: predict(e) for e in copies]
    *predicted, fitted = in_threads([*functions, lambda: result(other.fit(X, y), X)])
    for outputs in predicted:
        for proba in outputs:
            np.testing.assert_array_equal(proba, expected)
    np.testing.assert_array_equal(fitted, result(clone(other).fit(X, y), X))


# The user's own names.


def number_of(name):
    return int(name.rpartition("_")[2]) if "_" in name else 0


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", CASES)
def test_numbers_of_layers_go_on(name, three):
    """A fit takes no number of the layers that the user makes before and after."""
    import keras

    before = keras.layers.Dense(1).name
    NETWORKS[name].make(epochs=1).fit(*three).predict(three[0])
    assert number_of(keras.layers.Dense(1).name) == number_of(before) + 1


def test_numbers_go_on_around_a_layer_made_outside(three):
    import keras

    outside = keras.layers.Dense(6)  # has the name that another layer has in a fresh count

    def build():
        return of_images(outside, dense_with(), dense_with())

    X, y = three
    estimator = custom(build).fit(X, y)
    assert number_of(keras.layers.Dense(1).name) > number_of(outside.name)
    names = [layer.name for layer in estimator.model_.layers]
    assert len(set(names)) == len(names)
    made = keras.layers.Dense(1).name
    custom(build).fit(X, y)
    assert number_of(keras.layers.Dense(1).name) > number_of(made)
