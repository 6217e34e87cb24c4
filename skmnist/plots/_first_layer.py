"""First-layer weights and convolution filters as images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmnist._support.pipelines import unwrap_fitted
from skmnist.plots._axes import SMALL, shorten, show_image
from skmnist.plots._display import Display
from skmnist.plots._first_weights import first_weights
from skmnist.plots._inputs import check_keeps_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import ArrayLike


class FirstLayerDisplay(Display):
    """The weights of the first layer of a model as images: the patterns it looks for.

    Make it with :meth:`from_estimator`.  Zero is grey, positive weights are lighter and yellow,
    negative ones darker and blue, so that signs can be told apart without colours.  All images
    share one scale, which leaves out the most extreme half percent of the weights if they are
    outliers.

    Parameters
    ----------
    kernels : ndarray of shape (n_units, height, width)
        Weights.
    titles : sequence of str, default=None
        Title of each image; None for no titles.
    layer : str, default="the first layer"
        Name of the layer, for the scale.
    square : bool, default=True
        Whether both height and width count pixels.  If not, as for recurrent layers, images are
        stretched to fill their panels.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        Images that are shown.
    colorbar_ : matplotlib Colorbar
        Scale of the weights.
    axes_ : ndarray of matplotlib Axes of shape (n_rows, n_columns)
        Their axes; the last ones may be empty.
    {ax_}
    {figure_}

    See Also
    --------
    SaliencyDisplay : The pixels of an image that the whole network looks at.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skmnist.plots import FirstLayerDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = LogisticRegression(C=0.01, max_iter=500).fit(X / 16, y)
    >>> display = FirstLayerDisplay.from_estimator(model)
    >>> display.kernels.shape
    (10, 8, 8)
    """

    def __init__(self, kernels, *, titles=None, layer="the first layer", square=True):
        self.kernels = kernels
        self.titles = titles
        self.layer = layer
        self.square = square

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        image_shape: Sequence[int] | None = None,
        n_images: int = 32,
        n_columns: int = 8,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the first weights of a fitted model.

        A dense layer on all pixels has an image for each unit.  A convolution or an embedding of
        patches has one for each filter (and for each channel, if there are several).  A recurrent
        layer reads an image row by row, so it has one for each gate, with units from top to
        bottom and pixels of a row from left to right.

        Parameters
        ----------
        estimator : fitted estimator
            Network of skmnist, ``MLPClassifier`` of scikit-learn, linear model with ``coef_``, or
            a pipeline or search with such a model at its end.
        image_shape : tuple of int, default=None
            Height, width and perhaps channels of the images; None for the shape that the network
            knows, or else squares.
        n_images : int >= 1, default=32
            Number of images to show at most, the first ones.
        {n_columns}
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or one for each image; None for a new figure.

        {returns_drawn}

        Raises
        ------
        {NotFittedError}
        TypeError
            If it has no weights of pixels, as a tree has none.
        ValueError
            If its weights are not those of pixels: because a step before it makes other features
            of them, or because its first layer is of another kind.
        """
        caller = f"{cls.__name__}.from_estimator"
        steps, last = unwrap_fitted(estimator)
        kernels = first_weights(last, _known_shape(steps, image_shape), caller)
        check_keeps_pixels(steps, getattr(last, "n_features_in_", None), caller)
        display = cls(
            kernels.images, titles=kernels.titles, layer=kernels.layer, square=kernels.square
        )
        return display.plot(n_images=n_images, n_columns=n_columns, ax=ax)

    def plot(
        self,
        *,
        n_images: int = 32,
        n_columns: int = 8,
        cmap: str | Colormap = "cividis",
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the weights.

        Parameters
        ----------
        n_images : int >= 1, default=32
            Number of images to show at most.
        {n_columns}
        cmap : str or matplotlib Colormap, default="cividis"
            Colours from the most negative to the most positive weight.
        {ax}

        {returns_itself}
        """
        kernels = np.asarray(self.kernels)[:n_images]
        if not self.square:  # the gates of one direction side by side
            n_columns = min(n_columns, 3 if len(kernels) % 3 == 0 else 4)
        cell = (1.0, 1.0 + 0.2 * (self.titles is not None)) if self.square else (1.9, 2.6)

        def size_of(n_rows, n_columns):
            return max(cell[0] * n_columns, 3.0) + 1.1, max(cell[1] * n_rows, 1.8) + 0.3

        self._set_gallery(ax, len(kernels), n_columns, size_of)
        self.images_ = []
        # A few outliers would make all other weights grey.
        most, usual = np.abs(kernels).max(), np.quantile(np.abs(kernels), 0.995)
        most = float(usual if most > 1.5 * usual > 0 else most) or 1.0
        options = {"cmap": cmap, "aspect": "equal" if self.square else "auto"}
        for i, (kernel, panel) in enumerate(zip(kernels, self.axes_.flat, strict=False)):
            self.images_.append(show_image(panel, kernel, (-most, most), **options))
            if self.titles is not None:
                panel.set_title(shorten(self.titles[i], 24), fontsize=SMALL, pad=3)
        if not self.square:
            for panel in self.axes_[:, 0]:
                panel.set_ylabel("units", fontsize=SMALL)
            for panel in self.axes_[-1]:
                panel.set_xlabel("pixels of a row", fontsize=SMALL)
        extend = "both" if np.abs(kernels).max() > most else "neither"
        self.colorbar_ = self.figure_.colorbar(
            self.images_[0], ax=list(self.axes_.flat), extend=extend, shrink=0.9, pad=0.02
        )
        text = f"weights of {shorten(self.layer, 24)}"
        if len(kernels) < len(self.kernels):
            text += f"\n{len(kernels)} of {len(self.kernels)} shown"
        self.colorbar_.set_label(text, fontsize=SMALL)
        self.colorbar_.ax.tick_params(labelsize=SMALL)
        return self


def _known_shape(steps, image_shape):
    """Return the user's shape of the images, or that of the first step that knows it, or None."""
    for step in steps:
        if image_shape is None:
            image_shape = getattr(step, "image_shape_", None)
    return image_shape
