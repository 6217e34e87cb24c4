"""The training engine: epochs over data, in few compiled calls.

Keras's own ``train_step`` does each step, so losses, metrics, optimizers and penalties are
Keras's to the last bit; what is replaced is the loop around it.  Samples come in blocks of many
batches, in the order of the epoch, and the compiled function goes through a block.
"""

from __future__ import annotations

import contextlib

import numpy as np

from skmnist._keras import keras, tf
from skmnist.bridge.architecture import taking_values, values_of
from skmnist.bridge.layer_kernels import lean_layers
from skmnist.bridge.seeding import fresh_names

# Steps per compiled call: enough to make the call's overhead vanish, few enough for Ctrl-C, which
# Python notices between calls, to be answered soon.
_STEPS_PER_CALL = 128

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
_TEST_BATCH_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


class Progress:
    """What a training has completed: its history, and the variables that belong to it."""

    def __init__(self):
        self._done = ({}, None)

    @property
    def history(self):
        """Dict of loss and metrics to one value per whole epoch."""
        return self._done[0]

    @property
    def snapshot(self):
        """Variables after the last whole epoch, None before the first."""
        return self._done[1]

    def commit(self, history, snapshot):
        """Note a whole epoch; both parts change at once, whenever Ctrl-C may come."""
        names = sorted(history, key=lambda name: name.removeprefix("val_") != "loss")
        names.sort(key=lambda name: name.startswith("val_"))
        history = {name: [float(value) for value in history[name]] for name in names}
        self._done = (history, snapshot)


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
    schedule=None,
    augmenter=None,
):
    """Train for some epochs, yielding after each.

    Parameters
    ----------
    network : Network
        Network whose model is compiled; trained in place.
    source : InMemory, InFile or InBatches
        Training set, as in :mod:`skmnist.bridge.sources`.
    progress : Progress
        Takes note of every whole epoch.  After a KeyboardInterrupt the network is put back to
        the last of them.
    epochs : range
        Numbers of the epochs to train.
    seed : int
        Seed of the order of samples.
    callbacks : list of keras.callbacks.Callback
        Callbacks, fresh for this training.
    jit_compile : bool, default=False
        Whether XLA compiles the step; it does too if the model was compiled for it.
    validation : InMemory, InFile or InBatches or None, default=None
        Validation set.
    schedule : callable or None, default=None
        Takes the number of an epoch and returns its learning rate.
    augmenter : Augmenter or None, default=None
        Changes the training images.

    Yields
    ------
    logs : dict of str to float
        Loss, metrics, and ``val_`` of both, with what callbacks added.

    Raises
    ------
    ValueError
        If the loss is no longer finite.
    """
    model = network.model
    history = keras.callbacks.History()
    hooks = keras.callbacks.CallbackList(
        [*callbacks, history], model=model, verbose=0, epochs=epochs.stop, steps=source.n_steps
    )
    by_batch = any(_overrides(callback, _BATCH_HOOKS) for callback in callbacks)
    max_steps = 1 if by_batch else _STEPS_PER_CALL
    if not network.is_set_up:
        with network.metric_targets.applied():
            _build_variables(model, source)
    jit_compile = bool(jit_compile or model.jit_compile)
    run = _compiled_loop(network, "train", source, augmenter, jit_compile)
    # As long as the training lasts; callbacks that change them do so in vain, as in Keras.
    values = tf.constant(values_of(model), tf.float32)

    model.stop_training = False
    try:
        hooks.on_train_begin()
        for epoch in epochs:
            model.reset_metrics()
            if schedule is not None:
                model.optimizer.learning_rate = schedule(epoch)
            if augmenter is not None:
                augmenter.begin_epoch(seed, epoch)
            hooks.on_epoch_begin(epoch)
            for step, block in enumerate(source.blocks(max_steps, (seed, epoch))):
                tensors, step_size = block
                if not by_batch:
                    run(*tensors, step_size, values)
                    continue
                hooks.on_train_batch_begin(step)
                run(*tensors, step_size, values)
                hooks.on_train_batch_end(step, _logs(model))
                if model.stop_training:
                    break
            logs = _logs(model)
            if validation is not None:
                logs |= _evaluate(network, validation, values, hooks, callbacks)
            hooks.on_epoch_end(epoch, logs)
            snapshot = network.snapshot()
            _check_finite(logs["loss"], snapshot[0], epoch)
            progress.commit(history.history, snapshot)
            yield {name: values[-1] for name, values in progress.history.items()}
            if model.stop_training:
                break
        _end(network, hooks)
    except (KeyboardInterrupt, GeneratorExit):  # the latter: whoever watches was interrupted
        if progress.snapshot is not None:
            network.restore(progress.snapshot)
            _end(network, hooks)
        raise


