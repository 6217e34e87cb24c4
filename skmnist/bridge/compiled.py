"""Graphs that belong to an architecture, and are run with the variables of any network of it.

TensorFlow binds a graph to the variables of the model that it was made from.  But it hands them
over in every call, as inputs like others; so the graph of one model can be run with the variables
of another one, if both have the same architecture.  Folds, candidates of a search, refits, clones
and unpickled copies need not make it again.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections import OrderedDict

from skmnist._keras import tf
from skmnist.bridge.tricks import tricks_are_on

# Graphs that are kept, the least recently used out first.  One takes 1 to 5 MB; a fit needs two
# or three.
MAX_GRAPHS = 64
# TensorFlow keeps compiled kernels of graphs that are gone until it is told to drop them all, and
# making those of the other graphs again takes time: 0.1 s or so a graph.
_EVICTIONS_PER_CLEARING = 16

_graphs = OrderedDict()
_lock = threading.Lock()
_evicted = 0


class Graph:
    """A compiled function that takes the variables of a network.

    Parameters
    ----------
    function : tf.types.experimental.ConcreteFunction
        Compiled function, made from a network.
    variables : list of tf.Variable
        The variables of that network, in an order that all networks of its architecture share.
    """

    def __init__(self, function, variables):
        self._function = function
        self._types = [output.dtype for output in function.outputs]
        places = {id(variable.handle): i for i, variable in enumerate(variables)}
        captured = function.captured_inputs
        # Where a variable's handle goes, its place in `variables`; constants stay what they are.
        self._captured = [places.get(id(tensor), tensor) for tensor in captured]
        # Of a forward call: small numbers of rows that give the bits of large ones; see Network.
        self.exact_sizes = None

    @property
    def is_general(self):
        """Whether the function takes nothing from its network but the known variables."""
        return all(isinstance(c, int) or c.dtype != tf.resource for c in self._captured)

    @property
    def is_repeatable(self):
        """Whether a call leaves nothing behind: no variable written, no random number drawn."""
        return not any(
            "Assign" in node.op or "Random" in node.op for node in _nodes(self._function)
        )

    def bind(self, variables):
        """Return the function for a network with these variables.

        Returns
        -------
        call : callable
            Takes the tensors of the function's signature, and returns a list of tensors.
        """
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
    """Return the graph for a key, made by ``make()`` if there is none yet.

    Parameters
    ----------
    key : hashable or None
        What tells the graph from others; None for one that no other network may use.
    make : callable
        Returns the compiled function.  It is called by one thread at a time.
    variables : list of tf.Variable
        What the function is made from.

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
    """Drop the kernels of graphs that are gone; where that has no name, they are kept."""
    # What Keras's own clear_session did once; there is no public name for it.
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("tensorflow.python.eager.context").context().clear_kernel_cache()


@contextlib.contextmanager
def _forgetting_gradients():
    """Forget the custom gradients of a graph once it is made.

    TensorFlow keeps them, and what they use, for as long as the process lives.  Those that other
    threads register meanwhile stay: only names that the graph itself uses are dropped.
    """
    registered = _custom_gradients()
    before = set(registered)

    def forget(function):
        new = {n for n in set(registered) - before if n.startswith("CustomGradient-")}
        for name in new & _gradients_in(function) if new else ():
            registered.pop(name, None)

    yield forget


def _custom_gradients():
    """Return TensorFlow's registry of gradients by name; an empty one where it has no such."""
    try:
        ops = importlib.import_module("tensorflow.python.framework.ops")
        return ops.gradient_registry._registry
    except (ImportError, AttributeError):
        return {}


def _gradients_in(function):
    """Return the names of the gradients that the operations of a function ask for."""
    return {
        node.attr["_gradient_op_type"].s.decode()
        for node in _nodes(function)
        if "_gradient_op_type" in node.attr
    }


def _nodes(function):
    """Yield the operations of a function, those of its inner functions included."""
    definition = function.graph.as_graph_def()
    yield from definition.node
    for inner in definition.library.function:
        yield from inner.node_def


def n_graphs():
    """Return the number of graphs that are kept."""
    return len(_graphs)
