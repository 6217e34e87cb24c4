"""Random changes to training images, as a parameter of a classifier."""

from __future__ import annotations

from numbers import Real

from sklearn.base import BaseEstimator

from skmnist._compat.sklearn import Interval, validate_parameters
from skmnist._support.parameters import NamedParametersMixin, estimator, plain

__all__ = ["Augmentation"]


@estimator
class Augmentation(NamedParametersMixin, BaseEstimator):
    """Random changes to training images, drawn anew for every image in every epoch.

    What a classifier takes as its parameter ``augmentation``, so that it learns from slightly
    different images in every epoch.  It changes training images only, never those of validation
    or prediction.  With few images it helps most; it wants more epochs than training without.

    Parameters
    ----------
    shift : float in [0, 1], default={shift}
        Largest shift, as a fraction of the height, downwards or upwards, and of the width, to
        the right or left.
    rotation : float in [0, 180], default={rotation}
        Largest rotation to either side, in degrees.
    zoom : float in [0, 1), default={zoom}
        Largest change of size: 0.1 is from 0.9 to 1.1 times as high and wide.
    shear : float in [0, 90), default={shear}
        Largest slant of upright lines to either side, in degrees.
    elastic : float in [0, 1], default={elastic}
        Strength of elastic deformation: the root mean square of the distances that pixels move
        by, in each direction, as a fraction of the image size.  Digits of 28 x 28 pixels remain
        legible up to 0.03; at 0.05, about what Simard and others [1]_ used, some do not.  It takes
        twice the time of all the others together, and pays in long trainings.
    horizontal_flip : bool, default={horizontal_flip}
        Whether to mirror half of the images, left to right.  Off, for a mirrored digit or letter
        is a wrong one, and sometimes looks like another; clothes and faces may be mirrored.

    See Also
    --------
    LeNetClassifier : A classifier that takes it.
    skmnist.networks.augmentation.augmentation : The network that makes the changes.

    Notes
    -----
    What moves in from outside takes the value of the nearest pixel of the edge.  All changes but
    the elastic one are drawn uniformly up to either side; zero leaves a change out.

    References
    ----------
    .. [1] P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks
       applied to visual document analysis", International Conference on Document Analysis and
       Recognition, 2003.

    Examples
    --------
    >>> from sklearn.base import clone
    >>> from skmnist.augmentation import Augmentation
    >>> augmentation = clone(Augmentation(rotation=15)).set_params(zoom=0.2)
    >>> augmentation
    Augmentation(rotation=15, zoom=0.2)
    >>> network = augmentation.build((28, 28, 1), seed=0)
    >>> network.output_shape
    (None, 28, 28, 1)
    """

    shift: float = 0.05
    rotation: float = 10.0
    zoom: float = 0.1
    shear: float = 10.0
    elastic: float = 0.0
    horizontal_flip: bool = False

    _parameter_constraints = {
        "shift": [Interval(Real, 0, 1, closed="both")],
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "zoom": [Interval(Real, 0, 1, closed="left")],
        "shear": [Interval(Real, 0, 90, closed="left")],
        "elastic": [Interval(Real, 0, 1, closed="both")],
        "horizontal_flip": ["boolean"],
    }

    def __eq__(self, other):
        # A value, as scikit-learn's kernels are: clones are equal.
        return type(self) is type(other) and self.get_params() == other.get_params()

    def __hash__(self):
        return hash((type(self), *sorted(self.get_params().items())))

    def build(self, image_shape, seed=None):
        """Build the network that makes the changes.

        Parameters
        ----------
        image_shape : tuple of int of shape (3,)
            Height, width and number of channels.
        seed : int or None, default=None
            Seed of the draws.

        Returns
        -------
        model : keras.Model
            From a batch of images to a batch of images of the same shape; it changes them when
            called with ``training=True`` only.

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        """
        from skmnist.networks.augmentation import augmentation

        validate_parameters(self)
        params = {name: plain(value) for name, value in self.get_params(deep=False).items()}
        return augmentation(tuple(image_shape), **params, seed=seed)
