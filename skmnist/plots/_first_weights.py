"""The weights that a model multiplies pixels with first, as images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import issparse
from sklearn.svm import SVC, NuSVC

from skmnist._keras import keras
from skmnist._support.shapes import check_image_shape, fold_shape, square_shape
from skmnist.plots._inputs import classes_of


@dataclass(frozen=True)
class FirstWeights:
    """First-layer weights as images.

    Parameters
    ----------
    images : ndarray of shape (n_units, height, width)
        An image for each unit and channel.
    titles : sequence of str or None
        Title of each image; None if only their numbers are known.
    layer : str
        Name of the layer.
    square : bool, default=True
        Whether height and width both count pixels.
    """

    images: np.ndarray
    titles: list[str] | None
    layer: str
    square: bool = True


def first_weights(estimator, image_shape, caller):
    """Return the first weights of a fitted estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted network of skmnist or scikit-learn, or linear model.
    image_shape : tuple of int or None
        Shape of the images; None if the network knows it, or if they are squares.
    caller : str
        Name of the method that draws, for messages.

    Returns
    -------
    weights : FirstWeights
        The weights.

    Raises
    ------
    TypeError
        If the estimator has no weights of pixels.
    ValueError
        If its first layer has none, or `image_shape` does not fit.
    """
    model = getattr(estimator, "model_", None)
    if model is not None and isinstance(model, keras.Model):
        return _of_network(estimator, image_shape, caller)
    if hasattr(estimator, "coefs_"):  # multilayer perceptrons of scikit-learn
        return _of_rows(estimator.coefs_[0].T, None, "the first layer", image_shape, caller)
    if hasattr(estimator, "coef_"):
        coef = estimator.coef_.toarray() if issparse(estimator.coef_) else estimator.coef_
        coef = np.atleast_2d(np.asarray(coef, dtype=float))
        titles = _titles_of_linear(estimator, len(coef))
        return _of_rows(coef, titles, "the linear model", image_shape, caller)
    raise TypeError(
        f"{caller} draws first-layer weights, but {type(estimator).__name__} has none: it is "
        "neither a network of skmnist or scikit-learn, nor a linear model with 'coef_'."
    )


def _titles_of_linear(estimator, n_rows):
    classes = classes_of(estimator)
    if classes is None:
        return None
    if isinstance(estimator, (SVC, NuSVC)) and len(classes) > 2:
        return [f"{a} / {b}" for a, b in combinations(classes, 2)]  # one against one
    if len(classes) == n_rows:
        return [str(label) for label in classes]
    if len(classes) == 2 and n_rows == 1:
        return [f"{classes[1]} against {classes[0]}"]
    return None


def _of_rows(weights, titles, layer, image_shape, caller):
    """Return rows of weights of all pixels as images."""
    n_features = weights.shape[1]
    if image_shape is None:
        image_shape = square_shape(
            n_features, f"{layer[:1].upper()}{layer[1:]} has weights of", caller
        )
    shape = check_image_shape(image_shape, n_features, caller)
    return FirstWeights(*_by_channel(weights.reshape(len(weights), *shape), titles), layer)


def _by_channel(weights, titles):
    """Return weights of shape (n_units, height, width, channels) as one image for each channel."""
    n_channels = weights.shape[-1]
    if n_channels > 1:
        titles = titles or [str(i) for i in range(1, len(weights) + 1)]
        titles = [f"{title}, ch. {c}" for title in titles for c in range(1, n_channels + 1)]
    images = np.moveaxis(weights, -1, 1)
    return images.reshape(-1, *images.shape[2:]), titles


def _of_network(estimator, image_shape, caller):
    model = estimator.model_
    layers = list(_layers(model))
    layer = next((layer for layer in layers if layer.weights and not _is_pixelwise(layer)), None)
    known = getattr(estimator, "image_shape_", None) or model.input_shape[1:]
    shape = tuple(known) if image_shape is None else (*image_shape, 1)[:3]
    name = type(estimator).__name__
    if isinstance(layer, keras.layers.RNN):
        return _of_recurrent(layer.name, [(layer, "")])
    if isinstance(layer, keras.layers.Bidirectional):
        return _of_recurrent(
            layer.name, [(layer.forward_layer, ", down"), (layer.backward_layer, ", up")]
        )
    kernel = None if layer is None else _kernel(layer)
    if kernel is not None and kernel.ndim == 4:  # (height, width, channels, filters)
        weights = np.moveaxis(kernel, 3, 0)
        return FirstWeights(*_by_channel(weights, None), f"layer {layer.name}")
    if kernel is not None and kernel.ndim == 2:
        n_inputs, n_units = kernel.shape
        if math.prod(shape) < n_inputs:  # rows padded to a square
            shape = fold_shape(n_inputs)
        if math.prod(shape) == n_inputs:
            classes = classes_of(estimator)
            ends = layer is layers[-1] and classes is not None and len(classes) == n_units
            titles = [str(label) for label in _in_network_order(estimator)] if ends else None
            return _of_rows(kernel.T, titles, f"layer {layer.name}", shape, caller)
        side = _patch_side(n_inputs, shape, layer.input.shape)
        if side is not None:
            weights = kernel.T.reshape(n_units, side, side, shape[2])
            return FirstWeights(*_by_channel(weights, None), f"layer {layer.name}")
    first = "no layer with weights"
    if layer is not None:
        first = f"the layer {layer.name!r} ({type(layer).__name__}), whose weights are not images"
    raise ValueError(
        f"{caller} draws dense layers on all pixels, convolutions, embeddings of patches and "
        f"recurrent layers, but {name} begins with {first}."
    )


def _layers(model):
    """Yield the layers of a model, and those of the models inside it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        else:
            yield layer


def _is_pixelwise(layer):
    return isinstance(layer, (keras.layers.BatchNormalization, keras.layers.Normalization))


def _kernel(layer):
    """Return the kernel of a layer that multiplies pixels, None for any other layer."""
    kinds = ("Dense", "EinsumDense", "Conv2D", "DepthwiseConv2D", "SeparableConv2D")
    if not isinstance(layer, tuple(getattr(keras.layers, kind) for kind in kinds)):
        return None
    for name in ("depthwise_kernel", "kernel"):
        if hasattr(layer, name):
            return _array(getattr(layer, name))
    return None


def _array(variable):
    return keras.ops.convert_to_tensor(variable).numpy().astype(float)


def _in_network_order(estimator):
    given = getattr(estimator, "classes", None)
    return estimator.classes_ if given is None else given


def _patch_side(n_inputs, image_shape, layer_input):
    """Return the side of the square patches that are the inputs, None if they are not patches."""
    side = math.isqrt(n_inputs // image_shape[2])
    if side * side * image_shape[2] != n_inputs or len(layer_input) != 3:
        return None
    n_patches = math.prod(-(-pixels // side) for pixels in image_shape[:2])
    return (
        side if layer_input[1] in (n_patches, n_patches + 1) else None
    )  # one more with a class token


# In the order in which Keras stores the gates.
_GATES = {
    "LSTM": ("input gate", "forget gate", "new content", "output gate"),
    "GRU": ("update gate", "reset gate", "new content"),
}


def _of_recurrent(name, layers):
    """Return an image for each gate: a row for each unit, a column for each pixel of a row."""
    images, titles = [], []
    for layer, suffix in layers:
        kernel = _array(layer.cell.kernel)
        gates = _GATES.get(type(layer).__name__, ("",))
        images += np.split(kernel.T, len(gates))
        titles += [f"{gate}{suffix}" for gate in gates]
    return FirstWeights(np.array(images), titles, f"layer {name}", square=False)
