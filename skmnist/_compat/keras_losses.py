"""What losses, metrics and tensors of Keras keep privately; all of it since Keras 3.0."""

from __future__ import annotations

# Where a loss or a metric keeps whether it takes logits: AUC the latter, which it does not tell.
FROM_LOGITS = ("from_logits", "_from_logits")


def wraps_function(thing):
    """Return whether a loss or a metric has a function that it hands targets and outputs to."""
    return hasattr(thing, "fn") or hasattr(thing, "_fn")


def wrapped_function(thing):
    """Return the function in a loss, where its name is public, or in a metric."""
    return thing.fn if hasattr(thing, "fn") else thing._fn


def keywords_of(thing):
    """Return what a loss or a metric hands to its function; configurations have it serialized."""
    return thing._fn_kwargs


def operation_behind(tensor):
    """Return the layer or operation that made a symbolic tensor, None for others."""
    history = getattr(tensor, "_keras_history", None)
    return None if history is None else history.operation
