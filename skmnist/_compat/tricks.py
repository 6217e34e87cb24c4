"""The switch of what makes the engine faster than Keras's own.

Fused optimizer updates, layers with fewer operations, shared graphs, numbers that a graph takes as
an input and memory shared with TensorFlow all give what Keras gives, to the rounding of float32.
Whoever suspects one of them sets ``SKMNIST_ENGINE=keras`` and compares.
"""

from __future__ import annotations

import os

_VARIABLE, _ENGINES = "SKMNIST_ENGINE", ("auto", "keras")


def tricks_are_on():
    """Tell whether the engine may do anything else than Keras does.

    Raises
    ------
    ValueError
        If the environment variable ``SKMNIST_ENGINE`` is set to anything but "auto" or "keras".
    """
    engine = os.environ.get(_VARIABLE) or "auto"
    if engine not in _ENGINES:
        raise ValueError(
            f"The environment variable {_VARIABLE} must be 'auto' or 'keras'. Got {engine!r} "
            "instead."
        )
    return engine == "auto"
