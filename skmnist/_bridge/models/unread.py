"""Placeholders for losses, metrics and optimizers of a file that could not be read.

A model can predict without them.  A placeholder is a plain Keras object whose name holds the name
of the missing one.  This survives copies, pickles and files of the model until it is trained.
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
# Names that Keras resolves only when it knows the shape of the targets.
_ANY_FORM = ("acc", "accuracy", "ce", "crossentropy")


def compile_config_in(path):
    """Return Keras's compile configuration of the model in a file; {} if it was not compiled.

    Parameters
    ----------
    path : str
        A ``.keras`` or ``.h5`` file.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json")).get("compile_config") or {}
    h5py = importlib.import_module("h5py")  # Keras needs it for such files anyway
    with h5py.File(path, "r") as file:
        text = file.attrs.get("training_config")
    if text is None:
        return {}
    config = json.loads(text)
    return {**config, "optimizer": config.get("optimizer_config")}


def compile_as_read(model, config, custom_objects):
    """Compile a model as described in its file, with placeholders for unreadable parts.

    Parameters
    ----------
    model : keras.Model
        Model that is not compiled.
    config : dict
        Return value of `compile_config_in`.
    custom_objects : dict or None
        The user's classes and functions, by name.
    """
    single = getattr(model, "output_shape", (None, None))[-1] == 1
    kind = "BinaryCrossentropy" if single else "CategoricalCrossentropy"

    def read(given, module, stand_in):
        if given is None:
            return None
        name = _MARK + re.sub(r"\W", "_", _name_in(given))
        given = copy.deepcopy(given)  # because Keras changes it
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
    """Return whether a model is compiled with metric names that Keras does not know."""
    given = compile_arguments(model) if getattr(model, "compiled", False) else {}
    for part in keras.tree.flatten([given.get(key) for key in ("metrics", "weighted_metrics")]):
        if isinstance(part, str) and part not in _ANY_FORM:
            try:
                keras.metrics.get(part)
            except ValueError:
                return True
    return False


def missing_of(model):
    """Return the names behind the placeholders of a model, grouped by parameter.

    Parameters
    ----------
    model : keras.Model
        Model, compiled or not.

    Returns
    -------
    missing : dict of str to list of str
        Names in the file by estimator parameter (``loss``, ``metrics`` or ``optimizer``).
    """
    found = {}
    for parameter, given in (compile_arguments(model) if model.compiled else {}).items():
        for part in keras.tree.flatten(given):
            name = getattr(part, "name", None)
            if isinstance(name, str) and name.startswith(_MARK):
                found.setdefault(parameter, []).append(name.removeprefix(_MARK))
    return found


def in_words(missing):
    """Return a message that names the missing objects and the remedy.

    Parameters
    ----------
    missing : dict of str to list of str
        Return value of `missing_of`.
    """
    what = ", ".join(f"{key} {name!r}" for key, names in missing.items() for name in names)
    ways = " and ".join(f"{key}=" for key in missing)
    return (
        f"The model comes from a file whose {what} could not be read. To train it, set {ways}, "
        "or pass custom_objects= to from_keras."
    )


def check_all_read(model):
    """Raise if a model to be trained has placeholders from `compile_as_read`."""
    missing = missing_of(model)
    if missing:
        raise ValueError(in_words(missing))
