"""Constructor parameters: written once, checked by name, routed to Keras objects.

An estimator declares its parameters as fields of a keyword-only dataclass, so that signature,
storage and defaults stand in one line each, and inherits the fields of its base.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import json
import re
import textwrap
from dataclasses import dataclass, fields
from typing import dataclass_transform

import numpy as np

from skmnist._compat.sklearn import parameter_names
from skmnist._support.kinds import kind_of
from skmnist._support.names import did_you_mean


def plain(value):
    """Return NumPy scalars as Python's, and arrays and lists as tuples of them.

    Grids are written with ``np.arange`` and ``np.logspace``; Keras takes Python's numbers only.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return tuple(plain(part) for part in value)
    return value


class NamedParametersMixin:
    """Name the nearest valid parameter when a misspelt one is set.

    Estimators that route parameters to Keras objects list the prefixes in ``_routed_prefixes``:
    ``optimizer__momentum`` is then a parameter like any other.
    """

    _routed_prefixes = ()
    # Common attributes that a class has not.
    _has_not = ()

    @classmethod
    def _is_routed(cls, name):
        prefix, delimiter, rest = name.partition("__")
        return bool(delimiter and rest) and prefix in cls._routed_prefixes

    @classmethod
    def _hint(cls, name):
        """Return the nearest valid name as a sentence, for routed parameters by their prefix."""
        prefix, delimiter, rest = name.partition("__")
        if not delimiter:
            return did_you_mean(name, parameter_names(cls))
        near = difflib.get_close_matches(prefix, cls._routed_prefixes, n=1)
        return f" Did you mean '{near[0]}__{rest}'?" if near and near[0] != prefix else ""

    def _routed_params(self):
        return {name: value for name, value in vars(self).items() if self._is_routed(name)}

    def get_params(self, deep=True):
        """Get parameters for this estimator.

        Parameters
        ----------
        deep : bool, default=True
            If True, return the parameters of contained estimators too.

        Returns
        -------
        params : dict
            Parameter names mapped to their values, routed parameters included.
        """
        return {**super().get_params(deep=deep), **self._routed_params()}

    def set_params(self, **params):
        """Set the parameters of this estimator.

        Parameters
        ----------
        **params : dict
            Estimator parameters.

        Returns
        -------
        self : estimator instance
            The estimator.

        Raises
        ------
        ValueError
            If a parameter does not exist; the message names the nearest one that does.
            No parameter is set then.
        """
        for name in params:
            own, delimiter, _ = name.partition("__")
            holder = params.get(own, getattr(self, own, None))
            nested = delimiter and hasattr(holder, "set_params")
            if self._is_routed(name) or nested or name in parameter_names(type(self)):
                continue
            raise ValueError(
                f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: "
                f"{parameter_names(type(self))!r}.{self._hint(name)}"
            )
        routed = {name: value for name, value in params.items() if self._is_routed(name)}
        super().set_params(**{k: v for k, v in params.items() if k not in routed})
        for name, value in routed.items():
            setattr(self, name, value)
        return self


def _accept_routed(cls):
    """Let the generated ``__init__`` of `cls` also take routed keyword parameters."""
    generated = cls.__init__
    names = [field.name for field in fields(cls)]

    @functools.wraps(generated)
    def __init__(self, *args, **params):
        routed = {k: params.pop(k) for k in list(params) if self._is_routed(k)}
        for name in params:
            if name not in names:
                raise TypeError(
                    f"{cls.__name__}.__init__() got an unexpected keyword argument {name!r}."
                    + cls._hint(name)
                )
        generated(self, *args, **params)
        for name, value in routed.items():
            setattr(self, name, value)

    # The class's own parameters first, then those of a base between, then the common ones;
    # dataclasses put those of the base first.
    signature = inspect.signature(generated)
    common = _common_names(cls, "parameters")
    own = [name for name in inspect.get_annotations(cls) if name not in common]
    order = ["self", *own, *(name for name in names if name not in {*own, *common}), *common]
    parameters = sorted(signature.parameters.values(), key=lambda p: (p.kind, order.index(p.name)))
    __init__.__signature__ = signature.replace(
        parameters=parameters, return_annotation=inspect.Signature.empty
    )
    cls.__init__ = __init__


def _common_names(cls, kind):
    """Return the common parameters or attributes that `cls` has and does not document itself."""
    names = list(getattr(cls, "_common_docs", {}).get(kind, {}))
    has = {field.name for field in fields(cls)} if kind == "parameters" else set(names)
    has -= set(cls._has_not)
    return [name for name in names if name in has and f"\n    {name} : " not in (cls.__doc__ or "")]


def _declared_kinds(cls):
    """Return the kinds of the parameters that `cls` itself declares, as far as they have one."""
    annotations = inspect.get_annotations(cls, eval_str=True)
    kinds = {name: kind_of(annotation) for name, annotation in annotations.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def entries(text):
    """Return the entries of a numpydoc section by name."""
    parts = re.split(r"^(?=\w+ : )", text.strip(), flags=re.MULTILINE)
    return {part.partition(" : ")[0]: part.strip() for part in parts if part}


def _network_docs(cls, kinds):
    """Return what the builder's docstring says of the parameters that `cls` declares.

    The class says of what kind they are, and what their defaults are.
    """
    _, _, section = inspect.getdoc(cls._network).partition("\nParameters\n----------\n")
    documented = entries(re.split(r"\n\n\w[\w ]*\n---", section)[0])
    defaults = {field.name: field.default for field in fields(cls)}
    lines = []
    for name in inspect.get_annotations(cls):
        if name in documented:
            default = defaults[name]
            shown = json.dumps(default) if isinstance(default, str) else repr(default)
            _, _, description = documented[name].partition("\n")
            lines += [f"{name} : {kinds[name].text}, default={shown}", description]
    return "\n".join(lines)


@dataclass_transform(kw_only_default=True, eq_default=False)
def estimator(cls):
    """Turn a class of annotated fields into an estimator with those constructor parameters.

    Fields are keyword-only unless declared with ``field(kw_only=False)``.  Those whose annotation
    is of a kind that :mod:`skmnist._support.kinds` knows get its constraint, except for those that
    ``_parameter_constraints`` of the class has already.

    A line ``{network_parameters}`` in the docstring is replaced by what the class's builder says
    of the parameters that the class declares.  A line ``{common_parameters}`` or
    ``{common_attributes}`` is replaced by those of the texts that the base class holds under
    ``_common_docs`` which the class has and does not document itself.
    """
    cls = dataclass(eq=False, repr=False, kw_only=True)(cls)
    kinds = _declared_kinds(cls)
    explicit = vars(cls).get("_parameter_constraints", {})
    cls._parameter_constraints = {
        **getattr(cls, "_parameter_constraints", {}),
        **{name: list(kind.constraints) for name, kind in kinds.items() if name not in explicit},
    }
    if cls._routed_prefixes:
        _accept_routed(cls)
    if cls.__doc__:  # python -OO has none
        if "{network_parameters}" in cls.__doc__:
            text = textwrap.indent(_network_docs(cls, kinds), "    ").strip()
            cls.__doc__ = cls.__doc__.replace("{network_parameters}", text)
        for kind, texts in getattr(cls, "_common_docs", {}).items():
            text = "\n".join(texts[name] for name in _common_names(cls, kind))
            indented = textwrap.indent(text, "    ").strip()
            cls.__doc__ = cls.__doc__.replace("{common_" + kind + "}", indented)
        for field in fields(cls):  # a default that subclasses change stands as {name}
            cls.__doc__ = cls.__doc__.replace("{" + field.name + "}", repr(field.default))
    return cls
