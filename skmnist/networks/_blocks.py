"""Parts that several networks share."""

from skmnist._keras import keras


def probabilities(x, n_classes, seed_of):
    """Append the output layer of a classifier: a softmax over the classes.

    It computes in single precision where the network does in half, because the sums of
    probabilities that are kept in half precision are off by more than scikit-learn accepts.

    Parameters
    ----------
    x : keras.KerasTensor of shape (n_samples, n_features)
        Outputs of the last hidden layer.
    n_classes : int
        Number of outputs.
    seed_of : callable
        Seeds of layers by name, of :func:`skmnist.networks._seeds.layer_seeds`.

    Returns
    -------
    outputs : keras.KerasTensor of shape (n_samples, n_classes)
        Probabilities.
    """
    # In double precision all of a network is, for an optimizer has one type of variables.
    double = keras.config.dtype_policy().compute_dtype == "float64"
    return keras.layers.Dense(
        n_classes,
        activation="softmax",
        dtype="float64" if double else "float32",
        kernel_initializer=keras.initializers.GlorotUniform(seed_of("probabilities")),
        name="probabilities",
    )(x)
