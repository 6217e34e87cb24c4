"""Models as text, with their parameters."""

from __future__ import annotations

import re

from sklearn import config_context
from sklearn.base import BaseEstimator

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # address of a function, which differs in every run


def as_made(estimator):
    """Return a model with the parameters that are not defaults."""
    return _text(estimator, only_changed=True)


def in_full(estimator):
    """Return a model with all its parameters."""
    return _text(estimator, only_changed=False)


def _text(estimator, only_changed):
    with config_context(print_changed_only=only_changed):
        try:
            if isinstance(estimator, BaseEstimator):
                text = estimator.__repr__(N_CHAR_MAX=10**9)  # by default it is truncated
            else:
                text = repr(estimator)
        except Exception as error:  # a broken class of the user must not prevent the report
            text = f"{type(estimator).__name__}, whose repr raises {type(error).__name__}"
    return _ADDRESS.sub("", text)
