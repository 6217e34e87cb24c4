"""Detection of changes that callbacks make to a model during training.

Tracing a graph fixes the state of the model: which weights are trainable, and the attributes of
layers, optimizer and loss.  Callbacks may change all of these, but a graph that was traced before
would go on with the old values.
"""

from __future__ import annotations

from skmnist._bridge.graphs.signature import owners_of_values
from skmnist._compat.keras_models import layers_of
from skmnist._keras import keras

# Attributes that matter in a model of one of Keras's own classes.  The rest is bookkeeping.
_OF_MODELS = (
    *("optimizer", "loss", "_compile_loss", "_compile_metrics", "jit_compile", "run_eagerly"),
    *("_trainable", "_dtype_policy", "train_step", "test_step", "call", "compute_loss"),
)
_OF_VARIABLES = ("_trainable", "_regularizer", "_constraint", "regularizer", "constraint")
# Attributes of any layer or model that do not influence its graphs.
_BOOKKEEPING = frozenset(
    (
        *("stop_training", "history", "train_function", "test_function", "_initial_epoch"),
        *("_tracker", "_tracked", "_lock", "_metrics", "_seed_generators", "_trainable_variables"),
        *("_non_trainable_variables", "_auto_config", "_inbound_nodes", "_outbound_nodes"),
        *("_losses", "_loss_ids", "_losses_override", "_path", "_parent_path", "built", "name"),
        *("_call_signature", "call_signature_parameters", "_call_context_args", "_called"),
        *("_saved_model_inputs_spec", "_saved_model_arg_spec", "_build_shapes_dict"),
    )
)
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
        self._add(model, _OF_MODELS if type(model).__module__.startswith("keras.") else None)
        for variable in model.variables:
            self._add(variable, _OF_VARIABLES)

    def _add(self, owner, names=None, depth=_DEPTH):
        if id(owner) in self._known:
            return
        self._known.add(id(owner))
        self.owners.append(owner)
        for name, value in vars(owner).items():
            if names is None:
                # TensorFlow uses attributes with this prefix for saving.
                if name in _BOOKKEEPING or name.startswith("_self_"):
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
