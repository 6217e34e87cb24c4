"""Parts that several networks share."""

from skmnist._keras import keras


def probabilities(x, n_classes, seed_of):
    """Append the output layer of a classifier: a softmax over the classes.

    It computes in single precision whatever the network does, because the sums of probabilities
    that are kept in half precision are off by more than scikit-learn accepts.

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
    return keras.layers.Dense(
        n_classes,
        activation="softmax",
        dtype="float32",
        kernel_initializer=keras.initializers.GlorotUniform(seed_of("probabilities")),
        name="probabilities",
    )(x)
