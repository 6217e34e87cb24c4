"""Outlier detection by an autoencoder."""

import functools
from numbers import Real

import numpy as np
from sklearn.base import OutlierMixin

from skmnist._bridge.estimators.autoencoder import BaseAutoencoder, training_scores
from skmnist._compat.sklearn import Interval
from skmnist._support.parameters import estimator


@estimator
class AutoencoderOutlierDetector(OutlierMixin, BaseAutoencoder):
    """Detect outliers by the reconstruction error of an autoencoder.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    offset_ : float
        Threshold.  Images with lower scores are outliers.
    {common_attributes}

    See Also
    --------
    Autoencoder : Codes and reconstructions of images.
    sklearn.ensemble.IsolationForest : Outlier detection by random trees.

    References
    ----------
    Sakurada and Yairi, "Anomaly detection using autoencoders with nonlinear dimensionality
    reduction", MLSDA 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import AutoencoderOutlierDetector
    >>> X, y = load_digits(return_X_y=True)
    >>> detector = AutoencoderOutlierDetector(latent_dim=8, epochs=30, random_state=0)
    >>> _ = detector.fit(X)
    >>> float(round((detector.predict(X) == -1).mean(), 2))
    0.1
    >>> print((detector.predict(16 - X) == -1).mean())  # dark on light
    1.0
    """

    contamination: float = 0.1

    _parameter_constraints = {
        **BaseAutoencoder._parameter_constraints,
        "contamination": [Interval(Real, 0, 0.5, closed="right")],
    }

    def _request(self, **given):
        learn_more = functools.partial(_learn_offset, self.contamination)
        return super()._request(learn_more=learn_more, **given)

    def decision_function(self, X):
        """Compute the distance of scores from the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            ``score_samples(X) - offset_``, which is negative for outliers.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X):
        """Predict whether images are outliers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.

        Returns
        -------
        y : ndarray of shape (n_samples,), int
            1 for inliers and -1 for outliers.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)


def _learn_offset(contamination, state, samples):
    """Return the threshold of scores as a fitted attribute."""
    scores, weights = training_scores(state, samples)
    return {"offset_": _threshold(scores, weights, contamination)}


def _threshold(scores, weights, contamination):
    """Return the threshold below which scores have the fraction `contamination` of the weight."""
    order = np.argsort(scores, kind="stable")
    weights = np.ones(len(scores)) if weights is None else weights[order]
    shares = np.cumsum(weights) / weights.sum()
    # The small number compensates rounding errors in the sums of weights.
    n_outliers = np.searchsorted(shares, contamination + 1e-9, side="right")
    return float(scores[order[[max(n_outliers - 1, 0), n_outliers]]].mean(dtype=np.float64))
