"""How a classifier is fitted: read the data, make the network, train it, and keep the result.

Everything that can be wrong with data or parameters is found before the first step, and the
estimator is touched in one assignment at the end.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
import time
from dataclasses import dataclass

import numpy as np

from skmnist import _keras
from skmnist._keras import keras
from skmnist.bridge import images, targets
from skmnist.bridge.network import Network, input_shape_of
from skmnist.bridge.outputs import Outputs


@dataclass
class Fitted:
    """What a fitted classifier needs for predicting and for training on."""

    network: Network
    outputs: Outputs
    labels: targets.Labels
    pixels: images.PixelScale
    image_shape: tuple[int, int, int]
    seed: int
    built_with: dict
    compiled_with: dict


@dataclass
class Data:
    """Validated samples: float32 rows, class codes, and weights (None if all weigh the same)."""

    rows: np.ndarray
    codes: np.ndarray
    weights: np.ndarray | None

    def take(self, chosen):
        """Return the samples where the mask `chosen` is true."""
        weights = None if self.weights is None else self.weights[chosen]
        return Data(self.rows[chosen], self.codes[chosen], weights)


def fit(estimator, X, y, sample_weight, *, validation, continues, n_epochs, classes=None):
    """Fit `estimator`, completely or not at all; see ``BaseKerasClassifier.fit``.

    Parameters
    ----------
    estimator : BaseKerasClassifier
        Estimator to fit.
    X, y, sample_weight : array-like
        Training data as the user gave them.
    validation : tuple of (X_val, y_val, sample_weight_val)
        Validation data as the user gave them, or Nones.
    continues : bool
        Whether to go on from the fitted state.
    n_epochs : int
        Number of epochs to train.
    classes : array-like or None
        All labels, where `y` may have fewer.
    """
    _keras.start()
    context = estimator._init_callback_context(max_subtasks=n_epochs)
    before = estimator._fitted if continues else None
    first = estimator.n_iter_ if continues else 0
    with _unchanged_on_error(estimator, before):
        data, held_out, fitted = _prepare(
            estimator, X, y, sample_weight, validation=validation, before=before, classes=classes
        )
        epochs = range(first, first + n_epochs)
        history, interrupt = _train(
            estimator, fitted, data, held_out, context, epochs, (X, y, sample_weight)
        )
        if continues:
            old = estimator.history_
            added = {name: old.get(name, []) + values for name, values in history.items()}
            history = {**old, **added}
        vars(estimator).update(_attributes(fitted, history))
    if interrupt is not None:
        raise interrupt


def _prepare(estimator, X, y, sample_weight, *, validation, before, classes):
    """Find out everything that training needs, and everything that is wrong.

    Returns
    -------
    data : Data
        Samples to train on.
    held_out : Data or None
        Samples to validate on.
    fitted : Fitted
        What will be trained: new, or what goes on from `before`.
    """
    name = type(estimator).__name__
    image_shape = None if before is None else before.image_shape
    rows, given_shape, dtype = estimator._check_images(
        X, y, reset=before is None, expected=image_shape
    )
    if before is None:
        image_shape = _image_shape(estimator, given_shape, rows.shape[1])
        pixels, seed = images.PixelScale.learn(rows, dtype), _draw_seed(estimator.random_state)
    else:
        pixels, seed = before.pixels, before.seed
    labels, codes = _read_labels(name, y, classes, before)
    data = _weigh(estimator, pixels.apply(rows, dtype), codes, sample_weight, labels)
    if before is None and classes is None:
        targets.check_more_than_one(labels.classes[np.unique(data.codes)], name)
    held_out = _read_validation(estimator, validation, labels, pixels, image_shape)
    if held_out is None and estimator._holds_out():
        data, held_out = _hold_out(estimator, data, seed)

    if before is not None:
        fitted = _prepare_to_continue(estimator, before)
    else:
        # The shape as the user passed it: a model that tells no input shape is built on it.
        given_shape = rows.shape[1:] if given_shape is None else np.shape(X)[1:]
        network = _build(estimator, image_shape, given_shape, labels, rows.shape[1], seed)
        fitted = Fitted(
            network=network,
            outputs=Outputs.of(network, len(labels.classes)),
            labels=labels,
            pixels=pixels,
            image_shape=image_shape,
            seed=seed,
            built_with=estimator._builder_params(),
            compiled_with=estimator._compile_params(),
        )
    estimator._check_outputs(fitted, data.rows)
    return data, held_out, fitted


def _attributes(fitted, history):
    """Return the fitted attributes of an estimator."""
    return {
        "_fitted": fitted,
        "classes_": fitted.labels.classes,
        "image_shape_": fitted.image_shape,
        "history_": history,
        "n_iter_": len(history["loss"]),
    }


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
    try:
        yield
    except BaseException:
        for name in fitted_attributes():
            if name not in attributes:
                delattr(estimator, name)
        vars(estimator).update(attributes)
        if before is not None:
            before.network.restore(state)
        raise


def _draw_seed(random_state):
    """Return the seed of a fit: the user's, or one from their generator, or a fresh one.

    ``None`` draws from the system and not from NumPy's global generator, which a fit leaves
    untouched.
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    return int(random_state)


