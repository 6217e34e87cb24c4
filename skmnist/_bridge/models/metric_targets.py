"""Conversion of targets and outputs for metrics that need another form than the loss.

Keras passes the same targets and the same outputs to the loss and to all metrics.  Here they are
converted for each metric that needs another form, while graphs are traced.  The metric itself, its
name and its configuration do not change.
"""

from __future__ import annotations

import contextlib
import copy

from skmnist._bridge.data.target_forms import (
    CODES,
    COLUMN,
    ONE_HOT,
    as_form,
    check_traces,
    choose_form,
    first_line,
    is_binary,
    known_form,
    name_of,
    needs_several_outputs,
    preferred_form,
    says_logits,
    unwrapped,
)
from skmnist._bridge.models.global_state import fresh_names
from skmnist._compat.keras_models import compiled_metrics
from skmnist._keras import keras, tf


class MetricTargets:
    """Conversions of targets and outputs for the metrics of a compiled network.

    Parameters
    ----------
    changes : list of tuple of (metric, callable)
        Metrics that need another form than the loss.  The callable converts targets and outputs
        to that form.
    """

    def __init__(self, changes=()):
        self._changes = changes

    @classmethod
    def of(cls, model, outputs):
        """Find the conversions for a compiled model; raise for a metric that has none.

        Parameters
        ----------
        model : keras.Model
            Compiled model.
        outputs : Outputs
            Meaning of its outputs.
        """
        compiled = compiled_metrics(model)
        if compiled is None:
            return cls()
        if not compiled.built:
            dtype = "int32" if outputs.form == CODES else "float32"
            targets = as_form([0], outputs.form, outputs.n_units, dtype)
            with fresh_names():
                compiled.build(targets, tf.zeros((1, outputs.n_units)))
        eager = bool(model.run_eagerly)
        changes = [(metric, _change_for(metric, outputs, eager)) for metric in compiled.metrics]
        return cls([(metric, change) for metric, change in changes if change is not None])

    @contextlib.contextmanager
    def applied(self):
        """Convert the targets and outputs of each metric while a graph is traced."""
        for metric, change in self._changes:
            metric.update_state = _Changed(metric.update_state, change)
        try:
            yield
        finally:
            for metric, _ in self._changes:
                vars(metric).pop("update_state", None)


class _Changed:
    """A metric's ``update_state`` with a conversion before it."""

    def __init__(self, update_state, change):
        self._update_state, self._change = update_state, change

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = self._change(y_true, y_pred)
        return self._update_state(y_true, y_pred, sample_weight=sample_weight)


def _change_for(metric, outputs, eager):
    """Return the conversion of targets and outputs for a metric, or None."""
    form, n_units = outputs.form, outputs.n_units
    if _is_plain_accuracy(metric, outputs):
        return None
    inner, _ = unwrapped(metric)
    if type(inner) is keras.metrics.Metric:
        raise ValueError(
            "The 'metrics' parameter must hold subclasses of keras.metrics.Metric. Got "
            "keras.metrics.Metric itself instead, which computes nothing."
        )
    own, several = known_form(metric), False
    if own is None:
        own = _form_for_a_users(metric, outputs, eager)
        to_probabilities = False
    else:
        _refuse_senseless(metric, outputs)
        several = n_units == 1 and needs_several_outputs(metric)
        if n_units == 1 and not several:
            own = COLUMN
        to_probabilities = outputs.from_logits and not says_logits(metric)
    # Keras looks up the logits behind a softmax, and a binary metric would apply a sigmoid to them.
    forgets_softmax = n_units > 1 and is_binary(metric) and not says_logits(metric)

    def change(y_true, y_pred):
        if to_probabilities:
            y_pred = keras.ops.softmax(y_pred) if n_units > 1 else keras.ops.sigmoid(y_pred)
        if forgets_softmax:
            y_pred = tf.identity(y_pred)
        if several:
            # A sigmoid equals a softmax of the logit and zero.
            if outputs.from_logits and not to_probabilities:
                first = keras.ops.zeros_like(y_pred)
            else:
                first = 1 - y_pred
            y_pred = keras.ops.concatenate([first, y_pred], axis=-1)
        return (_converted(y_true, own, y_pred.shape[-1]) if own != form else y_true), y_pred

    if known_form(metric) is not None:
        _try_on(metric, change, outputs)
    changes = several or to_probabilities or forgets_softmax or own != form
    return change if changes else None


