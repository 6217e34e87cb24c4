"""What callbacks change of a model while it is trained, as far as its graphs depend on it.

A graph is made of a model as it is: of what is trainable, of the attributes of layers, optimizer
and loss.  Callbacks may change all of that, and a graph that was made before knows nothing of it.
"""

from __future__ import annotations

from skmnist._bridge.graphs.signature import owners_of_values
from skmnist._compat.keras_models import layers_of
from skmnist._keras import keras

# Of a model of Keras's own classes; all else that it keeps is bookkeeping.
_OF_MODELS = (
    *("optimizer", "loss", "_compile_loss", "_compile_metrics", "jit_compile", "run_eagerly"),
    *("_trainable", "_dtype_policy", "train_step", "test_step", "call", "compute_loss"),
)
_OF_VARIABLES = ("_trainable", "_regularizer", "_constraint", "regularizer", "constraint")
# What is kept for other purposes, by any layer or model.
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
# How far parts of parts are followed: from a model to its loss, and to the losses in that.
_DEPTH = 3


def may_change_models(callback):
    """Tell whether a callback may change anything of a model but its variables."""
    kind = type(callback)
    ours = kind.__module__.startswith("keras.")
    return not ours or kind is keras.callbacks.LambdaCallback


class Changes:
    """Notices what somebody else changes of a model between a look at it and the next."""

    def __init__(self):
        self._seen = None
        self._before, self._changed = {}, {}
        self._kept = []  # for identities are compared, which Python gives to others otherwise

    def __copy__(self):
        copied = type(self)()
        copied._seen = self._seen
        copied._before, copied._changed = dict(self._before), dict(self._changed)
        copied._kept = list(self._kept)
        return copied

    @property
    def version(self):
        """What tells the model from what it was and will be: hashable, None if as at first."""
        return frozenset(self._changed.items()) or None

    def look(self, model):
        """Take the model as it is for what it will be compared to."""
        self._seen = _Seen(model)

    def notice(self, model):
        """Compare the model to what it was at the last look; return whether it changed."""
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
    """The attributes of a model and its parts as they are, to be put back if training fails.

    Parameters
    ----------
    model : keras.Model
        The model.
    """

    def __init__(self, model):
        self._kept = [(owner, dict(vars(owner))) for owner in _Seen(model).owners]

    def put_back(self):
        """Undo what was changed since."""
        for owner, attributes in self._kept:
            vars(owner).clear()
            vars(owner).update(attributes)


class _Seen:
    """All of a model that its graphs depend on, except for what they take as an input."""

    def __init__(self, model):
        self.tokens = {}  # of pairs of an object's identity and the name of an attribute
        self.owners = []
        self._others = []
        self._inputs = {(id(owner), name) for owner, name in owners_of_values(model)}
        self._known = set()
        self._without_parts = (keras.Layer, keras.initializers.Initializer, type)
        for layer in layers_of(model):
            if layer is not model:
                self._add(layer)
        # The user's and skmnist's models compute with what attributes they like.
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
                # The latter are TensorFlow's, for what it saves.
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
        """Tell whether graphs depend on the attributes of something that a model has."""
        if isinstance(value, self._without_parts) or not hasattr(value, "__dict__"):
            return False
        kind = type(value).__name__
        return kind == "CompileMetrics" or (hasattr(value, "get_config") and kind not in _NO_PARTS)
