"""Constructor parameters as dataclass fields, with checks of names and routing to Keras objects.

An estimator declares its parameters as fields of a keyword-only dataclass and inherits the fields
of its base.  One line per parameter gives its name, its default and its storage.
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
    """Convert NumPy scalars to Python numbers, and arrays and lists to tuples of them.

    Users write grids with ``np.arange`` and ``np.logspace``, but Keras takes only Python numbers.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return tuple(plain(part) for part in value)
    return value


class NamedParametersMixin:
    """Mixin that suggests the nearest valid parameter for a misspelt one.

    Estimators that route parameters to Keras objects list the prefixes in ``_routed_prefixes``.
    ``optimizer__momentum`` is then a valid parameter too.
    """

    _routed_prefixes = ()
    # Documented common attributes that a class does not have.
    _has_not = ()

    @classmethod
    def _is_routed(cls, name):
        prefix, delimiter, rest = name.partition("__")
        return bool(delimiter and rest) and prefix in cls._routed_prefixes

    @classmethod
    def _hint(cls, name):
        """Return a sentence with the nearest valid name; for routed names, compare the prefix."""
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
            If a parameter does not exist; the message suggests the nearest valid one.  No
            parameter is changed in this case.
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

    # The signature shows the class's own parameters first, then those of intermediate bases, then
    # the common ones.  A dataclass would put the parameters of the base first.
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
    """Return the common parameters or attributes of `cls` that it does not document itself."""
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
    """Split a numpydoc section into its entries, by name."""
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

    Fields are keyword-only unless declared with ``field(kw_only=False)``.  A field whose annotation
    is of a kind that :mod:`skmnist._support.kinds` knows gets the constraint of that kind, unless
    ``_parameter_constraints`` of the class has one already.

    A line ``{network_parameters}`` in the docstring is replaced by the entries of the class's
    builder for the parameters that the class declares.  The base class holds texts for common
    parameters and attributes in ``_common_docs``.  They replace a line ``{common_parameters}`` or
    ``{common_attributes}`` in the docstring, as far as the class has them and does not document
    them itself.
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
        for field in fields(cls):  # {name} marks a default that subclasses may change
            cls.__doc__ = cls.__doc__.replace("{" + field.name + "}", repr(field.default))
    return cls
