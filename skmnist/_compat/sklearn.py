"""What scikit-learn keeps private, or does not document.

Estimators also define attributes whose names are scikit-learn's, because it reads them:
``_parameter_constraints`` (validation of parameters, there since 1.2) and ``_n_features_out``
(names of output features, there since 1.1).
"""

from __future__ import annotations

# Copies an estimator by its parameters, where ``__sklearn_clone__`` does more; since 1.3.
from sklearn.base import _clone_parametrized as clone_parametrized

# Validates the parameters, and sets up callbacks, around a method that fits; since 1.3.
from sklearn.base import _fit_context as fit_context

# Takes rows of any container that scikit-learn knows; public until 0.23, private since.
from sklearn.utils import _safe_indexing as safe_indexing

# The vocabulary of ``_parameter_constraints``; since 1.2.
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
)

# Reads weights as estimators of scikit-learn do; ``allow_all_zero_weights`` is there since 1.8.
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

__all__ = [
    "FIT_STATE",
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "LENT_CALLBACKS",
    "OWN_CALLBACKS",
    "Options",
    "StrOptions",
    "begin_callbacks",
    "check_sample_weight",
    "clone_parametrized",
    "fit_context",
    "parameter_names",
    "safe_indexing",
    "validate_parameters",
]

# Where an estimator keeps its callbacks; since 1.9.
OWN_CALLBACKS = "_skl_callbacks"
# An estimator has this while a pipeline or search lends it callbacks; since 1.9.
LENT_CALLBACKS = "_parent_callback_ctx"
# Attributes that scikit-learn sets on an estimator during a fit; since 1.9.
FIT_STATE = ("_callback_fit_ctx", LENT_CALLBACKS, "_skl_callbacks_to_teardown")


def begin_callbacks(estimator, **options):
    """Return what reports a fit to the callbacks of an estimator; since 1.9."""
    return estimator._init_callback_context(**options)


def parameter_names(kind):
    """Return the names of the parameters of a class, without an instance of it; since 0.16."""
    return kind._get_param_names()


def validate_parameters(estimator):
    """Raise if parameters are invalid, outside of a fit; since 1.2."""
    estimator._validate_params()
