"""The training engine against Keras's own ``fit``: the same losses, weights and optimizers."""

import numpy as np
import pytest

from skmnist import KerasClassifier, MLPClassifier, networks
from skmnist._bridge.data.seeds import epoch_order
from skmnist._bridge.graphs import cache, fused_optimizers
from skmnist.classifiers import _families
from tests.marks import slow_but

SEED, BATCH_SIZE = 3, 32
_BIDIRECTIONAL = {"units": 6, "n_layers": 2, "bidirectional": True}
_TRANSFORMER = {"patch_size": 2, "n_layers": 1, "n_heads": 2, "d_model": 8}
_PENALTIES = {"l1": 1e-4, "l2": 1e-3}
# Family -> its kinds that a training step treats in different ways.
_KINDS = {
    "mlp": {
        "mlp": {"hidden_layer_sizes": (12,)},
        "mlp penalized": {"hidden_layer_sizes": (9, 7)} | _PENALTIES,
        "mlp normalized": {"batch_norm": True, "l2": 1e-3},
    },
    "cnn": {"cnn": {"filters": (4, 6), "dense_units": 12}},
    "resnet": {"resnet": {"filters": (4, 6)}},
    "lstm": {
        "lstm": {"units": 8},
        "lstm both ways": _BIDIRECTIONAL,
        "gru": {"units": 8, "cell": "gru"},
    },
    "transformer": {
        "transformer": _TRANSFORMER,
        "transformer with token": _TRANSFORMER | {"pooling": "token"},
    },
}
FAMILIES = {
    kind: (family.classifier, family.builder, params)
    for name, family in _families.FAMILIES.items()
    for kind, params in _KINDS.get(name, {name: dict(family.small)}).items()
}
# Families that have no kinds, but LeNet, of which CNNs have all layers.
_PLAIN = [name for name in _families.FAMILIES if name not in {*_KINDS, "lenet"}]
_DRAWING = ["mlp normalized", "cnn", "lstm", "transformer", *_PLAIN]


@pytest.fixture(scope="module")
def samples(digits):
    """Training and validation data: 140 samples, in batches of 32 with 12 left over, and 45."""
    X, y = digits
    return X[:140], y[:140], X[140:185], y[140:185]


def images(X):
    return X.reshape(-1, 8, 8, 1)


def fit_keras(model, optimizer, X, y, *, weights=None, val=None, epochs=1, **options):
    """Train a model by Keras, in the order of samples of an estimator; return its history."""
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = {}
    for epoch in range(epochs):
        order = epoch_order(SEED, epoch, len(X))
        done = model.fit(
            images(X)[order],
            y[order],
            batch_size=BATCH_SIZE,
            shuffle=False,
            sample_weight=None if weights is None else weights[order],
            validation_data=val and (images(val[0]), *val[1:]),
            verbose=0,
            **options,
        ).history
        for name, values in done.items():
            history.setdefault(name, []).extend(values)
    return history


def assert_same_history(found, expected, rtol=1e-5):
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=rtol, err_msg=name)


def assert_same_weights(estimator, model, rtol, atol, few=1 / 20):
    """Check all weights; a few may be off by more, where Adam divides by gradients near zero."""
    for variable, expected in zip(estimator.model_.variables, model.variables, strict=True):
        off = np.abs(variable.numpy().astype(float) - expected.numpy())
        limit = atol + rtol * np.abs(expected.numpy().astype(float))
        # Of a few weights one: those that the loss does not depend on, as the bias of attention's
        # keys, are moved by rounding alone.
        assert np.count_nonzero(off > limit) <= max(1, off.size * few), expected.path
        assert off.max() <= 100 * atol, expected.path


def relative(weights):
    """Return weights as the estimators scale them: of mean one."""
    return (weights / weights.mean()).astype(np.float32)


def check_family(name, samples, dropout, validated):
    import keras

    X, y, X_val, y_val = samples
    cls, builder, params = FAMILIES[name]
    generator = np.random.default_rng(0)
    weights, weights_val = (generator.uniform(0.1, 2, len(part)) for part in (X, X_val))
    estimator = cls(
        **params,
        dropout=dropout,
        learning_rate=1e-4,
        learning_rate_schedule=None,
        epochs=1,
        batch_size=BATCH_SIZE,
        random_state=SEED,
    )
    val = {"X_val": X_val, "y_val": y_val, "sample_weight_val": weights_val} if validated else {}
    estimator.fit(X, y, weights, **val)

    model = builder((8, 8, 1), 10, seed=SEED, dropout=dropout, **params)
    start = [v.numpy() for v in model.trainable_variables]
    history = fit_keras(
        model,
        keras.optimizers.Adam(1e-4),
        X,
        y,
        weights=relative(weights),
        val=(X_val, y_val, relative(weights_val)) if validated else None,
    )
    assert ("val_loss" in history) == validated
    assert_same_history(estimator.history_, history)
    # Steps are of 1e-4 each.  Before batch normalization, more gradients are near zero on some
    # processors.
    few = 1 / 8 if name == "resnet" else 1 / 20
    assert_same_weights(estimator, model, rtol=1e-5, atol=3e-6, few=few)
    moved = [
        np.abs(v.numpy() - w).max() for v, w in zip(model.trainable_variables, start, strict=True)
    ]
    assert np.median(moved) > 1e-4  # not all: attention does not depend on the keys' bias


