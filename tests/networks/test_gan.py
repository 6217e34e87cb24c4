"""Generative adversarial networks as Keras models: shapes, steps, losses, seeds, configuration."""

import numpy as np
import pytest

from skmnist._keras import keras, tf
from skmnist.networks import gan

SHAPES = [(1, 1, 1), (5, 5, 1), (4, 16, 1), (7, 9, 1), (28, 28, 1), (32, 32, 3)]
SMALL = {"latent_dim": 4, "filters": (6, 4), "hidden_layer_sizes": (8,)}
VARIANTS = [(None, True), (None, False), (3, True), (3, False)]


def made(shape=(6, 6, 1), n_classes=3, **parameters):
    model = gan(shape, n_classes, **{**SMALL, "seed": 0, **parameters})
    model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5))
    model.optimizer.build(model.trainable_variables)
    return model


def data_of(shape=(6, 6, 1), n_classes=3, n=12):
    rng = np.random.default_rng(0)
    images = tf.constant(rng.random((n, *shape)), tf.float32)
    return (images,) if n_classes is None else (images, tf.constant(np.arange(n) % n_classes))


def inputs_of(n_classes, n=12):
    latent = np.random.default_rng(1).normal(size=(n, 4)).astype(np.float32)
    return latent if n_classes is None else [latent, np.arange(n) % n_classes]


def values_of(variables):
    return [variable.numpy() for variable in variables]


