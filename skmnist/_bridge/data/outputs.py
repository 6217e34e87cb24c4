"""Meaning of a network's outputs: targets for its loss, and probabilities of classes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import numpy as np

from skmnist._bridge.data import target_forms as forms
from skmnist._bridge.data.target_forms import CODES, COLUMN, ONE_HOT
from skmnist._compat.keras_losses import operation_behind
from skmnist._keras import keras


@dataclass(frozen=True)
class Outputs:
    """Outputs of a network for `n_classes` classes.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    n_units : int
        Number of outputs: one per class, or a single output for the second of two classes.
    sparse : bool
        Whether the loss takes class codes; otherwise it takes one-hot rows.
    from_logits : bool
        Whether the loss, not the network, turns outputs into probabilities.
    order : tuple of int or None, default=None
        Position of each sorted class among the network's outputs; None if they are sorted.
    loss_dimensions : int, default=1
        Number of dimensions of the loss's result; 2 if it is not one number per sample.
    """

    n_classes: int
    n_units: int
    sparse: bool
    from_logits: bool
    order: tuple[int, ...] | None = None
    loss_dimensions: int = 1

    @classmethod
    def of(cls, network, n_classes, order=None):
        """Derive the outputs from a compiled network, and check that they fit the classes."""
        shape = network.output_shape
        if not (isinstance(shape, tuple) and len(shape) == 2 and isinstance(shape[1], int)):
            raise ValueError(
                f"The network must have a single output of shape (n_samples, {n_classes}). Got "
                f"output shape {shape} instead."
            )
        if shape[1] != n_classes and (shape[1], n_classes) != (1, 2):
            raise ValueError(
                f"The network has {shape[1]} outputs, but y has {n_classes} classes. Its last "
                f"layer must have {n_classes} units"
                + (", or one for two classes." if n_classes == 2 else ".")
            )
        n_units, model = shape[1], network.model
        loss = _loss_of(model)
        form, from_logits, n_dimensions = _read_loss(loss, model, n_units)
        outputs = cls(n_classes, n_units, form == CODES, from_logits, order, n_dimensions)
        activation = _last_activation(model) if from_logits or forms.is_binary(loss) else None
        if activation is not None and from_logits:
            outputs._refuse_logits(loss, f"the network ends in a {activation}")
        if activation == "softmax" and n_units > 1:
            # Keras would apply a sigmoid to the logits behind the softmax.
            raise ValueError(
                f"The loss {forms.name_of(loss)} is for sigmoid units, but the network ends in a "
                "softmax. Set loss='categorical_crossentropy', or another loss for several classes."
            )
        return outputs

    @property
    def form(self):
        """Form of targets that the loss takes."""
        return CODES if self.sparse else COLUMN if self.n_units == 1 else ONE_HOT

    @staticmethod
    def _refuse_logits(loss, what):
        raise ValueError(
            f"The loss {forms.name_of(loss)} takes logits (from_logits=True), but {what}: its "
            "outputs are probabilities already. Set from_logits=False, or end the network without "
            "softmax or sigmoid."
        )

    def targets(self, codes):
        """Convert class codes to the form that the loss takes.

        Parameters
        ----------
        codes : ndarray of shape (n_samples,)
            Codes 0 .. n_classes - 1.

        Returns
        -------
        targets : ndarray of shape (n_samples,), int32, or (n_samples, n_units), float32
            Codes, a column of 0 and 1, or one-hot rows.
        """
        if self.order is not None:
            codes = np.asarray(self.order)[codes]
        if self.sparse:
            return codes.astype(np.int32)
        if self.n_units == 1:
            return codes.astype(np.float32)[:, np.newaxis]
        return np.eye(self.n_classes, dtype=np.float32)[codes]

    def probabilities(self, outputs):
        """Return class probabilities of shape (n_samples, n_classes), float32, from outputs."""
        if self.from_logits:
            return self._sorted(np.exp(self._log_softmax(outputs)))
        if self.n_units == 1:
            return self._sorted(np.concatenate([1 - outputs, outputs], axis=1))
        # In half precision, sums of probabilities differ from one by more than scikit-learn's
        # metrics accept.
        return self._sorted(outputs / outputs.sum(axis=1, keepdims=True))

    def scores(self, outputs):
        """Return log-odds of the second of two classes, or log-probabilities of more classes."""
        if self.from_logits:
            if self.n_units == 1:
                return outputs[:, 0] if self.order in (None, (0, 1)) else -outputs[:, 0]
            scores = self._sorted(self._log_softmax(outputs))
        else:
            scores = np.log(np.maximum(self.probabilities(outputs), np.finfo(np.float32).tiny))
        return scores[:, 1] - scores[:, 0] if self.n_classes == 2 else scores

    def _sorted(self, columns):
        """Reorder one column per class from the network's order to that of sorted classes."""
        return columns if self.order is None else columns[:, self.order]

    def _log_softmax(self, logits):
        if self.n_units == 1:  # a sigmoid equals a softmax of zero and the logit
            logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def check(self, outputs, loss="loss"):
        """Raise if outputs are logits where probabilities are expected, or the reverse.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_units)
            Outputs of the network for some samples.
        loss : object, default="loss"
            The loss, for the message.
        """
        if self.from_logits:
            # Logits of several classes do not add up to one by chance.
            if self.n_units > 1 and (outputs >= 0).all() and _sum_to_one(outputs, 1e-3):
                self._refuse_logits(loss, "the outputs of the network add up to one")
            return
        fits = self.n_units == 1 or _sum_to_one(outputs, 0.01)
        if not ((outputs >= 0).all() and (outputs <= 1).all() and fits):
            raise ValueError(
                "The network's outputs are not probabilities: they range from "
                f"{outputs.min():.3g} to {outputs.max():.3g}. End the network in a softmax (or in "
                "one sigmoid unit for two classes), or use a loss with from_logits=True."
            )


