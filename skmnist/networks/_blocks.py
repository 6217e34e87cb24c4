"""Building blocks of several networks."""

from skmnist._keras import keras
from skmnist.networks._seeds import layer_seeds


class Blocks:
    """Layers of one network, each seeded by its name.

    Every method appends a layer, or a few, to a tensor and returns the result.  Where options of
    Keras are accepted, they go to the layer as they are.

    Parameters
    ----------
    seed : int or None
        Seed of the whole network.
    initializer : {"GlorotUniform", "HeNormal", "HeUniform"}, default="GlorotUniform"
        Name of the Keras initializer of the hidden layers' kernels.
    """

    def __init__(self, seed, initializer="GlorotUniform"):
        self.seed_of = layer_seeds(seed)
        self._initializer = initializer

    def initializer(self, name):
        """Return the initializer of the kernel of the layer of this name."""
        return getattr(keras.initializers, self._initializer)(self.seed_of(name))

    def dense(self, x, units, name, activation=None, **options):
        """Append a dense layer."""
        return keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer=self.initializer(name),
            name=name,
            **options,
        )(x)

    def conv(self, x, filters, size, name, *, activation=None, transposed=False, **options):
        """Append a convolution, which keeps the image size unless options say otherwise."""
        kind = keras.layers.Conv2DTranspose if transposed else keras.layers.Conv2D
        return kind(
            filters,
            size,
            activation=activation,
            kernel_initializer=self.initializer(name),
            name=name,
            data_format="channels_last",
            **{"padding": "same", **options},
        )(x)

    def normalized(self, x, name, activation, activation_name):
        """Append a normalization over the batch, and an activation.

        The momentum makes the running statistics follow within a few dozen steps, because small
        data sets have no more in an epoch.
        """
        x = keras.layers.BatchNormalization(momentum=0.9, name=name)(x)
        return keras.layers.Activation(activation, name=activation_name)(x)

    def depthwise(self, x, size, name):
        """Append a convolution of each channel alone, which keeps the image size."""
        return keras.layers.DepthwiseConv2D(
            size,
            padding="same",
            data_format="channels_last",
            depthwise_initializer=self.initializer(name),
            name=name,
        )(x)

    def layer_normalized(self, x, name):
        """Append a normalization over the features of each place."""
        return keras.layers.LayerNormalization(epsilon=1e-6, name=name)(x)

    def dropped(self, x, rate, name):
        """Append dropout, unless the rate is 0."""
        return keras.layers.Dropout(rate, seed=self.seed_of(name), name=name)(x) if rate else x

    def classifier(self, inputs, x, n_classes, name):
        """Return the model that ends in a softmax over the classes.

        In a network of half precision, the output layer computes in single precision.  In half
        precision, sums of probabilities differ from one by more than scikit-learn accepts.
        """
        # A network of double precision has no other layers, because an optimizer requires one
        # dtype for all variables.
        double = keras.config.dtype_policy().compute_dtype == "float64"
        outputs = keras.layers.Dense(
            n_classes,
            activation="softmax",
            dtype="float64" if double else "float32",
            kernel_initializer=keras.initializers.GlorotUniform(self.seed_of("probabilities")),
            name="probabilities",
        )(x)
        return keras.Model(inputs, outputs, name=name)


def pair(size):
    """Return a size as height and width: one number stands for both."""
    return (size, size) if isinstance(size, int) else tuple(size)
