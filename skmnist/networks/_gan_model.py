"""Generative adversarial network as a single Keras model.

Importing this module starts TensorFlow; :func:`skmnist.networks.gan` does so when called.
"""

from skmnist._compat.keras_models import loss_tracker
from skmnist._keras import keras, tf

LOSSES = ("non-saturating", "least-squares", "hinge")

# Evaluation always uses the same latent vectors.  It does not change the state of the training, and
# its results differ between epochs only because the networks differ.
_EVALUATION_SEED = 1

# The penalty needs second derivatives, which take longer than the rest of a step.  It is therefore
# estimated on a quarter of each batch, which suffices over many steps.
_PENALIZED_SHARE = 4


def _real_loss(kind, logits):
    """Return the discriminator's loss for each real image."""
    if kind == "hinge":
        return tf.nn.relu(1 - logits)
    if kind == "least-squares":
        return tf.square(logits - 1)
    return tf.nn.softplus(-logits)


def _generated_loss(kind, logits):
    """Return the discriminator's loss for each generated image."""
    if kind == "hinge":
        return tf.nn.relu(1 + logits)
    if kind == "least-squares":
        return tf.square(logits)
    return tf.nn.softplus(logits)


def _generator_loss(kind, logits):
    """Return the generator's loss for each generated image."""
    return -logits if kind == "hinge" else _real_loss(kind, logits)


def _row(weights, n):
    """Return the weights of `n` samples as a flat tensor; ones for None."""
    return tf.ones((n,)) if weights is None else tf.cast(tf.reshape(weights, (-1,)), tf.float32)


