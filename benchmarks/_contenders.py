"""The same networks, trained by skmnist and by what a user would pick instead.

A trainer is a function ``(X, y, epochs, seed)`` that makes a new network and trains it, and returns
a function from images to labels.  Peers that are not installed have no trainer.
"""

import importlib.util
import inspect
import logging

import _start  # noqa: F401  comes before Keras and TensorFlow are imported
import keras
import numpy as np
import scikeras.wrappers
import sklearn.neural_network
import tensorflow as tf

import skmnist

logging.getLogger("tensorflow").setLevel(logging.ERROR)

MISSING = [name for name in ("torch", "skorch") if importlib.util.find_spec(name) is None]
if "torch" not in MISSING:
    import _torch_networks
    import torch
if not MISSING:
    import skorch

IMAGE_SHAPE = (28, 28, 1)


def installed(contenders):
    """Return the contenders that need no package which is missing."""
    return {
        name: contender
        for name, contender in contenders.items()
        if not any(package in name for package in MISSING)
        and not ("skorch" in name and "torch" in MISSING)
    }


# Networks.


def keras_mlp(hidden=128, dropout=0.0):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(hidden, activation="relu"),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(10, activation="softmax"),
        ]
    )


def keras_family(network, **kwargs):
    """Return a function that makes a network of skmnist's as a Keras user would get it."""
    return lambda: network(IMAGE_SHAPE, 10, **kwargs)


# Estimators.


def skmnist_mlp(hidden=128, dropout=0.0, **params):
    return skmnist.MLPClassifier(hidden_layer_sizes=(hidden,), dropout=dropout, **params)


def scikeras_mlp(hidden=128, dropout=0.0, optimizer="adam", **params):
    # No random_state, for with one scikeras makes TensorFlow use slower, deterministic kernels.
    return scikeras.wrappers.KerasClassifier(
        keras_mlp,
        model__hidden=hidden,
        model__dropout=dropout,
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        verbose=0,
        **params,
    )


def skorch_mlp(hidden=128, dropout=0.0, optimizer="adam", epochs=1, batch_size=32):
    if optimizer == "adam":
        options = {"optimizer": torch.optim.Adam, "optimizer__eps": 1e-7}
    else:
        options = {
            "optimizer": torch.optim.RMSprop,
            "optimizer__eps": 1e-7,
            "optimizer__alpha": 0.9,
        }
    return skorch.NeuralNetClassifier(
        _torch_networks.MLP,
        module__hidden=hidden,
        module__dropout=dropout,
        criterion=torch.nn.CrossEntropyLoss,
        lr=1e-3,
        max_epochs=epochs,
        batch_size=batch_size,
        train_split=None,  # by default it trains on four fifths of the data
        iterator_train__shuffle=True,
        verbose=0,
        **options,
    )


def sklearn_mlp(hidden=128, epochs=1, batch_size=32, alpha=0.0, seed=0):
    # Neither does it stop early: its tolerance is asked for over 10 epochs.
    return sklearn.neural_network.MLPClassifier(
        (hidden,),
        alpha=alpha,
        batch_size=batch_size,
        learning_rate_init=1e-3,
        max_iter=epochs,
        random_state=seed,
    )


# Trainers.


def by_skmnist(estimator):
    """Return a trainer from a function of the number of epochs and the seed to an estimator."""

    def train(X, y, epochs, seed):
        return estimator(epochs=epochs, random_state=seed).fit(X, y).predict

    return train


def by_keras(make, optimizer, batch_size, *, image_shape=None, **compile_options):
    """Return a trainer that makes, compiles and fits a model as a user of Keras writes it."""

    def shaped(X):
        return X if image_shape is None else X.reshape(-1, *image_shape)

    def train(X, y, epochs, seed):
        keras.utils.set_random_seed(seed)
        model = make()
        model.compile(
            optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **compile_options
        )
        model.fit(shaped(X), y, batch_size=batch_size, epochs=epochs, verbose=0)
        return lambda X: model.predict(shaped(X), verbose=0).argmax(1)

    return train


def by_scikeras(hidden, optimizer, batch_size):
    def train(X, y, epochs, seed):
        keras.utils.set_random_seed(seed)
        estimator = scikeras_mlp(hidden, optimizer=optimizer, epochs=epochs, batch_size=batch_size)
        return estimator.fit(X, y).predict

    return train


def by_skorch(hidden, optimizer, batch_size):
    def train(X, y, epochs, seed):
        torch.manual_seed(seed)
        return skorch_mlp(hidden, 0.0, optimizer, epochs, batch_size).fit(X, y).predict

    return train


def by_sklearn(hidden, batch_size):
    def train(X, y, epochs, seed):
        return sklearn_mlp(hidden, epochs, batch_size, seed=seed).fit(X, y).predict

    return train


def by_torch(network, optimizer, batch_size, **options):
    """Return a trainer from the names of a network and an optimizer, for torch may be missing."""

    def train(X, y, epochs, seed):
        make, step = (getattr(_torch_networks, name) for name in (network, optimizer))
        return _torch_networks.train(lambda: make(**options), step, batch_size, X, y, epochs, seed)

    return train


def family(classifier, network, **params):
    """Return skmnist's and Keras's trainers of a family with the classifier's defaults.

    Neither changes the learning rate, for Keras's ``fit`` has no schedule unless it is given one.
    """
    given = classifier(**params).get_params()
    if given["learning_rate"] is not None:
        raise NotImplementedError("Keras would have to be given the same learning rate.")
    names = inspect.signature(network).parameters.keys() - {"image_shape", "n_classes", "seed"}
    kwargs = {name: value for name, value in given.items() if name in names}

    def estimator(**fitting):
        return classifier(**params, **fitting, learning_rate_schedule=None)

    return {
        "skmnist": by_skmnist(estimator),
        "keras": by_keras(
            keras_family(network, **kwargs),
            given["optimizer"],
            given["batch_size"],
            image_shape=IMAGE_SHAPE,
        ),
    }


def compiled_forward(model):
    """Return the fastest single prediction that a user of Keras gets by hand."""
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    forward = tf.function(lambda X: model(X, training=False), input_signature=signature)
    return lambda X: np.argmax(forward(X).numpy(), axis=1)


def check_same_size(network, torch_network):
    """Raise if a network of skmnist's and its copy in PyTorch differ in their parameters."""
    ours = network(IMAGE_SHAPE, 10).count_params()
    theirs = _torch_networks.count_params(getattr(_torch_networks, torch_network)())
    if ours != theirs:
        raise AssertionError(f"{network.__name__} has {ours} parameters, its copy {theirs}.")
