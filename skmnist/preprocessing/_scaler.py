"""Pixels to floats in [0, 1], and back to the very same pixels."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from skmnist._bridge.data.images import plain_container
from skmnist._compat.sklearn import Interval, StrOptions, begin_callbacks, fit_context
from skmnist._support.parameters import NamedParametersMixin
from skmnist._warnings import warn
from skmnist.preprocessing._output import ImageOutputMixin
from skmnist.preprocessing._validation import (
    SCALED_BELOW,
    check_shape,
    check_units,
    dtype_constraints,
    full_scale,
    image_shape,
    pixel_names,
)


class MnistScaler(
    ImageOutputMixin,
    NamedParametersMixin,
    CallbackSupportMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Scale images to floats in [0, 1], flat or with a channel axis.

    The divisor is decided once, in `fit`, and kept in `scale_`; `transform` never decides anew.

    Parameters
    ----------
    flatten : bool, default=True
        If True, `transform` gives rows of shape (n_samples, height * width), for scikit-learn's
        estimators. If False, images of shape (n_samples, height, width, 1), for convolutions;
        flat input must then have a square number of features.

    scale : "auto" or float > 0, default="auto"
        The value that becomes 1. ``"auto"`` takes 255 for ``uint8``, and warns if no value is
        above 16; but 1 if all are 0 and 1. For any other type it takes the smallest of 1, 16, 255
        and 65535 that is not below the largest value in `fit`: scaled images, scikit-learn's
        digits, 8 bits and 16 bits. A largest value above 65535, or between 1 and 2 (scaled images
        that overshoot), is taken itself.

    dtype : {"float16", "float32", "float64"}, NumPy type or np.dtype, default="float32"
        Type of the output of `transform`.

    Attributes
    ----------
    scale_ : float
        The divisor.

    data_min_ : float
        Smallest value seen in `fit`.

    data_max_ : float
        Largest value seen in `fit`.

    image_shape_ : tuple of (height, width), or None
        Shape of the images; for flat input the square with that number of pixels, None if there
        is none.

    input_shape_ : tuple of int
        Shape of one sample in `fit`, to which `inverse_transform` returns.

    input_dtype_ : np.dtype
        Type of the samples in `fit`, to which `inverse_transform` returns.

    n_features_in_ : int
        Number of pixels in an image.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of the data frame seen in `fit`. Only defined if all are strings.

    See Also
    --------
    OneHotLabelEncoder : Encode the labels as one-hot rows.
    sklearn.preprocessing.MaxAbsScaler : Scale each column by its own largest value.

    Notes
    -----
    Images without negative values are mapped into [0, 1]. If `fit` sees negative values,
    ``"auto"`` applies its rule to the largest magnitude, warns, and maps into [-1, 1]. Values
    in `transform` beyond that range are divided like all others, with a warning.

    Two mix-ups of units are errors: scaled floats (none above 1, or little, always below 2) after
    a fit on integers or on values up to 255, since they would be scaled twice; and raw integers
    after a fit on scaled floats. Scaled floats after a fit on floats of a smaller range, where
    the two may look the same, are a warning. All-zero images are never a mix-up.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.preprocessing import MnistScaler
    >>> images = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    >>> scaler = MnistScaler().fit(images)
    >>> scaler.scale_
    255.0
    >>> scaler.transform(images)
    array([[0. , 0.2, 0.4, 1. ]], dtype=float32)
    >>> scaler.inverse_transform(scaler.transform(images))
    array([[[  0,  51],
            [102, 255]]], dtype=uint8)
    """

    _parameter_constraints = {
        "flatten": ["boolean"],
        "scale": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "dtype": dtype_constraints("float16", "float32", "float64"),
    }

    def __init__(self, flatten=True, scale="auto", dtype="float32"):
        self.flatten = flatten
        self.scale = scale
        self.dtype = dtype

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Decide the divisor and remember shape and type of the images.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, height, width), \
                (n_samples, height, width, 1) or (n_samples, n_features)
            Images, integers, booleans or finite floats.

        y : None
            Ignored.

        Returns
        -------
        self : MnistScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If `X` has another shape, is empty, complex or text, or holds NaN or infinity.
        TypeError
            If `X` is sparse.
        """
        images = self._check_images(X, reset=True)
        context = begin_callbacks(self)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self._learn_scale(images)
        context.call_on_fit_task_end(estimator=self, X=X, y=y, reconstruction_attributes={})
        return self

    def _learn_scale(self, images):
        """Set the fitted attributes, and warn of what looks odd."""
        low, high = float(images.min()), float(images.max())
        top = max(-low, high)
        self.input_shape_ = images.shape[1:]
        self.input_dtype_ = images.dtype
        self.data_min_, self.data_max_ = low, high
        if self.scale != "auto":
            self.scale_ = float(self.scale)
            return
        self.scale_ = full_scale(images.dtype, top)
        if low < 0:
            warn(
                f"X holds negative values, down to {low:g}: MnistScaler(scale='auto') divides by "
                f"{self.scale_:g} and gives values in [-1, 1] instead of [0, 1].",
            )
        elif images.dtype == np.uint8 and 1 < high <= 16:
            warn(
                f"X is uint8 but holds no value above {high:g}: MnistScaler(scale='auto') divides "
                "by 255 all the same. For images of fewer levels pass the value of white as scale.",
            )

    def transform(self, X):
        """Divide by `scale_`.

        Parameters
        ----------
        X : array-like or data frame
            Images of the shape seen in `fit`, with or without the channel axis, or flat.

        Returns
        -------
        X_scaled : ndarray of shape (n_samples, n_features_in_), or \
                (n_samples, height, width, 1) if ``flatten=False``
            Values of type `dtype`. Flat output is a data frame after
            ``set_output(transform="pandas")`` or ``"polars"``, or if
            ``sklearn.set_config(transform_output=...)`` says so for all estimators, which leaves
            images as they are.

        Raises
        ------
        ValueError
            If the images have another shape or other units (see Notes) than in `fit`, or if
            ``flatten=False`` and a data frame is asked for.
        """
        check_is_fitted(self, "scale_")
        images = self._check_images(X, reset=False)
        check_units(self, images)
        scaled = np.empty((len(images), *self._output_shape()), dtype=self.dtype)
        # 8 and 16 bits are divided in single precision, wider types in their own.
        precision = np.result_type(images, scaled, np.float32)
        out = scaled.reshape(images.shape)
        np.divide(images, self.scale_, out=out, dtype=precision, casting="same_kind")
        return scaled

    def inverse_transform(self, X):
        """Multiply by `scale_` and return to shape and type of the images in `fit`.

        Parameters
        ----------
        X : array-like or data frame
            Scaled images, in any shape that `transform` takes or gives.

        Returns
        -------
        X_original : ndarray of shape (n_samples, *input_shape_), dtype `input_dtype_`
            Integers are rounded to the nearest and clipped to the range of their type. Those of 8
            bits come back exactly, those of 16 bits unless `dtype` is ``"float16"``.

        Raises
        ------
        ValueError
            If the images have another shape than in `fit` or are raw integers.
        """
        check_is_fitted(self, "scale_")
        X, _ = plain_container(X)
        scaled = check_array(X, allow_nd=True, estimator=self, input_name="X")
        check_shape(self, scaled)
        if scaled.dtype.kind in "iu" and scaled.max() > 1 and self.scale_ >= SCALED_BELOW:
            raise ValueError(
                f"MnistScaler.inverse_transform expects scaled images, got {scaled.dtype}"
                f" values up to {scaled.max()}: these are raw images already."
            )
        precision = np.result_type(scaled, self.input_dtype_, np.float32)
        pixels = np.multiply(scaled, self.scale_, dtype=precision)
        pixels = pixels.reshape(len(scaled), *self.input_shape_)
        if self.input_dtype_.kind == "f":
            return pixels.astype(self.input_dtype_, copy=False)
        low, high = 0, 1
        if self.input_dtype_.kind != "b":
            limits = np.iinfo(self.input_dtype_)
            # The largest 64-bit integers lie between floats: take the float below.
            low, high = limits.min, precision.type(limits.max)
            high = np.nextafter(high, precision.type(0)) if int(high) > limits.max else high
        np.rint(pixels, out=pixels)
        return np.clip(pixels, low, high, out=pixels).astype(self.input_dtype_)

    def get_feature_names_out(self, input_features=None):
        """Get the names of the pixels.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names to use if `fit` saw none; must equal `feature_names_in_` otherwise.

        Returns
        -------
        names : ndarray of shape (n_features_in_,), dtype object
            `feature_names_in_` if `fit` saw a data frame, else ``"pixel_<row>_<column>"``, or
            ``"pixel_<index>"`` if `image_shape_` is None; all count from 0.

        Raises
        ------
        ValueError
            If ``flatten=False``: images with a channel axis have no columns to name.
        """
        check_is_fitted(self, "scale_")
        if not self.flatten:
            raise ValueError(
                "MnistScaler(flatten=False) gives images, which have no feature names and do not "
                "fit in a data frame. Use flatten=True or set_output(transform='default')."
            )
        if input_features is not None or hasattr(self, "feature_names_in_"):
            return super().get_feature_names_out(input_features)
        return np.array(pixel_names(self.image_shape_, self.n_features_in_), dtype=object)

    def _check_images(self, X, *, reset):
        """Return `X` as a numeric array of an accepted shape, in `fit` (`reset`) or later."""
        X, _ = plain_container(X)
        images = check_array(X, allow_nd=True, estimator=self, input_name="X")
        if images.dtype.kind not in "biuf":
            raise ValueError(f"MnistScaler expects numbers, got X of dtype {images.dtype}.")
        if reset:
            self.image_shape_ = image_shape(images)
        else:
            check_shape(self, images)
        # n_features_in_ and feature_names_in_: a data frame has names, images count as flat.
        flat = X if images.ndim == 2 else images.reshape(len(images), -1)
        validate_data(self, flat, reset=reset, skip_check_array=True)
        self._output_shape()
        return images

    def _gives_images(self):
        return not self.flatten

    def _output_shape(self):
        """Return the shape of one sample in the output."""
        if self.flatten:
            return (self.n_features_in_,)
        if self.image_shape_ is None:
            raise ValueError(
                "MnistScaler(flatten=False) needs images or a square number of features, got flat "
                f"rows of {self.n_features_in_}."
            )
        return (*self.image_shape_, 1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        # The output has this type whatever the input; an invalid one is reported by `fit`.
        tags.transformer_tags.preserves_dtype = [getattr(self.dtype, "__name__", str(self.dtype))]
        return tags
