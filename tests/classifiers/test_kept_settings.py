"""What losses, optimizers, weights and models are set to takes effect, or is refused."""

import functools
import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skmnist import KerasClassifier, MLPClassifier, networks


class Mine(keras.losses.SparseCategoricalCrossentropy):
    pass


def small(**params):
    given = {"hidden_layer_sizes": (8,), "epochs": 2, "random_state": 0, "learning_rate": 0.01}
    return MLPClassifier(**{**given, **params})


SPARSE = keras.losses.sparse_categorical_crossentropy


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize(
    "loss", [Mine(), functools.partial(SPARSE, axis=-1), lambda t, p: SPARSE(t, p)]
)
def test_sparse_losses_in_disguise(loss, three):
    expected = small().fit(*three).loss_curve_
    np.testing.assert_allclose(small(loss=loss).fit(*three).loss_curve_, expected, rtol=1e-4)


@pytest.mark.parametrize(
    "params",
    [
        {"loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
        {"loss__from_logits": True},
        {"loss": functools.partial(SPARSE, from_logits=True)},
        {"loss": lambda t, p: SPARSE(t, p, from_logits=True)},
    ],
)
def test_softmax_of_a_softmax(params, three):
    with pytest.raises(ValueError, match=r"from_logits=False"):
        small(**params).fit(*three)


def test_loss_that_nothing_fits(three):
    def loss(y_true, y_pred):
        raise TypeError("no such targets")

    with pytest.raises(ValueError, match=r"no such targets.*Set 'loss'"):
        small(loss=loss).fit(*three)


def test_eager_models_run_eagerly(three):
    seen = []

    def share(y_true, y_pred):
        seen.append(len(y_true))
        return float(np.mean(np.ravel(y_true) == np.argmax(y_pred, axis=1)))

    model = networks.mlp((8, 8, 1), 3, hidden_layer_sizes=(8,), dropout=0.0, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[share], run_eagerly=True)
    seen.clear()
    history = KerasClassifier(model, epochs=1, batch_size=30).fit(*three).history_
    assert seen[-3:] == [30, 30, 30]
    assert 0 <= history["share"][0] <= 1
    with pytest.raises(ValueError, match="run_eagerly=True"):
        small(metrics=[share]).fit(*three)


def decaying(names=(), variables=()):
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=10.0)
    optimizer.exclude_from_weight_decay(var_list=list(variables), var_names=list(names))
    return optimizer


@pytest.mark.slow("traces every network anew")
def test_exclusions_from_weight_decay(three):
    plain = small(optimizer=decaying(), learning_rate=None).fit(*three)
    kept = small(optimizer=decaying(["kernel"]), learning_rate=None)
    first = kept.fit(*three).loss_curve_
    assert first[-1] < plain.loss_curve_[-1]
    assert clone(kept).fit(*three).loss_curve_ == first
    assert pickle.loads(pickle.dumps(kept)).fit(*three).loss_curve_ == first
    with pytest.raises(ValueError, match="var_names"):
        small(optimizer=decaying(variables=[keras.Variable(1.0)])).fit(*three)


@pytest.mark.slow("traces every network anew")
def test_single_frozen_weights(three):
    model = networks.mlp((8, 8, 1), 3, hidden_layer_sizes=(8,), dropout=0.0, seed=0)
    index = next(i for i, w in enumerate(model.weights) if w.name == "kernel")
    model.weights[index].trainable = False
    before = np.array(model.weights[index])
    classifier = KerasClassifier(model, epochs=1, warm_start=True).fit(*three)
    classifier = pickle.loads(pickle.dumps(classifier)).fit(*three)
    np.testing.assert_array_equal(classifier.model_.weights[index], before)
    assert not np.array_equal(classifier.model_.weights[-1], model.weights[-1])


@pytest.mark.parametrize("params", [{"learning_rate": 1}, {"optimizer__learning_rate": 1}])
def test_whole_learning_rates(params, three):
    whole = small(**{"learning_rate": None, "optimizer": "sgd", **params}).fit(*three)
    assert whole.loss_curve_ == small(optimizer="sgd", learning_rate=1.0).fit(*three).loss_curve_


def test_message_shows_the_optimizer(three):
    with pytest.raises(ValueError, match=r"optimizer=Adam\("):
        small(optimizer=keras.optimizers.Adam(), learning_rate=None, optimizer__beta_1=0.5).fit(
            *three
        )


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("streamed", [False, True])
def test_weighted_metrics(streamed, three):
    import tensorflow as tf

    X, y = three
    weights = np.random.default_rng(0).random(len(y)).astype(np.float32)
    classifier = small(weighted_metrics=["accuracy"])
    if streamed:
        data = tf.data.Dataset.from_tensor_slices((X, y, weights)).batch(20)
        classifier.fit(X, y, weights, X_val=data)
    else:
        classifier.fit(X, y, weights, X_val=X, y_val=y, sample_weight_val=weights)
    history = classifier.history_
    assert history["val_accuracy"][-1] == pytest.approx(classifier.score(X, y), abs=1e-6)
    weighted = classifier.score(X, y, weights)
    assert history["val_weighted_accuracy"][-1] == pytest.approx(weighted, abs=1e-6)
    if streamed:
        whole = small(weighted_metrics=["accuracy"])
        whole.fit(X, y, weights, X_val=X, y_val=y, sample_weight_val=weights)
        assert history["val_loss"] == pytest.approx(whole.history_["val_loss"], rel=1e-5)
