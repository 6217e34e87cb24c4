"""The numbers that Keras appends to names: ``dense``, ``dense_1`` and so on."""

from __future__ import annotations

import contextlib

from skmnist._compat.tricks import passes
from skmnist._keras import keras

# Where Keras counts names.  It has a public function to reset the counters, but none to restore
# them.  Since Keras 3.0.
_COUNTERS = "object_name_uids"


def _state():
    """Return Keras's state of this thread; private since Keras 3.0."""
    return keras.src.backend.common.global_state


@contextlib.contextmanager
def numbered_from_one():
    """Let Keras number names from one; afterwards it goes on where it was."""
    if not passes(
        "numbering layers afresh",
        _starts_again,
        "Numbers in the names of layers go on, and memory grows a little with every fit.",
    ):
        yield
        return
    state = _state()
    kept = state.get_global_attribute(_COUNTERS)
    state.set_global_attribute(_COUNTERS, None)
    try:
        yield
    finally:
        state.set_global_attribute(_COUNTERS, kept)


def _starts_again():
    names = []
    for _ in range(2):
        _state().set_global_attribute(_COUNTERS, None)
        names.append(keras.layers.Activation("linear", dtype="float32").name)
    return names == ["activation"] * 2 and _state().get_global_attribute(_COUNTERS) is not None
