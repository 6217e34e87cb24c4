"""What TensorFlow keeps private, or does not document.

All of it is there in TensorFlow 2.18, the lowest that skmnist takes.
"""

from __future__ import annotations

import functools
import importlib

from skmnist._keras import tf


def clear_kernels():
    """Drop the compiled kernels of all graphs; since TensorFlow 2.1.

    Keras's ``clear_session`` used this method in the past.  There is no public one.
    """
    _context().clear_kernel_cache()


def can_clear_kernels():
    """Return whether `clear_kernels` has what it needs."""
    return callable(_context().clear_kernel_cache)


def _context():
    return importlib.import_module("tensorflow.python.eager.context").context()


def gradient_registry():
    """Return the custom gradients of all graphs by name, which nothing public forgets."""
    return importlib.import_module("tensorflow.python.framework.ops").gradient_registry._registry


def registers_gradients():
    """Return whether `gradient_registry` is what custom gradients are added to."""
    before = len(gradient_registry())

    @tf.custom_gradient
    def doubled(x):
        return 2 * x, lambda dy: 2 * dy

    with tf.Graph().as_default() as graph:
        doubled(tf.constant(1.0))
    names = _gradients_of(graph.as_graph_def())
    registered = len(gradient_registry()) > before and names <= set(gradient_registry())
    for name in names:
        gradient_registry().pop(name, None)
    return bool(names) and registered


def gradients_in(function):
    """Return the names of the custom gradients that the operations of a function use."""
    return _gradients_of(function.graph.as_graph_def())


def _gradients_of(definition):
    return {
        node.attr["_gradient_op_type"].s.decode()  # how TensorFlow marks them, since 1.0
        for node in _nodes(definition)
        if "_gradient_op_type" in node.attr
    }


def is_repeatable(function):
    """Return whether a call has no effect: no variable is set, nothing drawn, no Python run."""
    operations = [node.op for node in _nodes(function.graph.as_graph_def())]
    effects = ("Assign", "Random", "PyFunc")
    return not any(effect in name for name in operations for effect in effects)


def _nodes(definition):
    """Yield the operations of a graph, including those of its inner functions."""
    yield from definition.node
    for inner in definition.library.function:
        yield from inner.node_def


def call_with(function, captured):
    """Return what calls a compiled function with other captured tensors than its own.

    That ``f`` may be a concrete function, and that its captured tensors come last, is documented
    nowhere.

    Parameters
    ----------
    function : tf.types.experimental.ConcreteFunction
        Compiled function.
    captured : list of tensors
        In the order of its ``captured_inputs``: handles of variables, and constants.

    Returns
    -------
    call : callable
        Takes the tensors of the function's signature, and returns a list of tensors.
    """
    types = [output.dtype for output in function.outputs]
    run = tf.raw_ops.StatefulPartitionedCall

    def call(*tensors):
        return run(
            args=[*tensors, *captured],
            Tout=types,
            f=function,
            config="",
            config_proto="",
            executor_type="",
        )

    return call


def tensor_over(array):
    """Return a tensor that reads the memory of an array, whatever is written there later.

    The functions are public; that nothing is copied is not promised.
    """
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


@functools.cache
def _eager_type():
    with tf.init_scope():
        return type(tf.constant(0))


def is_eager_tensor(value):
    """Return whether something is a tensor with a value; ``tf.is_tensor`` is slow."""
    return type(value) is _eager_type()
