"""Order of a fit: plan, train, and store the result.

Data and parameters are validated before the first training step.  The estimator changes in a single
assignment at the end, so a fit that fails leaves it unchanged.
"""

from __future__ import annotations

import contextlib
import functools

from skmnist import _keras
from skmnist._bridge.engine import schedules
from skmnist._bridge.fitting.callbacks import Watch
from skmnist._bridge.fitting.plan import plan_new_fit, plan_resumed_fit
from skmnist._compat.sklearn import begin_callbacks
from skmnist._compat.tricks import tricks_are_on

_VALIDATION_BATCH = 1024


def fit_estimator(estimator, request):
    """Fit `estimator`, or leave it unchanged if an error occurs.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Gets the learned attributes, and is passed to scikit-learn's callbacks.
    request : FitRequest
        Parameters and data.
    """
    _keras.check_eager()
    tricks_are_on()  # raises if the environment variable for the engine has an unknown value
    context = begin_callbacks(estimator, max_subtasks=request.n_epochs)
    before = estimator._fitted if request.continues else None
    first = estimator.n_iter_ if request.continues else 0
    with _unchanged_on_error(estimator, before, watched=bool(request.callbacks)):
        if before is None:
            plan = plan_new_fit(estimator, request)
        else:
            plan = plan_resumed_fit(estimator, request, before)
        # All calls of partial_fit follow one schedule, which starts with the first call.
        rate = schedules.scheduled(request, plan.state, first if request.is_whole else 0)
        epochs = range(first, first + request.n_epochs)
        history, interrupt = _train(estimator, request, plan, context, epochs, rate)
        if rate is not None:
            plan.state.rate_factor = rate.factor
        if before is not None:
            old = estimator.history_
            added = {name: old.get(name, []) + values for name, values in history.items()}
            history = {**old, **added}
        if request.is_whole and not request.warm_start:
            plan.state.network.end_training()
        _keep(estimator, request, plan, history)
    if interrupt is not None:
        raise interrupt


def _keep(estimator, request, plan, history):
    """Set the learned attributes of the estimator in one assignment."""
    attributes = plan.state.attributes(history)
    if request.learn_more is not None:
        attributes |= request.learn_more(plan.state, plan.samples)
    if plan.state.task.classes is None:  # an earlier fit may have set classes_
        vars(estimator).pop("classes_", None)
    vars(estimator).update(attributes)


@contextlib.contextmanager
def _unchanged_on_error(estimator, before, watched):
    """Restore the fitted state if anything is raised, including KeyboardInterrupt."""

    def fitted_attributes():
        return {
            name: value
            for name, value in vars(estimator).items()
            if name == "_fitted" or (name.endswith("_") and not name.startswith("_"))
        }

    attributes = fitted_attributes()
    state = None if before is None else before.network.snapshot()
    kept = before.network.attributes() if before is not None and watched else None
    try:
        yield
    except BaseException:
        for name in fitted_attributes():
            if name not in attributes:
                delattr(estimator, name)
        vars(estimator).update(attributes)
        if kept is not None:
            before.network.put_back(kept)
        if before is not None:
            before.network.restore(state)
        raise


def _train(estimator, request, plan, context, epochs, rate):
    """Run the engine, with callbacks and reports.

    Returns
    -------
    history : dict of str to list of float
        One value per completed epoch.
    interrupt : KeyboardInterrupt or None
        Interrupt that ended the training after at least one completed epoch.
    """
    from skmnist._bridge.data.feeds import feed_of
    from skmnist._bridge.engine.augment import augmenter_of
    from skmnist._bridge.engine.training import Progress, train
    from skmnist._bridge.models.scikeras_adapter import make_callbacks

    network, task = plan.state.network, plan.state.task
    step_arrays = functools.partial(task.step_arrays, input_shape=network.input_shape)
    validation = None
    if plan.hold_out is not None:
        validation = feed_of(plan.hold_out, step_arrays, _VALIDATION_BATCH)
    callbacks = make_callbacks(request.callbacks, request.routed)
    if request.early_stopping is not None:
        callbacks.append(_keras.keras.callbacks.EarlyStopping(**request.early_stopping))
    progress = Progress()
    watch = Watch(estimator, request, plan, context, progress, epochs.stop)
    training = train(
        network,
        feed_of(plan.samples, step_arrays, request.batch_size),
        progress,
        epochs=epochs,
        jit_compile=request.jit_compile,
        seed=plan.state.seed,
        callbacks=callbacks,
        validation=validation,
        rate=rate,
        verbose=request.verbose,
        compiled_again=functools.partial(task.check_compiled_again, network, request.name),
        augmenter=augmenter_of(request.augmentation, plan.state, plan.samples),
    )
    try:
        with contextlib.closing(training), watch:
            for logs in training:
                if watch.after_epoch(progress.n_epochs, logs):
                    network.model.stop_training = True
    except KeyboardInterrupt as interrupt:
        if progress.snapshot is not None:
            return progress.history, interrupt
        raise
    return progress.history, None