@pytest.mark.parametrize(
    "family",
    slow_but(["mlp"], FAMILIES, "trains by Keras too, which traces for every case"),
)
def test_family_trains_as_keras_does(family, samples):
    """Losses to 1e-5, with weights of the samples and a last batch of fewer.

    Half of the kinds have dropout, which draws what Keras's draws, and validate, which draws
    nothing.
    """
    draws = family in _DRAWING
    check_family(family, samples, dropout=0.3 if draws else 0.0, validated=draws)


@pytest.mark.slow("trains by Keras too")
@pytest.mark.parametrize("params", [{"epochs": 3}, {"epochs": 1, "class_weight": {0: 3.0, 4: 0.5}}])
def test_epochs_and_class_weights_as_in_keras(params, samples):
    import keras

    X, y, *_ = samples
    estimator = MLPClassifier(
        (12,), dropout=0.3, batch_size=BATCH_SIZE, learning_rate=0.01, random_state=SEED, **params
    )
    estimator.set_params(learning_rate_schedule=None).fit(X, y)
    model = networks.mlp((8, 8, 1), 10, hidden_layer_sizes=(12,), dropout=0.3, seed=SEED)
    options = {}
    if "class_weight" in params:
        per_class = np.array([params["class_weight"].get(k, 1.0) for k in range(10)])
        options["class_weight"] = dict(enumerate(per_class / per_class[y].mean()))
    history = fit_keras(
        model, keras.optimizers.Adam(0.01), X, y, epochs=params["epochs"], **options
    )
    assert_same_history(estimator.history_, history)
    assert_same_weights(estimator, model, rtol=1e-4, atol=1e-6)


# Optimizers.


def adam_that_halves():
    """Return an optimizer of the user's, which is Adam by its name and not by its formula."""
    import keras

    class Adam(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient, variable, learning_rate / 2)

    return Adam(0.02)


def scaled(inner, **options):
    """Return an optimizer in another one that scales the loss."""
    import keras

    return keras.optimizers.LossScaleOptimizer(make_optimizer(inner, {}), **options)


def make_optimizer(name, options):
    import keras

    options = dict(options)
    schedule = options.pop("schedule", None)
    if schedule is not None:
        kind, arguments = schedule
        options["learning_rate"] = getattr(keras.optimizers.schedules, kind)(**arguments)
    if not hasattr(keras.optimizers, name):
        pytest.skip(f"this Keras has no {name}")
    return getattr(keras.optimizers, name)(**options)


