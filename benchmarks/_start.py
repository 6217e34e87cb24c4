"""Importing this starts TensorFlow as skmnist does, without its start-up log."""

from skmnist import _keras

_keras.start()
