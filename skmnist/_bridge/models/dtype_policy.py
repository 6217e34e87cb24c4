"""Which numbers the layers of a network compute with."""

from __future__ import annotations

import contextlib

from skmnist._bridge.models.global_state import making_models
from skmnist._keras import keras


@contextlib.contextmanager
def using_dtype_policy(name, builder):
    """Let layers that are made now have a dtype policy, without changing Keras's own.

    Parameters
    ----------
    name : str or None
        Name of the policy; None for whatever Keras is set to.
    builder : callable or keras.Model
        What makes the layers.

    Raises
    ------
    ValueError
        If Keras has no such policy, or the layers exist already.
    """
    if name is None:
        yield
        return
    if isinstance(builder, keras.Model):
        raise ValueError(
            f"dtype_policy={name!r} is for networks that a function builds; a model has its own. "
            "Set dtype_policy=None, or pass a function."
        )
    try:
        policy = keras.dtype_policies.get(name)
    except ValueError as error:
        raise ValueError(
            f"dtype_policy must be the name of a Keras dtype policy, such as 'float32' or "
            f"'mixed_bfloat16', or None. Got {name!r} instead."
        ) from error
    with making_models:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)
