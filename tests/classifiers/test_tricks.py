"""The engine's tricks: switched off they change nothing, and what they lean on may be missing."""

import functools
import random
import threading
import warnings

import numpy as np
import pytest

from skmnist import Autoencoder, GANGenerator, MLPClassifier
from skmnist._bridge.data import feeds
from skmnist._bridge.graphs import cache, fused_layers, fused_optimizers, self_tests, signature
from skmnist._bridge.models import changes
from skmnist._compat import keras_models, keras_names, tricks
from skmnist._compat import tensorflow as compat_tensorflow
from tests.classifiers.cases import NETWORKS, weights
from tests.marks import slow_but

UNSUPERVISED = {
    "autoencoder": lambda: Autoencoder(4, hidden_layer_sizes=(8,), epochs=2, random_state=0),
    "gan": lambda: GANGenerator(
        4, convolutional=False, hidden_layer_sizes=(8,), epochs=2, random_state=0
    ),
}


@pytest.fixture(autouse=True)
def no_graphs(monkeypatch):
    monkeypatch.setattr(cache, "_graphs", type(cache._graphs)())


@pytest.mark.parametrize(
    "name",
    slow_but(["mlp"], [*NETWORKS, *UNSUPERVISED], "trains every family by two engines"),
)
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


def test_what_cannot_be_read_is_not_shared():
    """A version of Keras that has an attribute under another name costs speed, nothing else."""
    assert architecture_of(compiled_model()) is not None
    model = compiled_model()
    del model._compile_config
    assert architecture_of(model) is None
    model = compiled_model()
    rate = vars(model.optimizer).pop("_learning_rate")
    assert rate is not None and not signature._is_known_optimizer(model.optimizer)


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


def test_gradients_of_other_threads_are_kept(three):
    import tensorflow as tf

    registered = cache.gradient_registry()
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


@pytest.mark.slow("traces graphs anew for every case")
def test_kernels_of_evicted_graphs_are_dropped(three, monkeypatch):
    cleared = []
    monkeypatch.setattr(cache, "MAX_GRAPHS", 2)
    monkeypatch.setattr(cache, "_EVICTIONS_PER_CLEARING", 1)
    own = cache._clear_kernels
    monkeypatch.setattr(cache, "_clear_kernels", lambda: cleared.append(own()))
    for units in (3, 4, 5):
        MLPClassifier((units,), epochs=1, random_state=0).fit(*three).predict(three[0])
    assert cleared and cache.n_graphs() <= 2


SWITCHED_OFF = "skmnist cannot rely on Keras"


def missing(*_, **__):
    raise AttributeError("renamed in a later version")


@pytest.fixture
def untried(monkeypatch):
    """Forget which tricks work, so that they are tried again in this test, and afterwards."""
    monkeypatch.setattr(tricks, "_passed", {})


# A name that a later version of Keras or TensorFlow might not have: what needs it, what the warning
# calls that, and which estimator uses it.
MISSING = {
    "slots of Adam": (fused_optimizers, "slots_of", "the fused update of Adam()", "mlp"),
    "positions of slots": (fused_optimizers, "position_of", "the fused update of Adam()", "mlp"),
    "reduction": (fused_optimizers, "reduces", "updates without a sum over replicas", "mlp"),
    "kernel of a dense layer": (fused_layers, "has_plain_kernel", "computing Dense", "transformer"),
    "scaling": (fused_layers, "subtracts_mean", "computing LayerNormalization", "transformer"),
    "attention": (fused_layers, "plain_attention", "computing MultiHeadAttention", "transformer"),
    "masks": (fused_layers, "mask_of", "computing MultiHeadAttention", "transformer"),
    "cell of an LSTM": (fused_layers, "cell_of", "computing LSTM", "lstm"),
    "compile arguments": (self_tests, "compile_arguments", "telling networks apart", "mlp"),
    "learning rate": (self_tests, "rate_of", "telling networks apart", "mlp"),
    "exclusions": (self_tests, "excludes_any", "telling networks apart", "mlp"),
    "other variables": (cache, "call_with", "running a graph with other variables", "mlp"),
    "gradients": (compat_tensorflow, "gradient_registry", "forgetting the gradients", "mlp"),
    "memory": (feeds, "tensor_over", "reading samples where NumPy has them", "mlp"),
    "counters of names": (keras_names, "_state", "numbering layers afresh", "mlp"),
    "dropout": (signature, "_drop", "rates of dropout", "mlp"),
    "penalties": (signature, "_Positive", "penalties as inputs", "penalized"),
}


def small(name):
    if name == "penalized":
        return MLPClassifier((8,), l2=0.01, epochs=2, random_state=0)
    return NETWORKS[name].make()


@pytest.fixture(scope="module")
def weights_by_keras(three):
    """Return the weights of an estimator fitted with every trick off; each is fitted once."""

    @functools.cache
    def fit(name):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SKMNIST_ENGINE", "keras")
            patch.setattr(tricks, "_passed", {})
            return weights(small(name).fit(three[0][:64], three[1][:64]))

    return fit


