"""Dtype policy of the layers of a network."""

from __future__ import annotations

import contextlib

from skmnist._bridge.models.global_state import making_models
from skmnist._keras import keras


@contextlib.contextmanager
def using_dtype_policy(name, builder):
    """Give new layers a dtype policy inside the context, then restore Keras's global policy.

    Parameters
    ----------
    name : str or None
        Name of the policy; None for Keras's global policy.
    builder : callable or keras.Model
        Function that makes the layers, or a model to copy.

    Raises
    ------
    ValueError
        If Keras does not know the policy, or the layers exist already.
    """
    if name is None:
        yield
        return
    if isinstance(builder, keras.Model):
        raise ValueError(
            f"dtype_policy={name!r} requires a function that builds the network, because a model "
            "has a policy already. Set dtype_policy=None, or pass a function."
        )
    try:
        policy = keras.dtype_policies.get(name)
    except ValueError as error:
        raise ValueError(
            "The 'dtype_policy' parameter must be the name of a Keras dtype policy, such as "
            f"'float32' or 'mixed_bfloat16', or None. Got {name!r} instead."
        ) from error
    with making_models:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)
