"""Gradients of the score of a class with respect to the pixels of an image."""

from __future__ import annotations

import numpy as np

from skmnist._keras import keras, tf


def score_gradients(model, pixels, units, signs):
    """Return the gradient of one score of each image with respect to its pixels.

    Parameters
    ----------
    model : keras.Model
        Network with one output for each class, or a single output.
    pixels : ndarray of shape (n_images, ...)
        Images as the network takes them.
    units : ndarray of shape (n_images,), int
        Number of the output that is the score, for each image.
    signs : ndarray of shape (n_images,)
        1, or -1 if the score is the negative output.

    Returns
    -------
    gradients : ndarray of the shape of `pixels`, float32
        Gradients.
    """
    scores_of = _scores(model)
    chosen = tf.one_hot(units, int(model.output_shape[-1])) * tf.constant(signs[:, None], "float32")
    pixels = tf.constant(pixels, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        score = tf.reduce_sum(tf.cast(scores_of(pixels), "float32") * chosen, axis=1)
    gradients = tape.gradient(score, pixels)
    return np.zeros(pixels.shape, np.float32) if gradients is None else gradients.numpy()


def _scores(model):
    """Return a function from images to the scores of the classes, before the softmax.

    Where the network is confident, probabilities hardly change with any pixel, but scores do.
    """
    last = model.layers[-1] if model.layers else None
    ends = bool(model.outputs) and model.outputs[0] is getattr(last, "output", None)
    activation = getattr(getattr(last, "activation", None), "__name__", None)
    turned = activation in ("softmax", "sigmoid") or isinstance(last, keras.layers.Softmax)
    if ends and turned and type(last) is keras.layers.Dense:
        before = keras.Model(model.inputs, last.input, name="before_the_scores")

        def scores(pixels):
            features = tf.cast(before(pixels, training=False), "float32")
            products = features @ tf.cast(last.kernel, "float32")
            return products if last.bias is None else products + tf.cast(last.bias, "float32")

        return scores
    if ends and isinstance(last, (keras.layers.Softmax, keras.layers.Activation)) and turned:
        before = keras.Model(model.inputs, last.input, name="scores")
        return lambda pixels: before(pixels, training=False)

    def outputs(pixels):
        values = tf.cast(model(pixels, training=False), "float32")
        sums = tf.reduce_sum(values, axis=1)
        # Probabilities of an unknown layer: their logarithms are the scores plus a constant that
        # is the same for all classes of an image.
        if bool(tf.reduce_all(values >= 0)) and bool(tf.reduce_all(tf.abs(sums - 1) < 1e-2)):
            return tf.math.log(tf.maximum(values, 1e-30))
        return values

    return outputs
