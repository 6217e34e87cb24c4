"""Losses, optimizers and metrics: whatever Keras takes, with Keras's own results."""

import numpy as np
import pytest
from sklearn.base import clone

from skmnist import KerasClassifier, MLPClassifier, networks
from tests.classifiers.cases import squared_error, weights


def losses():
    import keras

    return {
        "sparse name": "sparse_categorical_crossentropy",
        "sparse instance": keras.losses.SparseCategoricalCrossentropy(),
        "sparse class": keras.losses.SparseCategoricalCrossentropy,
        "sparse function": keras.losses.sparse_categorical_crossentropy,
        "categorical name": "categorical_crossentropy",
        "categorical instance": keras.losses.CategoricalCrossentropy(),
        "categorical class": keras.losses.CategoricalCrossentropy,
        "categorical function": keras.losses.categorical_crossentropy,
    }


LOSS_KINDS = [f"sparse {kind}" for kind in ("instance", "class", "function")]
LOSS_KINDS += [f"categorical {kind}" for kind in ("name", "instance", "class", "function")]


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", LOSS_KINDS)
def test_crossentropies_are_the_same(case, name, three):
    """Sparse or not, by name, class, instance or function: it is one loss."""
    X, y = three
    expected = case.make().fit(X, y)
    fitted = case.make(loss=losses()[name]).fit(X, y)
    np.testing.assert_allclose(fitted.predict_proba(X), expected.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(fitted.loss_curve_, expected.loss_curve_, rtol=1e-4)


@pytest.mark.slow("fits of 25 epochs")
@pytest.mark.parametrize("loss", ["mse", "kl_divergence", "poisson", squared_error])
def test_other_losses_learn(case, loss, three):
    fitted = case.make(loss=loss, epochs=25, learning_rate=0.01).fit(*three)
    assert fitted.score(*three) > 0.8
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("loss", ["mse", "mean_squared_error", "kl_divergence", "kld"])
def test_routed_parameter_of_any_loss_name(loss, three):
    """Every name that Keras knows can be given parameters."""
    MLPClassifier(loss=loss, loss__reduction="sum", epochs=1).fit(*three)


def test_label_smoothing(case, three):
    import keras

    routed = case.make(loss="categorical_crossentropy", loss__label_smoothing=0.3).fit(*three)
    direct = case.make(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.3)).fit(*three)
    np.testing.assert_array_equal(weights(routed), weights(direct))


def logits_network(image_shape, n_classes, n_outputs=None):
    import keras

    n_outputs = n_outputs or n_classes
    return keras.Sequential(
        [keras.Input(image_shape), keras.layers.Flatten(), keras.layers.Dense(n_outputs)]
    )


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("kind", ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"])
def test_from_logits(kind, three):
    import keras

    X, y = three
    loss = getattr(keras.losses, kind)(from_logits=True)
    fitted = KerasClassifier(logits_network, loss=loss, epochs=30, random_state=0).fit(X, y)
    proba = fitted.predict_proba(X)
    logits = fitted.model_(X.reshape(-1, 8, 8, 1)).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(proba, expected, atol=1e-5)
    assert fitted.score(X, y) > 0.8
    assert fitted.history_["accuracy"][-1] > 0.8


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("from_logits", [False, True])
def test_one_unit_for_two_classes(from_logits, two):
    import keras

    def build(image_shape):
        activation = None if from_logits else "sigmoid"
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Flatten(),
                keras.layers.Dense(1, activation=activation),
            ]
        )

    X, y = two[0], np.array(["no", "yes"])[two[1]]
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
    fitted = KerasClassifier(build, loss=loss, epochs=30, learning_rate=0.02, random_state=0).fit(
        X, y
    )
    output = fitted.model_(X.reshape(-1, 8, 8, 1)).numpy().ravel()
    second = 1 / (1 + np.exp(-output)) if from_logits else output
    np.testing.assert_allclose(fitted.predict_proba(X)[:, 1], second, atol=1e-5)
    np.testing.assert_allclose(fitted.predict_proba(X).sum(axis=1), 1, atol=1e-6)
    assert fitted.score(X, y) > 0.9
    if not from_logits:
        assert fitted.history_["accuracy"][-1] > 0.9


def test_one_unit_needs_a_loss_for_it(two):
    with pytest.raises(ValueError, match=r"single output.*binary_crossentropy"):
        KerasClassifier(logits_network, model__n_outputs=1).fit(*two)