def _converted(targets, form, n_units):
    """Return symbolic targets in another form; `n_units` is at least two."""
    if len(targets.shape) == 2 and targets.shape[1] == 1:  # from a single output
        targets = targets[:, 0]
    if form == CODES:
        if len(targets.shape) == 1:
            return keras.ops.cast(targets, "int32")
        return keras.ops.argmax(targets, axis=-1)
    if len(targets.shape) == 2:
        return targets
    return keras.ops.one_hot(keras.ops.cast(targets, "int32"), n_units, dtype="float32")


def _is_plain_accuracy(metric, outputs):
    """Return whether a metric is the accuracy that Keras chooses for these targets and outputs."""
    metrics = keras.metrics
    if outputs.n_units == 1:
        return type(metric) is metrics.BinaryAccuracy and not outputs.from_logits
    sparse = outputs.form == CODES
    return type(metric) is (
        metrics.SparseCategoricalAccuracy if sparse else metrics.CategoricalAccuracy
    )


def _refuse_senseless(metric, outputs):
    """Raise for a Keras metric that has no meaning for these outputs."""
    inner, _ = unwrapped(metric)
    name = name_of(metric)
    if says_logits(metric) and not outputs.from_logits:
        raise ValueError(
            f"The metric {name} takes logits (from_logits=True), but the network gives "
            "probabilities, or the loss treats its outputs as probabilities. Set "
            "from_logits=False."
        )
    if getattr(inner, "__name__", None) == "accuracy":
        raise ValueError(
            f"The metric {name} compares classes with classes, but the network gives "
            "probabilities. Use metrics=['accuracy'] (in lower case) instead."
        )
    if not isinstance(inner, keras.metrics.IoU) or isinstance(inner, keras.metrics.BinaryIoU):
        return
    if inner.sparse_y_pred:
        raise ValueError(
            f"The metric {name} takes classes as predictions, but the network gives one number "
            "per class. Set its sparse_y_pred=False."
        )
    if inner.num_classes != outputs.n_classes:
        raise ValueError(
            f"The metric {name} is for {inner.num_classes} classes, but y has "
            f"{outputs.n_classes}. Set its num_classes={outputs.n_classes}."
        )


def _try_on(metric, change, outputs):
    """Raise if a Keras metric cannot be computed or returns more than one number."""
    codes = [0, outputs.n_classes - 1, 0]
    dtype = "int32" if outputs.form == CODES else "float32"
    targets = as_form(codes, outputs.form, outputs.n_units, dtype)
    try:
        y_true, y_pred = change(targets, tf.fill((3, outputs.n_units), 0.5))
        metric.update_state(y_true, y_pred, sample_weight=None)
        shape = tuple(keras.ops.shape(metric.result()))
    except Exception as error:
        raise ValueError(
            f"The metric {name_of(metric)} cannot be computed from labels and a network's "
            f"outputs: {first_line(error)}. Set 'metrics' to one that can, such as 'accuracy'."
        ) from error
    metric.reset_state()
    if shape != ():
        advice = "Set its average='macro'." if hasattr(metric, "average") else "Set 'metrics'."
        raise ValueError(
            f"The metric {name_of(metric)} gives values of shape {shape}, but a history takes one "
            f"number. {advice}"
        )


def _form_for_a_users(metric, outputs, eager):
    """Return the form of targets that a metric of the user takes."""
    first = COLUMN if outputs.n_units == 1 else preferred_form(metric) or outputs.form
    forms = [first]
    if outputs.n_units > 1:
        forms += [form for form in (CODES, ONE_HOT) if form != first]
    inner, keywords = unwrapped(metric)
    if isinstance(inner, keras.metrics.Metric):
        call, shown = _counting(metric), metric
    else:
        shown = inner

        def call(y_true, y_pred):
            return inner(y_true, y_pred, **keywords)

    chosen = choose_form("metric", shown, call, forms, outputs.n_units, "int32").form
    if not eager and shown is inner and shown is not metric:
        dtype = "int32" if chosen == CODES else "float32"
        check_traces("metric", shown, call, chosen, outputs.n_units, dtype)
    return chosen


def _counting(metric):
    """Return a function that computes a metric for given targets and outputs only."""

    def call(y_true, y_pred):
        fresh = copy_of_metric(metric)
        fresh.update_state(y_true, y_pred, sample_weight=None)  # as Keras calls it
        return fresh.result()

    return call


def copy_of_metric(metric):
    """Return a metric with the same parameters and reset state."""
    # Keras copies through ``get_config``, which users' metrics often do not implement.
    copied = object.__new__(type(metric))
    vars(copied).update(copy.deepcopy(vars(metric), {id(metric): copied}))
    copied.reset_state()
    return copied
