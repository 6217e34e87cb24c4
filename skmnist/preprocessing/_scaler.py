"""Scaling of pixels to floats in [0, 1], and back to the original pixels."""

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

    `fit` determines the divisor and stores it in `scale_`. `transform` always uses this divisor.

    Parameters
    ----------
    flatten : bool, default=True
        If True, `transform` returns rows of shape (n_samples, height * width), for scikit-learn's
        estimators. If False, it returns images of shape (n_samples, height, width, 1), for
        convolutions. In this case, flat input must have a square number of features.

    scale : "auto" or float > 0, default="auto"
        Value that becomes 1. For ``uint8``, ``"auto"`` means 255, with a warning if no value is
        above 16, or 1 if all values are 0 and 1. For any other type it means the smallest of 1,
        16, 255 and 65535 that is not below the maximum in `fit`, for scaled images, scikit-learn's
        digits, 8 bits and 16 bits. It means the maximum itself if that is above 65535, or between
        1 and 2 (scaled images with values slightly above 1).

    dtype : {"float16", "float32", "float64"}, NumPy type or np.dtype, default="float32"
        Type of the output of `transform`.

    Attributes
    ----------
    scale_ : float
        Divisor.

    data_min_ : float
        Smallest value seen in `fit`.

    data_max_ : float
        Largest value seen in `fit`.

    image_shape_ : tuple of (height, width), or None
        Shape of the images. For flat input it is that of a square image, or None if the number of
        features is not square.

    input_shape_ : tuple of int
        Shape of one sample in `fit`, which `inverse_transform` restores.

    input_dtype_ : np.dtype
        Type of the samples in `fit`, which `inverse_transform` restores.

    n_features_in_ : int
        Number of pixels in an image.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of the data frame seen in `fit`. Only defined if all are strings.

    See Also
    --------
    OneHotLabelEncoder : Encode the labels as one-hot rows.
    sklearn.preprocessing.MaxAbsScaler : Scale each column by its own maximum.

    Notes
    -----
    Images without negative values are scaled to [0, 1]. If `fit` sees negative values, ``"auto"``
    applies its rule to the largest absolute value, warns, and scales to [-1, 1]. Values in
    `transform` outside of this range are divided too, with a warning.

    `transform` raises an error for two mix-ups of units. The first is scaled floats (all below 2)
    after a fit on integers or on values up to 255, because they would be scaled twice. The second
    is raw integers after a fit on scaled floats. It only warns about scaled floats after a fit on
    floats of a smaller range, because both may look the same. Images of zeros are always accepted.

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
        """Determine the divisor, and store the shape and type of the images.

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
        """Set the fitted attributes, and warn of unusual values."""
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
                f"X holds negative values, down to {low:g}. MnistScaler(scale='auto') divides by "
                f"{self.scale_:g} and returns values in [-1, 1] instead of [0, 1].",
            )
        elif images.dtype == np.uint8 and 1 < high <= 16:
            warn(
                f"X is uint8 but holds no value above {high:g}. MnistScaler(scale='auto') divides "
                "by 255 all the same. For images with fewer levels, set scale to the value of "
                "white.",
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
            ``set_output(transform="pandas")`` or ``"polars"``, or after
            ``sklearn.set_config(transform_output=...)``. The latter does not apply to images.

        Raises
        ------
        ValueError
            If the images have another shape or other units (see Notes) than in `fit`, or if
            ``flatten=False`` and `set_output` asks for a data frame.
        """
        check_is_fitted(self, "scale_")
        images = self._check_images(X, reset=False)
        check_units(self, images)
        scaled = np.empty((len(images), *self._output_shape()), dtype=self.dtype)
        # Types of 8 and 16 bits are divided in single precision, wider types in their own.
        precision = np.result_type(images, scaled, np.float32)
        out = scaled.reshape(images.shape)
        np.divide(images, self.scale_, out=out, dtype=precision, casting="same_kind")
        return scaled

    def inverse_transform(self, X):
        """Multiply by `scale_`, and restore the shape and type of the images in `fit`.

        Parameters
        ----------
        X : array-like or data frame
            Scaled images, in any shape that `transform` takes or returns.

        Returns
        -------
        X_original : ndarray of shape (n_samples, *input_shape_), dtype `input_dtype_`
            Images. Integers are rounded to the nearest and clipped to the range of their type.
            Integers of 8 bits are restored exactly, and those of 16 bits too unless `dtype` is
            ``"float16"``.

        Raises
        ------
        ValueError
            If the images have another shape than in `fit`, or are raw integers.
        """
        check_is_fitted(self, "scale_")
        X, _ = plain_container(X)
        scaled = check_array(X, allow_nd=True, estimator=self, input_name="X")
        check_shape(self, scaled)
        if scaled.dtype.kind in "iu" and scaled.max() > 1 and self.scale_ >= SCALED_BELOW:
            raise ValueError(
                f"MnistScaler.inverse_transform expects scaled images. Got {scaled.dtype}"
                f" values up to {scaled.max()} instead, which are raw images already."
            )
        precision = np.result_type(scaled, self.input_dtype_, np.float32)
        pixels = np.multiply(scaled, self.scale_, dtype=precision)
        pixels = pixels.reshape(len(scaled), *self.input_shape_)
        if self.input_dtype_.kind == "f":
            return pixels.astype(self.input_dtype_, copy=False)
        low, high = 0, 1
        if self.input_dtype_.kind != "b":
            limits = np.iinfo(self.input_dtype_)
            # The largest 64-bit integers lie between two floats. The lower one is the limit.
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
            ``"pixel_<index>"`` if `image_shape_` is None. All numbers start at 0.

        Raises
        ------
        ValueError
            If ``flatten=False``, because images with a channel axis do not have columns.
        """
        check_is_fitted(self, "scale_")
        if not self.flatten:
            raise ValueError(
                "MnistScaler(flatten=False) returns images, which do not have feature names and do "
                "not fit in a data frame. Use flatten=True or set_output(transform='default')."
            )
        if input_features is not None or hasattr(self, "feature_names_in_"):
            return super().get_feature_names_out(input_features)
        return np.array(pixel_names(self.image_shape_, self.n_features_in_), dtype=object)

    def _check_images(self, X, *, reset):
        """Validate `X` and return it as a numeric array; learn its shape if `reset`."""
        X, _ = plain_container(X)
        images = check_array(X, allow_nd=True, estimator=self, input_name="X")
        if images.dtype.kind not in "biuf":
            raise ValueError(f"MnistScaler expects numbers. Got X of dtype {images.dtype} instead.")
        if reset:
            self.image_shape_ = image_shape(images)
        else:
            check_shape(self, images)
        # This sets n_features_in_ and feature_names_in_. Images count as flat rows without names.
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
                "MnistScaler(flatten=False) expects images or a square number of features. Got "
                f"rows of {self.n_features_in_} features instead."
            )
        return (*self.image_shape_, 1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        # The output has this type for all inputs. `fit` raises if the type is not valid.
        tags.transformer_tags.preserves_dtype = [getattr(self.dtype, "__name__", str(self.dtype))]
        return tags
