"""Keras's optimizers with TensorFlow's fused kernels doing the update of a variable.

Keras writes an update as a dozen operations a variable; for small networks, starting those takes
longer than the arithmetic.  A fused kernel does the same formula in one.  All else an optimizer
does (clipping, weight decay, averages, accumulation, constraints) stays Keras's own code, and an
optimizer whose formula no kernel has keeps Keras's update.
"""

from __future__ import annotations

import contextlib
import functools

from skmnist._bridge.graphs import self_tests
from skmnist._compat.keras_optimizers import REDUCTION, position_of, reduces, slots_of
from skmnist._compat.tricks import is_on
from skmnist._keras import keras, tf


def _adam(optimizer, scratch):
    first, second = slots_of(optimizer)
    powers = {}

    def update(gradient, variable, rate, i):
        if not powers:  # the same for all variables of a step
            step = tf.cast(optimizer.iterations + 1, variable.dtype)
            powers.update(
                beta1_power=tf.pow(tf.constant(optimizer.beta_1, variable.dtype), step),
                beta2_power=tf.pow(tf.constant(optimizer.beta_2, variable.dtype), step),
            )
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=first[i].handle,
            v=second[i].handle,
            lr=rate,
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            epsilon=optimizer.epsilon,
            grad=gradient,
            **powers,
        )

    return update, powers.clear


def _adamax(optimizer, scratch):
    first, second = slots_of(optimizer)

    def update(gradient, variable, rate, i):
        step = tf.cast(optimizer.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdaMax(
            var=variable.handle,
            m=first[i].handle,
            v=second[i].handle,
            beta1_power=tf.pow(tf.constant(optimizer.beta_1, variable.dtype), step),
            lr=rate,
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            epsilon=optimizer.epsilon,
            grad=gradient,
        )

    return update, None


def _rmsprop(optimizer, scratch):
    squares, momentums, averages = slots_of(optimizer)

    def update(gradient, variable, rate, i):
        momentum = momentums[i] if optimizer.momentum > 0 else scratch[i]
        common = {
            "var": variable.handle,
            "ms": squares[i].handle,
            "mom": momentum.handle,
            "lr": rate,
            "rho": optimizer.rho,
            "momentum": optimizer.momentum,
            "epsilon": optimizer.epsilon,
            "grad": gradient,
        }
        if optimizer.centered:
            average = averages[i].handle
            tf.raw_ops.ResourceApplyCenteredRMSProp(mg=average, **common)
        else:
            tf.raw_ops.ResourceApplyRMSProp(**common)

    return update, None


def _sgd(optimizer, scratch):
    [momentums] = slots_of(optimizer)

    def update(gradient, variable, rate, i):
        if optimizer.momentum == 0:
            tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=gradient)
        else:
            tf.raw_ops.ResourceApplyKerasMomentum(
                var=variable.handle,
                accum=momentums[i].handle,
                lr=rate,
                grad=gradient,
                momentum=optimizer.momentum,
                use_nesterov=optimizer.nesterov,
            )

    return update, None


def _adadelta(optimizer, scratch):
    squares, squares_of_steps = slots_of(optimizer)

    def update(gradient, variable, rate, i):
        tf.raw_ops.ResourceApplyAdadelta(
            var=variable.handle,
            accum=squares[i].handle,
            accum_update=squares_of_steps[i].handle,
            lr=rate,
            rho=optimizer.rho,
            epsilon=optimizer.epsilon,
            grad=gradient,
        )

    return update, None


# By the exact class, for a subclass may have another formula.  Those that are missing have no
# kernel of Keras's formula: Adagrad's, for instance, adds epsilon outside of the root.
_KERNELS = {
    "Adam": _adam,
    "AdamW": _adam,  # Adam, with a decay of the weights that is not part of the update
    "Adamax": _adamax,
    "RMSprop": _rmsprop,
    "SGD": _sgd,
    "Adadelta": _adadelta,
}


def _kernel_of(optimizer):
    """Return what makes the fused update of an optimizer, None if there is none."""
    kind = type(optimizer)
    kernel = _KERNELS.get(kind.__name__)
    if kernel is None or kind is not getattr(keras.optimizers, kind.__name__):
        return None
    if "update_step" in vars(optimizer) or getattr(optimizer, "amsgrad", False):
        return None
    return kernel


def scratch_of(optimizer):
    """Return the variables that a kernel writes, though Keras's optimizer has no such state.

    They are of one optimizer alone, for several may train at the same time.

    Returns
    -------
    variables : list of tf.Variable
        One for each trained variable, or none at all.
    """
    kernel = _kernel_of(optimizer)
    return _scratch(optimizer) if kernel is not None and _agrees(optimizer, kernel) else []


def _scratch(optimizer):
    if _kernel_of(optimizer) is not _rmsprop or optimizer.momentum > 0:
        return []
    return [tf.Variable(tf.zeros(v.shape, v.dtype)) for v in slots_of(optimizer)[0]]


@contextlib.contextmanager
def fused(optimizer, scratch):
    """Let an optimizer use a fused kernel while a graph is made.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Built optimizer.
    scratch : list of tf.Variable
        What `scratch_of` returned for it.
    """
    kernel = _kernel_of(optimizer)
    with _alone(optimizer):
        if kernel is None or not _agrees(optimizer, kernel):
            yield
        else:
            with _using(kernel, optimizer, scratch):
                yield


def _agrees(optimizer, kernel):
    """Tell whether this version of Keras steps as the kernel of an optimizer does."""
    kind = type(optimizer)
    options = {k: getattr(optimizer, k) for k in _BRANCHES if getattr(optimizer, k, 0)}
    if "momentum" in options:
        options["momentum"] = 0.9  # any, but none
    named = ", ".join(f"{k}={v!r}" for k, v in options.items())

    def agrees():
        make = functools.partial(kind, learning_rate=0.1, **options)
        return self_tests.optimizer_agrees(make, functools.partial(_using, kernel), _scratch)

    return is_on(f"the fused update of {kind.__name__}({named})", agrees)


# Options by which an update is another formula.
_BRANCHES = ("momentum", "nesterov", "centered")


@contextlib.contextmanager
def _alone(optimizer):
    """Keep an optimizer from summing gradients over the one replica that there is."""
    if tf.distribute.has_strategy() or not is_on(
        "updates without a sum over replicas", lambda: reduces(keras.optimizers.SGD)
    ):
        yield
        return
    setattr(optimizer, REDUCTION, list)
    try:
        yield
    finally:
        delattr(optimizer, REDUCTION)


def _using(kernel, optimizer, scratch):
    return _updating(optimizer, *kernel(optimizer, scratch))


@contextlib.contextmanager
def _updating(optimizer, update, begin):
    """Let an optimizer call ``update`` for a variable, and ``begin``, if any, before them all."""
    kerases = optimizer.update_step

    def update_step(gradient, variable, learning_rate):
        if isinstance(gradient, tf.IndexedSlices):  # of an embedding: rows of it only
            return kerases(gradient, variable, learning_rate)
        rate = tf.cast(learning_rate, variable.dtype)
        i = position_of(optimizer, variable)
        return update(tf.cast(gradient, variable.dtype), variable, rate, i)

    def apply(*arguments, **named):
        if begin is not None:
            begin()
        return type(optimizer).apply(optimizer, *arguments, **named)

    optimizer.update_step, optimizer.apply = update_step, apply
    try:
        yield
    finally:
        del optimizer.update_step, optimizer.apply
