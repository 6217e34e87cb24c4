"""What Keras keeps privately in an optimizer: exclusions from weight decay."""

from __future__ import annotations


def _chain(optimizer):
    """Return an optimizer and those that it wraps."""
    chain = []
    while optimizer is not None:
        chain.append(optimizer)
        optimizer = getattr(optimizer, "inner_optimizer", None)
    return chain


def exclusions_of(optimizer):
    """Return what is excluded from weight decay, which configurations do not tell.

    Returns
    -------
    exclusions : tuple of str or None
        The pattern of names, for the optimizer and those that it wraps; empty if there is none.

    Raises
    ------
    ValueError
        If variables themselves are excluded, for those of a fit's own network are others.
    """
    patterns = []
    for each in _chain(optimizer):
        if getattr(each, "_exclude_from_weight_decay", None):
            raise ValueError(
                f"The optimizer {type(each).__name__} excludes variables from weight decay by "
                "exclude_from_weight_decay(var_list=...), but every fit has a network, and "
                "variables, of its own. Exclude them by name: "
                "exclude_from_weight_decay(var_names=[...])."
            )
        pattern = getattr(each, "_exclude_from_weight_decay_pattern", None)
        patterns.append(None if pattern is None else pattern.pattern)
    return tuple(patterns) if any(patterns) else ()


def exclude(optimizer, exclusions):
    """Exclude from weight decay what `exclusions_of` found."""
    for each, pattern in zip(_chain(optimizer), exclusions, strict=False):
        if pattern is not None:
            each.exclude_from_weight_decay(var_names=[pattern])