# With a fused kernel, and whatever else Keras does to gradients and weights.
FUSED = {
    "adam": ("Adam", {"learning_rate": 0.01}),
    "adam betas": ("Adam", {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 1e-3}),
    "adam weight_decay": ("Adam", {"learning_rate": 0.01, "weight_decay": 0.1}),
    "adam clipnorm": ("Adam", {"clipnorm": 1e-3}),
    "adam clipvalue": ("Adam", {"clipvalue": 1e-3, "epsilon": 1e-3}),
    "adam global_clipnorm": ("Adam", {"global_clipnorm": 1e-3, "epsilon": 1e-3}),
    "adam use_ema": ("Adam", {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.7}),
    "adam ema overwriting": (
        "Adam",
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    ),
    "adam accumulation": ("Adam", {"learning_rate": 0.01, "gradient_accumulation_steps": 2}),
    "adam accumulation unfinished": ("Adam", {"gradient_accumulation_steps": 3}),
    "adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.3}),
    "adamax": ("Adamax", {"learning_rate": 0.01}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop momentum": ("RMSprop", {"momentum": 0.8}),
    "rmsprop centered": ("RMSprop", {"centered": True, "rho": 0.8}),
    "rmsprop both": ("RMSprop", {"centered": True, "momentum": 0.5, "epsilon": 1e-3}),
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "sgd momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.8}),
    "sgd nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True}),
    "sgd decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1, "clipnorm": 0.1}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0, "rho": 0.8}),
    "decaying rate": (
        "Adam",
        {
            "schedule": (
                "ExponentialDecay",
                {"initial_learning_rate": 0.03, "decay_steps": 1, "decay_rate": 0.5},
            )
        },
    ),
    "stepwise rate": (
        "SGD",
        {"schedule": ("PiecewiseConstantDecay", {"boundaries": [1, 3], "values": [0.5, 0.1, 0.3]})},
    ),
}
# Without.
OTHERS = {
    "adam amsgrad": ("Adam", {"learning_rate": 0.01, "amsgrad": True}),
    "adamw amsgrad": ("AdamW", {"learning_rate": 0.01, "amsgrad": True}),
    "adagrad": ("Adagrad", {"learning_rate": 0.05}),
    "nadam": ("Nadam", {"learning_rate": 0.01}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.01}),
    "lion": ("Lion", {"learning_rate": 0.001}),
    "lamb": ("Lamb", {"learning_rate": 0.01}),
    "adafactor": ("Adafactor", {"learning_rate": 0.01}),
    "muon": ("Muon", {"learning_rate": 0.01}),
    "cosine rate": (
        "Nadam",
        {
            "schedule": (
                "CosineDecay",
                {
                    "initial_learning_rate": 0.0,
                    "warmup_target": 0.05,
                    "warmup_steps": 2,
                    "decay_steps": 4,
                },
            )
        },
    ),
}
OPTIMIZERS = {
    **{name: lambda row=row: make_optimizer(*row) for name, row in (FUSED | OTHERS).items()},
    "a subclass": adam_that_halves,
    "scaled adam": lambda: scaled("Adam"),
    "scaled sgd": lambda: scaled("SGD", initial_scale=4.0, dynamic_growth_steps=2),
}


@pytest.fixture
def traced(monkeypatch):
    """The functions that are compiled during a test."""
    functions = []

    class Noted(cache.Graph):
        def __init__(self, function, variables):
            functions.append(function)
            super().__init__(function, variables)

    monkeypatch.setattr(cache, "Graph", Noted)
    monkeypatch.setattr(cache, "_graphs", type(cache._graphs)())
    return functions


def operations(function):
    """Return the kinds of operations of a compiled function, those of loops in it included."""
    definition = function.graph.as_graph_def()
    nodes = [*definition.node, *(n for f in definition.library.function for n in f.node_def)]
    return {node.op for node in nodes}


def updates(function):
    return sorted(op for op in operations(function) if op.startswith("ResourceApply"))


KERNELS = {
    "Adam": "ResourceApplyAdam",
    "AdamW": "ResourceApplyAdam",
    "Adamax": "ResourceApplyAdaMax",
    "RMSprop": "ResourceApplyRMSProp",
    "Adadelta": "ResourceApplyAdadelta",
}


def expected_kernels(name):
    """Return the fused kernels that training with an optimizer of these tests is to use."""
    if name not in FUSED:
        return []
    kind, options = FUSED[name]
    if kind == "SGD":
        momentum = "KerasMomentum" if "momentum" in options else "GradientDescent"
        return [f"ResourceApply{momentum}"]
    if options.get("centered"):
        return ["ResourceApplyCenteredRMSProp"]
    return [KERNELS[kind]]


@pytest.mark.slow("trains by Keras too, which traces for every case")
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_trains_as_keras_does(name, samples, traced):
    """By a fused kernel where one has Keras's formula, and by Keras's own code elsewhere."""
    X, y, *_ = samples
    X = 0.1 + 0.9 * X  # Adafactor divides by the gradients of pixels that are always black
    optimizer = OPTIMIZERS[name]()
    estimator = MLPClassifier(
        (7,), dropout=0.0, optimizer=optimizer, epochs=1, batch_size=BATCH_SIZE, random_state=SEED
    ).fit(X, y)
    model = networks.mlp((8, 8, 1), 10, hidden_layer_sizes=(7,), dropout=0.0, seed=SEED)
    history = fit_keras(model, OPTIMIZERS[name](), X, y)
    assert_same_history(estimator.history_, history)
    assert_same_weights(estimator, model, rtol=1e-4, atol=1e-6)

    (function,) = traced
    assert updates(function) == expected_kernels(name)
    state, expected = estimator.model_.optimizer, model.optimizer
    assert vars(state).keys() == vars(expected).keys()  # no method replaced is left
    for ours, theirs in zip(state.variables, expected.variables, strict=True):
        np.testing.assert_allclose(
            ours.numpy(), theirs.numpy(), rtol=1e-3, atol=1e-6, err_msg=theirs.path
        )


