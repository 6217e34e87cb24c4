"""Encoding of class labels of any type as one-hot rows."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_array, check_is_fitted

from skmnist._compat.sklearn import begin_callbacks, fit_context
from skmnist._support.labels import read_labels
from skmnist._support.parameters import NamedParametersMixin
from skmnist.preprocessing._output import LabelOutputMixin
from skmnist.preprocessing._validation import dtype_constraints


def _listed(labels, limit=10):
    """Return labels as text, shortened to the first `limit` labels."""
    texts = [repr(label) for label in labels[:limit]]
    return f"[{', '.join(texts)}{', ...' if len(labels) > limit else ''}]"


def _in_units_of(classes, labels):
    """Convert dates or durations to the units of the classes, if these are fine enough."""
    same = labels.astype(classes.dtype)
    return same if (same == labels).all() else labels


class OneHotLabelEncoder(
    LabelOutputMixin, NamedParametersMixin, CallbackSupportMixin, TransformerMixin, BaseEstimator
):
    """Encode class labels as one-hot rows, and rows of probabilities as labels.

    Like :class:`~sklearn.preprocessing.LabelEncoder`, it transforms the target `y`, not the input
    `X`. Unlike :class:`~sklearn.preprocessing.LabelBinarizer`, it returns one column for every
    class. For two classes it returns two columns, like a softmax layer, and for one class it
    returns one.

    Parameters
    ----------
    dtype : {"float16", "float32", "float64", "uint8", "int8", "int32", "int64", "bool"}, \
            NumPy type or np.dtype, default="float32"
        Type of the one-hot rows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels seen in `fit`, sorted, in their own type.

    See Also
    --------
    sklearn.preprocessing.LabelBinarizer : Encode two classes as one column.
    sklearn.preprocessing.OneHotEncoder : Encode categorical columns of `X`.
    MnistScaler : Scale the images to [0, 1].

    Notes
    -----
    Missing labels (None, NaN, pandas' NA) are errors, as are fractional floats and, in
    `transform`, labels that were not seen in `fit`.

    Examples
    --------
    >>> from skmnist.preprocessing import OneHotLabelEncoder
    >>> encoder = OneHotLabelEncoder().fit(["cat", "dog", "cat"])
    >>> encoder.classes_
    array(['cat', 'dog'], dtype='<U3')
    >>> encoder.transform(["dog", "cat"])
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    >>> encoder.inverse_transform([[0.3, 0.7]])
    array(['dog'], dtype='<U3')
    """

    _parameter_constraints = {
        "dtype": dtype_constraints(
            "float16", "float32", "float64", "uint8", "int8", "int32", "int64", "bool"
        ),
    }

    def __init__(self, dtype="float32"):
        self.dtype = dtype

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, y):
        """Learn the classes.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels: integers, booleans, strings, whole floats, dates, durations, or objects that
            can be sorted.

        Returns
        -------
        self : OneHotLabelEncoder
            The fitted encoder.

        Raises
        ------
        ValueError
            If `y` is empty, not one-dimensional, continuous or holds a missing label.
        TypeError
            If `y` mixes types that have no order, such as strings and numbers.
        """
        context = begin_callbacks(self)
        context.call_on_fit_task_begin(estimator=self, y=y)
        self.classes_ = self._find_classes(y)
        context.call_on_fit_task_end(estimator=self, y=y, reconstruction_attributes={})
        return self

    def _find_classes(self, y):
        """Return the sorted labels of validated `y`."""
        labels = read_labels(y, type(self).__name__)
        if not labels.size:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={labels.shape}) while a minimum of 1 is "
                f"required by {type(self).__name__}."
            )
        if labels.dtype.kind == "f":
            whole = np.isfinite(labels) & (np.rint(labels) == labels)
            if not whole.all():
                raise ValueError(
                    "Unknown label type: continuous. "
                    f"{type(self).__name__} expects discrete classes. Got "
                    f"{_listed(labels[~whole].tolist(), 3)} in y instead."
                )
        try:
            classes = np.unique(labels)
            set(classes.tolist())  # `transform` needs labels that can be hashed
        except TypeError:
            types = sorted({type(label).__name__ for label in labels.tolist()})
            raise TypeError(
                f"{type(self).__name__} requires labels that are uniformly strings or numbers. "
                f"Got {types} in y instead."
            ) from None
        return classes

    def fit_transform(self, y):
        """Learn the classes and return the one-hot rows.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        Y : ndarray of shape (n_samples, n_classes)
            One-hot rows.
        """
        return self.fit(y).transform(y)

    def transform(self, y):
        """Encode labels as one-hot rows.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels seen in `fit`.

        Returns
        -------
        Y : ndarray of shape (n_samples, n_classes)
            Rows of zeros with a one in the column of the label. Columns are ordered as `classes_`.
            The result is a data frame after ``set_output(transform="pandas")`` or ``"polars"``.

        Raises
        ------
        ValueError
            If a label was not seen in `fit` or is missing.
        """
        check_is_fitted(self)
        labels = read_labels(y, type(self).__name__)
        if {labels.dtype.kind, self.classes_.dtype.kind} in ({"M"}, {"m"}):
            labels = _in_units_of(self.classes_, labels)
        labels = labels.tolist()
        columns = {label: column for column, label in enumerate(self.classes_.tolist())}
        unknown = sorted({repr(label) for label in labels if label not in columns})
        if unknown:
            raise ValueError(
                f"y contains previously unseen labels: [{', '.join(unknown[:10])}"
                f"{', ...' if len(unknown) > 10 else ''}]. {type(self).__name__} was fitted on "
                f"the labels {_listed(self.classes_.tolist())}."
            )
        rows = np.zeros((len(labels), len(columns)), dtype=self.dtype)
        rows[np.arange(len(labels)), [columns[label] for label in labels]] = 1
        return rows

    def inverse_transform(self, Y):
        """Return the label of the largest entry in each row.

        Parameters
        ----------
        Y : array-like of shape (n_samples, n_classes)
            One-hot rows, probabilities or scores, with columns ordered as `classes_`.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels, in the type of `classes_`. If the largest entries are equal, the first one
            counts.

        Raises
        ------
        ValueError
            If `Y` does not have one column for every class, holds NaN or infinity, or is a data
            frame whose columns are not in the order of `transform`.
        """
        check_is_fitted(self)
        given = [str(column) for column in getattr(Y, "columns", ())]
        rows = check_array(Y, ensure_min_samples=0, estimator=self, input_name="Y")
        if rows.shape[1] != len(self.classes_):
            raise ValueError(
                f"Y has {rows.shape[1]} columns, but {type(self).__name__} is expecting "
                f"{len(self.classes_)} columns, one for each of the labels "
                f"{_listed(self.classes_.tolist())}."
            )
        names = self.get_feature_names_out().tolist()
        if given != names and sorted(given) == sorted(names):
            raise ValueError(
                f"The columns of Y must be in the order of the classes, {_listed(names)}. "
                f"Got {_listed(given)} instead."
            )
        return self.classes_[rows.argmax(axis=1)]

    def get_feature_names_out(self, input_features=None):
        """Get the names of the one-hot columns.

        Parameters
        ----------
        input_features : None
            Not used, present for API consistency by convention.

        Returns
        -------
        names : ndarray of shape (n_classes,), dtype object
            ``"class_<label>"`` for each of `classes_`.
        """
        check_is_fitted(self)
        return np.array([f"class_{label}" for label in self.classes_], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.one_d_labels = True
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = []
        return tags
