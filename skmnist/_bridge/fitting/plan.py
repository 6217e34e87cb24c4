"""Planning of a fit: validated samples, a compiled network and the scale of pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from skmnist._bridge.data import images
from skmnist._bridge.data.dataset import is_data_set
from skmnist._bridge.data.pixels import PixelScale
from skmnist._bridge.data.samples import Samples, hold_out, weigh_classes
from skmnist._bridge.data.seeds import draw_seed
from skmnist._bridge.engine import schedules
from skmnist._bridge.fitting.build import build_network
from skmnist._bridge.fitting.inputs import read_training, read_validation
from skmnist._bridge.fitting.resume import check_same_classes, resumed_state
from skmnist._bridge.fitting.state import FittedState
from skmnist._bridge.models.dtype_policy import using_dtype_policy
from skmnist._bridge.models.input_scale import white_inside


@dataclass
class FitPlan:
    """Network to train, training set and validation set.

    Parameters
    ----------
    state : FittedState
        State to train.
    samples : Samples
        Training set, scaled for the network.
    hold_out : Samples or None
        Validation set, passed by the user or held out of the training set.
    """

    state: FittedState
    samples: Samples
    hold_out: Samples | None


def plan_new_fit(estimator, request):
    """Plan a fit of a new network.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Learns the number and the names of the features by scikit-learn's validation.
    request : FitRequest
        Parameters and data.

    Returns
    -------
    plan : FitPlan
        Plan of the fit.
    """
    _refuse_to_hold_out_of_a_data_set(request)
    samples = read_training(estimator, request, expected=None, reset=True)
    task = request.task.learn(samples.y, request.classes, request.name)
    seed = draw_seed(request.random_state)
    image_shape = images.resolve_image_shape(
        request.image_shape, samples.image_shape, samples.n_features, request.name
    )
    given = samples
    samples, held_out = _weigh_and_split(estimator, request, given, task, seed, image_shape)
    if request.classes is None:
        task.check_samples(samples.present_classes, request.name)
    scale = samples.mean_one_factor(request.name)

    with using_dtype_policy(request.dtype_policy, request.builder):
        network = build_network(request, image_shape, given, task, seed)
    state = FittedState(
        network=network,
        task=task.with_outputs(network),
        pixels=_learn_pixels(request, given, network),
        image_shape=image_shape,
        sample_shape=tuple(given.sample_shape),
        seed=seed,
        peak_rate=schedules.peak_rate(network.model.optimizer),
        weight_scale=scale,
        built_with=request.build_params,
        compiled_with=request.compile_params,
        dtype_policy=request.dtype_policy,
        pixel_range=request.pixel_range,
    )
    plan = _in_units_of_network(FitPlan(state, samples.scaled(scale), held_out))
    if request.checks_outputs:
        state.task.check_outputs(network, plan.samples)
    return plan


def plan_resumed_fit(estimator, request, before):
    """Plan a fit that starts from a fitted state.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Checks the number and the names of the features.
    request : FitRequest
        Parameters and data.
    before : FittedState
        State to start from.

    Returns
    -------
    plan : FitPlan
        Plan of the fit.
    """
    _refuse_to_hold_out_of_a_data_set(request)
    task, image_shape = before.task, before.image_shape
    samples = read_training(estimator, request, expected=image_shape, reset=False)
    check_same_classes(task.classes, request.classes)
    if request.image_shape is not None:
        images.resolve_image_shape(
            request.image_shape, image_shape, samples.n_features, request.name
        )
    samples, held_out = _weigh_and_split(
        estimator, request, samples, task, before.seed, image_shape
    )
    # The weights of a part of the data are relative to those of the first part.
    scale = samples.mean_one_factor(request.name) if request.is_whole else before.weight_scale
    state = resumed_state(request, before, scale)
    return _in_units_of_network(FitPlan(state, samples.scaled(scale), held_out))


def _weigh_and_split(estimator, request, samples, task, seed, image_shape):
    """Return the weighted training samples and the hold-out, both encoded."""
    samples = samples.encoded(task)
    samples.mean_one_factor(request.name)  # raises if all weights are zero
    samples = samples.with_weight()
    held_out = read_validation(estimator, request, task, image_shape)
    if held_out is None and request.holds_out:
        samples, held_out = hold_out(samples, request.validation_fraction, seed, request.name)
    weighted = weigh_classes(samples, request.class_weight, task.classes, request.name)
    return weighted, held_out


def _learn_pixels(request, samples, network):
    """Learn the range of the pixels, or take the range that the user states."""
    asks = request.may_rescale_inside and request.pixel_range not in ("unit", "as-is")
    return PixelScale.learn(
        samples.pixel_stats(),
        samples.dtype,
        request.pixel_range,
        unit=request.needs_unit_pixels,
        white_inside=white_inside(network.model, network.input_shape) if asks else 1.0,
    )


def _in_units_of_network(plan):
    pixels, held_out = plan.state.pixels, plan.hold_out
    return replace(
        plan,
        samples=plan.samples.with_pixels(pixels),
        hold_out=None if held_out is None else held_out.with_pixels(pixels),
    )


def _refuse_to_hold_out_of_a_data_set(request):
    X: Any = request.training.X
    if is_data_set(X) and request.validation.X is None and request.holds_out:
        raise ValueError(
            f"X is a data set ({type(X).__name__}), and {request.name} cannot hold out a part of "
            f"it for early_stopping={request.early_stopping is not None!r} and "
            f"validation_fraction={request.validation_fraction!r}. Pass X_val: another data set, "
            "or images with y_val."
        )
