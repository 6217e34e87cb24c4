"""Cache of graphs that all networks of one architecture share.

TensorFlow binds a graph to the variables of the model that it was traced from.  But every call
passes these variables to the graph as inputs.  The graph of one model can therefore run with the
variables of another model of the same architecture.  Folds, candidates of a search, refits, clones
and unpickled copies do not trace it again.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections import OrderedDict

from skmnist._compat.tricks import tricks_are_on
from skmnist._keras import tf

# The cache evicts the least recently used graph first.  A graph takes 1 to 5 MB; a fit needs two
# or three.
MAX_GRAPHS = 64
# TensorFlow keeps the kernels of deleted graphs until all kernels are cleared.  The cache does not
# clear them at every eviction, because rebuilding the kernels of a live graph takes about 0.1 s.
_EVICTIONS_PER_CLEARING = 16

_graphs = OrderedDict()
_lock = threading.Lock()
_evicted = 0


class Graph:
    """A traced function that can run with the variables of any network of its architecture.

    Parameters
    ----------
    function : tf.types.experimental.ConcreteFunction
        Function traced from one network.
    variables : list of tf.Variable
        Variables of that network, in an order that all networks of its architecture share.
    """

    def __init__(self, function, variables):
        self._function = function
        self._types = [output.dtype for output in function.outputs]
        places = {id(variable.handle): i for i, variable in enumerate(variables)}
        captured = function.captured_inputs
        # A variable's handle is replaced by its position in `variables`, which `bind` resolves
        # for another network.  Constants are the same for all networks and stay.
        self._captured = [places.get(id(tensor), tensor) for tensor in captured]

    @property
    def is_general(self):
        """True if the function uses no resources of its network except the known variables."""
        return all(isinstance(c, int) or c.dtype != tf.resource for c in self._captured)

    def bind(self, variables):
        """Return the function for a network with these variables.

        Returns
        -------
        call : callable
            Takes the tensors of the function's signature, and returns a list of tensors.
        """
        # A concrete function would pass the handles that it captured.  The operation behind it
        # takes them as arguments, so the handles of another network can be passed instead.
        captured = [variables[c].handle if isinstance(c, int) else c for c in self._captured]
        function, types = self._function, self._types

        def call(*tensors):
            return tf.raw_ops.StatefulPartitionedCall(
                args=[*tensors, *captured],
                Tout=types,
                f=function,
                config="",
                config_proto="",
                executor_type="",
            )

        return call


def graph_of(key, make, variables):
    """Return the graph for a key from the cache, or trace it with ``make()``.

    Parameters
    ----------
    key : hashable or None
        Identifies the graph; None for a graph that no other network may use.
    make : callable
        Returns the concrete function.  Only one thread at a time calls it.
    variables : list of tf.Variable
        Variables of the network that ``make`` traces.

    Returns
    -------
    graph : Graph
        The graph.
    """
    global _evicted
    if not tricks_are_on():
        key = None
    with _lock:
        graph = _graphs.get(key)
        if graph is not None:
            _graphs.move_to_end(key)
            return graph
    with _forgetting_gradients() as forget:
        function = make()
        forget(function)
    graph = Graph(function, variables)
    if key is not None and graph.is_general:
        with _lock:
            _graphs[key] = graph
            while len(_graphs) > MAX_GRAPHS:
                _graphs.popitem(last=False)
                _evicted += 1
            clear = _evicted >= _EVICTIONS_PER_CLEARING
            if clear:
                _evicted = 0
        if clear:
            _clear_kernels()
    return graph


def _clear_kernels():
    """Drop the kernels of deleted graphs, if this version of TensorFlow has a function for it."""
    # Keras's clear_session used this method in the past.  There is no public one.
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("tensorflow.python.eager.context").context().clear_kernel_cache()


@contextlib.contextmanager
def _forgetting_gradients():
    """Remove the custom gradients of a graph from TensorFlow's registry once it is traced.

    The registry would keep them, and all that they refer to, until the process ends.  Gradients
    that other threads register meanwhile stay, because only names that occur in the graph are
    removed.
    """
    registered = _custom_gradients()
    before = set(registered)

    def forget(function):
        new = {n for n in set(registered) - before if n.startswith("CustomGradient-")}
        for name in new & _gradients_in(function) if new else ():
            registered.pop(name, None)

    yield forget


def _custom_gradients():
    """Return TensorFlow's registry of gradients by name; empty if this version has none."""
    try:
        ops = importlib.import_module("tensorflow.python.framework.ops")
        return ops.gradient_registry._registry
    except (ImportError, AttributeError):
        return {}


def _gradients_in(function):
    """Return the names of the custom gradients that the operations of a function use."""
    definition = function.graph.as_graph_def()
    nodes = [definition.node, *(inner.node_def for inner in definition.library.function)]
    return {
        node.attr["_gradient_op_type"].s.decode()
        for some in nodes
        for node in some
        if "_gradient_op_type" in node.attr
    }


def n_graphs():
    """Return the number of graphs in the cache."""
    return len(_graphs)
