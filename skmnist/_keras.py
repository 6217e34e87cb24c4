"""The one place where TensorFlow and Keras are imported, and only on first use.

Other modules write ``from skmnist._keras import keras, tf`` and use the two as the real modules.
The first attribute they touch starts TensorFlow: quietly, with as many threads as the process is
entitled to, and not in a process where it cannot work.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import tempfile
import threading
from typing import TYPE_CHECKING

_start_lock = threading.RLock()
_started = False
_forked_from_tensorflow = False


def _after_fork():
    # TensorFlow's threads do not exist in a forked process, whoever started them.
    global _forked_from_tensorflow
    _forked_from_tensorflow = "tensorflow" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

# What TensorFlow's C++ logging writes to stderr while it starts.
_CHATTER = re.compile(
    rb"^(?:[IWEF]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |"
    rb"WARNING: All log messages before absl::InitializeLog|"
    rb"To enable the following instructions:|.*TF-TRT Warning)"
)


@contextlib.contextmanager
def _without_chatter():
    """Keep TensorFlow's start-up log off stderr, and let everything else through.

    The log is written by C++ before its level can be set, so file descriptor 2 is held back for
    the seconds the import takes.  A user who has set ``TF_CPP_MIN_LOG_LEVEL`` sees all of it.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    # Read once by TensorFlow, and taken back: processes started from here decide for themselves.
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    try:
        with _stderr_filtered():
            yield
    finally:
        os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)


@contextlib.contextmanager
def _stderr_filtered():
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    try:
        stderr = os.dup(2)
    except OSError:  # there is no stderr to keep clean
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            with contextlib.suppress(Exception):
                sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if not _CHATTER.match(line):
                    os.write(2, line)


def _limit_threads(tensorflow):
    """Give TensorFlow the threads that ``OMP_NUM_THREADS`` grants, as other libraries do.

    joblib sets that variable in its worker processes to the cores divided by the workers;
    without this, every worker would start as many threads as the machine has cores.
    """
    granted = os.environ.get("OMP_NUM_THREADS", "")
    if "TF_NUM_INTRAOP_THREADS" in os.environ or not granted.isdigit() or int(granted) < 1:
        return
    # RuntimeError: the user started TensorFlow before, and has chosen the threads.
    with contextlib.suppress(RuntimeError):
        tensorflow.config.threading.set_intra_op_parallelism_threads(int(granted))
        tensorflow.config.threading.set_inter_op_parallelism_threads(int(granted))


def _import_keras():
    """Import Keras, on the backend that the training engine is written for."""
    try:
        import keras

        backend, cause = keras.backend.backend(), None
    except ImportError as error:  # the other backend is not even installed
        backend, cause = os.environ.get("KERAS_BACKEND", "tensorflow"), error
        if backend == "tensorflow":
            raise
    if backend != "tensorflow":
        raise ImportError(
            f"skmnist trains with Keras on TensorFlow, but Keras is configured for {backend!r}. "
            "Set the environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        ) from cause


def start():
    """Import TensorFlow and Keras, once.

    Raises
    ------
    ImportError
        If Keras runs on another backend than TensorFlow.
    RuntimeError
        If this process was forked from one that had loaded TensorFlow: its threads do not exist
        here, and the first operation would wait for them for ever.
    """
    global _started
    if _forked_from_tensorflow:
        raise RuntimeError(
            "This process was forked from one that had loaded TensorFlow, which cannot work here. "
            "Use joblib's default backend 'loky' or 'threading', or the multiprocessing start "
            "method 'spawn', instead of 'fork'."
        )
    if _started:
        return
    with _start_lock:
        if _started:
            return
        with _without_chatter():
            # Its kernels treat all rows of a batch alike, those of Eigen do not; TensorFlow enables
            # them by itself on newer processors only.  What the user has set stays.
            os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
            import tensorflow

            _limit_threads(tensorflow)
            _import_keras()
            # The devices are looked for at the first operation, which logs once more.
            tensorflow.constant(0)
        _started = True


def check_eager():
    """Start TensorFlow, and raise if it was told to run as TensorFlow 1 does.

    Raises
    ------
    RuntimeError
        If eager execution is disabled in this process.
    """
    start()
    import tensorflow

    # Not whether this runs eagerly: a function that is being traced does not either.
    if not tensorflow.compat.v1.executing_eagerly_outside_functions():
        raise RuntimeError(
            "TensorFlow's eager execution is disabled in this process, and skmnist needs it. Leave "
            "out tf.compat.v1.disable_eager_execution() and disable_v2_behavior()."
        )


class _LazyModule:
    """Stands for a module until one of its attributes is used."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        start()
        return getattr(importlib.import_module(self._name), attribute)

    def __repr__(self):
        return f"<lazy module {self._name!r}>"


if TYPE_CHECKING:
    import keras
    import tensorflow as tf
else:
    keras = _LazyModule("keras")
    tf = _LazyModule("tensorflow")
