"""Autoencoders as Keras models: shapes, what they learn, noise, draws, seeds and configuration."""

import numpy as np
import pytest

from skmnist._keras import keras
from skmnist.networks import autoencoder

SHAPES = [(1, 1, 1), (5, 5, 1), (4, 16, 1), (7, 9, 1), (28, 28, 1), (32, 32, 3)]
SALT_AND_PEPPER = {"noise": 0.25, "noise_type": "salt-and-pepper"}
VARIANTS = [
    {},
    {"convolutional": True},
    {"convolutional": True, "filters": (3, 4, 5), "variational": True, "noise": 0.1},
    {"variational": True, "hidden_layer_sizes": (), **SALT_AND_PEPPER},
]


def images_of(shape, n=8):
    return np.random.default_rng(0).random((n, *shape)).astype(np.float32)


def layer_of(kind, layer):
    """Make a model of the one layer of this kind in an autoencoder."""
    found = [x for x in layer.layers if type(x).__name__ == kind]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_image_shape(shape, variant):
    model = autoencoder(shape, latent_dim=3, seed=0, **variant)
    encoder = keras.Model(model.input, model.get_layer("codes").output)
    decoder = model.get_layer("decoder")
    images = images_of(shape, 4)
    codes = encoder(images)
    assert codes.shape == (4, 3)
    assert isinstance(decoder, keras.Model)
    # In inference nothing is drawn: the decoded codes are the reconstruction.
    np.testing.assert_allclose(decoder(codes), model(images), atol=1e-6)
    assert model(images).shape == images.shape


@pytest.mark.slow("trains for many steps")
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_learns(variant):
    # Images of two numbers each: the brightness of either half.
    rng = np.random.default_rng(0)
    images = np.repeat(rng.random((256, 1, 2, 1)), 4, axis=2).repeat(8, axis=1).astype(np.float32)
    variant = {**variant, "kl_weight": 1e-3}
    model = autoencoder((8, 8, 1), latent_dim=4, seed=0, **variant)
    model.compile(keras.optimizers.Adam(0.005), "mean_squared_error")
    model.fit(images, images, batch_size=16, epochs=40, verbose=0)
    assert np.mean(np.square(model(images) - images)) < images.var() / 4


def test_sigmoid_output():
    model = autoencoder((6, 6, 1), output_activation="sigmoid", convolutional=True, seed=0)
    outputs = model(100 * images_of((6, 6, 1))).numpy()
    assert outputs.min() >= 0
    assert outputs.max() <= 1


@pytest.mark.parametrize("noise_type", ["gaussian", "salt-and-pepper"])
def test_noise_only_while_training(noise_type):
    model = autoencoder((6, 6, 1), noise=0.3, noise_type=noise_type, seed=0)
    images = images_of((6, 6, 1))
    np.testing.assert_array_equal(model(images), model(images))
    assert np.abs(model(images, training=True) - model(images)).max() > 1e-3


def test_no_noise_no_layer():
    names = [layer.name for layer in autoencoder((6, 6, 1), noise=0.0).layers]
    assert "noise" not in names


def test_salt_and_pepper():
    images = 3 + 4 * images_of((40, 50, 3), 5)
    layer = autoencoder((40, 50, 3), seed=0, **SALT_AND_PEPPER).get_layer("noise")
    noisy = layer(images, training=True).numpy()
    changed = (noisy != images).any(axis=-1)
    assert abs(changed.mean() - 0.25) < 0.02
    # All channels of a pixel at once, half of them dark.
    assert set(np.unique(noisy[changed])) == {images.min(), images.max()}
    assert abs((noisy[changed] == images.min()).mean() - 0.5) < 0.03
    assert (noisy[changed].std(axis=-1) == 0).all()


def test_unknown_noise_type():
    with pytest.raises(ValueError, match="noise_type"):
        autoencoder((6, 6, 1), noise_type="speckle")


def test_convolutions_need_filters():
    with pytest.raises(ValueError, match="filters"):
        autoencoder((6, 6, 1), convolutional=True, filters=())


def test_loss_of_a_variational_autoencoder():
    # With one code per pixel and weight 1, as the mean squared error counts: per pixel.
    model = autoencoder((2, 3, 1), latent_dim=2, variational=True, kl_weight=1.0, seed=0)
    model.compile("adam", "mean_squared_error")
    images = images_of((2, 3, 1))
    means, log_variance = keras.Model(
        model.input, [model.get_layer(name).output for name in ("codes", "log_variance")]
    ).predict(images, verbose=0)
    kl = (np.exp(log_variance) + means**2 - 1 - log_variance).sum(axis=1).mean() / 2
    error = np.mean(np.square(model.predict(images, verbose=0) - images))
    loss = model.evaluate(images, images, verbose=0)
    np.testing.assert_allclose(loss, error + kl / 6, rtol=1e-5)


def test_draws_of_a_variational_autoencoder():
    model = autoencoder((2, 3, 1), latent_dim=2, variational=True, seed=0)
    sampling = model.get_layer("sampling")
    means = np.full((20000, 2), 3, np.float32)
    log_variances = np.full((20000, 2), np.log(4), np.float32)
    np.testing.assert_array_equal(sampling([means, log_variances]), means)
    draws = sampling([means, log_variances], training=True).numpy()
    np.testing.assert_allclose(draws.mean(axis=0), 3, atol=0.1)
    np.testing.assert_allclose(draws.std(axis=0), 2, atol=0.1)


@pytest.mark.slow("trains for many steps")
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_seeds(variant):
    def trained(seed):
        model = autoencoder((6, 6, 1), latent_dim=3, seed=seed, **variant)
        model.compile("sgd", "mean_squared_error")
        images = images_of((6, 6, 1))
        model.fit(images, images, epochs=2, shuffle=False, verbose=0)
        return np.concatenate([weights.ravel() for weights in model.get_weights()])

    first = trained(1)
    np.testing.assert_array_equal(first, trained(1))
    assert not np.array_equal(first, trained(2))


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_configuration(variant):
    model = autoencoder((7, 9, 1), latent_dim=3, seed=0, **variant)
    config = keras.saving.serialize_keras_object(model)
    copied = keras.saving.deserialize_keras_object(config)
    assert len(copied.variables) == len(model.variables)
    for mine, original in zip(copied.variables, model.variables, strict=True):
        mine.assign(original)
    images = images_of((7, 9, 1))
    np.testing.assert_array_equal(copied(images), model(images))
    # Seeds of noise and draws are variables like others.
    np.testing.assert_array_equal(copied(images, training=True), model(images, training=True))
