"""Lazy import of TensorFlow and Keras, on first use.

Other modules write ``from skmnist._keras import keras, tf`` and use these like the real modules.
The first attribute access imports TensorFlow.  Its start-up log is suppressed, it gets the number
of threads in ``OMP_NUM_THREADS``, and in a process forked after TensorFlow was loaded it raises an
error.
"""

from __future__ import annotations

import contextlib
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
    # A forked process does not have the threads of TensorFlow, even if others have imported it.
    global _forked_from_tensorflow
    _forked_from_tensorflow = "tensorflow" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

# Lines that TensorFlow's C++ logging writes to stderr while it starts.
_CHATTER = re.compile(
    rb"^(?:[IWEF]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |"
    rb"WARNING: All log messages before absl::InitializeLog|"
    rb"To enable the following instructions:|.*TF-TRT Warning)"
)


@contextlib.contextmanager
def _without_chatter():
    """Filter TensorFlow's start-up log out of stderr.

    C++ code writes the log before its level can be set.  File descriptor 2 is therefore redirected
    to a file during the import, which takes some seconds.  If the user has set
    ``TF_CPP_MIN_LOG_LEVEL``, nothing is filtered.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    # TensorFlow reads the variable once.  It is removed afterwards, so that child processes do not
    # inherit it.
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
    except OSError:  # the process has no stderr
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
    """Limit TensorFlow to the number of threads in ``OMP_NUM_THREADS``, like other libraries.

    joblib sets this variable in its worker processes to the number of cores divided by the number
    of workers.  Without the limit, every worker would start one thread per core of the machine.
    """
    granted = os.environ.get("OMP_NUM_THREADS", "")
    if "TF_NUM_INTRAOP_THREADS" in os.environ or not granted.isdigit() or int(granted) < 1:
        return
    # RuntimeError means that the user has started TensorFlow before, with threads of their choice.
    with contextlib.suppress(RuntimeError):
        tensorflow.config.threading.set_intra_op_parallelism_threads(int(granted))
        tensorflow.config.threading.set_inter_op_parallelism_threads(int(granted))


def _import_keras():
    """Import Keras and check that it uses TensorFlow, which the training engine requires."""
    try:
        import keras

        backend, cause = keras.backend.backend(), None
    except ImportError as error:  # another backend is configured but not installed
        backend, cause = os.environ.get("KERAS_BACKEND", "tensorflow"), error
        if backend == "tensorflow":
            raise
    if backend != "tensorflow":
        raise ImportError(
            f"skmnist trains with Keras on TensorFlow, but Keras is configured for {backend!r}. "
            "Set the environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        ) from cause


def start():
    """Import TensorFlow and Keras once.

    Raises
    ------
    ImportError
        If Keras uses another backend than TensorFlow.
    RuntimeError
        If this process was forked from one that had loaded TensorFlow.  Its threads do not exist
        here, so the first operation would wait for them forever.
    """
    global _started
    if _forked_from_tensorflow:
        raise RuntimeError(
            "This process was forked from one that had loaded TensorFlow, which cannot work here. "
            "Use joblib's default backend 'loky', the backend 'threading', or the multiprocessing "
            "start method 'spawn' instead of 'fork'."
        )
    if _started:
        return
    with _start_lock:
        if _started:
            return
        with _without_chatter():
            # oneDNN's kernels compute all rows of a batch alike, unlike those of Eigen.  By
            # default, TensorFlow uses them on newer processors only.  A user's setting is kept.
            os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
            import tensorflow

            _limit_threads(tensorflow)
            _import_keras()
            # The first operation searches for devices, which writes to the log again.
            tensorflow.constant(0)
        _started = True


def check_eager():
    """Start TensorFlow, and raise if eager execution is disabled.

    Raises
    ------
    RuntimeError
        If eager execution is disabled in this process.
    """
    start()
    import tensorflow

    # Unlike executing_eagerly(), this is also True while a function is traced.
    if not tensorflow.compat.v1.executing_eagerly_outside_functions():
        raise RuntimeError(
            "TensorFlow's eager execution is disabled in this process, and skmnist needs it. Leave "
            "out tf.compat.v1.disable_eager_execution() and disable_v2_behavior()."
        )


class _LazyModule:
    """Proxy of a module that is imported at the first attribute access."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        start()
        return getattr(sys.modules[self._name], attribute)

    def __repr__(self):
        return f"<lazy module {self._name!r}>"


if TYPE_CHECKING:
    import keras
    import tensorflow as tf
else:
    keras = _LazyModule("keras")
    tf = _LazyModule("tensorflow")
