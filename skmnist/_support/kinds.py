"""Kinds of constructor parameters: how they are checked, and how docstrings call them.

A field says what its parameter may be by its type alone, ``dropout: Fraction = 0.3``:
:func:`skmnist._support.parameters.estimator` takes the constraint from it.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any, Literal

import numpy as np

from skmnist._compat.sklearn import HasMethods, Interval, StrOptions


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


@dataclass(frozen=True)
class Kind:
    """What stands in the annotation of a parameter beside its type.

    Parameters
    ----------
    text : str
        What docstrings call it.
    constraints : tuple
        What scikit-learn checks; one of them is to be satisfied.
    """

    text: str
    constraints: tuple[Any, ...]


_POSITIVE_INT = Interval(Integral, 1, None, closed="left")

Fraction = Annotated[float, Kind("float in [0, 1)", (Interval(Real, 0, 1, closed="left"),))]
NonNegative = Annotated[float, Kind("float >= 0", (Interval(Real, 0, None, closed="left"),))]
Positive = Annotated[float, Kind("float > 0", (Interval(Real, 0, None, closed="neither"),))]
PositiveInt = Annotated[int, Kind("int >= 1", (_POSITIVE_INT,))]
Sizes = Annotated[Sequence[int], Kind("sequence of int >= 1", (SizesConstraint(),))]
KernelSize = Annotated[
    int | Sequence[int],
    Kind("int >= 1 or tuple of two", (_POSITIVE_INT, SizesConstraint(lengths=(2,)))),
]
Activation = Annotated[str | Callable | None, Kind("str or callable", (str, callable, None))]


def kind_of(annotation):
    """Return the kind of parameter that an annotation stands for.

    Parameters
    ----------
    annotation : object
        One of the kinds of this module, ``Literal`` of some words, ``bool``, or any other type.

    Returns
    -------
    kind : Kind or None
        None for any other type.
    """
    for part in getattr(annotation, "__metadata__", ()):
        if isinstance(part, Kind):
            return part
    if typing.get_origin(annotation) is Literal:
        words = typing.get_args(annotation)
        return Kind(f"{{{', '.join(map(json.dumps, words))}}}", (StrOptions(set(words)),))
    return Kind("bool", ("boolean",)) if annotation is bool else None
