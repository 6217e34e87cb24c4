"""Base class of all classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import accuracy_score

from skmnist._bridge.data.targets import known_to_sklearn
from skmnist._bridge.engine.augment import mixes_labels
from skmnist._bridge.estimators.base import BaseValidatedEstimator
from skmnist._bridge.fitting.request import GivenData
from skmnist._bridge.fitting.tasks import Classification
from skmnist._compat.sklearn import HasMethods, StrOptions, fit_context
from skmnist._support.labels import as_array
from skmnist._support.parameters import estimator


@estimator
class BaseKerasClassifier(ClassifierMixin, BaseValidatedEstimator):
    """Base class of the classifiers; a subclass sets its network and declares its parameters.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}
    """

    _task = Classification

    loss: Any = "sparse_categorical_crossentropy"
    metrics: Any = ("accuracy",)
    class_weight: Any = None
    augmentation: Any = None

    _parameter_constraints = {
        **BaseValidatedEstimator._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "augmentation": [HasMethods("build"), None],
    }

    # Fitting.

    def _compile_params(self):
        # The key is left out if False, so that it equals the parameters of older fitted states.
        soft = {"soft_targets": True} if mixes_labels(self.augmentation) else {}
        return {**super()._compile_params(), **soft}

    def _request(self, **given):
        fields = {"augmentation": self.augmentation, "class_weight": self.class_weight}
        return super()._request(**{**fields, **given})

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Fit the network to images and their labels.

        If the training fails, the estimator stays unchanged.  There is one exception: after
        Ctrl-C, the estimator keeps the completed epochs, if any, and KeyboardInterrupt is raised.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images, in an array, tensor or data frame of any kind.
            `pixel_range` controls how levels of grey are scaled to [0, 1].
            A large memory-mapped array is read in blocks and never all at once.  The batches of a
            ``tf.data.Dataset`` or ``keras.utils.PyDataset`` are (images, labels) or (images,
            labels, weights).  Each batch is a step, so `batch_size` is not used.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels of any type, or one-hot rows.  Must be None for a data set, which contains its
            labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0; only their proportions count.  Samples with weight zero are left out.
            Must be None for a data set.
        X_val : array-like or data set, default=None
            Images for validation after every epoch, in place of a part of `X`.
        y_val : array-like, default=None
            Labels of `X_val`.  Must be None for a data set.
        sample_weight_val : array-like, default=None
            Weights of `X_val`.

        Returns
        -------
        self : estimator instance
            The fitted classifier.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, which is checked before training, or if the
            loss becomes infinite or NaN.
        """
        return self._run(
            self._request(
                training=GivenData(X, y, sample_weight),
                validation=GivenData(X_val, y_val, sample_weight_val),
                continues=self.warm_start and self.__sklearn_is_fitted__(),
                n_epochs=self.epochs,
            )
        )

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data, starting from the present weights.

        k calls on the same data equal ``fit`` with ``epochs=k``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images; data sets as in :meth:`fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels, or one-hot rows.  Must be None for a data set, which contains its labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that occur in any call.  Required in the first call, unless its `y` contains
            all of them.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0, relative to those of the first call.

        Returns
        -------
        self : estimator instance
            The fitted classifier.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, or if `y` has labels that are not among the
            classes.  Also if `class_weight` is "balanced" or a part of the data should be held
            out, because both need all of the data.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "partial_fit does not support class_weight='balanced', because each part of the "
                "data would balance the classes differently. Pass a dict of weights, for instance "
                "from sklearn.utils.class_weight.compute_class_weight on all labels."
            )
        self._refuse_to_hold_out()
        return self._run(
            self._request(
                training=GivenData(X, y, sample_weight),
                continues=self.__sklearn_is_fitted__(),
                n_epochs=1,
                classes=classes,
                is_whole=False,
            )
        )

    # Predicting.

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy on images and their labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or one-hot rows, as in :meth:`fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
            Fraction of the images whose predicted class is right.
        """
        # scikit-learn cannot compare tensors with arrays, or labels of NumPy's StringDType.
        y, sample_weight = as_array(y), as_array(sample_weight)
        if isinstance(y, np.ndarray) and y.dtype.kind == "T":
            y, predicted = known_to_sklearn(y), known_to_sklearn(self.predict(X))
            return accuracy_score(y, predicted, sample_weight=sample_weight)
        return super().score(X, y, sample_weight)

    def predict_proba(self, X):
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.  Only the images of a data set are read.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Probabilities in the order of ``classes_``; each row sums to one.
        """
        outputs = self._outputs(X)
        return self._fitted.task.outputs.probabilities(outputs)

    def _outputs(self, X):
        """Return the network's own outputs for the user's images."""
        return self._computed(X, lambda network, pictures: network.predict(pictures))

    def predict(self, X):
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.  Only the images of a data set are read.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels of the same dtype as in :meth:`fit`, or one-hot rows.
        """
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self._fitted.task.labels.decode(codes)

    def predict_log_proba(self, X):
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.  Only the images of a data set are read.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float32
            Natural logarithms, in the order of ``classes_``.
        """
        with np.errstate(divide="ignore"):  # log(0) is minus infinity
            return np.log(self.predict_proba(X))

    def decision_function(self, X):
        """Compute scores of the classes on a logarithmic scale, before the softmax.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.  Only the images of a data set are read.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Log-odds of the second class for two classes, and logarithms of the probabilities for
            more classes.  All are finite.
        """
        outputs = self._outputs(X)
        return self._fitted.task.outputs.scores(outputs)
