"""What Keras keeps privately in an optimizer; all of it since Keras 3.0."""

from __future__ import annotations

from skmnist._keras import keras

# The method that sums gradients over replicas, of which there is one.
REDUCTION = "_all_reduce_sum_gradients"

# What weight decay leaves out: variables, and a pattern of names.  Configurations do not tell.
_EXCLUDED, _PATTERN = "_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"

# The state of an optimizer, a variable for each trained one; it has no public names.
_SLOTS = {
    "Adam": ("_momentums", "_velocities"),
    "AdamW": ("_momentums", "_velocities"),
    "Adamax": ("_m", "_u"),
    "RMSprop": ("_velocities", "_momentums", "_average_gradients"),
    "SGD": ("momentums",),
    "Adadelta": ("_accumulated_grads", "_accumulated_delta_vars"),
}


def slots_of(optimizer):
    """Return the lists of variables that an optimizer of Keras keeps, empty if not used."""
    return [getattr(optimizer, name) for name in _SLOTS[type(optimizer).__name__]]


def position_of(optimizer, variable):
    """Return the place of a trained variable in the lists of `slots_of`."""
    return optimizer._get_variable_index(variable)


def reduces(optimizer):
    """Return whether an optimizer has the method `REDUCTION`."""
    return callable(getattr(optimizer, REDUCTION, None))


def inner_of(optimizer):
    """Return the optimizer that one that scales losses wraps, or None."""
    return getattr(optimizer, "inner_optimizer", None)


def has_rate(optimizer):
    """Return whether `rate_of` can read the learning rate of an optimizer."""
    return hasattr(optimizer, "_learning_rate")


def rate_of(optimizer):
    """Return the learning rate, a schedule or a variable.

    The public attribute holds only the rate of the present step.
    """
    return optimizer._learning_rate


def is_scheduled(optimizer):
    """Return whether a Keras schedule decides the learning rate."""
    own = getattr(optimizer, "_learning_rate", None)
    if own is None:
        # Optimizers without the private attribute, which wrap another or are of a later version of
        # Keras, show a schedule in their configuration.
        return isinstance(optimizer.get_config().get("learning_rate"), dict)
    return isinstance(own, keras.optimizers.schedules.LearningRateSchedule)


def _chain(optimizer):
    """Return an optimizer and those that it wraps."""
    chain = []
    while optimizer is not None:
        chain.append(optimizer)
        optimizer = inner_of(optimizer)
    return chain


def excludes_any(optimizer):
    """Return whether weight decay leaves anything out."""
    return any(getattr(optimizer, name, None) for name in (_EXCLUDED, _PATTERN))


def exclusions_of(optimizer):
    """Return what is excluded from weight decay, which configurations do not tell.

    Returns
    -------
    exclusions : tuple of str or None
        The pattern of names, for the optimizer and those that it wraps; empty if there is none.

    Raises
    ------
    ValueError
        If variables themselves are excluded, because every fit has variables of its own.
    """
    patterns = []
    for each in _chain(optimizer):
        if getattr(each, _EXCLUDED, None):
            raise ValueError(
                f"The optimizer {type(each).__name__} excludes variables from weight decay by "
                "exclude_from_weight_decay(var_list=...), but every fit has a network, and "
                "variables, of its own. Exclude them by name: "
                "exclude_from_weight_decay(var_names=[...])."
            )
        pattern = getattr(each, _PATTERN, None)
        patterns.append(None if pattern is None else pattern.pattern)
    return tuple(patterns) if any(patterns) else ()


def exclude(optimizer, exclusions):
    """Exclude from weight decay what `exclusions_of` found."""
    for each, pattern in zip(_chain(optimizer), exclusions, strict=False):
        if pattern is not None:
            each.exclude_from_weight_decay(var_names=[pattern])
