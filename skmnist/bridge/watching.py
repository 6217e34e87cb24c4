"""Who watches a training: scikit-learn's callbacks, and the user at a terminal."""

from __future__ import annotations

import copy
import dataclasses
import time


class Watch:
    """Reports a training: scikit-learn's callbacks, and a line per epoch if asked for."""

    def __init__(self, estimator, fitted, data, context, given, progress, n_epochs):
        X, y, sample_weight = given
        self.estimator, self.fitted, self.data, self.context = estimator, fitted, data, context
        self.progress, self.n_epochs = progress, n_epochs
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.began = time.perf_counter()

    def __enter__(self):
        self.context.call_on_fit_task_begin(**self.given)
        self._begin_epoch()

    def __exit__(self, kind, *_):
        if kind is None:
            self.context.call_on_fit_task_end(
                **self.given, reconstruction_attributes=self._attributes
            )

    def _begin_epoch(self):
        self.epoch_context = self.context.subcontext(task_name="epoch")
        self.epoch_context.call_on_fit_task_begin(**self.given)

    def after_epoch(self, epoch, logs):
        """Report an epoch; return whether a scikit-learn callback asks to stop."""
        if self.estimator.verbose:
            now = time.perf_counter()
            values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
            print(f"Epoch {epoch}/{self.n_epochs}  {values}  {now - self.began:.1f} s", flush=True)
            self.began = now
        stop = self.epoch_context.call_on_fit_task_end(
            **self.given, reconstruction_attributes=self._attributes
        )
        if epoch < self.n_epochs and not (stop or self.fitted.network.model.stop_training):
            self._begin_epoch()
        return stop

    def _attributes(self):
        """Return what makes an independent estimator of the training so far."""
        fitted = dataclasses.replace(self.fitted, network=copy.deepcopy(self.fitted.network))
        more = self.estimator._learn_more(fitted, self.data)
        return fitted.attributes(self.progress.history) | more
