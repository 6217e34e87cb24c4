"""Resumed training: checks of changed parameters, and the state to start from."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from skmnist._bridge.engine import schedules
from skmnist._bridge.fitting.build import compile_network
from skmnist._bridge.models.unread import check_all_read


def check_same_classes(known, classes):
    """Raise if the classes that were passed are not those of the fitted state."""
    if classes is None:
        return
    given = np.unique(np.asarray(classes))
    if not np.array_equal(given, known):
        raise ValueError(
            f"classes={given.tolist()} is not the same as on the last call to partial_fit or fit, "
            f"which was {np.asarray(known).tolist()}."
        )


def resumed_state(request, before, weight_scale):
    """Return a state for more training from `before`, with the present parameters.

    Parameters
    ----------
    request : FitRequest
        Present parameters.
    before : FittedState
        Fitted state.
    weight_scale : float
        Factor of the weights of the samples.

    Returns
    -------
    state : FittedState
        State to train.  Its network is a copy if it must be compiled again.

    Raises
    ------
    ValueError
        If a parameter has changed that needs a new network.
    """
    compiled_with = request.compile_params
    _check_same_network(request, before)
    # After a training that is over, the optimizer starts with a new state.  An unpickled network
    # has no old one, and both must behave alike.
    changed = before.network.is_finished or not _same(compiled_with, before.compiled_with)
    kept_rate = not before.network.is_finished
    # Compile a copy, so that the network stays unchanged if the training fails.
    network = copy.deepcopy(before.network) if changed else before.network
    same_rate = _same(_learning_rate(compiled_with), _learning_rate(before.compiled_with))
    network.compile_again(lambda model: compile_network(compiled_with, model), changed, same_rate)
    check_all_read(network.model)
    network.resume_training()
    peak = before.peak_rate if same_rate else schedules.peak_rate(network.model.optimizer)
    return dataclasses.replace(
        before,
        network=network,
        task=before.task.with_outputs(network),
        peak_rate=peak,
        rate_factor=before.rate_factor if kept_rate and same_rate else 1.0,
        compiled_with=compiled_with,
        weight_scale=weight_scale,
    )


def _check_same_network(request, before):
    """Raise if a parameter that the network was built with has changed."""
    fixed = ("dtype_policy", "pixel_range")
    asked = {**request.build_params, **{name: getattr(request, name) for name in fixed}}
    known = {**before.built_with, **{name: getattr(before, name) for name in fixed}}
    for name, value in asked.items():
        if name not in known or not _same(value, known[name]):
            raise ValueError(
                f"The '{name}' parameter must not change when training is resumed, because the "
                f"network was built with {name}={known.get(name)!r}. Got {value!r} instead. Fit "
                "with warm_start=False, or restore the parameter."
            )


def _learning_rate(params):
    """Return the parameters that the learning rate depends on."""
    routed = params["routed"].get("optimizer__learning_rate")
    return params["learning_rate"], params["optimizer"], routed


def _same(a, b):
    """Return whether two parameters are equal, even if one of them was pickled in between."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)
    if hasattr(a, "get_config") and hasattr(b, "get_config") and not isinstance(a, type):
        return type(a) is type(b) and a.get_config() == b.get_config()
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return a is b or bool(np.array_equal(a, b))
