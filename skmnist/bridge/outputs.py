"""What a network's outputs mean: the targets its loss wants, and the probabilities it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Outputs:
    """Outputs of a network for `n_classes` classes.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    n_units : int
        Number of outputs: one per class, or a single one for the second of two classes.
    sparse : bool
        Whether the loss takes class codes; any other loss takes one-hot rows.
    from_logits : bool
        Whether the loss, not the network, turns outputs into probabilities.
    order : tuple of int or None, default=None
        Which of the network's classes each sorted class is; None if they are sorted.
    """

    n_classes: int
    n_units: int
    sparse: bool
    from_logits: bool
    order: tuple[int, ...] | None = None

    @classmethod
    def of(cls, network, n_classes, order=None):
        """Read the outputs off a compiled network, and check that they fit the classes."""
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
        loss = network.model.loss
        name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        sparse = name.lower().startswith("sparse")
        if sparse and shape[1] == 1:
            raise ValueError(
                f"The network has a single output, but the loss {name!r} needs one per class. "
                "Use the loss 'binary_crossentropy', or as many outputs as classes."
            )
        from_logits = bool(getattr(loss, "from_logits", False))
        return cls(n_classes, shape[1], sparse, from_logits, order)

    def targets(self, codes):
        """Return class codes in the form the loss takes.

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
        # A network in half precision is off by more than scikit-learn's metrics accept.
        return self._sorted(outputs / outputs.sum(axis=1, keepdims=True))

    def scores(self, outputs):
        """Return log-odds of the second of two classes, or log-probabilities of many."""
        if self.from_logits:
            if self.n_units == 1:
                return outputs[:, 0] if self.order in (None, (0, 1)) else -outputs[:, 0]
            scores = self._sorted(self._log_softmax(outputs))
        else:
            scores = np.log(np.maximum(self.probabilities(outputs), np.finfo(np.float32).tiny))
        return scores[:, 1] - scores[:, 0] if self.n_classes == 2 else scores

    def _sorted(self, columns):
        """Bring one column per class from the network's order to that of sorted classes."""
        return columns if self.order is None else columns[:, self.order]

    def _log_softmax(self, logits):
        if self.n_units == 1:  # the sigmoid is a softmax against zero
            logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def check(self, outputs):
        """Raise if outputs that should be probabilities are none."""
        if self.from_logits:
            return
        sums = outputs.sum(axis=1) if self.n_units > 1 else 1
        if not ((outputs >= 0).all() and (outputs <= 1).all() and np.allclose(sums, 1, atol=0.01)):
            raise ValueError(
                "The network's outputs are no probabilities: they range from "
                f"{outputs.min():.3g} to {outputs.max():.3g}. End the network in a softmax (or in "
                "one sigmoid unit for two classes), or use a loss with from_logits=True."
            )
