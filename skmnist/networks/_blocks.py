"""Building blocks of several networks."""

from skmnist._keras import keras


def probabilities(x, n_classes, seed_of):
    """Append the output layer of a classifier: a softmax over the classes.

    In a network of half precision, this layer computes in single precision.  In half precision,
    sums of probabilities differ from one by more than scikit-learn accepts.

    Parameters
    ----------
    x : keras.KerasTensor of shape (n_samples, n_features)
        Outputs of the last hidden layer.
    n_classes : int
        Number of outputs.
    seed_of : callable
        Function from the name of a layer to its seed, from
        :func:`skmnist.networks._seeds.layer_seeds`.

    Returns
    -------
    outputs : keras.KerasTensor of shape (n_samples, n_classes)
        Probabilities.
    """
    # A network of double precision has no other layers, because an optimizer requires one dtype for
    # all variables.
    double = keras.config.dtype_policy().compute_dtype == "float64"
    return keras.layers.Dense(
        n_classes,
        activation="softmax",
        dtype="float64" if double else "float32",
        kernel_initializer=keras.initializers.GlorotUniform(seed_of("probabilities")),
        name="probabilities",
    )(x)
