"""Constructor parameters as dataclass fields, with checks of names and routing to Keras objects.

An estimator declares its parameters as fields of a keyword-only dataclass and inherits the fields
of its base.  One line per parameter gives its name, its default and its storage.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import dataclass_transform

import numpy as np
from sklearn.utils._param_validation import HasMethods


def did_you_mean(name, valid):
    """Return ``" Did you mean 'x'?"`` for the nearest valid name, or an empty string."""
    near = difflib.get_close_matches(name, list(valid), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def find_named(name, table, kind):
    """Return the entry of a table with a given name.

    Parameters
    ----------
    name : str
        Name passed by the user.
    table : mapping of str to object
        Entries by name.
    kind : str
        Kind of the entries, for the message.

    Returns
    -------
    entry : object
        The entry.

    Raises
    ------
    ValueError
        If there is no such entry; the message suggests the nearest name.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    hint = did_you_mean(name, table) if isinstance(name, str) else ""
    raise ValueError(f"Unknown {kind} {name!r}.{hint} There are: {', '.join(map(repr, table))}.")


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
            return did_you_mean(name, cls._get_param_names())
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
            if self._is_routed(name) or nested or name in self._get_param_names():
                continue
            raise ValueError(
                f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: "
                f"{self._get_param_names()!r}.{self._hint(name)}"
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


@dataclass_transform(kw_only_default=True, eq_default=False)
def estimator(cls):
    """Turn a class of annotated fields into an estimator with those constructor parameters.

    Fields are keyword-only unless declared with ``field(kw_only=False)``.  The base class holds
    texts for common parameters and attributes in ``_common_docs``.  They replace a line
    ``{common_parameters}`` or ``{common_attributes}`` in the docstring, as far as the class has
    them and does not document them itself.
    """
    cls = dataclass(eq=False, repr=False, kw_only=True)(cls)
    if cls._routed_prefixes:
        _accept_routed(cls)
    if cls.__doc__:  # python -OO has none
        for kind, texts in getattr(cls, "_common_docs", {}).items():
            text = "\n".join(texts[name] for name in _common_names(cls, kind))
            indented = textwrap.indent(text, "    ").strip()
            cls.__doc__ = cls.__doc__.replace("{common_" + kind + "}", indented)
        for field in fields(cls):  # {name} marks a default that subclasses may change
            cls.__doc__ = cls.__doc__.replace("{" + field.name + "}", repr(field.default))
    return cls


class SizesConstraint(HasMethods):
    """Accept a sequence of positive integers, such as units or filters per layer.

    It inherits from a constraint of scikit-learn, because scikit-learn accepts no other types.

    Parameters
    ----------
    lengths : tuple of int or None, default=None
        Allowed numbers of elements, None for any number.
    """

    def __init__(self, lengths=None):
        super().__init__(["__len__"])
        self.lengths = lengths

    def is_satisfied_by(self, val):
        """Return whether `val` is a sequence of positive integers with an allowed length."""
        if isinstance(val, (str, bytes)) or not isinstance(val, (Sequence, np.ndarray)):
            return False
        return (self.lengths is None or len(val) in self.lengths) and all(
            isinstance(size, Integral) and not isinstance(size, bool) and size >= 1 for size in val
        )

    def __str__(self):
        many = "" if self.lengths is None else f"{' or '.join(map(str, self.lengths))} "
        return f"a sequence of {many}integers >= 1"


class RangeConstraint(HasMethods):
    """Accept a pair of finite numbers whose second number is larger."""

    def __init__(self):
        super().__init__(["__len__"])

    def is_satisfied_by(self, val):
        """Return whether `val` is a pair of finite numbers in ascending order."""
        if not isinstance(val, (tuple, list, np.ndarray)) or len(val) != 2:
            return False
        if not all(isinstance(end, Real) and not isinstance(end, bool) for end in val):
            return False
        return bool(np.isfinite(val).all() and val[0] < val[1])

    def __str__(self):
        return "a pair of numbers (black, white), the second one larger"
