"""Checks for objects of other libraries that look like objects of Keras 3."""

from __future__ import annotations

from skmnist._compat.sklearn import InvalidParameterError
from skmnist._keras import keras

_LIBRARIES = {
    "tf_keras": "legacy Keras (tf_keras)",
    "torch": "PyTorch",
    "flax": "Flax",
    "tensorflow.python.keras": "legacy Keras (tf.keras)",
}


def library_of(thing):
    """Return the name of the other library that defines an object or class, or None."""
    kind = thing if isinstance(thing, type) else type(thing)
    for module in (base.__module__ for base in kind.__mro__):
        for prefix, name in _LIBRARIES.items():
            if f"{module}.".startswith(f"{prefix}."):
                return name
    return None


def described(thing):
    """Describe an object for an error message, by its class and library."""
    library = library_of(thing)
    kind = f"the class {thing.__name__}" if isinstance(thing, type) else type(thing).__name__
    if library is not None:
        return f"{kind} of {library}"
    if isinstance(thing, type) and issubclass(thing, keras.layers.Layer):
        return kind
    if isinstance(thing, keras.layers.Layer):
        return f"a single layer, {kind}"
    return repr(thing)


def check_model(model, caller="KerasClassifier"):
    """Raise if a ``model`` parameter is neither a Keras 3 model nor a possible builder.

    Parameters
    ----------
    model : object
        The parameter.
    caller : str, default="KerasClassifier"
        Name of the estimator.
    """
    if isinstance(model, keras.Model):
        return
    is_class = isinstance(model, type)
    is_layer = isinstance(model, keras.layers.Layer) or (
        is_class
        and issubclass(model, keras.layers.Layer)
        and (not issubclass(model, keras.Model) or model.__module__.startswith("keras."))
    )
    if is_layer or library_of(model) is not None:
        raise InvalidParameterError(
            f"The 'model' parameter of {caller} must be a keras.Model, or a function that returns "
            f"one. Got {described(model)} instead."
        )


def check_optimizer(optimizer, caller):
    """Raise if an ``optimizer`` parameter is an object or a class of another library."""
    if optimizer is None or isinstance(optimizer, (str, keras.optimizers.Optimizer)):
        return
    if isinstance(optimizer, type) and issubclass(optimizer, keras.optimizers.Optimizer):
        return
    if library_of(optimizer) is None and not hasattr(optimizer, "get_config"):
        return  # scikit-learn's validation reports it
    raise InvalidParameterError(
        f"The 'optimizer' parameter of {caller} must be a name, a class or an instance of "
        f"keras.optimizers. Got {described(optimizer)} instead."
    )
