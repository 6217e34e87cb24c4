"""The versions that results depend on."""

from __future__ import annotations

import contextlib
import platform
from importlib import metadata

import skmnist

_LIBRARIES = {
    "scikit-learn": "scikit-learn",
    "NumPy": "numpy",
    "Keras": "keras",
    "TensorFlow": "tensorflow",
}


def versions():
    """Return the versions of skmnist, Python and the libraries that results depend on.

    Returns
    -------
    versions : dict of str to str
        By name.
    """
    found = {"skmnist": skmnist.__version__, "Python": platform.python_version()}
    for title, distribution in _LIBRARIES.items():
        # There are distributions of TensorFlow with other names.
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[title] = metadata.version(distribution)
    return found
