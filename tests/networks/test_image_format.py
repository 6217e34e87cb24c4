"""Keras's setting of where channels are changes nothing in networks that are no classifiers."""

import numpy as np
import pytest

from skmnist import Augmentation
from skmnist.networks import augmentation, autoencoder, gan

IMAGES = np.random.default_rng(0).random((3, 10, 8, 1), dtype=np.float32)

BUILDERS = {
    "autoencoder": lambda: autoencoder((10, 8, 1), seed=0),
    "convolutional autoencoder": lambda: autoencoder((10, 8, 1), convolutional=True, seed=0),
    "denoising": lambda: autoencoder((10, 8, 1), noise=0.2, noise_type="salt-and-pepper", seed=0),
    "augmentation": lambda: augmentation(
        (10, 8, 1), shift=0.2, rotation=20, elastic=0.03, horizontal_flip=True, seed=0
    ),
}


@pytest.fixture
def channels_first():
    """Return a context manager's two functions: set the format, and set it back."""
    import keras

    yield lambda: keras.config.set_image_data_format("channels_first")
    keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("name", BUILDERS)
def test_images_to_images(name, channels_first):
    expected = BUILDERS[name]()
    outputs = expected(IMAGES, training=True).numpy()
    channels_first()
    model = BUILDERS[name]()
    for weight, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    np.testing.assert_array_equal(model(IMAGES, training=True).numpy(), outputs)


@pytest.mark.parametrize("convolutional", [True, False])
def test_gan(convolutional, channels_first):
    import keras

    latent, codes = np.ones((3, 6), dtype=np.float32), np.arange(3, dtype=np.int32)

    def made():
        model = gan((10, 8, 1), 3, latent_dim=6, convolutional=convolutional, seed=0)
        inputs = [keras.ops.convert_to_tensor(part) for part in (latent, codes)]
        generated = model.generator(inputs)
        return generated.numpy(), model.discriminator([generated, inputs[1]]).numpy()

    expected = made()
    channels_first()
    for array, other in zip(made(), expected, strict=True):
        np.testing.assert_array_equal(array, other)


@pytest.mark.slow("traces every family in two formats")
def test_fits(channels_first):
    from skmnist import CNNClassifier, LeNetClassifier

    three = np.random.default_rng(0).random((60, 64), dtype=np.float32), np.arange(60) % 3
    estimators = [
        LeNetClassifier((4, 8), epochs=1, random_state=0, augmentation=Augmentation()),
        CNNClassifier((4,), epochs=1, random_state=0),
    ]
    expected = [estimator.fit(*three).predict_proba(three[0]) for estimator in estimators]
    channels_first()
    for estimator, probabilities in zip(estimators, expected, strict=True):
        np.testing.assert_array_equal(estimator.fit(*three).predict_proba(three[0]), probabilities)
