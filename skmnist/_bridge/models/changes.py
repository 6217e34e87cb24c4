"""Detection of changes that callbacks make to a model during training.

Tracing a graph fixes the state of the model: which weights are trainable, and the attributes of
layers, optimizer and loss.  Callbacks may change all of these, but a graph that was traced before
would go on with the old values.
"""

from __future__ import annotations

from skmnist._bridge.graphs.signature import owners_of_values
from skmnist._compat.keras_models import (
    BOOKKEEPING,
    OF_MODELS,
    OF_TENSORFLOW,
    OF_VARIABLES,
    layers_of,
)
from skmnist._compat.tricks import passes
from skmnist._keras import keras

_NO_PARTS = ("InputSpec", "SeedGenerator", "DTypePolicy")
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
# Depth to which attributes are followed, for instance from a model to its loss and to the losses
# inside it.
_DEPTH = 3


def may_change_models(callback):
    """Return whether a callback may change more in a model than its variables."""
    kind = type(callback)
    ours = kind.__module__.startswith("keras.")
    return not ours or kind is keras.callbacks.LambdaCallback


class Changes:
    """Record of changes that callbacks make to a model, with an identifier for its graphs."""

    def __init__(self):
        self._seen = None
        self._before, self._changed = {}, {}
        # Objects are compared by identity.  Keeping them alive stops Python from giving an
        # identity to a new object.
        self._kept = []

    def __copy__(self):
        copied = type(self)()
        copied._seen = self._seen
        copied._before, copied._changed = dict(self._before), dict(self._changed)
        copied._kept = list(self._kept)
        return copied

    @property
    def version(self):
        """Hashable identifier of the model's present state; None for its original state."""
        return frozenset(self._changed.items()) or None

    def look(self, model):
        """Take the present model as the reference for the next comparison."""
        self._seen = _Seen(model)

    def notice(self, model):
        """Return whether the model has changed since the reference, and take a new reference."""
        before, now = self._seen, _Seen(model)
        self._seen = now
        if before.tokens == now.tokens:
            return False
        self._kept += [before, now]
        for name in before.tokens.keys() | now.tokens.keys():
            old, new = before.tokens.get(name), now.tokens.get(name)
            if old == new:
                continue
            if self._before.setdefault(name, old) == new:
                self._changed.pop(name, None)
            else:
                self._changed[name] = new
        return True


class Attributes:
    """Copy of the attributes of a model and its parts, to be restored if training fails.

    Parameters
    ----------
    model : keras.Model
        The model.
    """

    def __init__(self, model):
        self._kept = [(owner, dict(vars(owner))) for owner in _Seen(model).owners]

    def put_back(self):
        """Undo the changes since the copy was made."""
        for owner, attributes in self._kept:
            vars(owner).clear()
            vars(owner).update(attributes)


class _Seen:
    """State of a model that its graphs depend on, except for the numbers that are inputs."""

    def __init__(self, model):
        self.tokens = {}  # keys are (identity of an object, name of an attribute)
        self.owners = []
        self._others = []
        self._inputs = {(id(owner), name) for owner, name in owners_of_values(model)}
        self._known = set()
        self._without_parts = (keras.Layer, keras.initializers.Initializer, type)
        for layer in layers_of(model):
            if layer is not model:
                self._add(layer)
        # Models of other classes, of the user or of skmnist, may compute with any attribute.
        known = _names_are_known()
        is_kerases = type(model).__module__.startswith("keras.")
        self._add(model, OF_MODELS if is_kerases and known else None)
        for variable in model.variables:
            self._add(variable, OF_VARIABLES if known else None)

    def _add(self, owner, names=None, depth=_DEPTH):
        if id(owner) in self._known:
            return
        self._known.add(id(owner))
        self.owners.append(owner)
        for name, value in vars(owner).items():
            if names is None:
                if name in BOOKKEEPING or name.startswith(OF_TENSORFLOW):
                    continue
            elif name not in names:
                continue
            place = (id(owner), name)
            self.tokens[place] = "any" if place in self._inputs else self._token(value, depth)

    def _token(self, value, depth):
        if isinstance(value, _PLAIN):
            return type(value).__name__, value
        if isinstance(value, (list, tuple)):
            return tuple([self._token(part, depth) for part in value])
        if isinstance(value, dict):
            return tuple([(str(key), self._token(part, depth)) for key, part in value.items()])
        if depth and self._has_parts(value):
            self._add(value, depth=depth - 1)
        self._others.append(value)
        return id(value)

    def _has_parts(self, value):
        """Return whether graphs depend on the attributes of this attribute of a model."""
        if isinstance(value, self._without_parts) or not hasattr(value, "__dict__"):
            return False
        kind = type(value).__name__
        return kind == "CompileMetrics" or (hasattr(value, "get_config") and kind not in _NO_PARTS)


def _names_are_known():
    """Return whether Keras has the attributes under the names by which changes are noticed."""
    return passes(
        "noticing what callbacks change of a model",
        _attributes_are_there,
        "Every attribute counts instead, so graphs may be made anew in every epoch, which is slow.",
    )


def _attributes_are_there():
    model = keras.Sequential()
    model.compile("sgd", "mse", metrics=["mae"])
    variable = keras.Variable(0.0, dtype="float32")
    return {name for name in OF_MODELS if name.startswith("_")} <= set(vars(model)) and (
        set(OF_VARIABLES[:1]) <= set(vars(variable))
    )
