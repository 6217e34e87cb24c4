"""Conversion of trained Keras models, from memory or from files, to fitted classifiers."""

from __future__ import annotations

import contextlib
import importlib
import math
import os

import numpy as np

from skmnist import _keras
from skmnist._bridge.data import images
from skmnist._bridge.data.pixels import PixelScale, PixelStats
from skmnist._bridge.data.seeds import draw_seed
from skmnist._bridge.data.targets import Labels
from skmnist._bridge.engine.schedules import peak_rate
from skmnist._bridge.fitting.build import check_single_tensors, compile_network
from skmnist._bridge.fitting.state import FittedState
from skmnist._bridge.fitting.tasks import Classification
from skmnist._bridge.models import unread
from skmnist._bridge.models.global_state import making_models
from skmnist._bridge.models.input_scale import white_inside
from skmnist._bridge.models.network import Network
from skmnist._compat.keras_models import copy_model
from skmnist._keras import keras


def load(path, custom_objects=None):
    """Read a model from a file, without running code from that file.

    Parameters
    ----------
    path : str or os.PathLike
        A ``.keras`` file, or a legacy ``.h5`` file.
    custom_objects : dict or None, default=None
        Classes and functions of the user, by name.

    Returns
    -------
    model : keras.Model
        The model, compiled if it was saved compiled.  Placeholders replace losses, metrics and
        optimizers that cannot be read, because predictions do not need them.
    """
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"No such Keras model file: {path!r}.")
    if not path.endswith((".keras", ".h5", ".hdf5")):
        raise ValueError(
            f"The file name of a Keras model must end in .keras, or in .h5 for the legacy format. "
            f"Got {path!r} instead."
        )
    importlib.import_module("skmnist.networks.custom_layers")  # registers the layers with Keras
    try:
        model = keras.saving.load_model(path, custom_objects=custom_objects, safe_mode=True)
    except Exception as error:
        model = _load_uncompiled(path, custom_objects)
        if model is None:
            raise ValueError(f"{path!r} could not be read as a Keras model: {error}") from error
    else:
        if unread.has_unknown_names(model):  # Keras would raise only in training
            model = _load_uncompiled(path, custom_objects) or model
    if not isinstance(model, keras.Model):
        raise ValueError(f"{path!r} holds a {type(model).__name__}, which is not a Keras model.")
    return model


def _load_uncompiled(path, custom_objects):
    """Read a model with placeholders for unknown parts of its compilation; None if that fails."""
    with contextlib.suppress(Exception):
        model = keras.saving.load_model(
            path, custom_objects=custom_objects, compile=False, safe_mode=True
        )
        unread.compile_as_read(model, unread.compile_config_in(path), custom_objects)
        return model
    return None


def wrap(estimator, request, model):
    """Set the fitted state of `estimator` to predict with a trained model.

    Parameters
    ----------
    estimator : KerasClassifier
        Estimator that is not fitted yet.
    request : FitRequest
        Parameters of the estimator.
    model : keras.Model
        Trained model, which is copied.
    """
    _keras.start()
    name = request.name
    if request.dtype_policy is not None:
        raise ValueError(
            f"dtype_policy={request.dtype_policy!r} requires a function that builds the network, "
            "because a model has a policy already. Set dtype_policy=None."
        )
    if not model.built:
        raise ValueError(
            f"{name} requires a model that is built. Got a model without weights instead. Train it "
            "or load its weights first."
        )
    check_single_tensors(model)
    shape = tuple(getattr(model, "input_shape", (None, None))[1:])
    if None in shape:
        raise ValueError(
            f"{name} requires a model whose input has a fixed shape. Got input shape {shape} "
            "instead."
        )
    n_features = math.prod(shape)
    if request.image_shape is not None:
        image_shape = images.check_image_shape(request.image_shape, n_features, name)
    elif len(shape) in (2, 3):
        image_shape = (*shape, 1)[:3]
    else:
        image_shape = images.fold_shape(n_features)

    own_compile, compiled_with = model.compiled, request.compile_params
    with making_models:
        copied = copy_model(model)
        compile_network(compiled_with, copied)
    network = Network(copied, shape, own_compile)
    labels, order = _labels_of(estimator.classes, network.output_shape, name)
    task = Classification(labels, order).with_outputs(network, trains=False)
    # Any input shows whether outputs are probabilities, because a softmax or a sigmoid always gives
    # probabilities.
    probe = np.stack([np.zeros(shape), np.ones(shape)]).astype(np.float32)
    try:
        task.outputs.check(network.predict(probe), copied.loss)
    except ValueError as error:
        missing = unread.missing_of(copied)
        if "loss" not in missing:
            raise
        raise ValueError(f"{error} {unread.in_words(missing)}") from None
    state = FittedState(
        network=network,
        task=task,
        pixels=_pixels_of(request, network),
        image_shape=image_shape,
        sample_shape=(n_features,),
        seed=draw_seed(request.random_state),
        peak_rate=peak_rate(copied.optimizer),
        weight_scale=1.0,
        built_with=request.build_params,
        compiled_with=compiled_with,
        pixel_range=request.pixel_range,
    )
    vars(estimator).update(state.attributes({"loss": []}), n_features_in_=n_features)


def _pixels_of(request, network):
    """Return the scale of pixels for a network that this estimator has not trained."""
    asked = request.pixel_range
    white = white_inside(network.model, network.input_shape) if asked == "auto" else 1.0
    return PixelScale.learn(PixelStats(0.0, 1.0, False, False), None, asked, white_inside=white)


def _labels_of(classes, output_shape, name):
    """Return the sorted labels and the positions of their outputs."""
    n_units = output_shape[-1]
    if len(output_shape) != 2 or not isinstance(n_units, int):
        raise ValueError(
            f"{name} requires a model with one output per class. Got output shape {output_shape} "
            "instead."
        )
    n_classes = 2 if n_units == 1 else n_units
    labels, order = Labels.in_order(np.arange(n_classes) if classes is None else classes, name)
    if len(labels.classes) != n_classes:
        raise ValueError(
            f"The 'classes' parameter must hold a label for each of the {n_classes} classes of the "
            f"model. Got {len(labels.classes)} labels instead."
        )
    return labels, order