@pytest.mark.slow("a step of every network for every size")
@pytest.mark.parametrize(("n_classes", "convolutional"), VARIANTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_image_shape(shape, n_classes, convolutional):
    model = made(shape, n_classes, convolutional=convolutional)
    results = model.train_step(data_of(shape, n_classes))
    assert next(iter(results)) == "loss"
    assert set(results) == {
        "loss",
        "discriminator_loss",
        "real_accuracy",
        "generated_accuracy",
    }
    assert all(np.isfinite(float(value)) for value in results.values())
    images = model(inputs_of(n_classes)).numpy()
    assert images.shape == (12, *shape)
    assert images.min() >= 0
    assert images.max() <= 1
    assert model.discriminator(data_of(shape, n_classes)).shape == (12, 1)


def test_step_updates_both_networks():
    model = made()
    before = values_of(model.trainable_variables)
    model.train_step(data_of())
    after = values_of(model.trainable_variables)
    changed = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert all(changed)
    assert int(model.optimizer.iterations) == 1


@pytest.mark.parametrize("n_classes", [None, 3])
def test_evaluation_leaves_the_state_alone(n_classes):
    model = made(n_classes=n_classes)
    metrics = {id(v) for metric in model.metrics for v in metric.variables}
    state = [v for v in model.variables if id(v) not in metrics]
    before = values_of(state)
    first = {k: float(v) for k, v in model.test_step(data_of(n_classes=n_classes)).items()}
    for a, b in zip(before, values_of(state), strict=True):
        np.testing.assert_array_equal(a, b)
    model.reset_metrics()
    again = {k: float(v) for k, v in model.test_step(data_of(n_classes=n_classes)).items()}
    assert first == again


@pytest.mark.slow("traces graphs anew for every case")
def test_losses():
    logits = np.array([-2.0, 0.5], np.float32)
    softplus = np.logaddexp(0, logits), np.logaddexp(0, -logits)
    expected = {
        "non-saturating": (softplus[1], softplus[0], softplus[1]),
        "least-squares": ((logits - 1) ** 2, logits**2, (logits - 1) ** 2),
        "hinge": ([3, 0.5], [0, 1.5], [2, -0.5]),
    }
    from skmnist.networks import _gan_model

    assert set(expected) == set(_gan_model.LOSSES)
    for kind, (real, generated, generator) in expected.items():
        np.testing.assert_allclose(_gan_model._real_loss(kind, logits), real, rtol=1e-5)
        np.testing.assert_allclose(_gan_model._generated_loss(kind, logits), generated, rtol=1e-5)
        np.testing.assert_allclose(_gan_model._generator_loss(kind, logits), generator, rtol=1e-5)
        made(loss=kind).train_step(data_of())


def test_unknown_loss():
    with pytest.raises(ValueError, match="loss"):
        gan((6, 6, 1), loss="wasserstein")


@pytest.mark.parametrize("convolutional", [True, False])
def test_needs_layers(convolutional):
    with pytest.raises(ValueError, match=r"filters|hidden_layer_sizes"):
        gan((6, 6, 1), convolutional=convolutional, filters=(), hidden_layer_sizes=())


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("n_classes", [None, 3])
def test_weights(n_classes):
    data = data_of(n_classes=n_classes)

    def loss(*weights):
        model = made(n_classes=n_classes)
        return float(model.test_step((*data, *weights))["discriminator_loss"])

    assert loss(tf.ones(12)) == pytest.approx(loss())
    assert loss(3 * tf.ones(12)) == pytest.approx(3 * loss(), rel=1e-5)
    first_half = tf.constant([1.0] * 6 + [0.0] * 6)
    assert loss(first_half) + loss(1 - first_half) == pytest.approx(loss(), rel=1e-5)


@pytest.mark.slow("traces graphs anew for every case")
def test_weightless_images_do_not_matter():
    images, codes = data_of()
    weights = tf.constant([1.0] * 11 + [0.0])
    results = []
    for last in (0.0, 1.0):
        # Neither in the losses nor in the penalty, which is on the first images.
        changed = tf.concat([images[:11], last + 0 * images[11:]], axis=0)
        model = made(gradient_penalty=10.0)
        model.train_step((changed[::-1], codes[::-1], weights[::-1]))
        results.append(values_of(model.discriminator.trainable_variables))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.slow("trains for many steps")
def test_gradient_penalty():
    plain, penalized = made(gradient_penalty=0.0), made(gradient_penalty=1000.0)

    def steepness(model):
        images, codes = data_of()
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = model.discriminator([images, codes])
        return float(tf.reduce_sum(tf.square(tape.gradient(logits, images))))

    assert steepness(plain) == steepness(penalized)
    for _ in range(30):
        plain.train_step(data_of())
        penalized.train_step(data_of())
    assert steepness(penalized) < steepness(plain) / 2


@pytest.mark.slow("trains for many steps")
def test_keras_fit():
    for n_classes in (None, 3):
        model = made(n_classes=n_classes)
        history = model.fit(*data_of(n_classes=n_classes), epochs=2, batch_size=5, verbose=0)
        assert len(history.history["loss"]) == 2
        model.evaluate(*data_of(n_classes=n_classes), verbose=0)


@pytest.mark.slow("trains for many steps")
@pytest.mark.parametrize(("n_classes", "convolutional"), VARIANTS)
def test_seeds(n_classes, convolutional):
    def trained(seed):
        model = made(n_classes=n_classes, convolutional=convolutional, seed=seed, dropout=0.2)
        for _ in range(2):
            model.train_step(data_of(n_classes=n_classes))
        return np.concatenate([v.ravel() for v in values_of(model.trainable_variables)])

    first = trained(1)
    np.testing.assert_array_equal(first, trained(1))
    assert not np.array_equal(first, trained(2))


@pytest.mark.slow("trains for many steps")
@pytest.mark.parametrize(("n_classes", "convolutional"), VARIANTS)
def test_training_goes_on_in_a_copy(n_classes, convolutional):
    parameters = {"loss": "least-squares", "gradient_penalty": 2.0, "dropout": 0.2}
    model = made(n_classes=n_classes, convolutional=convolutional, **parameters)
    data = data_of(n_classes=n_classes)
    model.train_step(data)
    config = keras.saving.serialize_keras_object(model)
    config.pop("compile_config", None)
    copied = keras.saving.deserialize_keras_object(config)
    assert copied.built
    copied.compile(keras.optimizers.Adam(1e-3, beta_1=0.5))
    copied.optimizer.build(copied.trainable_variables)
    for mine, original in (
        (copied.variables, model.variables),
        (copied.optimizer.variables, model.optimizer.variables),
    ):
        for variable, value in zip(mine, original, strict=True):
            variable.assign(value)
    for one in (model, copied):
        one.train_step(data)
    for a, b in zip(values_of(model.variables), values_of(copied.variables), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow("trains for many steps")
def test_learns():
    # One bright half per class: the mean image of a class is soon the right one.
    codes = np.arange(512) % 2
    images = np.zeros((512, 8, 8, 1), np.float32)
    images[codes == 0, :, :4] = 0.9
    images[codes == 1, :, 4:] = 0.9
    model = gan((8, 8, 1), 2, latent_dim=4, filters=(16, 8), seed=0)
    model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5))
    model.fit(images, codes, batch_size=32, epochs=12, verbose=0)
    latent = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    for code in (0, 1):
        generated = model.generator([latent, np.full(64, code)]).numpy()
        assert np.abs(generated.mean(axis=0) - images[code]).mean() < 0.2
