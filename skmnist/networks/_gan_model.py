"""A generative adversarial network as one Keras model.

Importing this module starts TensorFlow; :func:`skmnist.networks.gan` does so when called.
"""

from skmnist._compat.keras_models import loss_tracker
from skmnist._keras import keras, tf

LOSSES = ("non-saturating", "least-squares", "hinge")

# Evaluation always uses the same noise: it leaves the state of training alone, and its figures
# differ by what was learned, not by what was drawn.
_EVALUATION_SEED = 1

# The penalty needs second derivatives, which take longer than all the rest; the mean over a
# quarter of a batch is as good an estimate over time.
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
    """Return one weight for each of `n` samples."""
    return tf.ones((n,)) if weights is None else tf.cast(tf.reshape(weights, (-1,)), tf.float32)


@keras.saving.register_keras_serializable(package="skmnist")
class GAN(keras.Model):
    """Generator and discriminator, trained against each other.

    Called as a model, it is the generator.  It is compiled with an optimizer only: its losses are
    its own.  One optimizer serves both networks, for optimizers keep their state by variable.

    `train_step` and `test_step` take images; or images and weights; or, with classes, images and
    integer codes, and weights after them.  A weight counts for the real image, and for the
    generated one that stands beside it in the batch, which has the same class.

    Parameters
    ----------
    generator : keras.Model
        From latent vectors, or latent vectors and codes, to images.
    discriminator : keras.Model
        From images, or images and codes, to logits of shape (n_samples, 1), large for real ones.
    loss : {"non-saturating", "least-squares", "hinge"}, default="non-saturating"
        What the two minimize.
    gradient_penalty : float, default=0.0
        Weight of the squared gradient of the logits at real images (R1) in the discriminator's
        loss; not part of the metric ``"discriminator_loss"``.
    seed : int or None, default=None
        Seed of the latent vectors drawn while training.
    **kwargs : dict
        What every Keras model takes.
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
            raise ValueError(f"loss is one of {LOSSES}, not {loss!r}.")
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
        """Shape of the images it is trained on, with None for their number."""
        return tuple(self.discriminator.inputs[0].shape)

    def build(self, input_shape=None):
        """Do nothing, for both networks come built.

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
            What the generator takes.
        training : bool, default=False
            Whether the generator normalizes by the batch.

        Returns
        -------
        images : tensor of shape (n_samples, height, width, n_channels)
            Generated images.
        """
        return self.generator(inputs, training=training)

    def train_step(self, data):
        """Take one step of both networks, each against the other as it was before.

        Parameters
        ----------
        data : tensor or tuple of tensors
            Images, codes if there are classes, and perhaps weights.

        Returns
        -------
        results : dict of str to tensor
            Means so far of losses and accuracies.
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
            Images, codes if there are classes, and perhaps weights.

        Returns
        -------
        results : dict of str to tensor
            Means so far of losses and accuracies.
        """
        self._losses_of(*self._unpack(data), training=False)
        return self.get_metrics_result()

    def _unpack(self, data):
        """Return images, codes and weights, None for what is not there."""
        parts = data if isinstance(data, (list, tuple)) else (data,)
        # Keras leaves out what is not given, or passes None for it.
        images, *others = (tf.convert_to_tensor(part) for part in parts if part is not None)
        codes = tf.reshape(others[0], (-1,)) if self.conditional else None
        n_before = 1 if self.conditional or len(others) == 2 else 0
        return images, codes, others[n_before] if len(others) > n_before else None

    def _losses_of(self, images, codes, weights, training):
        """Return the losses of generator and discriminator, and note them."""
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
        """Return the penalty on how steep the discriminator is at some of the real images."""
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
            What `get_config` returned.
        custom_objects : dict or None, default=None
            Classes and functions that Keras does not know, by name.

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
