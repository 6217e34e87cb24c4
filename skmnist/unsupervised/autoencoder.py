"""Autoencoder, which compresses images to a few numbers and reconstructs them."""

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.callback import with_callbacks
from sklearn.utils import check_array
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmnist import _keras
from skmnist._bridge.estimators.autoencoder import BaseAutoencoder, decode, encode
from skmnist._bridge.fitting.request import GivenData
from skmnist._compat.sklearn import fit_context
from skmnist._support.parameters import estimator
from skmnist.unsupervised._sampling import check_n_samples, sampling_generator


def _is_variational(autoencoder):
    if not autoencoder.variational:
        raise AttributeError("sample requires an autoencoder with variational=True.")
    return True


@estimator
class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseAutoencoder):
    """Compress images to a few numbers and reconstruct them.

    :class:`~sklearn.decomposition.PCA` finds the best linear codes.  A network finds better codes,
    which are not linear.  With `noise` it learns to denoise images, and with `variational` to
    generate new images.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    AutoencoderOutlierDetector : Detect images that differ from those of the training set.
    GANGenerator : Generate new images, optionally of a given class.
    sklearn.decomposition.PCA : Find the best linear codes.

    References
    ----------
    Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006.

    Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features with
    denoising autoencoders", ICML 2008.

    Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import Autoencoder
    >>> X, y = load_digits(return_X_y=True)
    >>> autoencoder = Autoencoder(8, epochs=30, random_state=0).fit(X)
    >>> codes = autoencoder.transform(X)
    >>> codes.shape, autoencoder.inverse_transform(codes).shape
    ((1797, 8), (1797, 64))
    >>> model = make_pipeline(autoencoder, LogisticRegression(max_iter=1000)).fit(X, y)
    >>> model.score(X, y) > 0.85
    True
    """

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, sample_weight=None):
        """Train for one epoch on a part of the data, starting from the present weights.

        k calls on the same data equal ``fit`` with ``epochs=k``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images; data sets as in :meth:`fit`.  The first call determines
            how pixels are scaled to [0, 1] in all calls.
        y : Ignored
            Not used, present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0, relative to those of the first call.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, or if a part of the data should be held out,
            because this needs all of the data.
        """
        self._refuse_to_hold_out()
        return self._run(
            self._request(
                training=GivenData(X, y, sample_weight),  # y is for callbacks that compute scores
                continues=self.__sklearn_is_fitted__(),
                n_epochs=1,
                is_whole=False,
            )
        )

    def transform(self, X):
        """Compute the codes of images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.

        Returns
        -------
        codes : ndarray of shape (n_samples, latent_dim), float32
            Codes; with `variational`, the means of their distributions.
        """
        return self._computed(X, encode)

    def inverse_transform(self, X):
        """Reconstruct images from codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, latent_dim)
            Codes.

        Returns
        -------
        images : ndarray of shape (n_samples, n_features) or of the images that were fitted
            Images in the form of the training data, as rows or as images in the same units.  The
            dtype is uint8 if the training data were grey levels of that dtype, else float32.

        Raises
        ------
        ValueError
            If `X` does not hold `latent_dim` codes per sample.
        """
        check_is_fitted(self)
        _keras.start()
        codes = check_array(X, dtype=np.float32, input_name="X", estimator=self)
        if codes.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {codes.shape[1]} columns, but inverse_transform of "
                f"{type(self).__name__} is expecting {self._n_features_out} codes per sample, as "
                "returned by transform."
            )
        return self._as_given(decode(self._fitted.network, codes))

    def reconstruct(self, X):
        """Compress images to codes and reconstruct them, which removes noise.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.

        Returns
        -------
        images : ndarray of shape (n_samples, n_features) or of the images that were fitted
            Reconstructions, equal to ``inverse_transform(transform(X))``.
        """

        def rebuilt(network, pictures):
            return self._as_given(network.predict(pictures))

        return self._computed(X, rebuilt)

    def score(self, X, y=None):
        """Compute the mean of :meth:`score_samples`, for parameter searches.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.
        y : Ignored
            Not used, present for API consistency.

        Returns
        -------
        score : float
            Negative mean squared error over images and pixels, scaled to [0, 1].  0 is perfect.
        """
        return float(np.mean(self.score_samples(X), dtype=np.float64))

    @available_if(_is_variational)
    def sample(self, n_samples=1):
        """Generate new images by decoding draws from N(0, 1); only with ``variational=True``.

        Parameters
        ----------
        n_samples : int >= 1, default=1
            Number of images.

        Returns
        -------
        images : ndarray of shape (n_samples, n_features) or of the images that were fitted
            Images in the form of the training data.  They are the same in every call if
            `random_state` is an int.
        """
        check_is_fitted(self)
        _keras.start()
        shape = (check_n_samples(n_samples), self._n_features_out)
        codes = sampling_generator(self.random_state).normal(size=shape).astype(np.float32)
        return self._as_given(decode(self._fitted.network, codes))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]  # the dtype of all codes
        return tags

    @property
    def _n_features_out(self):
        """Number of codes, for the names of the output columns."""
        return self._fitted.network.model.get_layer("codes").units
