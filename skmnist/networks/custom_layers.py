"""The Keras layers and models of skmnist's own, for reading files that have them.

Keras finds classes that are not its own only after they were imported::

    import skmnist.networks.custom_layers
    model = keras.saving.load_model("autoencoder.keras")

Importing this module starts TensorFlow.
"""

from skmnist.networks._autoencoder_layers import GaussianSampling, SaltAndPepperNoise
from skmnist.networks._gan_model import GAN

__all__ = ["GAN", "GaussianSampling", "SaltAndPepperNoise"]
