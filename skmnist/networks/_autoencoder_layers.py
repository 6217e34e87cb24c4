"""Keras layers for autoencoders that Keras lacks.

Importing this module starts TensorFlow; :func:`skmnist.networks.autoencoder` does so when called.
"""

from skmnist._keras import keras


@keras.saving.register_keras_serializable(package="skmnist")
class SaltAndPepperNoise(keras.layers.Layer):
    """Set random pixels to the smallest or largest value of the batch while training.

    Parameters
    ----------
    fraction : float in [0, 1]
        Fraction of the pixels to replace; all channels of a pixel are replaced together.
    seed : int or None, default=None
        Seed of the choice of pixels.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.
    """

    def __init__(self, fraction, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.fraction = fraction
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        """Replace pixels.

        Parameters
        ----------
        inputs : tensor of shape (n_samples, height, width, n_channels)
            Images.
        training : bool, default=False
            Whether to replace pixels; if False, images are returned unchanged.

        Returns
        -------
        outputs : tensor of shape (n_samples, height, width, n_channels)
            Noisy images.
        """
        if not training:
            return inputs
        ops = keras.ops
        draws = keras.random.uniform(
            (*ops.shape(inputs)[:-1], 1), dtype=self.compute_dtype, seed=self.seed_generator
        )
        noisy = ops.where(draws < self.fraction, ops.max(inputs), inputs)
        return ops.where(draws < self.fraction / 2, ops.min(inputs), noisy)

    def compute_output_shape(self, input_shape):
        """Return the shape of the inputs.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the inputs.

        Returns
        -------
        output_shape : tuple of int
            The same shape.
        """
        return input_shape

    def get_config(self):
        """Return the parameters.

        Returns
        -------
        config : dict
            Parameters by name.
        """
        return {**super().get_config(), "fraction": self.fraction, "seed": self.seed}


@keras.saving.register_keras_serializable(package="skmnist")
class GaussianSampling(keras.layers.Layer):
    """Draw from normal distributions while training, with a penalty on deviations from N(0, 1).

    Parameters
    ----------
    kl_weight : float
        Weight of the Kullback-Leibler divergence from the standard normal distribution, which is
        averaged over samples and added to the loss.
    seed : int or None, default=None
        Seed of the draws.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.
    """

    def __init__(self, kl_weight, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.kl_weight = kl_weight
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        """Draw one value from each distribution.

        Parameters
        ----------
        inputs : list of two tensors of shape (n_samples, latent_dim)
            Means and logarithms of the variances.
        training : bool, default=False
            Whether to draw; if False, the means are returned.

        Returns
        -------
        outputs : tensor of shape (n_samples, latent_dim)
            Draws, or means.
        """
        ops = keras.ops
        means, log_variances = inputs
        # The divergence is added in evaluation too, so that training and validation losses are
        # comparable.
        terms = ops.exp(log_variances) + ops.square(means) - 1 - log_variances
        self.add_loss(self.kl_weight * ops.mean(ops.sum(terms, axis=-1)) / 2)
        if not training:
            return means
        draws = keras.random.normal(
            ops.shape(means), dtype=self.compute_dtype, seed=self.seed_generator
        )
        return means + ops.exp(log_variances / 2) * draws

    def compute_output_shape(self, input_shape):
        """Return the shape of the means.

        Parameters
        ----------
        input_shape : list of two tuples of int
            Shapes of the inputs.

        Returns
        -------
        output_shape : tuple of int
            Shape of the means.
        """
        return tuple(input_shape[0])

    def get_config(self):
        """Return the parameters.

        Returns
        -------
        config : dict
            Parameters by name.
        """
        return {**super().get_config(), "kl_weight": self.kl_weight, "seed": self.seed}