@pytest.mark.slow("probes all tricks anew")
@pytest.mark.parametrize("what", MISSING)
def test_what_is_missing_switches_its_trick_off(
    what, three, weights_by_keras, untried, monkeypatch
):
    module, name, trick, estimator = MISSING[what]
    X, y = three[0][:64], three[1][:64]
    expected = weights_by_keras(estimator)
    monkeypatch.setattr(module, name, missing)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first = small(estimator).fit(X, y)
        second = small(estimator).fit(X, y)
    [text] = [str(w.message) for w in caught if SWITCHED_OFF in str(w.message)]
    assert f"for {trick}" in text and "renamed in a later version" in text
    for fitted in (first, second):
        np.testing.assert_allclose(weights(fitted), expected, rtol=0, atol=2e-4)
    np.testing.assert_array_equal(weights(first), weights(second))


@pytest.mark.slow("probes all tricks anew")
def test_what_computes_something_else_is_switched_off(three, untried, monkeypatch):
    """An update of another formula than Keras's is noticed by its numbers."""
    make = fused_optimizers._KERNELS["SGD"]

    def another(optimizer, scratch):
        update, begin = make(optimizer, scratch)
        return (lambda gradient, *rest: update(2 * gradient, *rest)), begin

    monkeypatch.setitem(fused_optimizers._KERNELS, "SGD", another)

    def fit():
        return MLPClassifier((8,), optimizer="SGD", epochs=1, random_state=0).fit(*three)

    with pytest.warns(UserWarning, match=r"fused update of SGD\(\) \(they do something else\)"):
        fitted = fit()
    monkeypatch.setenv("SKMNIST_ENGINE", "keras")
    np.testing.assert_allclose(weights(fitted), weights(fit()), rtol=0, atol=2e-4)


@pytest.mark.slow("probes all tricks anew")
def test_rates_are_told_apart_if_graphs_do_not_take_them(three, untried, monkeypatch):
    monkeypatch.setattr(signature, "_drop", missing)

    def fit(rate):
        return MLPClassifier((8,), dropout=rate, epochs=2, random_state=0).fit(*three)

    with pytest.warns(UserWarning, match="rates of dropout"):
        fit(0.25)
    shared = weights(fit(0.5))
    monkeypatch.setenv("SKMNIST_ENGINE", "keras")
    np.testing.assert_allclose(shared, weights(fit(0.5)), rtol=0, atol=2e-4)


@pytest.mark.slow("probes all tricks anew")
def test_changes_are_noticed_by_any_attribute_if_names_are_not_known(three, untried, monkeypatch):
    import keras

    class Freeze(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[-1].trainable = False

    def fit():
        callbacks = [Freeze()]
        return MLPClassifier((8,), epochs=3, callbacks=callbacks, random_state=0).fit(*three)

    expected = weights(fit())
    monkeypatch.setattr(tricks, "_passed", {})
    monkeypatch.setattr(changes, "OF_MODELS", ("_elsewhere",))
    monkeypatch.setattr(changes, "OF_VARIABLES", ("_elsewhere",))
    with pytest.warns(UserWarning, match="noticing what callbacks change"):
        found = weights(fit())
    np.testing.assert_allclose(expected, found, rtol=0, atol=1e-6)


def test_without_the_name_that_drops_kernels(untried, monkeypatch):
    monkeypatch.setattr(compat_tensorflow, "_context", missing)
    with pytest.warns(UserWarning, match="dropping what it has compiled"):
        cache._clear_kernels()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache._clear_kernels()


def test_layers_inside_layers_are_found_without_keras_s_list(monkeypatch):
    import keras

    inner = keras.layers.Dense(2)
    model = keras.Sequential([keras.Input((3, 4)), keras.layers.TimeDistributed(inner)])
    kerases = keras_models.layers_of(model)
    monkeypatch.setattr(keras_models, "lists_layers", lambda model: False)
    found = keras_models.layers_of(model)
    assert any(layer is inner for layer in found)
    assert {id(layer) for layer in kerases} <= {id(layer) for layer in found}


def test_self_tests_draw_nothing(three, untried):
    """All pass here, without a word, and leave random generators and names as they are."""
    import keras

    states = random.getstate(), np.random.get_state()[1].tolist()
    before = keras.layers.Activation("linear").name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, (attribute, make) in fused_layers._KERNELS.items():
            assert fused_layers._agrees(name, attribute, make)
        for name, kernel in fused_optimizers._KERNELS.items():
            assert fused_optimizers._agrees(getattr(keras.optimizers, name)(), kernel)
        for options in ({"momentum": 0.5}, {"momentum": 0.5, "nesterov": True}):
            optimizer = keras.optimizers.SGD(**options)
            assert fused_optimizers._agrees(optimizer, fused_optimizers._sgd)
        optimizer = keras.optimizers.RMSprop(momentum=0.5, centered=True)
        assert fused_optimizers._agrees(optimizer, fused_optimizers._rmsprop)
        assert signature._can_be_taken("rate") and signature._can_be_taken("l1")
        assert changes._names_are_known()
    assert (
        len(tricks._passed) == len(fused_layers._KERNELS) + len(fused_optimizers._KERNELS) + 3 + 3
    )
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    first, _, number = before.partition("_")
    assert keras.layers.Activation("linear").name == f"{first}_{int(number or 0) + 1}"