def _read_labels(name, y, classes, before):
    y = targets.check_targets(y)
    if before is None:
        labels = targets.Labels.learn(y, classes)
        targets.check_more_than_one(labels.classes, name)
        return labels, labels.encode(y)
    if classes is not None:
        given = targets.Labels.learn(np.asarray(classes)).classes
        if not np.array_equal(given, before.labels.classes):
            raise ValueError(
                f"classes={given.tolist()} is not the same as on the last call to partial_fit or "
                f"fit, which was {before.labels.classes.tolist()}."
            )
    return before.labels, before.labels.encode(y)


def _weigh(estimator, rows, codes, sample_weight, labels):
    """Join samples and weights, without the samples that weigh nothing."""
    weights = targets.sample_weights(
        sample_weight, estimator.class_weight, rows, codes, labels.classes, type(estimator).__name__
    )
    data = Data(rows, codes, weights)
    return data if weights is None or weights.all() else data.take(weights > 0)


def _read_validation(estimator, validation, labels, pixels, image_shape):
    X_val, y_val, sample_weight_val = validation
    if X_val is None:
        if y_val is not None or sample_weight_val is not None:
            raise ValueError("y_val and sample_weight_val need X_val, which is None.")
        return None
    if y_val is None:
        raise ValueError("X_val needs y_val, its labels, which is None.")
    rows, _, dtype = estimator._check_images(X_val, y_val, expected=image_shape)
    y_val = targets.check_targets(y_val)
    rows, codes = pixels.apply(rows, dtype), labels.encode(y_val)
    return _weigh(estimator, rows, codes, sample_weight_val, labels)


def _hold_out(estimator, data, seed):
    fraction = estimator.validation_fraction
    fraction = 0.1 if fraction is None else fraction
    chosen = targets.stratified_holdout(data.codes, fraction, np.random.default_rng([seed]))
    if not chosen.any():
        raise ValueError(
            f"validation_fraction={fraction} of {len(chosen)} samples leaves nothing to validate "
            "on, as every class has a single sample. Pass X_val and y_val, or more data."
        )
    return data.take(~chosen), data.take(chosen)


def _image_shape(estimator, given_shape, n_features):
    """Return the shape of the images: as given, as declared, or as rows are folded."""
    if estimator.image_shape is None:
        return given_shape or images.fold_shape(n_features)
    declared = images.check_image_shape(estimator.image_shape, n_features, type(estimator).__name__)
    if given_shape not in (None, declared):
        raise ValueError(
            f"X holds images of shape {given_shape}, but the 'image_shape' parameter of "
            f"{type(estimator).__name__} is {estimator.image_shape!r}."
        )
    return declared


def _prepare_to_continue(estimator, before):
    """Return what to train on from `before`, with the present parameters."""
    built_with, compiled_with = estimator._builder_params(), estimator._compile_params()
    for name, value in built_with.items():
        if name not in before.built_with or not _same(value, before.built_with[name]):
            raise ValueError(
                f"The network was built with {name}={before.built_with.get(name)!r}, and training "
                f"goes on with it; {name}={value!r} needs a new network. Fit with "
                "warm_start=False, or set the parameter back."
            )
    changed = not _same(compiled_with, before.compiled_with)
    # To be compiled differently, a copy; the network stays as it is if the training fails.
    network = copy.deepcopy(before.network) if changed else before.network
    network.compile_again(lambda model: _compile(compiled_with, model), changed)
    network.resume_training()
    outputs = Outputs.of(network, len(before.labels.classes))
    return dataclasses.replace(
        before, network=network, outputs=outputs, compiled_with=compiled_with
    )


def compiled_model(fitted):
    """Return the Keras model of a fitted estimator, compiled, after unpickling too."""
    if not fitted.network.model.compiled:
        fitted.network.compile_again(lambda model: _compile(fitted.compiled_with, model), False)
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


def _compile(params, model):
    from skmnist.bridge.scikeras_wrapper import compile_model

    compile_model(model, params)


