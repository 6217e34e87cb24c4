"""Who watches a training: scikit-learn's callbacks, and the user at a terminal."""

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
    """Return the attributes of an estimator less what belongs to a fit that runs.

    A callback may keep the fitted estimator it is shown, or write it to a file; trained on, such a
    copy would report to the searches and bars of a fit that is long over.
    """
    kept = {name: value for name, value in state.items() if name not in FIT_STATE}
    if LENT_CALLBACKS in state and OWN_CALLBACKS in kept:
        # Lent by the pipeline or search around, which permits none of its steps' own.
        own = [c for c in kept[OWN_CALLBACKS] if not isinstance(c, AutoPropagatedCallback)]
        kept = {**kept, OWN_CALLBACKS: own}
    return kept


@contextlib.contextmanager
def _uninterrupted():
    """Hold Ctrl-C back while scikit-learn's callbacks are at work; a second one is let through.

    ProgressBar hands every message to another thread. Interrupted in the middle of that, Python's
    queue loses a wake-up, and the end of the bar, and with it of the fit, is waited for for ever.
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
    """Reports a training: scikit-learn's callbacks, and a line per epoch if asked for."""

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
        """Return what makes an independent estimator of the training so far."""
        state = self.plan.state
        state = dataclasses.replace(state, network=copy.deepcopy(state.network))
        attributes = state.attributes(self.progress.history)
        if self.request.learn_more is not None:
            attributes |= self.request.learn_more(state, self.plan.samples)
        return attributes
