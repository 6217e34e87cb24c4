"""Mixins that adapt scikit-learn's ``set_output`` to images and to transformers of labels."""

from __future__ import annotations

import functools
from contextlib import nullcontext

from sklearn import config_context


def _wrap_methods(cls, wrap):
    """Wrap the methods of a class that scikit-learn wraps, if the class itself defines them."""
    for name in ("transform", "fit_transform"):
        if name in vars(cls):
            setattr(cls, name, wrap(vars(cls)[name]))


class ImageOutputMixin:
    """Mixin that returns images as arrays in spite of the global ``transform_output`` setting.

    ``sklearn.set_config(transform_output="pandas")`` asks all transformers of a process for data
    frames, even if their output has more dimensions than a data frame.  This mixin ignores that
    setting for images.  ``set_output`` on the transformer itself, or on a pipeline with it, still
    raises an error.

    List this mixin before scikit-learn's own.  The method ``_gives_images()`` of a subclass returns
    whether its output is images.
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
            Output of `transform`.
        """
        with _own_output(self):  # scikit-learn wraps TransformerMixin's method too
            return super().fit_transform(X, y, **fit_params)


def _own_output(transformer):
    """Return a context in which the global setting does not apply to images."""
    if not transformer._gives_images():
        return nullcontext()
    return config_context(transform_output="default")  # set_output takes precedence over it


def _giving_images(method):
    @functools.wraps(method)
    def giving_images(self, *args, **kwargs):
        with _own_output(self):
            return method(self, *args, **kwargs)

    return giving_images


class LabelOutputMixin:
    """Mixin for transformers of `y`, which lets callers pass `y` by name.

    scikit-learn's wrapper names the first argument X.
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
