"""Training engine: epochs over the data in few compiled calls.

Each step is Keras's own ``train_step``, so losses, metrics, optimizers and penalties are computed
by Keras.  Only the loop around the steps is replaced.  Samples come in blocks of many batches, in
the order of the epoch, and one call of the compiled function trains on a whole block.
"""

from __future__ import annotations

import contextlib

import numpy as np

from skmnist._bridge.graphs.fused_layers import lean_layers
from skmnist._bridge.graphs.signature import taking_values, values_of
from skmnist._bridge.models.changes import may_change_models
from skmnist._bridge.models.global_state import fresh_names
from skmnist._compat.keras_models import begin_at_first_epoch, epoch_to_begin_at
from skmnist._keras import keras, tf

# Maximum number of steps per compiled call.  More steps reduce the overhead of calls, but Python
# handles Ctrl-C only between calls.
_STEPS_PER_CALL = 128

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
_TEST_BATCH_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


class Progress:
    """Completed epochs of a training: their history, and the variables after the last one."""

    def __init__(self):
        self._done = ({"loss": []}, None, 0)

    @property
    def history(self):
        """Dict from loss and metrics to one value per completed epoch."""
        return self._done[0]

    @property
    def snapshot(self):
        """Variables after the last completed epoch; None before that."""
        return self._done[1]

    @property
    def n_epochs(self):
        """Number of completed epochs, including those of earlier trainings."""
        return self._done[2]

    def commit(self, history, snapshot, n_epochs):
        """Record an epoch in a single assignment, so that Ctrl-C cannot split it."""
        names = sorted(history, key=lambda name: name.removeprefix("val_") != "loss")
        names.sort(key=lambda name: name.startswith("val_"))
        history = {name: [float(value) for value in history[name]] for name in names}
        self._done = (history, snapshot, n_epochs)


def train(
    network,
    source,
    progress,
    *,
    epochs,
    seed,
    callbacks,
    jit_compile=False,
    validation=None,
    rate=None,
    augmenter=None,
    verbose=0,
    compiled_again=lambda: None,
):
    """Train for some epochs and yield after each of them.

    Parameters
    ----------
    network : Network
        Network with a compiled model; trained in place.
    source : ArrayFeed, MemmapFeed or StreamFeed
        Training set, as in :mod:`skmnist._bridge.data.feeds`.
    progress : Progress
        Records every completed epoch.  After a KeyboardInterrupt, the network is restored to the
        last completed epoch.
    epochs : range
        Numbers of the epochs to train.
    seed : int
        Seed of the order of samples.
    callbacks : list of keras.callbacks.Callback
        Fresh callbacks for this training.
    jit_compile : bool, default=False
        Whether XLA compiles the step.  It also does if the model is compiled with
        ``jit_compile=True``.
    validation : ArrayFeed, MemmapFeed or StreamFeed or None, default=None
        Validation set.
    rate : ScheduledRate or None, default=None
        Sets the learning rate of an epoch.
    augmenter : Augmenter or None, default=None
        Changes the training images.
    verbose : int, default=0
        Verbosity passed to callbacks.
    compiled_again : callable
        Called after a callback has compiled the model again; raises if its loss does not fit.

    Yields
    ------
    logs : dict of str to float
        Loss and metrics, those of validation with prefix ``val_``, and entries of callbacks.

    Raises
    ------
    ValueError
        If the loss is no longer finite.
    """
    model = network.model
    history = keras.callbacks.History()
    hooks = keras.callbacks.CallbackList(
        [*callbacks, history],
        model=model,
        verbose=int(verbose),
        epochs=epochs.stop,
        steps=source.n_steps,
    )
    if not network.is_set_up:
        with network.metric_targets.applied():
            _build_variables(model, source)
    run = _Loop(network, source, hooks, augmenter, jit_compile, compiled_again)

    model.stop_training = False
    begin_at_first_epoch(model)
    try:
        run.begin()
        if rate is not None:
            rate.begin(model.optimizer)
        hooks.on_train_begin()
        first = epoch_to_begin_at(model)  # set by BackupAndRestore if it resumes a training
        if first is not None and first > epochs.start:
            epochs = range(first, epochs.stop)
            if rate is not None:
                rate.goes_on_after(first - 1)
        for epoch in epochs:
            model.reset_metrics()
            if rate is not None:
                rate.set(model.optimizer, epoch)
            if augmenter is not None:
                augmenter.begin_epoch(seed, epoch)
            hooks.on_epoch_begin(epoch)
            run.epoch((seed, epoch))
            logs = _logs(model)
            if validation is not None:
                logs |= run.validation(validation)
            hooks.on_epoch_end(epoch, logs)
            snapshot = network.snapshot()
            _check_finite(logs["loss"], snapshot[0], epoch)
            if rate is not None:
                rate.look(model.optimizer)
            progress.commit(history.history, snapshot, epoch + 1)
            yield {name: values[-1] for name, values in progress.history.items()}
            if model.stop_training:
                break
        _end(network, hooks)
        run.end()
        if rate is not None:
            rate.look(model.optimizer)
    # The caller closes the generator if Ctrl-C interrupts its own code, which raises GeneratorExit.
    except (KeyboardInterrupt, GeneratorExit):
        if progress.snapshot is not None:
            network.restore(progress.snapshot)
            _end(network, hooks)
            run.end()
        raise


