"""Forms of targets and outputs for losses and metrics: codes or one-hot rows, logits or not.

The form that a Keras object takes follows from its class.  Functions and classes of the user are
tried on a few artificial samples.  A form is possible if the result is one number, or one number
per sample.  It is preferred if the result separates right predictions from wrong ones.
"""

from __future__ import annotations

import functools
import types
import warnings

import numpy as np

from skmnist._compat.keras_losses import (
    FROM_LOGITS,
    keywords_of,
    wrapped_function,
    wraps_function,
)
from skmnist._keras import keras, tf

CODES, ONE_HOT, COLUMN = "class codes", "one-hot rows", "a column of 0 and 1"

# Keras functions that take class codes, besides those whose names begin with "sparse".
_OF_CODES = ("categorical_generalized_cross_entropy", "circle")
# Keras functions that are meaningless for a single output.
_OF_SEVERAL = (
    *_OF_CODES,
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "kl_divergence",
    "categorical_accuracy",
    "top_k_categorical_accuracy",
)


def name_of(thing):
    """Return the name of a loss or a metric for messages."""
    if isinstance(thing, str):
        return repr(thing)
    if isinstance(thing, functools.partial):
        return f"partial({name_of(thing.func)})"
    if isinstance(thing, keras.metrics.MeanMetricWrapper) and not _is_kerases(
        wrapped_function(thing)
    ):
        return repr(thing.name)
    return repr(getattr(thing, "__name__", type(thing).__name__))


def _is_kerases(thing):
    """Return whether a function, a class or the class of an object is part of Keras."""
    named = isinstance(thing, (type, types.FunctionType, types.BuiltinFunctionType))
    return getattr(thing if named else type(thing), "__module__", "").startswith("keras.")


def unwrapped(thing):
    """Return the innermost function or object of a loss or a metric, and its keywords.

    Returns
    -------
    inner : object
        A function, or an object that is not one of Keras's wrappers of functions.
    keywords : dict
        Keyword arguments that the wrappers pass to it.
    """
    keywords = {}
    while True:
        if isinstance(thing, functools.partial) and not thing.args:
            thing, keywords = thing.func, {**thing.keywords, **keywords}
        elif _is_wrapper(thing):
            thing, keywords = wrapped_function(thing), {**keywords_of(thing), **keywords}
        else:
            return thing, keywords


def _is_wrapper(thing):
    """Return whether an object only passes targets and outputs to a function."""
    method = "update_state" if isinstance(thing, keras.metrics.Metric) else "call"
    return wraps_function(thing) and (
        isinstance(thing, (keras.losses.Loss, keras.metrics.Metric))
        and all(
            getattr(type(thing), name).__module__.startswith("keras.")
            for name in (method, "__call__")
        )
    )


def known_form(thing):
    """Return the form of targets for a Keras object; None for other objects."""
    inner, _ = unwrapped(thing)
    if not _is_kerases(inner):
        return None
    return _form_of_class(inner) or ONE_HOT


def _form_of_class(thing):
    """Return the form for the nearest Keras class or function; None if it takes any form."""
    if isinstance(thing, types.FunctionType):
        if _is_kerases(thing):
            name = thing.__name__
            return CODES if name.startswith("sparse") or name in _OF_CODES else ONE_HOT
        return CODES if thing.__name__.lower().startswith("sparse") else None
    if hasattr(thing, "sparse_y_true") and not isinstance(thing, keras.metrics.BinaryIoU):
        return CODES if thing.sparse_y_true else ONE_HOT
    for kind in type(thing).__mro__:
        if kind.__name__.startswith(("Sparse", "CategoricalGeneralized", "Circle")):
            return CODES
        if _is_kerases(kind) and kind.__name__ not in ("Loss", "LossFunctionWrapper"):
            metric = kind.__name__ in (
                "Metric",
                "MeanMetricWrapper",
                "Mean",
                "Sum",
                "KerasSaveable",
            )
            return None if metric else ONE_HOT
    return None


_PLAIN_METRICS = ("Metric", "MeanMetricWrapper", "Mean", "Sum", "KerasSaveable")


