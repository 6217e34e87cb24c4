"""How an estimator is fitted: read the data, make the network, train it, and keep the result.

Everything that can be wrong with data or parameters is found before the first step, and the
estimator is touched in one assignment at the end.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmnist import _keras
from skmnist._bridge.data import images
from skmnist._bridge.data.dataset import is_data_set
from skmnist._bridge.data.memmap import pixel_stats
from skmnist._bridge.data.pixels import PixelScale
from skmnist._bridge.data.samples import hold_out, resolve_image_shape, weigh_classes
from skmnist._bridge.data.seeds import draw_seed
from skmnist._bridge.engine import schedules
from skmnist._bridge.fitting.callbacks import Watch
from skmnist._bridge.fitting.inputs import read, read_validation
from skmnist._bridge.models.dtype_policy import using_dtype_policy
from skmnist._bridge.models.global_state import fresh_names, seeds_its_layers
from skmnist._bridge.models.input_scale import white_inside
from skmnist._bridge.models.network import Network
from skmnist._bridge.models.unread import check_all_read
from skmnist._compat.keras_models import input_shape_of
from skmnist._compat.sklearn import begin_callbacks
from skmnist._compat.tricks import tricks_are_on
from skmnist._support.parameters import plain

_VALIDATION_BATCH = 1024


@dataclass
class Fitted:
    """What a fitted estimator needs for predicting and for training on."""

    network: Network
    task: Any
    pixels: PixelScale
    image_shape: tuple[int, int, int]
    sample_shape: tuple[int, ...]  # of one sample, as the user gave it
    seed: int
    peak_rate: float | None
    weight_scale: float
    built_with: dict
    compiled_with: dict
    dtype_policy: str | None = None
    pixel_range: Any = "auto"
    rate_factor: float = 1.0  # by which callbacks have changed what the schedule sets

    def attributes(self, history):
        """Return the attributes of an estimator that is fitted like this."""
        return {
            "_fitted": self,
            **self.task.attributes(),
            "image_shape_": self.image_shape,
            "pixel_range_": self.pixels.range,
            "history_": history,
            "n_iter_": len(history["loss"]),
        }


def fit(
    estimator, X, y, sample_weight, *, validation, continues, n_epochs, classes=None, whole=True
):
    """Fit `estimator`, completely or not at all; see ``BaseKerasClassifier.fit``.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Estimator to fit.
    X, y, sample_weight : array-like
        Training data as the user gave them; `y` is None where the task has no targets.
    validation : tuple of (X_val, y_val, sample_weight_val)
        Validation data as the user gave them, or Nones.
    continues : bool
        Whether to go on from the fitted state.
    n_epochs : int
        Number of epochs to train.
    classes : array-like or None
        All labels, where `y` may have fewer.
    whole : bool
        Whether these are all the data, rather than a part of them.
    """
    _keras.check_eager()
    tricks_are_on()  # raises if the engine is switched to anything unknown
    context = begin_callbacks(estimator, max_subtasks=n_epochs)
    before = estimator._fitted if continues else None
    first = estimator.n_iter_ if continues else 0
    with _unchanged_on_error(estimator, before):
        data, held_out, fitted = _prepare(
            estimator,
            X,
            y,
            sample_weight,
            validation=validation,
            before=before,
            classes=classes,
            whole=whole,
        )
        epochs = range(first, first + n_epochs)
        # Parts of the data go down the same way as all of them would.
        rate = schedules.scheduled(estimator, fitted, first if whole else 0)
        history, interrupt = _train(
            estimator, fitted, data, held_out, context, epochs, rate, (X, y, sample_weight)
        )
        if rate is not None:
            fitted.rate_factor = rate.factor
        if continues:
            old = estimator.history_
            added = {name: old.get(name, []) + values for name, values in history.items()}
            history = {**old, **added}
        if whole and not estimator.warm_start:
            fitted.network.end_training()
        attributes = fitted.attributes(history) | estimator._learn_more(fitted, data)
        if fitted.task.classes is None:  # and perhaps there were, in an earlier fit
            vars(estimator).pop("classes_", None)
        vars(estimator).update(attributes)
    if interrupt is not None:
        raise interrupt


def _prepare(estimator, X, y, sample_weight, *, validation, before, classes, whole):
    """Find out everything that training needs, and everything that is wrong.

    Returns
    -------
    data : Data or Batches
        Samples to train on.
    held_out : Data, Batches or None
        Samples to validate on.
    fitted : Fitted
        What will be trained: new, or what goes on from `before`.
    """
    name = type(estimator).__name__
    new = before is None
    image_shape = None if new else before.image_shape
    if is_data_set(X) and validation[0] is None and estimator._holds_out():
        raise ValueError(
            f"X is a data set ({type(X).__name__}), of which {name} cannot hold out a part for "
            f"early_stopping={estimator.early_stopping!r} and "
            f"validation_fraction={estimator.validation_fraction!r}. Pass X_val: another data set, "
            "or images with y_val."
        )
    given = read(estimator, X, y, sample_weight, reset=new, expected=image_shape)
    n_features = given.rows.shape[1]
    if new:
        task, seed = estimator._learn_task(given.y, classes), draw_seed(estimator.random_state)
        image_shape = resolve_image_shape(estimator, given.image_shape, n_features)
    else:
        task, seed = before.task, before.seed
        _check_same_classes(task.classes, classes)
        if estimator.image_shape is not None:
            resolve_image_shape(estimator, image_shape, n_features)
    data = given.data(task)
    data.weight_scale(name)
    data = data.with_weight()
    held_out = read_validation(estimator, validation, task, image_shape)
    if held_out is None and estimator._holds_out():
        data, held_out = hold_out(estimator, data, seed)
    data = weigh_classes(estimator, data, task, name)
    if new and classes is None:
        task.check_samples(data.codes, name)
    # The weights of a part of the data are relative to those of the first part.
    scale = before.weight_scale if not (new or whole) else data.weight_scale(name)

    if new:
        built_with, compiled_with = estimator._builder_params(), estimator._compile_params()
        builder, sample_shape = estimator._builder(), tuple(given.sample_shape)
        with using_dtype_policy(estimator.dtype_policy, builder):
            network = _build(
                builder,
                built_with,
                compiled_with,
                image_shape,
                sample_shape,
                task,
                n_features,
                seed,
            )
        asks = estimator._may_rescale_inside and estimator.pixel_range not in ("unit", "as-is")
        pixels = PixelScale.learn(
            pixel_stats(given.rows, given.dtype),
            given.dtype,
            plain(estimator.pixel_range),
            unit=estimator._unit_pixels,
            white_inside=white_inside(network.model, network.input_shape) if asks else 1.0,
        )
        fitted = Fitted(
            network=network,
            task=task.with_outputs(network),
            pixels=pixels,
            image_shape=image_shape,
            sample_shape=sample_shape,
            seed=seed,
            peak_rate=schedules.peak_rate(network.model.optimizer),
            weight_scale=scale,
            built_with=built_with,
            compiled_with=compiled_with,
            dtype_policy=estimator.dtype_policy,
            pixel_range=plain(estimator.pixel_range),
        )
    else:
        fitted = _prepare_to_continue(estimator, before, scale)
    data, held_out = (
        part and part.with_pixels(fitted.pixels) for part in (data.scaled(scale), held_out)
    )
    if new:
        estimator._check_outputs(fitted, data)
    return data, held_out, fitted


@contextlib.contextmanager
def _unchanged_on_error(estimator, before):
    """Put the fitted state back as it was if anything is raised, Ctrl-C included."""

    def fitted_attributes():
        return {
            name: value
            for name, value in vars(estimator).items()
            if name == "_fitted" or (name.endswith("_") and not name.startswith("_"))
        }

    attributes = fitted_attributes()
    state = None if before is None else before.network.snapshot()
    kept = before.network.attributes() if before is not None and estimator.callbacks else None
    try:
        yield
    except BaseException:
        for name in fitted_attributes():
            if name not in attributes:
                delattr(estimator, name)
        vars(estimator).update(attributes)
        if kept is not None:
            before.network.put_back(kept)
        if before is not None:
            before.network.restore(state)
        raise


def _check_same_classes(known, classes):
    if classes is None:
        return
    given = np.unique(np.asarray(classes))
    if not np.array_equal(given, known):
        raise ValueError(
            f"classes={given.tolist()} is not the same as on the last call to partial_fit or fit, "
            f"which was {np.asarray(known).tolist()}."
        )


def _prepare_to_continue(estimator, before, weight_scale):
    """Return what to train on from `before`, with the present parameters."""
    built_with, compiled_with = estimator._builder_params(), estimator._compile_params()
    fixed = {"dtype_policy": estimator.dtype_policy, "pixel_range": plain(estimator.pixel_range)}
    was_built_with = {**before.built_with, **{name: getattr(before, name) for name in fixed}}
    for name, value in {**built_with, **fixed}.items():
        if name not in was_built_with or not _same(value, was_built_with[name]):
            raise ValueError(
                f"The network was built with {name}={was_built_with.get(name)!r}, and training "
                f"goes on with it; {name}={value!r} needs a new network. Fit with "
                "warm_start=False, or set the parameter back."
            )
    # After a training that is over, the optimizer begins anew; as it would have to once pickled.
    changed = before.network.is_finished or not _same(compiled_with, before.compiled_with)
    kept_rate = not before.network.is_finished
    # To be compiled differently, a copy; the network stays as it is if the training fails.
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


def _learning_rate(params):
    """Return the parameters that the learning rate depends on."""
    routed = params["routed"].get("optimizer__learning_rate")
    return params["learning_rate"], params["optimizer"], routed


def compiled_model(fitted):
    """Return the Keras model of a fitted estimator, compiled, after unpickling too."""
    if not fitted.network.model.compiled:
        fitted.network.compile_again(lambda model: compile_network(fitted.compiled_with, model))
    return fitted.network.model


def _same(a, b):
    """Tell whether two parameters mean the same, for those that were pickled in between too."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)
    if hasattr(a, "get_config") and hasattr(b, "get_config") and not isinstance(a, type):
        return type(a) is type(b) and a.get_config() == b.get_config()
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return a is b or bool(np.array_equal(a, b))


