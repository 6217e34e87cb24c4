"""Importing this starts TensorFlow as skmnist does, without its start-up log."""

import contextlib

# Torch imports Triton with its first optimizer. After TensorFlow 2.20 and later, that ends the
# process, because both bring an LLVM of their own
# (https://github.com/tensorflow/tensorflow/issues/124205).
with contextlib.suppress(ImportError):
    import triton  # noqa: F401

from skmnist import _keras

_keras.start()