class _Loop:
    """Steps of a training, by graphs that follow changes to the model.

    Keras traces its graph at the first step, after ``on_train_begin``, and never again.  Here,
    later changes by callbacks take effect from the next epoch on.
    """

    def __init__(self, network, source, hooks, augmenter, jit_compile, compiled_again):
        self._network, self._source, self._hooks = network, source, hooks
        self._augmenter, self._jit_compile = augmenter, jit_compile
        self._optimizer, self._compiled_again = network.model.optimizer, compiled_again
        self._callbacks = hooks.callbacks
        self._watched = any(map(may_change_models, self._callbacks))
        self._run = self._values = None

    def begin(self):
        """Record the state of the model before any callback runs."""
        if self._watched:
            self._network.look_at_model()

    def end(self):
        """Drop graphs for predictions if callbacks have changed the model at the end."""
        if self._watched:
            self._network.notice_changes()

    def _refresh(self):
        """Check for changes by callbacks, and prepare the model for new graphs."""
        network, changed = self._network, self._values is None
        if self._watched:
            changed |= network.notice_changes()
            if network.model.optimizer is not self._optimizer:  # compiled again
                self._compiled_again()
                with network.metric_targets.applied():
                    _build_variables(network.model, self._source)
                self._optimizer = network.model.optimizer
                network.look_at_model()
        if changed:
            self._run = None
        if changed or self._watched:
            self._values = tf.constant(values_of(network.model), tf.float32)

    def _make(self):
        self._refresh()
        if self._run is None:
            jit_compile = bool(self._jit_compile or self._network.model.jit_compile)
            self._run = _compiled_loop(
                self._network, "train", self._source, self._augmenter, jit_compile
            )

    def epoch(self, order):
        """Train for an epoch, with the given order of the samples."""
        model, hooks = self._network.model, self._hooks
        if not any(_overrides(callback, _BATCH_HOOKS) for callback in self._callbacks):
            self._make()
            for tensors, step_size in self._source.blocks(_STEPS_PER_CALL, order):
                self._run(*tensors, step_size, self._values)
            return
        for step, (tensors, step_size) in enumerate(self._source.blocks(1, order)):
            hooks.on_train_batch_begin(step)
            if step == 0:
                self._make()
            self._run(*tensors, step_size, self._values)
            hooks.on_train_batch_end(step, _logs(model))
            if model.stop_training:
                break

    def validation(self, source):
        """Return loss and metrics on a validation set, with Keras's prefix ``val_``."""
        model, hooks = self._network.model, self._hooks
        by_batch = any(_overrides(callback, _TEST_BATCH_HOOKS) for callback in self._callbacks)
        model.reset_metrics()
        hooks.on_test_begin()
        self._refresh()
        run = _compiled_loop(self._network, "test", source)
        for step, (tensors, step_size) in enumerate(source.blocks(1 if by_batch else None)):
            if by_batch:
                hooks.on_test_batch_begin(step)
            run(*tensors, step_size, self._values)
            if by_batch:
                hooks.on_test_batch_end(step, _logs(model))
        logs = _logs(model)
        hooks.on_test_end(logs)
        return {f"val_{name}": value for name, value in logs.items()}


