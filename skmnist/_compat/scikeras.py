"""scikeras's routing of flat parameters to Keras objects; the only module that imports scikeras.

Importing it starts TensorFlow.  scikeras is pinned to 0.13, which has all that is used here; none
of it is public, because ``fit`` is meant to call it.
"""

from __future__ import annotations

import sys

from skmnist import _keras
from skmnist._keras import keras

_keras.start()  # suppresses TensorFlow's start-up log, which scikeras would let through
_was_imported = "scikeras" in sys.modules

from scikeras.wrappers import KerasClassifier as _ScikerasClassifier  # noqa: E402

if not _was_imported:
    # scikeras replaces the pickling and copying of Keras objects in the whole process, and its
    # optimizers lose their state.  Keras 3 needs no such replacement.
    for _type in (keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer):
        for _method in ("__reduce__", "__deepcopy__"):
            if _method in vars(_type):
                delattr(_type, _method)


class Wrapper(_ScikerasClassifier):
    """scikeras's classifier with given metadata, which its own ``fit`` would collect.

    Parameters
    ----------
    metadata : dict or None, default=None
        What a builder's parameter ``meta`` is given.
    **params : dict
        scikeras's parameters.
    """

    def __init__(self, metadata=None, **params):
        super().__init__(**params)
        self._metadata = metadata or {}
        self._random_state = None  # `build_model` seeds the builder instead of scikeras

    def _get_metadata(self):
        return self._metadata

    def built_model(self):
        """Return what the model function makes of the parameters with the prefix ``model__``."""
        return self._build_keras_model()

    def compile_arguments(self):
        """Return arguments for ``compile``: objects made of names, classes and parameters."""
        return self._get_compile_kwargs()

    def made_callbacks(self):
        """Return the callbacks made of classes, instances and parameters."""
        self._initialize_callbacks()
        return self._fit_callbacks