def _build(estimator, image_shape, given_shape, labels, n_features, seed):
    """Build and compile the network, and check that its input takes the samples."""
    from skmnist.bridge.scikeras_wrapper import build_model

    metadata = {
        "image_shape": image_shape,
        "n_classes": len(labels.classes),
        # What scikeras tells a builder that has a parameter ``meta``.
        "meta": {
            "image_shape_": image_shape,
            "n_features_in_": n_features,
            "X_shape_": (None, *given_shape),
            "classes_": labels.classes,
            "n_classes_": len(labels.classes),
            "target_type_": "binary" if len(labels.classes) == 2 else "multiclass",
            "n_outputs_expected_": 1,
        },
    }
    model = build_model(
        estimator._builder(),
        estimator._builder_params(),
        seed,
        metadata,
        estimator._compile_params(),
        given_shape,
    )
    own_compile = model.compiled
    shape = input_shape_of(model, given_shape)
    sizes = (n_features, math.prod(image_shape))
    if None in shape or math.prod(shape) not in sizes:
        raise ValueError(
            f"The network takes inputs of shape {shape}, but X has {n_features} features, images "
            f"of shape {image_shape}."
        )
    _compile(estimator._compile_params(), model)
    return Network(model, shape, own_compile)


def _train(estimator, fitted, data, held_out, context, epochs, given):
    """Run the engine with everything that watches it.

    Returns
    -------
    history : dict of str to list of float
        One value per whole epoch.
    interrupt : KeyboardInterrupt or None
        The interrupt that ended the training after a whole epoch.
    """
    from skmnist.bridge.scikeras_wrapper import make_callbacks
    from skmnist.bridge.training import Progress, Samples, train

    network, outputs = fitted.network, fitted.outputs

    def samples(part):
        pictures = images.as_images(part.rows, network.input_shape)
        return Samples(pictures, outputs.targets(part.codes), part.weights)

    callbacks = make_callbacks(estimator.callbacks, estimator._routed_params())
    if estimator.early_stopping:
        stopping = keras.callbacks.EarlyStopping(
            monitor="val_loss",
            patience=estimator.n_iter_no_change,
            restore_best_weights=estimator.restore_best_weights,
        )
        callbacks.append(stopping)
    progress = Progress()
    watch = _Watch(estimator, fitted, context, given, progress, epochs.stop)
    training = train(
        network,
        samples(data),
        progress,
        epochs=epochs,
        seed=fitted.seed,
        batch_size=estimator.batch_size,
        callbacks=callbacks,
        validation=None if held_out is None else samples(held_out),
    )
    try:
        with contextlib.closing(training), watch:
            for epoch, logs in enumerate(training, start=epochs.start + 1):
                if watch.after_epoch(epoch, logs):
                    network.model.stop_training = True
    except KeyboardInterrupt as interrupt:
        if progress.history:
            return progress.history, interrupt
        raise
    return progress.history, None


class _Watch:
    """Reports a training: scikit-learn's callbacks, and a line per epoch if asked for."""

    def __init__(self, estimator, fitted, context, given, progress, n_epochs):
        X, y, sample_weight = given
        self.estimator, self.fitted, self.context = estimator, fitted, context
        self.progress, self.n_epochs = progress, n_epochs
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.began = time.perf_counter()

    def __enter__(self):
        self.context.call_on_fit_task_begin(**self.given)
        self._begin_epoch()

    def __exit__(self, kind, *_):
        if kind is None:
            self.context.call_on_fit_task_end(
                **self.given, reconstruction_attributes=self._attributes
            )

    def _begin_epoch(self):
        self.epoch_context = self.context.subcontext(task_name="epoch")
        self.epoch_context.call_on_fit_task_begin(**self.given)

    def after_epoch(self, epoch, logs):
        """Report an epoch; return whether a scikit-learn callback asks to stop."""
        if self.estimator.verbose:
            now = time.perf_counter()
            values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
            print(f"Epoch {epoch}/{self.n_epochs}  {values}  {now - self.began:.1f} s", flush=True)
            self.began = now
        stop = self.epoch_context.call_on_fit_task_end(
            **self.given, reconstruction_attributes=self._attributes
        )
        if epoch < self.n_epochs and not (stop or self.fitted.network.model.stop_training):
            self._begin_epoch()
        return stop

    def _attributes(self):
        """Return what makes an independent estimator of the training so far."""
        fitted = dataclasses.replace(self.fitted, network=copy.deepcopy(self.fitted.network))
        return _attributes(fitted, self.progress.history)
