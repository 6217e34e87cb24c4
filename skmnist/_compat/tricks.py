"""Whether the engine may do something else than Keras does: the switch, and self-tests.

Fused optimizer updates, layers with fewer operations, shared graphs, numbers that a graph takes as
an input and memory shared with TensorFlow all give what Keras gives, to the rounding of float32.
Whoever suspects one of them sets ``SKMNIST_ENGINE=keras`` and compares.

Such a trick needs private names of Keras or TensorFlow, or leans on how they compute.  It is tried
once, at its first use, on a few numbers.  Where that fails, the trick is switched off with one
warning, and Keras's own code does the work.
"""

from __future__ import annotations

import os
import threading

from skmnist._keras import keras, tf
from skmnist._warnings import warn

_VARIABLE, _ENGINES = "SKMNIST_ENGINE", ("auto", "keras")

_lock = threading.RLock()
_passed = {}  # by what was tried, in this process


def tricks_are_on():
    """Return whether the engine may do anything else than Keras does.

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
    """Return whether a trick may be used: it is not switched off, and its self-test passes.

    Parameters
    ----------
    trick : str
        What it is, for the warning.
    self_test : callable
        As of `passes`.
    """
    return tricks_are_on() and passes(
        trick, self_test, "Keras's own code does that instead: results are the same, but slower."
    )


def passes(what, self_test, otherwise):
    """Return whether the installed versions pass a self-test, which is done once in a process.

    Parameters
    ----------
    what : str
        What they are tried for.
    self_test : callable
        Takes nothing, and returns whether it works; what it raises counts as no.  It runs in a
        thread of its own, and asks for no other self-test.
    otherwise : str
        A sentence that ends the warning if it does not work.
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

    # What is under way in this thread belongs to it alone: a graph that is being made, the tape
    # of a gradient, scopes of devices and of dtypes, and the numbers that Keras gives to names.
    thread = threading.Thread(target=run, name="skmnist-self-test")
    thread.start()
    thread.join()
    if reason is not None:
        warn(
            f"skmnist cannot rely on Keras {keras.__version__} with TensorFlow {tf.__version__} "
            f"for {what} ({reason}). {otherwise}"
        )
    return reason is None
