"""Cache of graphs that all networks of one architecture share.

TensorFlow binds a graph to the variables of the model that it was traced from.  But every call
passes these variables to the graph as inputs.  The graph of one model can therefore run with the
variables of another model of the same architecture.  Folds, candidates of a search, refits, clones
and unpickled copies do not trace it again.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict

from skmnist._compat.tensorflow import (
    call_with,
    can_clear_kernels,
    clear_kernels,
    gradient_registry,
    gradients_in,
    is_repeatable,
    registers_gradients,
)
from skmnist._compat.tricks import is_on, passes
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
        places = {id(variable.handle): i for i, variable in enumerate(variables)}
        captured = function.captured_inputs
        # A variable's handle is replaced by its position in `variables`, which `bind` resolves
        # for another network.  Constants are the same for all networks and stay.
        self._captured = [places.get(id(tensor), tensor) for tensor in captured]
        # Set by `Network`, for a forward call: the small numbers of rows that give exact outputs.
        self.exact_sizes = None

    @property
    def is_repeatable(self):
        """True if a call writes no variable and draws no random number."""
        return is_repeatable(self._function)

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
        return call_with(self._function, captured)


class _OwnGraph:
    """A compiled function that keeps the variables it was made with, called as TensorFlow does."""

    exact_sizes = ()

    def __init__(self, function):
        self._function = function

    def bind(self, variables):
        """Return the function, which takes tensors, and returns a list of tensors."""
        function = self._function

        def call(*tensors):
            return tf.nest.flatten(function(*tensors))

        return call


def _takes_other_variables():
    """Try a graph of one variable with another one."""
    own, others = tf.Variable(1.0), tf.Variable(10.0)

    @tf.function(input_signature=[tf.TensorSpec((), tf.float32)], autograph=False)
    def add(number):
        return own.assign_add(number * 3)

    graph = Graph(add.get_concrete_function(), [own])
    [result] = graph.bind([others])(tf.constant(2.0))
    return graph.is_general and (float(result), float(others), float(own)) == (16, 16, 1)


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
        The graph, or one with the same ``bind`` that is bound to `variables` already.
    """
    global _evicted
    shares = is_on("running a graph with other variables", _takes_other_variables)
    if not shares:
        key = None
    with _lock:
        graph = _graphs.get(key)
        if graph is not None:
            _graphs.move_to_end(key)
            return graph
    with _forgetting_gradients() as forget:
        function = make()
        forget(function)
    graph = Graph(function, variables) if shares else _OwnGraph(function)
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
    if passes(
        "dropping what it has compiled for graphs that are gone",
        can_clear_kernels,
        "Memory grows with the number of different networks.",
    ):
        clear_kernels()


@contextlib.contextmanager
def _forgetting_gradients():
    """Remove the custom gradients of a graph from TensorFlow's registry once it is traced.

    The registry would keep them, and all that they refer to, until the process ends.  Gradients
    that other threads register meanwhile stay, because only names that occur in the graph are
    removed.
    """
    known = passes(
        "forgetting the gradients of graphs that are made",
        registers_gradients,
        "Memory grows with the number of different networks.",
    )
    registered = gradient_registry() if known else {}
    before = set(registered)

    def forget(function):
        new = {n for n in set(registered) - before if n.startswith("CustomGradient-")}
        for name in new & gradients_in(function) if new else ():
            registered.pop(name, None)

    yield forget


def n_graphs():
    """Return the number of graphs in the cache."""
    return len(_graphs)
