"""What losses, metrics and tensors of Keras keep privately; all of it since Keras 3.0."""

from __future__ import annotations

# The attributes that say whether a loss or a metric takes logits; AUC has the second.
FROM_LOGITS = ("from_logits", "_from_logits")


def wraps_function(thing):
    """Return whether a loss or a metric calls a function of targets and outputs."""
    return hasattr(thing, "fn") or hasattr(thing, "_fn")


def wrapped_function(thing):
    """Return the function in a loss, where its name is public, or in a metric."""
    return thing.fn if hasattr(thing, "fn") else thing._fn


def keywords_of(thing):
    """Return the keywords of a loss's or metric's function; configurations serialize them."""
    return thing._fn_kwargs


def operation_behind(tensor):
    """Return the layer or operation that made a symbolic tensor, None for others."""
    history = getattr(tensor, "_keras_history", None)
    return None if history is None else history.operation
