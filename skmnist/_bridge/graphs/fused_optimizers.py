"""Keras's optimizers with TensorFlow's fused kernels for the update of a variable.

Keras computes an update by about a dozen operations per variable.  In small networks, starting
these operations takes longer than the arithmetic.  A fused kernel computes the same formula in one
operation.  Everything else in an optimizer (clipping, weight decay, averages, accumulation,
constraints) stays Keras's own code.  An optimizer without a kernel for its formula keeps Keras's
update.

The docstrings give each formula for a variable w, its gradient g, the learning rate r and the
number t of the step, counted from 1.  All operations are by element.
"""

from __future__ import annotations

import contextlib
import functools

from skmnist._bridge.graphs import self_tests
from skmnist._compat.keras_optimizers import REDUCTION, position_of, reduces, slots_of
from skmnist._compat.tricks import is_on
from skmnist._keras import keras, tf


def _adam(optimizer, scratch):
    """Return the update of Adam.

    m <- b1 m + (1 - b1) g
    v <- b2 v + (1 - b2) g^2
    w <- w - r sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)
    """
    first, second = slots_of(optimizer)
    powers = {}

    def update(gradient, variable, rate, i):
        if not powers:  # b1^t and b2^t are the same for all variables of a step
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
    """Return the update of Adamax.

    m <- b1 m + (1 - b1) g
    u <- max(b2 u, |g|)
    w <- w - r / (1 - b1^t) m / (u + epsilon)
    """
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
    """Return the update of RMSprop.

    v <- rho v + (1 - rho) g^2
    a <- rho a + (1 - rho) g                   if centered, else a = 0
    s <- momentum s + r g / sqrt(v - a^2 + epsilon)
    w <- w - s

    The kernel writes s even without momentum; Keras's optimizer has no variable for it then.
    """
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
    """Return the update of gradient descent.

    Without momentum:    w <- w - r g
    With momentum:       s <- momentum s - r g,    w <- w + s
    With Nesterov's:     s <- momentum s - r g,    w <- w + momentum s - r g
    """
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
    """Return the update of Adadelta.

    a <- rho a + (1 - rho) g^2
    s = g sqrt(d + epsilon) / sqrt(a + epsilon),    with d of the step before
    d <- rho d + (1 - rho) s^2
    w <- w - r s
    """
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


# Keys are exact classes, because a subclass may have another formula.  Optimizers are missing here
# if no kernel computes Keras's formula.  The kernel of Adagrad, for instance, adds epsilon outside
# of the root.
_KERNELS = {
    "Adam": _adam,
    "AdamW": _adam,  # Keras applies the weight decay before the update
    "Adamax": _adamax,
    "RMSprop": _rmsprop,
    "SGD": _sgd,
    "Adadelta": _adadelta,
}


def _kernel_of(optimizer):
    """Return the function above that makes the fused update of an optimizer, or None."""
    kind = type(optimizer)
    kernel = _KERNELS.get(kind.__name__)
    if kernel is None or kind is not getattr(keras.optimizers, kind.__name__):
        return None
    if "update_step" in vars(optimizer) or getattr(optimizer, "amsgrad", False):
        return None
    return kernel


def scratch_of(optimizer):
    """Return variables for state that a kernel writes and Keras's optimizer lacks.

    Each optimizer has its own, because several may train at the same time.

    Returns
    -------
    variables : list of tf.Variable
        One for each trained variable; empty if the kernel needs none.
    """
    kernel = _kernel_of(optimizer)
    return _scratch(optimizer) if kernel is not None and _agrees(optimizer, kernel) else []


def _scratch(optimizer):
    if _kernel_of(optimizer) is not _rmsprop or optimizer.momentum > 0:
        return []
    return [tf.Variable(tf.zeros(v.shape, v.dtype)) for v in slots_of(optimizer)[0]]


@contextlib.contextmanager
def fused(optimizer, scratch):
    """Let an optimizer use a fused kernel while a graph is traced.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Built optimizer.
    scratch : list of tf.Variable
        Return value of `scratch_of` for this optimizer.
    """
    kernel = _kernel_of(optimizer)
    with _alone(optimizer):
        if kernel is None or not _agrees(optimizer, kernel):
            yield
        else:
            with _using(kernel, optimizer, scratch):
                yield


def _agrees(optimizer, kernel):
    """Return whether this version of Keras steps as the kernel of an optimizer does."""
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
    """Skip the sum of gradients over replicas, because there is only one replica."""
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
    """Let an optimizer call ``update`` per variable, and ``begin``, if not None, before a step."""
    kerases = optimizer.update_step

    def update_step(gradient, variable, learning_rate):
        if isinstance(gradient, tf.IndexedSlices):  # an embedding's: only some of its rows
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