def _check_finite(loss, variables, epoch):
    """Raise if an epoch ended in a loss or, after its last step, in weights that are no numbers."""
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
    """End a training as Keras does: averaged weights, then the callbacks' last hook."""
    averaged = network.finish_training()
    # EarlyStopping puts the best weights back here, and writers close their files.
    hooks.on_train_end()
    if averaged is not None and not all(map(np.array_equal, averaged, network.weights())):
        network.keep_weights()


def _evaluate(network, source, values, hooks, callbacks):
    """Return loss and metrics on a validation set, named as Keras names them."""
    model = network.model
    run = _compiled_loop(network, "test", source)
    by_batch = any(_overrides(callback, _TEST_BATCH_HOOKS) for callback in callbacks)
    model.reset_metrics()
    hooks.on_test_begin()
    for step, (tensors, step_size) in enumerate(source.blocks(1 if by_batch else None)):
        if by_batch:
            hooks.on_test_batch_begin(step)
        run(*tensors, step_size, values)
        if by_batch:
            hooks.on_test_batch_end(step, _logs(model))
    logs = _logs(model)
    hooks.on_test_end(logs)
    return {f"val_{name}": value for name, value in logs.items()}


def _logs(model):
    results = {name: float(value) for name, value in model.get_metrics_result().items()}
    return {"loss": results.pop("loss"), **results}


def _overrides(callback, names):
    """Tell whether a callback does anything in one of the hooks `names`."""
    for name in names:
        hook = getattr(callback, name)
        if getattr(hook, "__func__", hook) is not getattr(keras.callbacks.Callback, name):
            return True
    return False


def _build_variables(model, source):
    """Create the variables of optimizer and metrics, which a compiled loop may not create."""
    first = [source.example[i][:1] for i in source.layout]
    with fresh_names():
        model.optimizer.build(model.trainable_variables)
        if not type(model).__module__.startswith("keras."):  # whatever its steps do
            model.test_step(tuple(first))
            return
        images, targets, weights = [*first, None, None][:3]
        outputs = tf.zeros((1, *model.output_shape[1:]))
        model.compute_metrics(images, targets, outputs, weights)


def _compiled_loop(network, kind, source, augmenter=None, jit_compile=False):
    """Return a compiled loop of training or evaluation steps over the batches of a block.

    It takes the tensors of the block, the number of rows a step, and the values that the network's
    graphs take as an input.
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
            # The step alone, once for whole batches and once for the last; data stay outside.
            step = tf.function(step, jit_compile=True, autograph=False)

        @tf.function(input_signature=specs, autograph=False)
        def loop(*arguments):
            *block, batch_size, values = arguments

            def one_step(start):
                # Slices of whole rows are no copies.
                batch = [tensor[start : start + batch_size] for tensor in block]
                if augmenter is not None:
                    batch[0] = augmenter(batch[0])
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
    """Return the loop for a model that is compiled with ``run_eagerly=True``: Python does it."""
    model = network.model
    if jit_compile:
        raise ValueError(
            "jit_compile=True compiles the training step, but the model is compiled with "
            "run_eagerly=True. Set one of them to False."
        )
    step = model.train_step if kind == "train" else model.test_step

    def loop(*arguments):
        *block, batch_size, _ = arguments
        batch_size = int(batch_size)
        with network.metric_targets.applied():
            for start in range(0, len(block[0]), batch_size):
                batch = [tensor[start : start + batch_size] for tensor in block]
                if augmenter is not None:
                    batch[0] = augmenter(batch[0])
                step(tuple(batch[i] for i in layout))

    return loop
