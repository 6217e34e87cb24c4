"""Models, compilation and callbacks from scikit-learn parameters, through scikeras.

Importing this module starts TensorFlow, so the estimators import it in their first fit.  It uses
two parts of scikeras: the routing of flat parameters (``optimizer__momentum``,
``callbacks__patience``, ``model__units``) to Keras objects, and the calls of model builders.  It
does not use scikeras's validation, tags, label encoding, training and prediction, because they are
slow or wrong under scikit-learn >= 1.9.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re

from skmnist._bridge.models.foreign import check_model, described
from skmnist._bridge.models.global_state import fresh_names, making_models, seeded, seeds_its_layers
from skmnist._bridge.models.keras_callbacks import fresh_callbacks
from skmnist._bridge.models.metric_targets import copy_of_metric
from skmnist._bridge.models.optimizers import OptimizerCopy, as_rate, is_instance
from skmnist._compat.keras_models import compile_arguments, copy_model, default_name
from skmnist._compat.scikeras import Wrapper
from skmnist._keras import keras
from skmnist._support.names import did_you_mean

# Meaning of None in estimators that take compiled models, if the model is not compiled.
_DEFAULTS = {
    "optimizer": "adam",
    "loss": "sparse_categorical_crossentropy",
    "metrics": ("accuracy",),
}


def build_model(builder, params, seed, metadata, compiling, given_shape):
    """Build the model of an estimator, reproducibly.

    Parameters
    ----------
    builder : callable or keras.Model
        A function returning a model, or a model to copy together with its weights.
    params : dict
        Keyword arguments for the function.
    seed : int
        Seed of the initial weights and of random layers.
    metadata : dict
        Properties of the data.  The function gets those entries that are parameters of it.
        ``meta`` is a dict with scikeras's names.
    compiling : dict
        Estimator parameters for ``compile``, for builders with ``compile_kwargs``.
    given_shape : tuple of int
        Shape of a sample as the user passed it, for models without an input shape.

    Returns
    -------
    model : keras.Model
        The model, compiled if the builder compiles it or the given model is compiled.
    """
    check_model(builder)
    if isinstance(builder, keras.Model):
        with seeded(seed), fresh_names():
            return _built(copy_model(builder), given_shape, metadata["image_shape"])
    signature = inspect.signature(builder).parameters
    takes_any = any(p.kind == p.VAR_KEYWORD for p in signature.values())
    for name in params:
        if name not in signature and not takes_any:
            raise ValueError(
                f"Invalid parameter 'model__{name}': the model function "
                f"{getattr(builder, '__name__', builder)!r} has no parameter {name!r}."
                + did_you_mean(name, signature)
            )
    known = {"seed": seed, **metadata}
    known = {k: v for k, v in known.items() if k in signature and k != "meta"}
    # scikeras takes functions and partials, but no other callables, so the builder is wrapped.  The
    # signature omits ``**kwargs``, because scikeras would pass everything it knows through it.
    partial = functools.partial(builder, **{**known, **params})
    named = [p for p in signature.values() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    partial.__signature__ = inspect.Signature(named)
    to_compile = {}
    if "compile_kwargs" in signature:
        given = {k: _DEFAULTS.get(k) if v is None else v for k, v in compiling.items()}
        for name in ("weighted_metrics", "soft_targets"):  # `compile_model` adds them later
            given.pop(name, None)
        to_compile = _compile_params(**given)
    wrapper = Wrapper(metadata=metadata["meta"], model=partial, **to_compile)
    with making_models if seeds_its_layers(builder) else seeded(seed):
        try:
            with fresh_names():
                model = wrapper.built_model()
        except ValueError as error:
            if "should be unique" not in str(error):
                raise
            # The function reuses layers whose names clash with the restarted numbers.
            model = wrapper.built_model()
        if not isinstance(model, keras.Model):
            raise TypeError(
                f"The 'model' parameter must be a keras.Model or return one. Got "
                f"{described(model)} from "
                f"{getattr(builder, '__name__', builder)!r} instead."
            )
        return _built(model, given_shape, metadata["image_shape"])


def _built(model, given_shape, image_shape):
    """Build a model that has no weights yet, by calling it on a sample as given or an image."""
    if not model.built:
        first = model.layers[0] if isinstance(model, keras.Sequential) and model.layers else model
        least = getattr(getattr(first, "input_spec", None), "min_ndim", None) or 0
        needs_images = least > len(given_shape) + 1
        model(keras.ops.zeros((1, *(image_shape if needs_images else given_shape))))
    return model


def compile_model(model, compiling):
    """Compile a model from estimator parameters.

    Parameters
    ----------
    model : keras.Model
        Model to compile, in place.
    compiling : dict
        ``optimizer``, ``learning_rate``, ``loss``, ``metrics`` and ``routed`` parameters.  For a
        model that computes its own loss, ``loss`` and ``metrics`` are missing.
    """
    if "loss" not in compiling:
        params = _compile_params(**compiling, loss=None, metrics=())
        model.compile(optimizer=Wrapper(**params).compile_arguments()["optimizer"])
        return
    compiling = dict(compiling)
    weighted = compiling.pop("weighted_metrics", None)
    soft = compiling.pop("soft_targets", False)
    given = {name: compiling[name] for name in ("optimizer", "loss", "metrics")}
    changes = [*given.values(), compiling["learning_rate"], weighted, *compiling["routed"]]
    if model.compiled and all(change is None for change in changes) and not soft:
        return
    own = compile_arguments(model) if model.compiled else {}
    for name, default in _DEFAULTS.items():
        if given[name] is None:
            given[name] = default if own.get(name) is None else own[name]
        own.pop(name, None)
    if soft:
        given["loss"] = _of_one_hot(given["loss"])
    params = _compile_params(**{**compiling, **given})
    if weighted is not None:
        own["weighted_metrics"] = _weighted_metrics(weighted)
    # A compiled model keeps its other arguments of ``compile``.
    model.compile(**{**Wrapper(**params).compile_arguments(), **own})


def _of_one_hot(loss):
    """Return the cross-entropy for one-hot targets in place of the sparse one; others unchanged.

    Both compute the same number, but the sparse form cannot take blended targets.
    """
    sparse = keras.losses.SparseCategoricalCrossentropy
    if isinstance(loss, str):
        name = loss.lower().replace("_", "")
        return "categorical_crossentropy" if name == "sparsecategoricalcrossentropy" else loss
    if loss is keras.losses.sparse_categorical_crossentropy:
        return keras.losses.categorical_crossentropy
    if loss is sparse:
        return keras.losses.CategoricalCrossentropy
    if type(loss) is sparse and loss.get_config().get("ignore_class") is None:
        taken = ("name", "reduction", "from_logits", "axis", "dtype")
        config = {k: v for k, v in loss.get_config().items() if k in taken}
        return keras.losses.CategoricalCrossentropy(**config)
    return loss


def make_callbacks(callbacks, routed):
    """Return fresh Keras callbacks for instances, classes or a dict of the user.

    Instances are copied by :func:`~skmnist._bridge.models.keras_callbacks.fresh_callbacks`.
    """
    routed = {k: v for k, v in routed.items() if k.startswith("callbacks__")}
    if callbacks is None:
        _refuse("callbacks", None, routed)
        return []
    given = callbacks
    if isinstance(given, dict):
        items = given
    else:
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        items = {str(i): item for i, item in enumerate(given)}
    for name, item in items.items():
        if isinstance(item, type) and issubclass(item, keras.callbacks.Callback):
            # ``callbacks__patience`` is for all callbacks, ``callbacks__stop__patience`` for one.
            shared = {k: v for k, v in routed.items() if k.count("__") == 1}
            _check_routed("callbacks", item, shared)
            _check_routed(f"callbacks__{name}", item, routed)
        elif isinstance(item, keras.callbacks.Callback):
            _refuse("callbacks", item, routed if len(items) == 1 else {})
        else:
            raise TypeError(
                "The 'callbacks' parameter must hold instances or subclasses of "
                f"keras.callbacks.Callback. Got {item!r} instead."
            )
    wrapper = Wrapper(callbacks=fresh_callbacks(given), **routed)
    return wrapper.made_callbacks()


def _compile_params(optimizer, learning_rate, loss, metrics, routed):
    """Return parameters for scikeras, with fresh instances and with names resolved to classes."""
    routed = {k: v for k, v in routed.items() if k.partition("__")[0] != "callbacks"}
    learning_rate = as_rate(learning_rate)
    if "optimizer__learning_rate" in routed:
        routed["optimizer__learning_rate"] = as_rate(routed["optimizer__learning_rate"])
    if learning_rate is not None:
        if "optimizer__learning_rate" in routed:
            raise ValueError(
                "The learning rate is given twice: learning_rate="
                f"{learning_rate!r} and optimizer__learning_rate="
                f"{routed['optimizer__learning_rate']!r}. Set one of them."
            )
        if not is_instance(optimizer):
            routed["optimizer__learning_rate"] = learning_rate
    if is_instance(optimizer):
        _refuse("optimizer", optimizer, routed)
        if not isinstance(optimizer, OptimizerCopy):  # from a compiled model
            optimizer = OptimizerCopy(optimizer)
        optimizer = optimizer.make(learning_rate)
    else:
        # A name is resolved to its class here, because scikeras would make an optimizer for that.
        optimizer = _optimizer_class(optimizer) if isinstance(optimizer, str) else optimizer
        _check_routed("optimizer", optimizer, routed)
    if any(name.startswith("loss__") for name in routed):
        # scikeras resolves a name to a function, which takes no parameters, unlike the class.
        loss = _loss_class(loss) if isinstance(loss, str) else loss
        if not isinstance(loss, type):
            _refuse("loss", loss, routed)
        _check_routed("loss", loss, routed)
    if not metrics:
        _refuse("metrics", metrics, routed)
    metrics, names = _fresh_metrics(metrics, routed)
    return {"optimizer": optimizer, "loss": loss, "metrics": metrics, **names, **routed}


def _fresh_metrics(metrics, routed):
    """Return new metrics for this fit, with names that are the same in every fit.

    Keras numbers the metrics of a process (``auc``, ``auc_1``, ...).  The names in a history must
    not depend on earlier fits.

    Returns
    -------
    metrics : list
        Strings, functions, instances and classes, as scikeras takes them.
    names : dict
        Routed parameters that set the names of the classes in `metrics`.
    """
    fresh, names, seen = [], {}, {}
    for i, metric in enumerate(metrics):
        if isinstance(metric, str) and metric not in ("acc", "accuracy", "ce", "crossentropy"):
            known = keras.metrics.get(metric)
            metric = type(known) if isinstance(known, keras.metrics.Metric) else known
        kind = metric if isinstance(metric, type) else type(metric)
        if issubclass(kind, keras.metrics.Metric):
            name = default_name(kind)
            seen[name] = seen.get(name, 0) + 1
            numbered = name if seen[name] == 1 else f"{name}_{seen[name]}"
            if metric is kind:
                names[f"metrics__{i}__name"] = numbered
            else:
                own_name = metric.name
                metric = copy_of_metric(metric)
                if re.fullmatch(rf"{name}(_\d+)?", own_name):  # Keras's choice, not the user's
                    metric.name = numbered
        fresh.append(metric)
    return fresh, {k: v for k, v in names.items() if "metrics__name" not in routed}


def _weighted_metrics(metrics):
    """Return new metrics for Keras's ``compile``, with names that are the same in every fit."""
    fresh, names = _fresh_metrics(metrics, {})
    return [
        metric(name=names[f"metrics__{i}__name"]) if isinstance(metric, type) else metric
        for i, metric in enumerate(fresh)
    ]