@keras.saving.register_keras_serializable(package="skmnist")
class GAN(keras.Model):
    """Generator and discriminator, trained against each other.

    A call of the model generates images.  The model has its own losses, so compile it with an
    optimizer only.  One optimizer suffices for both networks, because it keeps a state per
    variable.

    `train_step` and `test_step` take images and optional weights or, with classes, images, integer
    codes and optional weights.  A weight applies to a real image and to the generated image at the
    same position of the batch, which has the same class.

    Parameters
    ----------
    generator : keras.Model
        Model from latent vectors, or from latent vectors and codes, to images.
    discriminator : keras.Model
        Model from images, or from images and codes, to logits of shape (n_samples, 1), which are
        large for real images.
    loss : {"non-saturating", "least-squares", "hinge"}, default="non-saturating"
        Loss of both networks.
    gradient_penalty : float, default=0.0
        Weight of the squared gradient of the logits at real images (R1) in the discriminator's
        loss.  The metric ``"discriminator_loss"`` does not include it.
    seed : int or None, default=None
        Seed of the latent vectors drawn while training.
    **kwargs : dict
        Parameters of :class:`keras.Model`.
    """

    def __init__(
        self,
        generator,
        discriminator,
        loss="non-saturating",
        gradient_penalty=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if loss not in LOSSES:
            raise ValueError(
                f"The 'loss' parameter of GAN must be one of {LOSSES}. Got {loss!r} instead."
            )
        self.generator = generator
        self.discriminator = discriminator
        self.adversarial_loss = loss
        self.gradient_penalty = gradient_penalty
        self.seed = seed
        self.conditional = len(generator.inputs) == 2
        self.latent_dim = generator.inputs[0].shape[-1]
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.discriminator_loss = keras.metrics.Mean(name="discriminator_loss")
        self.real_accuracy = keras.metrics.Mean(name="real_accuracy")
        self.generated_accuracy = keras.metrics.Mean(name="generated_accuracy")
        self.built = True

    @property
    def input_shape(self):
        """Shape of training images, with None for their number."""
        return tuple(self.discriminator.inputs[0].shape)

    def build(self, input_shape=None):
        """Do nothing, because both networks are already built.

        Parameters
        ----------
        input_shape : object, default=None
            Not used.
        """
        self.built = True

    def call(self, inputs, training=False):
        """Generate images.

        Parameters
        ----------
        inputs : tensor of shape (n_samples, latent_dim) or list of it and codes
            Inputs of the generator.
        training : bool, default=False
            Whether batch normalization uses the statistics of the batch.

        Returns
        -------
        images : tensor of shape (n_samples, height, width, n_channels)
            Generated images.
        """
        return self.generator(inputs, training=training)

    def train_step(self, data):
        """Take one step of both networks, each against the state of the other before the step.

        Parameters
        ----------
        data : tensor or tuple of tensors
            Images, codes if there are classes, and optional weights.

        Returns
        -------
        results : dict of str to tensor
            Means of losses and accuracies since the last reset.
        """
        images, codes, weights = self._unpack(data)
        generator_weights = self.generator.trainable_variables
        discriminator_weights = self.discriminator.trainable_variables
        with tf.GradientTape(persistent=True) as tape:
            loss, discriminator_loss = self._losses_of(images, codes, weights, training=True)
            if self.gradient_penalty:
                discriminator_loss += self._penalty_of(images, codes, weights)
            loss = self.optimizer.scale_loss(loss)
            discriminator_loss = self.optimizer.scale_loss(discriminator_loss)
        gradients = tape.gradient(loss, generator_weights)
        gradients += tape.gradient(discriminator_loss, discriminator_weights)
        del tape
        self.optimizer.apply(gradients, generator_weights + discriminator_weights)
        return self.get_metrics_result()

    def test_step(self, data):
        """Compute the losses, with the same latent vectors for every batch.

        Parameters
        ----------
        data : tensor or tuple of tensors
            Images, codes if there are classes, and optional weights.

        Returns
        -------
        results : dict of str to tensor
            Means of losses and accuracies since the last reset.
        """
        self._losses_of(*self._unpack(data), training=False)
        return self.get_metrics_result()

    def _unpack(self, data):
        """Return images, codes and weights; None for missing parts."""
        parts = data if isinstance(data, (list, tuple)) else (data,)
        # Keras leaves out missing parts, or passes None for them.
        images, *others = (tf.convert_to_tensor(part) for part in parts if part is not None)
        codes = tf.reshape(others[0], (-1,)) if self.conditional else None
        n_before = 1 if self.conditional or len(others) == 2 else 0
        return images, codes, others[n_before] if len(others) > n_before else None

    def _losses_of(self, images, codes, weights, training):
        """Return the losses of generator and discriminator, and update the metrics."""
        n = tf.shape(images)[0]
        draws = self.seed_generator if training else _EVALUATION_SEED
        latent = keras.random.normal((n, self.latent_dim), seed=draws)
        condition = [codes] if self.conditional else []
        generated = self.generator([latent, *condition], training=training)
        real = self.discriminator([images, *condition], training=training)[:, 0]
        fake = self.discriminator([generated, *condition], training=training)[:, 0]
        real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)

        kind = self.adversarial_loss
        weights = _row(weights, n)
        loss = tf.reduce_mean(weights * _generator_loss(kind, fake))
        terms = _real_loss(kind, real) + _generated_loss(kind, fake)
        discriminator_loss = tf.reduce_mean(weights * terms)
        boundary = 0.5 if kind == "least-squares" else 0.0
        loss_tracker(self).update_state(loss, sample_weight=n)
        self.discriminator_loss.update_state(discriminator_loss, sample_weight=n)
        self.real_accuracy.update_state(tf.cast(real > boundary, tf.float32))
        self.generated_accuracy.update_state(tf.cast(fake <= boundary, tf.float32))
        return loss, discriminator_loss

    def _penalty_of(self, images, codes, weights):
        """Return the R1 penalty, estimated on some of the real images.

        With D(x) the logit for image x, it is gradient_penalty / 2 times the weighted mean of
        |dD/dx|^2.
        """
        n = tf.maximum(tf.shape(images)[0] // _PENALIZED_SHARE, 1)
        images, weights = images[:n], _row(weights, tf.shape(images)[0])[:n]
        condition = [codes[:n]] if self.conditional else []
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = self.discriminator([images, *condition], training=True)
        slopes = tape.gradient(logits, images)
        steepness = tf.reduce_sum(tf.square(slopes), axis=[1, 2, 3])
        return self.gradient_penalty / 2 * tf.reduce_mean(weights * steepness)

    def get_config(self):
        """Return the parameters.

        Returns
        -------
        config : dict
            Parameters by name, models in Keras's serialized form.
        """
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "loss": self.adversarial_loss,
            "gradient_penalty": self.gradient_penalty,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Make a model from its parameters.

        Parameters
        ----------
        config : dict
            Return value of `get_config`.
        custom_objects : dict or None, default=None
            Classes and functions of the user, by name.

        Returns
        -------
        model : GAN
            Uncompiled model.
        """
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("generator", "discriminator")
        }
        return cls(**{**config, **networks})