def test_kernels_are_for_keras_own_formulas_only():
    import keras

    chosen = {
        name: fused_optimizers._kernel_of(make()) is not None
        for name, make in OPTIMIZERS.items()
        if name != "muon" or hasattr(keras.optimizers, "Muon")
    }
    assert chosen == {name: name in FUSED for name in chosen}
    patched = keras.optimizers.Adam()
    patched.update_step = lambda *arguments: None
    assert fused_optimizers._kernel_of(patched) is None


def test_nothing_is_left_where_making_a_graph_fails(three):
    import keras

    built = []

    class Failing(keras.layers.Layer):
        def call(self, inputs, training=False):
            if training:
                raise ArithmeticError("no such layer")
            return inputs

    def build():
        layers = [keras.layers.LSTM(4), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
        layers.append(Failing())
        model = keras.Sequential([keras.Input((8, 8)), *layers, keras.layers.Softmax()])
        built.append(model)
        return model

    with pytest.raises(ArithmeticError, match="no such layer"):
        KerasClassifier(build, epochs=1).fit(*three)
    (model,) = built
    fresh = keras.optimizers.Adam()
    fresh.build(model.trainable_variables)
    assert vars(model.optimizer).keys() == vars(fresh).keys()
    assert replaced_methods(model) == []


# Layers computed with fewer operations.


def replaced_methods(model):
    """Return the methods of layers that are not their class's."""
    return [
        (layer.name, name)
        for layer in model._flatten_layers()
        for name, thing in vars(layer).items()
        if name in ("call", "inner_loop", "__call__", "train_step", "test_step")
    ]


LEAN = ["mlp normalized", "cnn", "resnet", "lstm both ways", "transformer with token", *_PLAIN]


@pytest.mark.slow("trains by Keras too, which traces for every case")
@pytest.mark.parametrize("family", LEAN)
def test_fitted_model_is_keras_alone(family, three, tmp_path):
    """No replaced method is left; the model saves, predicts and trains on as Keras's."""
    import keras

    X, y = three
    cls, _, params = FAMILIES[family]
    estimator = cls(**params, dropout=0.2, epochs=1, random_state=SEED).fit(X, y)
    model = estimator.model_
    assert replaced_methods(model) == []
    assert all(0 < layer.rate < 1 for layer in model.layers if hasattr(layer, "rate"))
    proba = estimator.predict_proba(X)
    np.testing.assert_allclose(model(images(X)), proba, atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(images(X)), proba, atol=1e-6)


@pytest.mark.slow("trains by Keras too, which traces for every case")
@pytest.mark.parametrize("family", ["mlp normalized", "lstm", "transformer"])
def test_model_trains_on_by_hand(family, three):
    X, y = three
    cls, _, params = FAMILIES[family]
    estimator = cls(**params, dropout=0.2, epochs=1, random_state=SEED).fit(X, y)
    model = estimator.model_
    before = estimator.predict_proba(X)
    losses = model.fit(images(X), y, epochs=8, verbose=0).history["loss"]
    assert min(losses[1:]) < losses[0]
    after = estimator.predict_proba(X)
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, model.predict(images(X), verbose=0), atol=1e-6)
    assert estimator.partial_fit(X, y).n_iter_ == 2  # and by the estimator again


@pytest.mark.parametrize("batch_size", [7, 32, None])
def test_blocks_are_the_samples_in_order(batch_size):
    """Of any size, and again in the next epoch, though memory is used again."""
    from skmnist._bridge.data.feeds import ArrayFeed, StepArrays

    rng = np.random.default_rng(0)
    pictures, targets = rng.random((100, 3, 5)).astype(np.float32), np.arange(100, dtype=np.int32)
    source = ArrayFeed(StepArrays(pictures, targets, rng.random(100)), batch_size)
    for order in (None, (0, 0), (0, 1)):
        rows = np.arange(100) if order is None else epoch_order(*order, 100)
        found = [
            [part.numpy().copy() for part in tensors]
            for tensors, size in source.blocks(3, order)
            if int(size) == min(batch_size or 100, 100)
        ]
        parts = [np.concatenate(part) for part in zip(*found, strict=True)]
        np.testing.assert_array_equal(parts[0], pictures[rows])
        np.testing.assert_array_equal(parts[1], targets[rows])
        assert parts[2].dtype == np.float32


def test_where_tensorflow_goes_on_by_itself(three):
    """With asynchronous execution no memory is used again that may still be read."""
    import tensorflow as tf

    X, y = three
    expected = MLPClassifier((8,), epochs=2, batch_size=8, random_state=0).fit(X, y)
    tf.config.experimental.set_synchronous_execution(False)
    try:
        found = MLPClassifier((8,), epochs=2, batch_size=8, random_state=0).fit(X, y)
    finally:
        tf.config.experimental.set_synchronous_execution(True)
    assert found.history_ == expected.history_