def compile_network(params, model):
    """Compile a model with the parameters of an estimator."""
    from skmnist._bridge.models.scikeras_adapter import compile_model

    with fresh_names():
        compile_model(model, params)


def _build(builder, built_with, compiled_with, image_shape, given_shape, task, n_features, seed):
    """Build and compile the network, and check that its input takes the samples."""
    from skmnist._bridge.models.scikeras_adapter import build_model

    classes = task.classes
    n_classes = None if classes is None else len(classes)
    metadata = {
        "image_shape": image_shape,
        "n_classes": n_classes,
        # What scikeras tells a builder that has a parameter ``meta``.
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
    model = build_model(builder, built_with, seed, metadata, compiled_with, given_shape)
    own_compile = model.compiled
    check_single_tensors(model)
    shape = input_shape_of(model, given_shape)
    sizes = (n_features, math.prod(image_shape))
    if None in shape or math.prod(shape) not in sizes:
        raise ValueError(
            f"The network takes inputs of shape {shape}, but X has {n_features} features, images "
            f"of shape {image_shape}."
        )
    compile_network(compiled_with, model)
    check_all_read(model)
    return Network(model, shape, own_compile, has_seeds=seeds_its_layers(builder))


def check_single_tensors(model):
    """Raise if a model has several inputs or outputs."""
    for what in ("input", "output"):
        tensors = getattr(model, f"{what}s", None)  # a subclass of keras.Model has none
        if tensors is not None and len(tensors) != 1:
            raise ValueError(
                f"The network has {len(tensors)} {what}s, but an estimator needs a network with a "
                f"single {what}. scikeras takes networks with several."
            )


def _train(estimator, fitted, data, held_out, context, epochs, rate, given):
    """Run the engine with everything that watches it.

    Returns
    -------
    history : dict of str to list of float
        One value per whole epoch.
    interrupt : KeyboardInterrupt or None
        The interrupt that ended the training after a whole epoch.
    """
    from skmnist._bridge.data.feeds import Samples, source_of
    from skmnist._bridge.engine.augment import augmenter_of
    from skmnist._bridge.engine.training import Progress, train
    from skmnist._bridge.models.scikeras_adapter import make_callbacks

    network, task = fitted.network, fitted.task

    def samples(part):
        pictures = images.as_images(part.rows, network.input_shape)
        weights = task.weights(part.weights)
        return Samples(pictures, task.targets(part.codes, pictures), weights)

    def compiled_again():
        now, before = (getattr(t, "outputs", None) for t in (task.with_outputs(network), task))
        if now != before:
            raise ValueError(
                "A callback has compiled the model with a loss that takes other targets or outputs "
                f"than before: {network.model.loss!r}. Set the 'loss' parameter of "
                f"{type(estimator).__name__} instead."
            )

    callbacks = make_callbacks(estimator.callbacks, estimator._routed_params())
    callbacks += estimator._own_callbacks()
    progress = Progress()
    watch = Watch(estimator, fitted, data, context, given, progress, epochs.stop)
    training = train(
        network,
        source_of(data, samples, estimator.batch_size),
        progress,
        epochs=epochs,
        jit_compile=estimator.jit_compile,
        seed=fitted.seed,
        callbacks=callbacks,
        validation=held_out and source_of(held_out, samples, _VALIDATION_BATCH),
        rate=rate,
        verbose=estimator.verbose,
        compiled_again=compiled_again,
        augmenter=augmenter_of(getattr(estimator, "augmentation", None), fitted, data),
    )
    try:
        with contextlib.closing(training), watch:
            for logs in training:
                if watch.after_epoch(progress.n_epochs, logs):
                    network.model.stop_training = True
    except KeyboardInterrupt as interrupt:
        if progress.snapshot is not None:
            return progress.history, interrupt
        raise
    return progress.history, None
