"""Saliency: the pixels of an image that a network's decision depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.drawable import as_drawable
from skmnist._support.pipelines import unwrap_fitted
from skmnist.plots._axes import SMALL, gallery_shape, shorten, show_image
from skmnist.plots._display import Display
from skmnist.plots._gradients import score_gradients
from skmnist.plots._inputs import as_labels, check_keeps_pixels, grey_limits, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import ArrayLike


class SaliencyDisplay(Display):
    """Images, and below each a map of how much the score of its class depends on each pixel.

    Make it with :meth:`from_estimator`.  The saliency of a pixel is the magnitude of the gradient
    of the class's score, before the softmax, with respect to the pixel; with several channels,
    the largest one (Simonyan et al. 2014).  Every map has its own scale, from dark for zero to
    light for its largest value, so magnitudes of different images cannot be compared.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width) or (n_images, height, width, 3)
        Images.
    saliency : ndarray of shape (n_images, height, width)
        Saliency of their pixels.
    targets : ndarray of shape (n_images,)
        Class whose score was taken, for each image.
    y_pred : ndarray of shape (n_images,)
        Predicted labels.
    y_true : ndarray of shape (n_images,), default=None
        True labels, if known.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The images.
    maps_ : list of matplotlib AxesImage
        Their saliency.
    axes_ : ndarray of matplotlib Axes of shape (2 * n_rows, n_columns)
        Rows of images alternating with rows of maps; the last axes may be empty.
    {ax_}
    {figure_}

    See Also
    --------
    FirstLayerDisplay : The patterns that the first layer looks for in any image.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", ICLR workshop 2014.
    Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad: removing noise by adding noise",
    ICML workshop on visualization for deep learning 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import LeNetClassifier
    >>> from skmnist.plots import SaliencyDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> network = LeNetClassifier(epochs=5, random_state=0).fit(X / 16, y)
    >>> display = SaliencyDisplay.from_estimator(network, X[:5] / 16, y[:5])
    >>> display.saliency.shape
    (5, 8, 8)
    """

    def __init__(self, images, saliency, *, targets, y_pred, y_true=None):
        self.images = images
        self.saliency = saliency
        self.targets = targets
        self.y_pred = y_pred
        self.y_true = y_true

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        target: Any = None,
        n_draws: int = 0,
        noise: float = 0.15,
        random_state: int | np.random.RandomState | None = 0,
        n_images: int = 10,
        n_columns: int = 10,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the saliency of images in a fitted network.

        Parameters
        ----------
        estimator : fitted classifier
            Classifier of skmnist, or a pipeline or search with one at its end.  Steps before it
            may scale pixels, but must not make other features of them; the gradient is taken with
            respect to the scaled pixels.
        {X}
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            True labels or one-hot rows, to write above the images.
        target : label or array-like of shape (n_samples,), default=None
            Class whose score to take, one for all images or one for each; None for the predicted
            class.
        n_draws : int >= 0, default=0
            Number of noisy copies of every image to average the gradient over, which removes
            pixel noise from the map (SmoothGrad, Smilkov et al. 2017; they take 50).  0 takes the
            image itself.
        noise : float > 0, default=0.15
            Standard deviation of the noise, as a fraction of the range of an image's pixels.
        random_state : int, RandomState instance or None, default=0
            Seed of the noise.
        n_images : int >= 1, default=10
            Number of images to show at most, the first ones in `X`.
        {n_columns}
        image_shape : tuple of int, default=None
            Height, width and perhaps channels of images that are given as rows; None for the
            shape that the network knows.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or two for each image; None for a new figure.

        {returns_drawn}

        Raises
        ------
        {NotFittedError}
        TypeError
            If it is not a classifier of skmnist, and so has no gradients.
        ValueError
            If a parameter is out of range, a class is unknown, or a step before the network makes
            other features of the pixels.
        """
        caller = f"{cls.__name__}.from_estimator"
        if n_draws < 0 or not noise > 0:
            raise ValueError(
                f"n_draws must be at least 0 and noise above 0. Got n_draws={n_draws!r} and "
                f"noise={noise!r} instead."
            )
        steps, network = unwrap_fitted(estimator)
        if not isinstance(network, BaseKerasClassifier):
            raise TypeError(
                f"{caller} needs the gradients of a classifier of skmnist. Got "
                f"{type(network).__name__} instead."
            )
        check_keeps_pixels(steps, network.n_features_in_, caller)
        if y is not None:
            check_consistent_length(X, y)
            y = as_labels(y[:n_images], "y")
        X = X[:n_images]
        seen = X
        for step in steps:
            seen = step.transform(seen)
        pixels = network._computed(seen, lambda _, pictures: pictures)
        y_pred = as_labels(network.predict(seen), "y_pred")
        targets = y_pred if target is None else _targets(target, len(pixels), n_images)
        units, signs = _outputs_of(network, targets)
        gradients = _smooth(
            lambda drawn: score_gradients(network.model_, drawn, units, signs),
            pixels,
            n_draws,
            noise,
            check_random_state(random_state),
        )
        if image_shape is None and np.prod(network.image_shape_) == network.n_features_in_:
            image_shape = network.image_shape_
        pictures = as_drawable(X, caller, image_shape)
        # Without the pixels that padded a row to a square.
        saliency = np.abs(gradients).reshape(len(gradients), -1)[:, : network.n_features_in_]
        saliency = saliency.reshape(*pictures.shape[:3], -1).max(axis=-1)
        display = cls(pictures, saliency, targets=targets, y_pred=y_pred, y_true=y)
        return display.plot(n_columns=n_columns, ax=ax)

    def plot(
        self,
        *,
        n_columns: int = 10,
        cmap: str | Colormap = "cividis",
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw images and maps.

        Parameters
        ----------
        {n_columns}
        cmap : str or matplotlib Colormap, default="cividis"
            Colours of the saliency.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or two for each image: a row of images, then a row of their maps.
            None for a new figure.

        {returns_itself}
        """
        n = len(self.images)
        n_rows, n_columns = gallery_shape(n, n_columns)
        size = (max(1.05 * n_columns, 3.0), 2.35 * n_rows + 0.2)
        self.axes_, self.figure_ = self._grid_of_axes(ax, (2 * n_rows, n_columns), size)
        self.ax_, self.images_, self.maps_ = self.axes_[0, 0], [], []
        limits = grey_limits(np.asarray(self.images))
        for i in range(n_rows * n_columns):
            row, column = divmod(i, n_columns)
            above, below = self.axes_[2 * row : 2 * row + 2, column]
            if i >= n:
                above.set_axis_off()
                below.set_axis_off()
                continue
            self.images_.append(show_image(above, self.images[i], limits))
            most = float(self.saliency[i].max()) or 1.0
            self.maps_.append(show_image(below, self.saliency[i], (0.0, most), cmap=cmap))
            above.set_title(self._title(i), fontsize=SMALL, linespacing=1.1)
        for row in range(n_rows):
            self.axes_[2 * row, 0].set_ylabel("image", fontsize=SMALL)
            self.axes_[2 * row + 1, 0].set_ylabel("saliency", fontsize=SMALL)
        return self

    def _title(self, i):
        lines = [] if self.y_true is None else [f"true {shorten(self.y_true[i], 10)}"]
        lines.append(f"pred. {shorten(self.y_pred[i], 10)}")
        if self.targets[i] != self.y_pred[i]:
            lines.append(f"score of {shorten(self.targets[i], 10)}")
        return "\n".join(lines)


def _targets(target, n, n_images):
    target = np.asarray(target)
    if target.ndim == 0:
        return np.repeat(target[np.newaxis], n)
    target = as_labels(target[:n_images], "target")
    if len(target) != n:
        raise ValueError(
            f"target must be one label, or one for each of {n} images. Got {len(target)} instead."
        )
    return target


def _outputs_of(network, targets):
    """Return the output of the network that is the score of each label, and its sign."""
    # classes_ are sorted, but KerasClassifier has a parameter for the order of the outputs.
    order = getattr(network, "classes", None)
    order = np.asarray(network.classes_ if order is None else order).tolist()
    if unknown := set(targets.tolist()) - set(order):
        raise ValueError(
            f"target holds {listed(sorted(unknown))}; the classes are {listed(order)}."
        )
    units = np.array([order.index(label) for label in targets.tolist()])
    if network.model_.output_shape[-1] > 1:
        return units, np.ones(len(units), dtype=np.float32)
    # A single output is the score of the second class; its negative is that of the first.
    return np.zeros_like(units), np.where(units == 1, 1, -1).astype(np.float32)


def _smooth(gradients_of, pixels, n_draws, noise, random):
    """Return the gradients, averaged over `n_draws` noisy copies unless that is 0."""
    if n_draws == 0:
        return gradients_of(pixels)
    axes = tuple(range(1, pixels.ndim))
    scale = noise * (pixels.max(axis=axes, keepdims=True) - pixels.min(axis=axes, keepdims=True))
    total = np.zeros(pixels.shape)
    for _ in range(n_draws):
        drawn = pixels + scale * random.standard_normal(pixels.shape)
        total += gradients_of(drawn.astype(np.float32))
    return total / n_draws