def test_optimizer_instance_is_copied(case, three):
    """Clones share an optimizer instance, and their fits do not touch it."""
    import keras

    X, y = three
    optimizer = keras.optimizers.Adam(0.01)
    estimator = case.make(optimizer=optimizer)
    first = clone(estimator).fit(X, y)
    second = clone(estimator).fit(X, y)
    third = estimator.fit(X, y)
    np.testing.assert_array_equal(weights(first), weights(second))
    np.testing.assert_array_equal(weights(first), weights(third))
    assert not optimizer.built
    assert int(optimizer.iterations.numpy()) == 0
    assert first.model_.optimizer is not second.model_.optimizer
    by_name = case.make(optimizer="adam", learning_rate=0.01).fit(X, y)
    np.testing.assert_array_equal(weights(first), weights(by_name))


@pytest.mark.slow("traces graphs anew for every case")
def test_used_optimizer_instance_starts_without_state(three):
    import keras

    X, y = three
    optimizer = keras.optimizers.Adam(0.01)
    used = networks.mlp((8, 8, 1), 3, seed=0)
    used.compile(optimizer, "sparse_categorical_crossentropy")
    used.fit(X.reshape(-1, 8, 8, 1), y, verbose=0)
    first = MLPClassifier(optimizer=optimizer, epochs=2, random_state=0).fit(X, y)
    second = MLPClassifier(learning_rate=0.01, epochs=2, random_state=0).fit(X, y)
    np.testing.assert_array_equal(weights(first), weights(second))


def test_metric_instances_and_names(case, three):
    import keras

    metrics = [
        "accuracy",
        keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2"),
        keras.metrics.SparseCategoricalCrossentropy,
    ]
    fitted = case.make(metrics=metrics).fit(*three)
    again = clone(fitted).fit(*three)
    assert next(iter(fitted.history_)) == "loss"
    assert set(fitted.history_) >= {"accuracy", "top2"}
    assert len(fitted.history_) == 4
    assert fitted.history_ == again.history_
    assert fitted.history_["top2"][-1] >= fitted.history_["accuracy"][-1]


def test_no_metrics(case, three):
    assert list(case.make(metrics=[]).fit(*three).history_) == ["loss"]


OPTIMIZERS = {
    "adam": lambda k: k.optimizers.Adam(0.01),
    "momentum": lambda k: k.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "decay": lambda k: k.optimizers.AdamW(0.01, weight_decay=0.1),
    "clipping": lambda k: k.optimizers.SGD(0.5, global_clipnorm=0.1),
    "schedule": lambda k: k.optimizers.SGD(k.optimizers.schedules.CosineDecay(0.1, 6)),
    "accumulation": lambda k: k.optimizers.SGD(0.1, gradient_accumulation_steps=2),
    "average": lambda k: k.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
}


@pytest.mark.slow("trains by Keras too")
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_same_as_keras(name, three):
    """A fit in full batches is ``keras.Model.fit``: same weights, same history."""
    import keras

    X, y = three
    estimator = MLPClassifier(
        hidden_layer_sizes=(8,),
        dropout=0.0,
        l2=0.01,
        optimizer=OPTIMIZERS[name](keras),
        batch_size=None,
        epochs=5,
        random_state=0,
    )
    start = clone(estimator).set_params(optimizer="sgd", learning_rate=1e-30, epochs=1).fit(X, y)
    model = networks.mlp((8, 8, 1), 3, hidden_layer_sizes=(8,), dropout=0.0, l2=0.01)
    model.set_weights(start.model_.get_weights())
    model.compile(OPTIMIZERS[name](keras), "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = X.reshape(-1, 8, 8, 1)
    history = model.fit(images, y, batch_size=90, epochs=5, shuffle=False, verbose=0).history
    estimator.fit(X, y)
    expected = np.concatenate([w.ravel() for w in model.get_weights()])
    np.testing.assert_allclose(weights(estimator), expected, atol=2e-5)
    np.testing.assert_allclose(estimator.loss_curve_, history["loss"], rtol=1e-4)
    np.testing.assert_allclose(estimator.history_["accuracy"], history["accuracy"], atol=1e-6)


@pytest.mark.slow("trains by Keras too")
def test_penalties_are_in_the_loss(three):
    plain, l1, l2 = (
        MLPClassifier(hidden_layer_sizes=(8,), epochs=1, random_state=0, **p).fit(*three)
        for p in ({}, {"l1": 0.1}, {"l2": 0.1})
    )
    assert l1.loss_curve_[0] > plain.loss_curve_[0] + 0.1
    assert l2.loss_curve_[0] > plain.loss_curve_[0] + 0.1
