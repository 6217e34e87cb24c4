"""The engine's tricks: switched off they change nothing, and what they lean on may be missing."""

import threading

import numpy as np
import pytest
from classifier_cases import NETWORKS, weights

from skmnist import Autoencoder, GANGenerator, MLPClassifier
from skmnist._bridge.graphs import cache, fused_layers, signature

UNSUPERVISED = {
    "autoencoder": lambda: Autoencoder(4, hidden_layer_sizes=(8,), epochs=2, random_state=0),
    "gan": lambda: GANGenerator(
        4, convolutional=False, hidden_layer_sizes=(8,), epochs=2, random_state=0
    ),
}


@pytest.fixture(autouse=True)
def no_graphs(monkeypatch):
    monkeypatch.setattr(cache, "_graphs", type(cache._graphs)())


@pytest.mark.parametrize("name", [*NETWORKS, *UNSUPERVISED])
def test_both_engines_agree(name, three, monkeypatch):
    X, y = three[0][:64], three[1][:64]

    def fit():
        estimator = UNSUPERVISED[name]() if name in UNSUPERVISED else NETWORKS[name].make()
        return estimator.fit(X, y)

    first = fit()
    monkeypatch.setenv("SKMNIST_ENGINE", "keras")
    before = cache.n_graphs()
    second = fit()
    assert cache.n_graphs() == before  # none is shared
    np.testing.assert_allclose(weights(first), weights(second), rtol=0, atol=2e-4)


def test_unknown_engine(three, monkeypatch):
    monkeypatch.setenv("SKMNIST_ENGINE", "fast")
    with pytest.raises(ValueError, match=r"SKMNIST_ENGINE must be 'auto' or 'keras'. Got 'fast'"):
        MLPClassifier().fit(*three)


def compiled_model(**params):
    import keras

    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    optimizer = keras.optimizers.SGD(**params)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    optimizer.build(model.trainable_variables)
    return model


def architecture_of(model):
    return signature.training_architecture(model, signature.layers_architecture(model))


def test_what_cannot_be_read_is_not_shared(monkeypatch):
    """A version of Keras that has an attribute under another name costs speed, nothing else."""
    assert architecture_of(compiled_model()) is not None
    model = compiled_model()
    del model._compile_config
    assert architecture_of(model) is None
    model = compiled_model()
    rate = vars(model.optimizer).pop("_learning_rate")
    assert rate is not None and not signature._is_known_optimizer(model.optimizer)
    model = compiled_model(weight_decay=0.1)
    monkeypatch.setattr(signature, "_EXCLUSIONS", ("_elsewhere",))
    signature._exclusions_can_be_read.cache_clear()
    try:
        assert architecture_of(model) is None
    finally:
        signature._exclusions_can_be_read.cache_clear()


def test_layers_that_cannot_be_listed_are_not_shared(monkeypatch):
    import keras

    class Hidden(keras.Sequential):
        @property
        def _flatten_layers(self):
            raise AttributeError

    model = Hidden([keras.Input((4,)), keras.layers.Dense(2)])
    assert signature.layers_architecture(model) is None


def test_attention_with_an_unknown_option_is_kerass(monkeypatch):
    import keras

    layer = keras.layers.MultiHeadAttention(2, 4)
    layer.build((None, 5, 8), (None, 5, 8))
    assert fused_layers._attention(layer) is not None
    monkeypatch.setattr(
        type(layer), "get_config", lambda self: {"num_heads": 2, "of_a_later_version": True}
    )
    assert fused_layers._attention(layer) is None


def test_layers_that_are_made_differently_are_kerass():
    """Keras 3.12 has no gate and no window; a rename elsewhere switches the trick off."""

    def make(layer):
        return layer.no_such_attribute

    assert fused_layers._made(make, object()) is None


def test_gradients_of_other_threads_are_kept(three):
    import tensorflow as tf

    registered = cache._custom_gradients()
    others = []

    @tf.custom_gradient
    def mine(x):
        return x, lambda dy: 2 * dy

    def trace_elsewhere():
        before = set(registered)
        tf.function(mine).get_concrete_function(tf.TensorSpec((), tf.float32))
        others.extend(set(registered) - before)

    before = set(registered)
    with cache._forgetting_gradients() as forget:

        @tf.custom_gradient
        def inner(x):
            return x, lambda dy: 3 * dy

        function = tf.function(inner).get_concrete_function(tf.TensorSpec((), tf.float32))
        thread = threading.Thread(target=trace_elsewhere)
        thread.start()
        thread.join()
        forget(function)
    assert others and set(others) <= set(registered)
    assert set(registered) - before == set(others)


def test_kernels_of_evicted_graphs_are_dropped(three, monkeypatch):
    cleared = []
    monkeypatch.setattr(cache, "MAX_GRAPHS", 2)
    monkeypatch.setattr(cache, "_EVICTIONS_PER_CLEARING", 1)
    own = cache._clear_kernels
    monkeypatch.setattr(cache, "_clear_kernels", lambda: cleared.append(own()))
    for units in (3, 4, 5):
        MLPClassifier((units,), epochs=1, random_state=0).fit(*three).predict(three[0])
    assert cleared and cache.n_graphs() <= 2


def test_without_the_name_that_drops_kernels(three, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(cache.importlib, "import_module", missing)
    cache._clear_kernels()
    assert cache._custom_gradients() == {}
