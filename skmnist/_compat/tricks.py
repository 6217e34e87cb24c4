"""The switch of the engine's tricks, and the self-tests that switch single tricks off.

The tricks are fused optimizer updates, layers with fewer operations, shared graphs,
hyper-parameters as inputs of a graph, and memory shared with TensorFlow.  Each of them gives the
results of Keras up to the rounding of float32.  Set ``SKMNIST_ENGINE=keras`` to compare.

A trick uses private names of Keras or TensorFlow, or relies on how they compute.  A self-test
checks it once, before its first use.  If the self-test fails, the trick is switched off with one
warning, and Keras's own code does the work.
"""

from __future__ import annotations

import os
import threading

from skmnist._keras import keras, tf
from skmnist._warnings import warn

_VARIABLE, _ENGINES = "SKMNIST_ENGINE", ("auto", "keras")

_lock = threading.RLock()
_passed = {}  # results of the self-tests in this process, by trick


def tricks_are_on():
    """Return whether tricks are allowed at all.

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


def is_on(trick, self_test):
    """Return whether a trick may be used: tricks are allowed, and its self-test passes.

    Parameters
    ----------
    trick : str
        Description for the warning.
    self_test : callable
        See `passes`.
    """
    return tricks_are_on() and passes(
        trick, self_test, "Keras's own code does that instead: results are the same, but slower."
    )


def passes(what, self_test, otherwise):
    """Return whether the installed versions pass a self-test, which runs once in a process.

    Parameters
    ----------
    what : str
        What is tested, for the warning.
    self_test : callable
        Takes nothing, and returns whether the trick works.  An exception counts as no.  It runs
        in a thread of its own, and must not call another self-test.
    otherwise : str
        Last sentence of the warning.
    """
    found = _passed.get(what)
    if found is None:
        with _lock:
            found = _passed.get(what)
            if found is None:
                found = _passed[what] = _try(what, self_test, otherwise)
    return found


def _try(what, self_test, otherwise):
    reason = "it did not end"

    def run():
        nonlocal reason
        try:
            reason = None if self_test() else "they do something else"
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"

    # A thread of its own, because this one may be tracing a graph or recording a gradient, and may
    # be in a scope of a device, a dtype or names.  All of these would change the self-test.
    thread = threading.Thread(target=run, name="skmnist-self-test")
    thread.start()
    thread.join()
    if reason is not None:
        warn(
            f"skmnist cannot rely on Keras {keras.__version__} with TensorFlow {tf.__version__} "
            f"for {what} ({reason}). {otherwise}"
        )
    return reason is None
