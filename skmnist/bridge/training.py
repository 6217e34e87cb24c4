"""The training engine: epochs over data that stay in memory, in few compiled calls.

Keras's own ``train_step`` does each step, so losses, metrics, optimizers and penalties are
Keras's to the last bit; what is replaced is the loop around it.  Samples are gathered by index
inside the compiled function, so an epoch is a new order, not a new pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skmnist._keras import keras, tf
from skmnist.bridge.architecture import taking_values, values_of
from skmnist.bridge.seeding import epoch_order, fresh_names

# Steps per compiled call: enough to make the call's overhead vanish, few enough for Ctrl-C, which
# Python notices between calls, to be answered soon.
_STEPS_PER_CALL = 128
_VALIDATION_BATCH = 1024

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
_TEST_BATCH_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


@dataclass
class Samples:
    """Images, targets as the loss takes them, and weights (None if all weigh the same).

    Targets may be the images themselves, or None for networks that take none.
    """

    images: np.ndarray
    targets: np.ndarray | None
    weights: np.ndarray | None = None

    def __len__(self):
        return len(self.images)

    def tensors(self):
        """Return what is to stay in memory, and which of it a step takes, in which order.

        Returns
        -------
        tensors : tuple of tensors
            Each of the different parts once.
        layout : tuple of int
            Positions in `tensors` of images, targets and weights, as far as there are any.
        """
        tensors, layout = [tf.constant(self.images)], [0]
        if self.targets is self.images:
            layout.append(0)
        elif self.targets is not None:
            layout.append(len(tensors))
            tensors.append(tf.constant(self.targets))
        if self.weights is not None:
            layout.append(len(tensors))
            tensors.append(tf.constant(self.weights, dtype=tf.float32))
        return tuple(tensors), tuple(layout)


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
    samples,
    progress,
    *,
    epochs,
    seed,
    batch_size,
    callbacks,
    validation=None,
    schedule=None,
    augmenter=None,
):
    """Train for some epochs, yielding after each.

    Parameters
    ----------
    network : Network
        Network whose model is compiled; trained in place.
    samples : Samples
        Training set.
    progress : Progress
        Takes note of every whole epoch.  After a KeyboardInterrupt the network is put back to
        the last of them.
    epochs : range
        Numbers of the epochs to train.
    seed : int
        Seed of the order of samples.
    batch_size : int or None
        Number of samples a step; None for all of them.
    callbacks : list of keras.callbacks.Callback
        Callbacks, fresh for this training.
    validation : Samples or None, default=None
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
    batch_size = len(samples) if batch_size is None else min(batch_size, len(samples))
    history = keras.callbacks.History()
    n_steps = -(-len(samples) // batch_size)
    hooks = keras.callbacks.CallbackList(
        [*callbacks, history], model=model, verbose=0, epochs=epochs.stop, steps=n_steps
    )
    by_batch = any(_overrides(callback, _BATCH_HOOKS) for callback in callbacks)
    tensors, layout = samples.tensors()
    _build_variables(model, tensors, layout)
    run = _compiled_loop(network, "train", tensors, layout, augmenter)
    held_out = None if validation is None else validation.tensors()
    # As long as the training lasts; callbacks that change them do so in vain, as in Keras.
    values = tf.constant(values_of(model), tf.float32)
    step_size = tf.constant(int(batch_size), tf.int32)

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
            order = epoch_order(seed, epoch, len(samples))
            if by_batch:
                _run_by_batch(model, run, tensors, order, step_size, values, hooks)
            else:
                rows = batch_size * _STEPS_PER_CALL
                for start in range(0, len(order), rows):
                    run(*tensors, tf.constant(order[start : start + rows]), step_size, values)
            logs = _logs(model)
            if held_out is not None:
                logs |= _evaluate(network, *held_out, values, hooks, callbacks)
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


def _run_by_batch(model, run, tensors, order, step_size, values, hooks):
    batch_size = int(step_size)
    for step, start in enumerate(range(0, len(order), batch_size)):
        hooks.on_train_batch_begin(step)
        run(*tensors, tf.constant(order[start : start + batch_size]), step_size, values)
        hooks.on_train_batch_end(step, _logs(model))
        if model.stop_training:
            break


def _evaluate(network, tensors, layout, values, hooks, callbacks):
    """Return loss and metrics on a validation set, named as Keras names them."""
    model = network.model
    run = _compiled_loop(network, "test", tensors, layout)
    n_samples = int(tensors[0].shape[0])
    by_batch = any(_overrides(callback, _TEST_BATCH_HOOKS) for callback in callbacks)
    order = np.arange(n_samples, dtype=np.int32)
    step_size = tf.constant(_VALIDATION_BATCH)
    rows = _VALIDATION_BATCH if by_batch else n_samples
    model.reset_metrics()
    hooks.on_test_begin()
    for step, start in enumerate(range(0, n_samples, rows)):
        if by_batch:
            hooks.on_test_batch_begin(step)
        run(*tensors, tf.constant(order[start : start + rows]), step_size, values)
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


def _build_variables(model, tensors, layout):
    """Create the variables of optimizer and metrics, which a compiled loop may not create."""
    first = [tensors[i][:1] for i in layout]
    with fresh_names():
        model.optimizer.build(model.trainable_variables)
        if not type(model).__module__.startswith("keras."):  # whatever its steps do
            model.test_step(tuple(first))
            return
        images, targets, weights = [*first, None, None][:3]
        outputs = tf.zeros((1, *model.output_shape[1:]))
        model.compute_metrics(images, targets, outputs, weights)


def _compiled_loop(network, kind, tensors, layout, augmenter=None):
    """Return a compiled loop of training or evaluation steps over batches of resident tensors.

    It takes the resident tensors, the rows to take in their order, the number of rows a step, and
    the values that the network's graphs take as an input.
    """
    specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in tensors]
    name = (kind, layout, tuple((tuple(spec.shape), spec.dtype.name) for spec in specs))
    specs += [
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
        tf.TensorSpec((None,), tf.float32),
    ]

    def make(model):
        step = model.train_step if kind == "train" else model.test_step

        @tf.function(input_signature=specs, autograph=False)
        def loop(*arguments):
            *resident, order, batch_size, values = arguments

            def one_step(start):
                rows = order[start : start + batch_size]
                batch = [tf.gather(tensor, rows) for tensor in resident]
                if augmenter is not None:
                    batch[0] = augmenter(batch[0])
                step(tuple(batch[i] for i in layout))
                return (start + batch_size,)

            with taking_values(model, values):
                n = tf.shape(order)[0]
                tf.while_loop(lambda start: start < n, one_step, (0,), parallel_iterations=1)

        return loop.get_concrete_function()

    if augmenter is None:
        return network.training_function(name, make)
    return network.training_function(
        (*name, augmenter.key), make, augmenter.variables, augmenter.is_known
    )