def _check_finite(loss, variables, epoch):
    """Raise if the loss or the weights are not finite at the end of an epoch."""
    if not np.isfinite(loss):
        what = f"The loss became {loss}"
    elif not all(np.isfinite(v).all() for v in variables):
        what = "Weights became infinite or NaN"
    else:
        return
    raise ValueError(
        f"{what} in epoch {epoch + 1}. The input data may contain large values and need to be "
        "scaled, for instance by MnistScaler, or the learning rate may be too large."
    )


def _end(network, hooks):
    """End a training as Keras does: average weights, then call ``on_train_end``."""
    averaged = network.finish_training()
    # EarlyStopping restores the best weights here, and other callbacks close their files.
    hooks.on_train_end()
    if averaged is not None and not all(map(np.array_equal, averaged, network.weights())):
        network.keep_weights()


def _logs(model):
    results = {name: float(value) for name, value in model.get_metrics_result().items()}
    return {"loss": results.pop("loss"), **results}


def _overrides(callback, names):
    """Return whether a callback overrides one of the hooks `names`."""
    for name in names:
        hook = getattr(callback, name)
        if getattr(hook, "__func__", hook) is not getattr(keras.callbacks.Callback, name):
            return True
    return False


def _build_variables(model, source):
    """Create the variables of optimizer and metrics, because a compiled loop cannot."""
    first = [source.example[i][:1] for i in source.layout]
    with fresh_names():
        model.optimizer.build(model.trainable_variables)
        # A subclass may create variables anywhere in its test step, so that is run.
        if not type(model).__module__.startswith("keras."):
            model.test_step(tuple(first))
            return
        images, targets, weights = [*first, None, None][:3]
        outputs = tf.zeros((1, *model.output_shape[1:]))
        model.compute_metrics(images, targets, outputs, weights)


def _compiled_loop(network, kind, source, augmenter=None, jit_compile=False):
    """Return a compiled loop of training or evaluation steps over the batches of a block.

    It takes the tensors of the block, the number of rows per step, and the values that the
    network's graphs take as inputs.
    """
    if network.model.run_eagerly:
        return _eager_loop(network, kind, source.layout, augmenter, jit_compile)
    tensors, layout = source.example, source.layout
    specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in tensors]
    shapes = tuple((tuple(spec.shape), spec.dtype.name) for spec in specs)
    name = (kind, layout, shapes, jit_compile)
    specs += [
        tf.TensorSpec((), tf.int32),
        tf.TensorSpec((None,), tf.float32),
    ]

    def make(model):
        step = model.train_step if kind == "train" else model.test_step
        if jit_compile:
            # XLA compiles the step alone, once for full batches and once for the last batch.  The
            # block stays outside, because its shape varies.
            step = tf.function(step, jit_compile=True, autograph=False)

        @tf.function(input_signature=specs, autograph=False)
        def loop(*arguments):
            *block, batch_size, values = arguments

            def one_step(start):
                # Slices of whole rows do not copy.
                batch = [tensor[start : start + batch_size] for tensor in block]
                if augmenter is not None:
                    batch = augmenter(batch)
                step(tuple(batch[i] for i in layout))
                return (start + batch_size,)

            lean = lean_layers(model) if kind == "train" else contextlib.nullcontext()
            with taking_values(model, values), lean, network.metric_targets.applied():
                n = tf.shape(block[0])[0]
                tf.while_loop(lambda start: start < n, one_step, (0,), parallel_iterations=1)

        return loop.get_concrete_function()

    if augmenter is None:
        return network.training_function(name, make)
    return network.training_function(
        (*name, augmenter.key), make, augmenter.variables, augmenter.is_known
    )


def _eager_loop(network, kind, layout, augmenter, jit_compile):
    """Return a Python loop for a model that is compiled with ``run_eagerly=True``."""
    model = network.model
    if jit_compile:
        raise ValueError(
            "The 'jit_compile' parameter must be False if the model is compiled with "
            "run_eagerly=True. Got True instead."
        )
    step = model.train_step if kind == "train" else model.test_step

    def loop(*arguments):
        *block, batch_size, _ = arguments
        batch_size = int(batch_size)
        with network.metric_targets.applied():
            for start in range(0, len(block[0]), batch_size):
                batch = [tensor[start : start + batch_size] for tensor in block]
                if augmenter is not None:
                    batch = augmenter(batch)
                step(tuple(batch[i] for i in layout))

    return loop