def preferred_form(thing):
    """Return the form to try first; None if unknown."""
    return _form_of_class(thing) or _form_of_class(unwrapped(thing)[0])


def needs_several_outputs(thing):
    """Return whether a Keras object is meaningless for a single output."""
    inner, _ = unwrapped(thing)
    if not _is_kerases(inner):
        return False
    name = getattr(inner, "__name__", None)
    if name is not None:
        return name.startswith("sparse") or name in _OF_SEVERAL
    metrics = keras.metrics
    if isinstance(inner, metrics.FBetaScore):
        return inner.threshold is None
    if isinstance(inner, metrics.BinaryIoU):
        return False
    return isinstance(inner, metrics.IoU)


def is_binary(thing):
    """Return whether an object is one of Keras's binary crossentropies."""
    inner, _ = unwrapped(thing)
    name = getattr(inner, "__name__", "")
    return _is_kerases(inner) and name in ("binary_crossentropy", "binary_focal_crossentropy")


def says_logits(thing):
    """Return whether a loss or a metric is set to take logits."""
    inner, keywords = unwrapped(thing)
    said = (getattr(each, name, False) for each in (thing, inner) for name in FROM_LOGITS)
    return bool(keywords.get("from_logits", False) or any(said))


def takes_logits(call, form, n_units):
    """Estimate whether a loss converts logits to probabilities itself.

    A cross-entropy of logits is convex and flattens as the logit of the right class grows.  With
    several outputs, it does not change if the same number is added to all logits.

    Parameters
    ----------
    call : callable
        Takes targets and outputs.
    form : str
        Form of its targets.
    n_units : int
        Number of outputs.
    """
    n_rows = _rows_for(n_units)

    def losses(code, *logits):
        targets = as_form(np.full(n_rows, code), form, n_units)
        if n_units == 1:
            rows = [np.full((n_rows, 1), z) for z in logits]
        else:
            rows = [_others(n_rows, n_units, code, z) for z in logits]
        return [float(np.mean(call(targets, tf.constant(row, tf.float32)))) for row in rows]

    try:
        if n_units == 1:
            return _flattens(losses(1, 1.5, 2.5, 3.5)) and _flattens(losses(0, -0.5, -1.5, -2.5))
        plain = losses(1, 0.5, 1.0, 1.5)
        shifted = [
            float(
                np.mean(
                    call(
                        as_form(np.full(n_rows, 1), form, n_units),
                        tf.constant(_others(n_rows, n_units, 1, z) + 3, tf.float32),
                    )
                )
            )
            for z in (0.5, 1.0, 1.5)
        ]
    except Exception:  # a function of the user may raise anything for such outputs
        return False
    return _flattens(plain) and np.allclose(plain, shifted, rtol=1e-3, atol=1e-5)


def _others(n_rows, n_units, code, logit):
    rows = np.zeros((n_rows, n_units))
    rows[:, code] = logit
    return rows


def _flattens(losses):
    """Return whether three losses fall, by less each time, unlike a line or a flat hinge."""
    first, second = losses[0] - losses[1], losses[1] - losses[2]
    return np.isfinite(losses).all() and second > 1e-6 and second < 0.97 * first


def as_form(codes, form, n_units, dtype="float32"):
    """Convert class codes to a form of targets; Keras passes codes to losses as float32."""
    if form == CODES:
        return tf.constant(codes, dtype)
    if form == COLUMN:
        return tf.constant(np.asarray(codes)[:, np.newaxis], tf.float32)
    return tf.constant(np.eye(n_units)[codes], tf.float32)


def _rows_for(n_units):
    """Return a number of samples that differs from the number of outputs, to reveal mix-ups."""
    return 3 if n_units != 3 else 4


