"""Keras layers and models defined by skmnist, for loading files that contain them.

Keras finds custom classes only after they are imported::

    import skmnist.networks.custom_layers
    model = keras.saving.load_model("autoencoder.keras")

Importing this module starts TensorFlow.
"""

from skmnist.networks._autoencoder_layers import GaussianSampling, SaltAndPepperNoise
from skmnist.networks._gan_model import GAN

__all__ = ["GAN", "GaussianSampling", "SaltAndPepperNoise"]
