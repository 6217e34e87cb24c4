"""scikeras, corrected: building, compiling and callbacks from scikit-learn parameters.

The only module that imports scikeras, and importing it starts TensorFlow; the estimators import
it when they are first fitted.  What is used of scikeras is its routing of flat parameters
(``optimizer__momentum``, ``callbacks__patience``, ``model__units``) to Keras objects and its
calling of model builders.  What is not used, because it is wrong under scikit-learn >= 1.9 or
slow, is its validation, tags, label encoding, training and prediction.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import random
import sys
import threading

import numpy as np

from skmnist import _keras
from skmnist._keras import keras
from skmnist.bridge.network import copy_model
from skmnist.bridge.parameters import did_you_mean

_keras.start()  # quietly, before scikeras would do it loudly
_was_imported = "scikeras" in sys.modules

from scikeras.wrappers import KerasClassifier as _ScikerasClassifier  # noqa: E402

if not _was_imported:
    # scikeras replaces how Keras pickles and copies its objects, in the whole process and for
    # the worse (optimizers lose their state).  Keras 3 does all of it itself.
    for _type in (keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer):
        for _method in ("__reduce__", "__deepcopy__"):
            if _method in vars(_type):
                delattr(_type, _method)

# What None stands for in estimators whose model may come compiled.
_DEFAULTS = {
    "optimizer": "adam",
    "loss": "sparse_categorical_crossentropy",
    "metrics": ("accuracy",),
}

_building = threading.RLock()


class _Wrapper(_ScikerasClassifier):
    """scikeras's classifier, told the metadata that its own fit would have found out."""

    def __init__(self, metadata=None, **params):
        super().__init__(**params)
        self._metadata = metadata or {}
        self._random_state = None  # the seam seeds

    def _get_metadata(self):
        return self._metadata


@contextlib.contextmanager
def seeded(seed):
    """Seed what Keras layers draw their default seeds from, and put it back as it was.

    Layers without a seed of their own draw one from Python's generator when they are made.
    One thread at a time, for that generator belongs to all of them.
    """
    with _building:
        python, numpy_state = random.getstate(), np.random.get_state()
        random.seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy_state)


