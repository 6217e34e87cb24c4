"""Building and compiling of networks, with checks of their inputs and outputs."""

from __future__ import annotations

import math

from skmnist._bridge.models.global_state import fresh_names, seeds_its_layers
from skmnist._bridge.models.network import Network
from skmnist._bridge.models.unread import check_all_read
from skmnist._compat.keras_models import input_shape_of


def build_network(request, image_shape, samples, task, seed):
    """Build and compile the network of a request, and check that its input fits the samples."""
    from skmnist._bridge.models.scikeras_adapter import build_model

    classes = task.classes
    n_classes = None if classes is None else len(classes)
    n_features, given_shape = samples.n_features, tuple(samples.sample_shape)
    metadata = {
        "image_shape": image_shape,
        "n_classes": n_classes,
        # The dict that scikeras passes to a builder with a parameter ``meta``.
        "meta": {
            "image_shape_": image_shape,
            "n_features_in_": n_features,
            "X_shape_": (None, *given_shape),
            "classes_": classes,
            "n_classes_": n_classes,
            "target_type_": "binary" if n_classes == 2 else "multiclass",
            "n_outputs_expected_": 1,
        },
    }
    model = build_model(
        request.builder,
        request.build_params,
        seed,
        metadata,
        request.compile_params,
        given_shape,
    )
    own_compile = model.compiled
    check_single_tensors(model)
    shape = input_shape_of(model, given_shape)
    sizes = (n_features, math.prod(image_shape))
    if None in shape or math.prod(shape) not in sizes:
        raise ValueError(
            f"The network takes inputs of shape {shape}, but X has {n_features} features, for "
            f"images of shape {image_shape}."
        )
    compile_network(request.compile_params, model)
    check_all_read(model)
    return Network(model, shape, own_compile, has_seeds=seeds_its_layers(request.builder))


def compile_network(params, model):
    """Compile a model with the parameters of an estimator."""
    from skmnist._bridge.models.scikeras_adapter import compile_model

    with fresh_names():
        compile_model(model, params)


def check_single_tensors(model):
    """Raise if a model has several inputs or outputs."""
    for what in ("input", "output"):
        tensors = getattr(model, f"{what}s", None)  # a subclass of keras.Model has none
        if tensors is not None and len(tensors) != 1:
            raise ValueError(
                f"The network must have a single {what}. Got {len(tensors)} {what}s instead. "
                "scikeras supports networks with several."
            )
