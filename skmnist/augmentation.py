"""Random changes to training images, as a parameter of a classifier."""

from __future__ import annotations

from numbers import Real

from sklearn.base import BaseEstimator

from skmnist._compat.sklearn import Interval, validate_parameters
from skmnist._support.parameters import NamedParametersMixin, estimator, plain

__all__ = ["Augmentation"]


@estimator
class Augmentation(NamedParametersMixin, BaseEstimator):
    """Random changes to training images, different for every image and every epoch.

    Pass it to a classifier as the parameter ``augmentation``.  The classifier then trains on
    slightly different images in every epoch.  Images for validation and prediction are not changed.
    Augmentation helps most with few images, and requires more epochs.

    Parameters
    ----------
    shift : float in [0, 1], default={shift}
        Maximum vertical shift as a fraction of the height, and maximum horizontal shift as a
        fraction of the width.
    rotation : float in [0, 180], default={rotation}
        Maximum rotation in either direction, in degrees.
    zoom : float in [0, 1), default={zoom}
        Maximum change of size; 0.1 scales height and width by factors from 0.9 to 1.1.
    shear : float in [0, 90), default={shear}
        Maximum slant of vertical lines in either direction, in degrees.
    elastic : float in [0, 1], default={elastic}
        Strength of elastic deformation: the root mean square of the displacements of pixels in
        each direction, as a fraction of the image size.  Digits of 28 x 28 pixels remain legible
        up to 0.03.  At 0.05, about the value of Simard and others [1]_, some do not.  Elastic
        deformation takes twice as long as all other changes together, and is useful in long
        trainings.
    horizontal_flip : bool, default={horizontal_flip}
        Whether to mirror half of the images, left to right.  It is off by default, because mirrored
        digits and letters are wrong or look like others.  Clothes and faces can be mirrored.

    See Also
    --------
    LeNetClassifier : Classifier that takes it as a parameter.
    skmnist.networks.augmentation.augmentation : Network that makes the changes.

    Notes
    -----
    Pixels from outside of an image take the value of the nearest pixel at its edge.  All changes
    except elastic deformation are drawn uniformly between both maxima.  Set a change to zero to
    disable it.

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
        # Clones compare equal, like scikit-learn's kernels, because this is a value.
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
            Seed of the random changes.

        Returns
        -------
        model : keras.Model
            Model from a batch of images to a batch of images of the same shape.  It changes images
            only if called with ``training=True``.

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        """
        from skmnist.networks.augmentation import augmentation

        validate_parameters(self)
        params = {name: plain(value) for name, value in self.get_params(deep=False).items()}
        return augmentation(tuple(image_shape), **params, seed=seed)