def build_model(builder, params, seed, metadata, compiling, given_shape):
    """Build the model of an estimator, reproducibly.

    Parameters
    ----------
    builder : callable or keras.Model
        A function returning a model, or a model to copy together with its weights.
    params : dict
        Keyword arguments for the function.
    seed : int
        Seed of the initial weights, and of layers that draw at random.
    metadata : dict
        What is known of the data.  Those entries that are parameters of the function are passed;
        ``meta`` is a dict with scikeras's names.
    compiling : dict
        Estimator parameters that tell how to compile, for builders with ``compile_kwargs``.
    given_shape : tuple of int
        Shape of a sample as the user gave it, for models that do not tell theirs.

    Returns
    -------
    model : keras.Model
        The model; compiled if the builder or the given model was.
    """
    if isinstance(builder, keras.Model):
        with seeded(seed):
            return _built(copy_model(builder), given_shape)
    signature = inspect.signature(builder).parameters
    takes_any = any(p.kind == p.VAR_KEYWORD for p in signature.values())
    for name in params:
        if name not in signature and not takes_any:
            raise ValueError(
                f"Invalid parameter 'model__{name}': the model function "
                f"{getattr(builder, '__name__', builder)!r} has no parameter {name!r}."
                + did_you_mean(name, signature)
            )
    known = {"seed": seed, **metadata}
    known = {k: v for k, v in known.items() if k in signature and k != "meta"}
    # A partial, for scikeras takes functions and partials but no other callables; and without
    # ``**kwargs``, for it hands all it knows to functions that take any.
    partial = functools.partial(builder, **{**known, **params})
    named = [p for p in signature.values() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    partial.__signature__ = inspect.Signature(named)
    given = {k: _DEFAULTS[k] if v is None and k in _DEFAULTS else v for k, v in compiling.items()}
    wrapper = _Wrapper(metadata=metadata["meta"], model=partial, **_compile_params(**given))
    with seeded(seed):
        model = wrapper._build_keras_model()
        if not isinstance(model, keras.Model):
            raise TypeError(
                f"The 'model' parameter must be a keras.Model or return one. Got {model!r} from "
                f"{getattr(builder, '__name__', builder)!r} instead."
            )
        return _built(model, given_shape)


def _built(model, given_shape):
    """Let a model that has not seen its input shape make its weights."""
    if not model.built:
        model(keras.ops.zeros((1, *given_shape)))
    return model


def compile_model(model, compiling):
    """Compile a model from estimator parameters.

    Parameters
    ----------
    model : keras.Model
        Model to compile, in place.
    compiling : dict
        ``optimizer``, ``learning_rate``, ``loss``, ``metrics``, and ``routed`` parameters.
    """
    given = {name: compiling[name] for name in ("optimizer", "loss", "metrics")}
    changes = [*given.values(), compiling["learning_rate"], *compiling["routed"]]
    if model.compiled and all(change is None for change in changes):
        return
    own = model.get_compile_config() if model.compiled else {}
    for name, default in _DEFAULTS.items():
        if given[name] is None:
            compiled = keras.saving.deserialize_keras_object(own[name]) if name in own else None
            given[name] = default if compiled is None else compiled
    params = _compile_params(**{**compiling, **given})
    model.compile(**_Wrapper(**params)._get_compile_kwargs())


def make_callbacks(callbacks, routed):
    """Return fresh Keras callbacks from what the user gave: instances, classes, or a dict."""
    if callbacks is None:
        return []
    given = callbacks
    if isinstance(given, dict):
        items = list(given.values())
    else:
        given = items = list(given) if isinstance(given, (list, tuple)) else [given]
    for item in items:
        is_class = isinstance(item, type) and issubclass(item, keras.callbacks.Callback)
        if not (is_class or isinstance(item, keras.callbacks.Callback)):
            raise TypeError(
                "The 'callbacks' parameter must hold instances or subclasses of "
                f"keras.callbacks.Callback. Got {item!r} instead."
            )
    wrapper = _Wrapper(callbacks=copy.deepcopy(given), **routed)
    wrapper._initialize_callbacks()
    return wrapper._fit_callbacks


def _compile_params(optimizer, learning_rate, loss, metrics, routed):
    """Return scikeras parameters without its traps: shared instances and misread names."""
    routed = {k: v for k, v in routed.items() if k.partition("__")[0] != "callbacks"}
    if learning_rate is not None:
        if "optimizer__learning_rate" in routed:
            raise ValueError(
                "The learning rate is given twice: learning_rate="
                f"{learning_rate!r} and optimizer__learning_rate="
                f"{routed['optimizer__learning_rate']!r}. Set one of them."
            )
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            routed["optimizer__learning_rate"] = learning_rate
    if isinstance(optimizer, keras.optimizers.Optimizer):
        # A copy without state: the instance is a parameter, shared by clones.
        config = optimizer.get_config()
        if learning_rate is not None:
            config["learning_rate"] = learning_rate
        optimizer = type(optimizer).from_config(config)
    else:
        kind = type(keras.optimizers.get(optimizer)) if isinstance(optimizer, str) else optimizer
        _check_routed("optimizer", kind, routed)
    if isinstance(loss, str) and any(name.startswith("loss__") for name in routed):
        # scikeras makes a function of the name, which takes no parameters; the class does.
        loss = type(keras.losses.get("".join(part.capitalize() for part in loss.split("_"))))
        _check_routed("loss", loss, routed)
    metrics = [
        type(metric).from_config(metric.get_config())
        if isinstance(metric, keras.metrics.Metric)
        else metric
        for metric in metrics
    ]
    return {"optimizer": optimizer, "loss": loss, "metrics": metrics, **routed}


def _check_routed(prefix, kind, routed):
    """Raise for a routed parameter that the class `kind` does not have."""
    valid = inspect.signature(kind).parameters
    for name in routed:
        own_prefix, _, parameter = name.partition("__")
        if own_prefix == prefix and parameter.partition("__")[0] not in valid:
            raise ValueError(
                f"Invalid parameter {name!r}: {kind.__name__} has no parameter {parameter!r}."
                + did_you_mean(parameter, valid)
            )