class Trial:
    """Trial of a loss or a metric on artificial samples with one form of targets.

    Parameters
    ----------
    call : callable
        Takes targets and outputs; returns a number, or one number per sample.
    form : str
        Form of the targets.
    n_units : int
        Number of outputs.
    dtype : str, default="float32"
        Dtype of class codes.

    Attributes
    ----------
    error : Exception or str or None
        Reason why the form is impossible; None if it is possible.
    n_dimensions : int
        Number of dimensions of the result.
    tells_classes : bool
        Whether all right predictions score better than all wrong ones for the same output.
    """

    def __init__(self, call, form, n_units, dtype="float32"):
        self.form, self.error, self.n_dimensions, self.tells_classes = form, None, 0, False
        codes = sorted({0, 1, max(n_units, 2) - 1})
        n_rows = _rows_for(n_units)
        values = np.zeros((len(codes), len(codes)))
        for i, answer in enumerate(codes):
            outputs = np.repeat(_probabilities(answer, n_units), n_rows, axis=0)
            for j, truth in enumerate(codes):
                targets = as_form(np.full(n_rows, truth), form, n_units, dtype)
                try:
                    result = np.asarray(call(targets, tf.constant(outputs, tf.float32)))
                except Exception as error:
                    self.error = error
                    return
                if result.shape not in ((), (n_rows,), (n_rows, 1), (n_rows, n_units)):
                    self.error = f"it gives the shape {result.shape} for {n_rows} samples"
                    return
                if not np.isfinite(result).all():
                    self.error = f"it gives {result.ravel()[0]}"
                    return
                values[i, j] = result.mean()
                self.n_dimensions = result.ndim
        right = np.diag(values)
        wrong = values + np.where(np.eye(len(codes)), np.inf, 0)
        lower = (right < wrong.min(axis=1)).all()
        wrong = values - np.where(np.eye(len(codes)), np.inf, 0)
        self.tells_classes = bool(lower or (right > wrong.max(axis=1)).all())


def _probabilities(answer, n_units):
    """Return one row of outputs with a high probability of class `answer`."""
    if n_units == 1:
        return np.array([[0.7 if answer else 0.2]])
    rest = 0.3 * np.arange(1, n_units) / np.arange(1, n_units).sum()
    return np.insert(rest, answer, 0.7)[np.newaxis]


def choose_form(what, thing, call, forms, n_units, dtype="float32"):
    """Return the trial of the best form of targets for a loss or metric of the user.

    Parameters
    ----------
    what : str
        "loss" or "metric", for the message.
    thing : object
        The loss or the metric.
    call : callable
        Computes it from targets and outputs.
    forms : sequence of str
        Forms to try, the preferred one first.
    n_units : int
        Number of outputs.
    dtype : str, default="float32"
        Dtype of class codes.
    """
    trials = []
    for form in forms:
        with warnings.catch_warnings():  # warnings about artificial samples do not concern the user
            warnings.simplefilter("ignore")
            trials.append(Trial(call, form, n_units, dtype))
        if trials[-1].tells_classes:
            return trials[-1]
    taken = [trial for trial in trials if trial.error is None]
    if not taken:
        tried = " ".join(
            f"With {trial.form} of shape {_shape(trial.form, n_units)}: {first_line(trial.error)}."
            for trial in trials
        )
        raise ValueError(
            f"The {what} {name_of(thing)} accepts no form of targets for a network with outputs "
            f"of shape (n_samples, {n_units}). {tried} Set '{what_to_set(what)}' to a function or "
            "object that returns one number, or one number per sample."
        )
    return taken[0]


def what_to_set(what):
    """Return the parameter that holds a loss or a metric."""
    return "loss" if what == "loss" else "metrics"


def _shape(form, n_units):
    return "(n_samples,)" if form == CODES else f"(n_samples, {n_units})"


def first_line(error):
    """Return the first line of an error's message, shortened."""
    text = str(error).strip().splitlines() or [type(error).__name__]
    return text[0].rstrip(".")[:200]


def check_traces(what, thing, call, form, n_units, dtype="float32"):
    """Raise if a function of the user cannot be traced to a graph."""
    spec = tf.TensorSpec((None,) if form == CODES else (None, n_units), dtype)
    outputs = tf.TensorSpec((None, n_units), tf.float32)
    try:
        tf.function(call, autograph=False).get_concrete_function(spec, outputs)
    except Exception as error:
        raise ValueError(
            f"The {what} {name_of(thing)} cannot be compiled for training: {first_line(error)}. "
            "Write it with keras.ops, or pass KerasClassifier a model that is compiled with "
            "run_eagerly=True."
        ) from error