def _sum_to_one(outputs, tolerance):
    return np.allclose(outputs.sum(axis=1), 1, atol=tolerance)


def _loss_of(model):
    """Return the loss of a compiled model with a single output, as an object or a function."""
    losses = keras.tree.flatten(model.loss)
    if len(losses) != 1:
        raise ValueError(
            f"The network has a single output, but it is compiled with {len(losses)} losses: "
            f"{model.loss!r}. Set 'loss' to one."
        )
    loss = losses[0]
    if isinstance(loss, str) and loss.lower() in ("crossentropy", "ce"):
        single = model.output_shape[-1] == 1
        return keras.losses.get(("binary" if single else "categorical") + "_crossentropy")
    return keras.losses.get(loss)


def _read_loss(loss, model, n_units):
    """Return the form of a loss's targets, whether it takes logits, and its dimensions."""
    form, from_logits = forms.known_form(loss), forms.says_logits(loss)
    inner, keywords = forms.unwrapped(loss)
    if form is not None:
        kind = getattr(inner, "__name__", type(inner).__name__)
        if kind.lower() == "ctc":
            raise ValueError(
                f"The loss {forms.name_of(loss)} is for sequences of labels, but a sample here "
                "has one label. Set 'loss' to 'sparse_categorical_crossentropy', for instance."
            )
        if isinstance(inner, type(lambda: None)) and kind not in (
            "get",
            "serialize",
            "deserialize",
        ):
            missing = _missing_arguments(inner, keywords)
            if missing:
                raise ValueError(
                    f"The loss {forms.name_of(loss)} needs {', '.join(missing)}. Set 'loss' to "
                    f"functools.partial({kind}, {missing[0]}=...), or to Keras's loss class."
                )
            if n_units == 1:
                _refuse_single(loss)
                form = COLUMN
            return form, from_logits, 1
    preferred = forms.preferred_form(loss) or ONE_HOT
    if n_units == 1:
        if preferred == CODES:
            _refuse_single(loss, sparse=True)
        tried = [COLUMN]
    else:
        tried = [preferred, CODES if preferred == ONE_HOT else ONE_HOT]

    def call(targets, outputs):
        if isinstance(inner, keras.losses.Loss):
            return inner.call(targets, outputs, **keywords)
        return inner(targets, outputs, **keywords)

    try:
        trial = forms.choose_form("loss", loss, call, tried, n_units)
    except ValueError:
        if _computes_loss_itself(model):  # then the loss may have any meaning
            return tried[0], from_logits, 1
        raise
    if not (model.run_eagerly or _computes_loss_itself(model)):
        forms.check_traces("loss", loss, call, trial.form, n_units)
    from_logits = from_logits or forms.takes_logits(call, trial.form, n_units)
    return trial.form, from_logits, trial.n_dimensions


def _missing_arguments(function, keywords):
    """Return the missing arguments of a loss besides targets and outputs."""
    parameters = list(inspect.signature(function).parameters.values())[2:]
    needed = [
        p.name for p in parameters if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
    ]
    return [name for name in needed if name not in keywords]


# Functions of keras.losses that are not losses.
_NO_LOSSES = ("get", "serialize", "deserialize")


def _refuse_single(loss, sparse=False):
    if sparse or forms.needs_several_outputs(loss):
        raise ValueError(
            f"The network has a single output, but the loss {forms.name_of(loss)} needs one per "
            "class. Use the loss 'binary_crossentropy', or one output per class."
        )


def _computes_loss_itself(model):
    """Return whether a model overrides Keras's training step or loss."""
    kind, base = type(model), keras.Model
    return any(
        getattr(kind, name) is not getattr(base, name)
        for name in ("train_step", "test_step", "compute_loss")
    )


def _last_activation(model):
    """Return "softmax" or "sigmoid" if a network ends in one of these, else None."""
    operation = model
    while isinstance(operation, keras.Model):
        outputs = getattr(operation, "outputs", None)  # a subclass of keras.Model has none
        operation = operation_behind(outputs[0]) if outputs else None
        if operation is None:
            return None
    found = getattr(operation, "activation", None) or type(operation)
    name = getattr(found, "__name__", type(found).__name__).lower()
    return name if name in ("softmax", "sigmoid") else None
