"""Reports of a training to scikit-learn's callbacks and to the terminal."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import signal
import threading
import time

from sklearn.callback import AutoPropagatedCallback

from skmnist._compat.sklearn import FIT_STATE, LENT_CALLBACKS, OWN_CALLBACKS


def outside_of_fit(state):
    """Return the attributes of an estimator without those of a running fit.

    A callback may keep the fitted estimator that it gets, or write it to a file.  With these
    attributes, a later fit of that copy would report to searches and progress bars that are over.
    """
    kept = {name: value for name, value in state.items() if name not in FIT_STATE}
    if LENT_CALLBACKS in state and OWN_CALLBACKS in kept:
        # Callbacks of a surrounding pipeline or search are dropped, and the estimator's own kept.
        own = [c for c in kept[OWN_CALLBACKS] if not isinstance(c, AutoPropagatedCallback)]
        kept = {**kept, OWN_CALLBACKS: own}
    return kept


@contextlib.contextmanager
def _uninterrupted():
    """Delay Ctrl-C while scikit-learn's callbacks run, unless it is pressed a second time.

    ProgressBar hands every message to another thread.  If Ctrl-C interrupts that hand-over, the
    queue loses a wake-up, and waiting for the progress bar to finish blocks forever.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    held = []

    def hold(*signalled):
        held.append(signalled)
        if len(held) > 1:
            usual(*signalled)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if held:
            usual(*held[0])


class Watch:
    """Reporter of a training, to scikit-learn's callbacks and as one printed line per epoch."""

    def __init__(self, estimator, request, plan, context, progress, n_epochs):
        self.request, self.plan, self.context = request, plan, context
        self.progress, self.n_epochs = progress, n_epochs
        given = request.training
        weight = given.sample_weight
        metadata = None if weight is None else {"sample_weight": weight}
        self.given = {"estimator": estimator, "X": given.X, "y": given.y, "metadata": metadata}
        self.began = time.perf_counter()

    def __enter__(self):
        with _uninterrupted():
            self.context.call_on_fit_task_begin(**self.given)
            self._begin_epoch()

    def __exit__(self, kind, *_):
        if kind is None:
            with _uninterrupted():
                self.context.call_on_fit_task_end(
                    **self.given, reconstruction_attributes=self._attributes
                )

    def _begin_epoch(self):
        self.epoch_context = self.context.subcontext(task_name="epoch")
        self.epoch_context.call_on_fit_task_begin(**self.given)

    def after_epoch(self, epoch, logs):
        """Report an epoch; return whether a scikit-learn callback asks to stop."""
        if self.request.verbose:
            now = time.perf_counter()
            values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
            print(f"Epoch {epoch}/{self.n_epochs}  {values}  {now - self.began:.1f} s", flush=True)
            self.began = now
        with _uninterrupted():
            stop = self.epoch_context.call_on_fit_task_end(
                **self.given, reconstruction_attributes=self._attributes
            )
            if epoch < self.n_epochs and not (stop or self.plan.state.network.model.stop_training):
                self._begin_epoch()
        return stop

    def _attributes(self):
        """Return attributes for an independent estimator with the training so far."""
        state = self.plan.state
        state = dataclasses.replace(state, network=copy.deepcopy(state.network))
        attributes = state.attributes(self.progress.history)
        if self.request.learn_more is not None:
            attributes |= self.request.learn_more(state, self.plan.samples)
        return attributes