def _optimizer_class(name):
    """Return the class of the Keras optimizer that `name` stands for."""
    plain = _PLAIN_OPTIMIZERS.get(name.lower())
    return getattr(keras.optimizers, plain) if plain else type(keras.optimizers.get(name))


# Optimizers with the same name as their class.  Keras resolves all other names.
_PLAIN_OPTIMIZERS = {
    kind.lower(): kind
    for kind in ("Adam", "RMSprop", "SGD", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta")
}


def _loss_class(name):
    """Return the class of the Keras loss with this name or alias."""
    loss = keras.losses.get(name)
    if isinstance(loss, keras.losses.Loss):
        return type(loss)
    for kind in vars(keras.losses).values():
        if isinstance(kind, type) and issubclass(kind, keras.losses.Loss):
            with contextlib.suppress(TypeError, AttributeError):  # abstract classes
                if kind().fn is loss:
                    return kind
    return loss


def _refuse(prefix, receiver, routed):
    """Raise if there are routed parameters for an object that takes none."""
    names = [name for name in routed if name.startswith(f"{prefix}__")]
    if names:
        raise ValueError(
            f"Invalid parameter {names[0]!r}: {prefix}={receiver!r} takes no parameters. "
            "Only names and classes of Keras objects take parameters."
        )


def _check_routed(prefix, kind, routed):
    """Raise for a routed parameter that the class `kind` does not take."""
    valid = inspect.signature(kind).parameters
    if any(p.kind == p.VAR_KEYWORD for p in valid.values()) and not kind.__module__.startswith(
        "keras."
    ):
        return
    for name in routed:
        parameter = name.removeprefix(f"{prefix}__").partition("__")[0]
        if name.startswith(f"{prefix}__") and parameter not in valid and not parameter.isdigit():
            raise ValueError(
                f"Invalid parameter {name!r}: {kind.__name__} has no parameter {parameter!r}."
                + did_you_mean(parameter, valid)
            )
