"""What scikit-learn's wrapping of outputs in data frames leaves to be done."""

from __future__ import annotations

import functools
from contextlib import nullcontext

from sklearn import config_context


def _wrap_methods(cls, wrap):
    """Wrap what a class itself defines of the methods that scikit-learn has wrapped."""
    for name in ("transform", "fit_transform"):
        if name in vars(cls):
            setattr(cls, name, wrap(vars(cls)[name]))


class ImageOutputMixin:
    """Transformers that may give images, which the setting for all estimators leaves arrays.

    ``sklearn.set_config(transform_output="pandas")`` asks all transformers of a process for data
    frames, those too whose output has more dimensions than a data frame.  ``set_output`` on the
    transformer itself, or on a pipeline of it, is a request that it has to refuse.  To be named
    before scikit-learn's own mixin; a subclass says by ``_gives_images()`` what it gives.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        _wrap_methods(cls, _giving_images)

    def fit_transform(self, X, y=None, **fit_params):
        """Fit to `X`, and transform it.

        Parameters
        ----------
        X : array-like
            Images.

        y : None
            Ignored.

        **fit_params : dict
            Parameters of `fit`.

        Returns
        -------
        X_new : ndarray, or data frame
            What `transform` gives.
        """
        with _own_output(self):  # TransformerMixin's method is wrapped as well
            return super().fit_transform(X, y, **fit_params)


def _own_output(transformer):
    """Return a context in which the setting for all estimators does not reach images."""
    if not transformer._gives_images():
        return nullcontext()
    return config_context(transform_output="default")  # which yields to set_output


def _giving_images(method):
    @functools.wraps(method)
    def giving_images(self, *args, **kwargs):
        with _own_output(self):
            return method(self, *args, **kwargs)

    return giving_images


class LabelOutputMixin:
    """Transformers of `y`, which can be passed by that name.

    scikit-learn's wrapper calls the first argument X.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        _wrap_methods(cls, _taking_y)


def _taking_y(method):
    @functools.wraps(method)
    def taking_y(self, *args, **kwargs):
        if not args and "y" in kwargs:
            args = (kwargs.pop("y"),)
        return method(self, *args, **kwargs)

    return taking_y
