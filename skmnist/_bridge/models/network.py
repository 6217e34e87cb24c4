"""Keras model of an estimator, with its forward pass, its state and its pickled form."""

from __future__ import annotations

import copy

import numpy as np

from skmnist import _keras
from skmnist._bridge.graphs.cache import graph_of
from skmnist._bridge.graphs.fused_optimizers import fused, scratch_of
from skmnist._bridge.graphs.signature import layers_architecture, training_architecture
from skmnist._bridge.models.changes import Attributes, Changes
from skmnist._bridge.models.forward import CHUNK, exact_sizes, make_forward, padded
from skmnist._bridge.models.global_state import fresh_names, making_models
from skmnist._bridge.models.metric_targets import MetricTargets
from skmnist._bridge.models.packed import PackedModel, assign
from skmnist._compat.tricks import tricks_are_on
from skmnist._keras import tf

# A callback that switches a model between two states needs two graphs.
_VERSIONS = 2


class Network:
    """A Keras model with compiled functions.

    Pickles and deep copies hold the architecture as Keras's own configuration and the values of
    all variables, but no graph and no function.  The optimizer's variables are included unless the
    training is over.  The model is built again when it is first used.

    The model is either live (`_model` is set) or packed only (`_model` is None and `_packed` holds
    its state).  After unpacking, `_packed` stays until `compile_again` has given the optimizer its
    state.  `is_finished` says that later training starts with a new state of the optimizer, so the
    old one is not kept.

    Parameters
    ----------
    model : keras.Model
        Built model with one input and one output.
    input_shape : tuple of int
        Shape of one sample as the model takes it.
    own_compile : bool, default=False
        Whether the model was given compiled, and stays so when it is built again.
    has_seeds : bool, default=False
        Whether all random layers have seeds of their own.
    """

    def __init__(self, model, input_shape, own_compile=False, has_seeds=False):
        self._model = model
        self.input_shape = tuple(input_shape)
        self._own_compile = own_compile
        self._has_seeds = has_seeds
        self._packed = None
        self._trained_weights = None
        self.is_finished = False  # if True, later training starts with a new optimizer state
        self._begin()

    def _begin(self):
        """Reset everything that is made on first use and never copied."""
        self._forward_calls = {}
        self._training_calls = {}
        self._compiled = None  # the state that `_training_calls` were made for
        self._parts = {}
        self.metric_targets = MetricTargets()
        self._changes = None  # changes by callbacks, for a live model only

    @property
    def model(self):
        """The live Keras model."""
        if self._model is None:
            with making_models:
                if self._model is None:
                    self._unpack()
        return self._model

    @property
    def output_shape(self):
        """Shape of the outputs, with None for the number of samples."""
        try:
            return self.model.output_shape
        except AttributeError:  # a subclass of keras.Model has none
            return (None, *self.model(tf.zeros((1, *self.input_shape))).shape[1:])

    def part(self, name, make):
        """Return an object that belongs to the model, made once by ``make()``."""
        if name not in self._parts:
            with making_models:
                if name not in self._parts:
                    with fresh_names():
                        self._parts[name] = make()
        return self._parts[name]

    @property
    def is_set_up(self):
        """True if functions exist for the model as it is compiled now.

        All variables exist then.  The user may have compiled the model again in between.
        """
        return self._compiled is not None and self._compiled.optimizer is self.model.optimizer

    def training_function(self, name, make, others=(), general=True):
        """Return a compiled function that trains or evaluates the model.

        Parameters
        ----------
        name : tuple
            Identifies the function among those of the model.
        make : callable
            Takes the model, and returns a concrete function.
        others : sequence of tf.Variable
            Variables that the function uses besides those of the model.
        general : bool, default=True
            Whether `name` identifies the function completely, so that other networks of this
            architecture may reuse its graph.

        Returns
        -------
        call : callable
            Takes the tensors of the function's signature.
        """
        model = self.model
        with making_models:
            if not self.is_set_up:
                self._compiled, self._training_calls = _Compiled(model), {}
            compiled = self._compiled
            version = self._version
            name = (*name, tricks_are_on(), version)
            if name not in self._training_calls:
                variables = [*compiled.variables, *others]

                def make_graph():
                    with fused(model.optimizer, compiled.scratch):
                        return make(model)

                architecture = compiled.architecture if general and version is None else None
                key = None if architecture is None else (name, architecture)
                graph = graph_of(key, make_graph, variables)
                self._training_calls[name] = graph.bind(variables)
                if self._changes is not None:
                    self._changes.look(model)  # tracing a graph changes attributes too
                if version is not None:
                    self._drop_older_versions()
            return self._training_calls[name]

    def look_at_model(self):
        """Take the present model as the reference for `notice_changes`."""
        if self._changes is None:
            self._changes = Changes()
        self._changes.look(self.model)

    def notice_changes(self):
        """Return whether the model has changed, and drop graphs that no longer fit it.

        A changed model does not share graphs, because the description by which models share them
        does not cover all possible changes.
        """
        if not self._changes.notice(self.model):
            return False
        with making_models:
            self._forward_calls, self._parts = {}, {}
        return True

    def attributes(self):
        """Return the attributes of the model before callbacks run, for `put_back`."""
        return Attributes(self.model), self._changes and copy.copy(self._changes)

    def put_back(self, kept):
        """Undo the changes of callbacks to the model since `attributes`."""
        attributes, changes = kept
        attributes.put_back()
        metric_targets = self.metric_targets
        self._begin()
        self._changes, self.metric_targets = changes, metric_targets

    @property
    def _version(self):
        return None if self._changes is None else self._changes.version

    def _drop_older_versions(self):
        """Keep the graphs of the original model and of its latest two versions."""
        versions = list(dict.fromkeys(name[-1] for name in self._training_calls))
        dropped = [version for version in versions if version is not None][:-_VERSIONS]
        calls = self._training_calls
        self._training_calls = {k: call for k, call in calls.items() if k[-1] not in dropped}

    def predict(self, images):
        """Compute the outputs for images.

        Parameters
        ----------
        images : ndarray of shape (n_samples, ...), float32
            Samples in the shape of the model's input.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...), float32
            Outputs.  Those of a sample do not depend on the other samples in `images`.
        """
        return self.run("forward", lambda model: model, images)

    def run(self, name, part, *inputs):
        """Compute the outputs of a part of the model.

        Parameters
        ----------
        name : str
            Name of the part.
        part : callable
            Takes the model, and returns the part to call.
        *inputs : ndarrays of shape (n_samples, ...)
            Inputs of that part.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...), float32
            Outputs.  Those of a sample do not depend on the other samples in `inputs`.
        """
        _keras.check_eager()
        forward, sizes = self._forward_calls.get(name, (None, None))
        if forward is None:
            forward, sizes = self._make_forward_call(name, part, inputs)
        chunks = []
        for start in range(0, len(inputs[0]), CHUNK):
            parts = [array[start : start + CHUNK] for array in inputs]
            n_rows = len(parts[0])
            parts = [tf.constant(padded(array, sizes)) for array in parts]
            chunks.append(forward(*parts)[0].numpy()[:n_rows])
        return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)

    def _make_forward_call(self, name, part, inputs):
        with making_models:
            if name not in self._forward_calls:
                model = self.model
                specs = tuple((array.shape[1:], array.dtype.name) for array in inputs)
                known = self._compiled is not None
                architecture = self._compiled.layers if known else layers_architecture(model)
                if self._version is not None:
                    architecture = None
                key = None if architecture is None else (name, specs, architecture)
                variables = _native(model.variables)
                graph = graph_of(key, lambda: make_forward(part(model), inputs), variables)
                forward = graph.bind(variables)
                if graph.exact_sizes is None:
                    sizes = exact_sizes(forward, inputs) if graph.is_repeatable else ()
                    graph.exact_sizes = sizes
                self._forward_calls[name] = forward, graph.exact_sizes
            return self._forward_calls[name]

    def snapshot(self):
        """Copy the values of all variables, including those of the optimizer."""
        model = self.model
        if self._packed is not None:  # not trained since it was unpacked
            optimizer = self._packed.optimizer
        else:
            optimizer = [v.numpy() for v in model.optimizer.variables] if model.compiled else []
        return [v.numpy() for v in model.variables], optimizer, self._trained_weights

    def restore(self, snapshot):
        """Set the state to a snapshot."""
        variables, optimizer, self._trained_weights = snapshot
        assign(self.model.variables, variables)
        if self._packed is None and self.model.compiled:
            assign(self.model.optimizer.variables, optimizer)

    def compile_again(self, compile_model, changed=False, same_rate=True):
        """Prepare for more training: compile an unpickled model, or one with new parameters.

        The optimizer keeps its state as far as it is still the same optimizer.

        Parameters
        ----------
        compile_model : callable
            Compiles a model in place.
        changed : bool, default=False
            Whether parameters for ``compile`` have changed since the last training.
        same_rate : bool, default=True
            Whether to keep the learning rate of the last training, which a callback may have set.
        """
        model = self.model
        if changed or not model.compiled:
            compile_model(model)
        optimizer = model.optimizer
        with fresh_names():
            optimizer.build(model.trainable_variables)
        if self._packed is None:
            return
        if not self.is_finished:
            self._packed.restore_optimizer(optimizer, same_rate)
        self._packed = None

    def finish_training(self):
        """Replace the weights by the optimizer's averages, if any, as Keras's ``fit`` does.

        The weights themselves are kept, because more training starts from them.

        Returns
        -------
        averaged : list of ndarray or None
            The averages; None if the optimizer does not average weights.
        """
        optimizer = self.model.optimizer
        self._trained_weights = None
        if not getattr(optimizer, "use_ema", False):
            return None
        self._trained_weights = self.weights()
        optimizer.finalize_variable_values(self.model.trainable_variables)
        return self.weights()

    def weights(self):
        """Copy the trainable weights."""
        return [v.numpy() for v in self.model.trainable_variables]

    def end_training(self):
        """Mark the training as over, and drop the state that only more training would need."""
        self.is_finished = True
        self._trained_weights = None

    def resume_training(self):
        """Restore the weights at which training stopped, in place of their averages."""
        self.is_finished = False
        if self._trained_weights is not None:
            assign(self.model.trainable_variables, self._trained_weights)
            self._trained_weights = None

    def keep_weights(self):
        """Let training go on from the present weights, because a callback has set them."""
        self._trained_weights = None

    def _unpack(self):
        self._model = self._packed.build(self.input_shape, self._has_seeds)

    def __getstate__(self):
        packed = self._packed
        if self._model is not None:
            variables, optimizer, _ = self.snapshot()
            packed = PackedModel.of(self._model, variables, keep_compile=self._own_compile)
            if not self.is_finished:
                packed = packed.with_optimizer(optimizer, self._packed or self._model.optimizer)
        return {
            "packed": packed,
            "input_shape": self.input_shape,
            "own_compile": self._own_compile,
            "has_seeds": self._has_seeds,
            "trained_weights": self._trained_weights,
            "is_finished": self.is_finished,
        }

    def __setstate__(self, state):
        self._model = None
        self._packed = state["packed"]
        self.input_shape = state["input_shape"]
        self._own_compile = state["own_compile"]
        self._has_seeds = state["has_seeds"]
        self._trained_weights = state["trained_weights"]
        self.is_finished = state["is_finished"]
        self._begin()


class _Compiled:
    """Description and variables of a compiled model, for which functions are made."""

    def __init__(self, model):
        self.optimizer = model.optimizer
        self.scratch = scratch_of(model.optimizer)
        self.layers = layers_architecture(model)
        self.architecture = training_architecture(model, self.layers)
        variables = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
        self.variables = [*_native(variables), *self.scratch]


def _native(variables):
    """Return the TensorFlow variables inside Keras variables."""
    return [v.value for v in variables]
