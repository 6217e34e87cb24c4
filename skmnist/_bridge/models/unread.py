"""Losses, metrics and optimizers of a file that could not be read.

A model predicts without them.  In their place stand plain ones of Keras whose name says what is
missing: so it stays known through copies, pickles and files of the model, until training asks
for it.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import json
import re
import zipfile

from skmnist._compat.keras_models import compile_arguments
from skmnist._keras import keras

_MARK = "skmnist_could_not_read_"
# Names that Keras looks up when it knows the shape of the targets.
_ANY_FORM = ("acc", "accuracy", "ce", "crossentropy")


def compile_config_in(path):
    """Return how the model in a file was compiled, in Keras's form; {} if it was not.

    Parameters
    ----------
    path : str
        A ``.keras`` or ``.h5`` file.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json")).get("compile_config") or {}
    h5py = importlib.import_module("h5py")  # which Keras needs for such files
    with h5py.File(path, "r") as file:
        text = file.attrs.get("training_config")
    if text is None:
        return {}
    config = json.loads(text)
    return {**config, "optimizer": config.get("optimizer_config")}


def compile_as_read(model, config, custom_objects):
    """Compile a model as a file says, as far as that can be read.

    Parameters
    ----------
    model : keras.Model
        Model that is not compiled.
    config : dict
        What `compile_config_in` returned.
    custom_objects : dict or None
        The user's classes and functions, by name.
    """
    single = getattr(model, "output_shape", (None, None))[-1] == 1
    kind = "BinaryCrossentropy" if single else "CategoricalCrossentropy"

    def read(given, module, stand_in):
        if given is None:
            return None
        name = _MARK + re.sub(r"\W", "_", _name_in(given))
        given = copy.deepcopy(given)  # Keras changes it
        scope = keras.saving.custom_object_scope(custom_objects or {})
        with scope, contextlib.suppress(Exception):
            found = module.deserialize(given) if isinstance(given, dict) else module.get(given)
            if module.get(found) is not None:
                return given if isinstance(given, str) else found
        return stand_in(name=name)

    def read_metrics(given):
        if isinstance(given, (list, tuple)):
            return [read_metrics(part) for part in given]
        if isinstance(given, dict) and "class_name" not in given:
            return {name: read_metrics(part) for name, part in given.items()}
        if given in _ANY_FORM:
            return given
        return read(given, keras.metrics, keras.metrics.CategoricalAccuracy)

    settings = ("run_eagerly", "steps_per_execution", "loss_weights")
    model.compile(
        optimizer=read(config.get("optimizer"), keras.optimizers, keras.optimizers.SGD),
        loss=read(config.get("loss"), keras.losses, getattr(keras.losses, kind)),
        metrics=read_metrics(config.get("metrics")),
        weighted_metrics=read_metrics(config.get("weighted_metrics")),
        **{name: config[name] for name in settings if config.get(name) is not None},
    )


def _name_in(given):
    """Return the name of an object in a file's configuration."""
    if not isinstance(given, dict):
        return str(given)
    if given.get("class_name") == "function" and isinstance(given.get("config"), str):
        return given["config"].rpartition(">")[2]
    return str(given.get("class_name"))


def has_unknown_names(model):
    """Tell whether a model is compiled with names of metrics that Keras does not know."""
    given = compile_arguments(model) if getattr(model, "compiled", False) else {}
    for part in keras.tree.flatten([given.get(key) for key in ("metrics", "weighted_metrics")]):
        if isinstance(part, str) and part not in _ANY_FORM:
            try:
                keras.metrics.get(part)
            except ValueError:
                return True
    return False


def missing_of(model):
    """Return what could not be read of how a model was compiled, by the parameter to set.

    Parameters
    ----------
    model : keras.Model
        Model, compiled or not.

    Returns
    -------
    missing : dict of str to list of str
        Names in the file, of what is not given otherwise.
    """
    found = {}
    for parameter, given in (compile_arguments(model) if model.compiled else {}).items():
        for part in keras.tree.flatten(given):
            name = getattr(part, "name", None)
            if isinstance(name, str) and name.startswith(_MARK):
                found.setdefault(parameter, []).append(name.removeprefix(_MARK))
    return found


def in_words(missing):
    """Return a sentence on what could not be read, and what to do.

    Parameters
    ----------
    missing : dict of str to list of str
        What `missing_of` returned.
    """
    what = ", ".join(f"{key} {name!r}" for key, names in missing.items() for name in names)
    ways = " and ".join(f"{key}=" for key in missing)
    return (
        f"The model comes from a file of which {what} could not be read. To train it, set {ways}, "
        "or pass custom_objects= to from_keras."
    )


def check_all_read(model):
    """Raise, before training, if something is missing that the model was compiled with."""
    missing = missing_of(model)
    if missing:
        raise ValueError(in_words(missing))
