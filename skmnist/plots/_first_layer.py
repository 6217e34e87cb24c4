"""First-layer weights and convolution filters as images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmnist.plots._axes import SMALL, gallery_shape, grid_of_axes, shorten, show_image
from skmnist.plots._given import check_keeps_pixels, unwrapped
from skmnist.plots._kernels import first_kernels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import ArrayLike


class FirstLayerDisplay:
    """What the first layer of a model looks for: its weights, as images.

    Make it with :meth:`from_estimator`.  Zero is grey, positive weights are yellow and lighter,
    negative ones blue and darker, so that signs remain apart without colours.  All images share
    one scale, which leaves out the most extreme half percent of the weights if they are outliers.

    Parameters
    ----------
    kernels : ndarray of shape (n_units, height, width)
        Weights.
    titles : sequence of str, default=None
        What each of them is; None for no titles.
    layer : str, default="the first layer"
        What they are the weights of.
    square : bool, default=True
        Whether both height and width are pixels.  If not, as for recurrent layers, an image is
        stretched to fill its panel.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        Images that are shown.
    colorbar_ : matplotlib Colorbar
        Scale of the weights.
    axes_ : ndarray of matplotlib Axes of shape (n_rows, n_columns)
        Their axes; the last ones may be empty.
    ax_ : matplotlib Axes
        The first of them.
    figure_ : matplotlib Figure
        Figure that contains them.

    See Also
    --------
    SaliencyDisplay : Which pixels of an image the whole network looks at.

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

        Dense layers on all pixels have an image for each unit, convolutions and embeddings of
        patches one for each filter (and channel, if there are several).  A recurrent layer reads
        row by row, so it has a picture for each gate: units from top to bottom, pixels of a row
        from left to right.

        Parameters
        ----------
        estimator : fitted estimator
            Network of skmnist, ``MLPClassifier`` of scikit-learn, linear model with ``coef_``, or
            a Pipeline or search with such a model at its end.
        image_shape : tuple of int, default=None
            Height, width and perhaps channels of the images; None for what the network knows, or
            squares.
        n_images : int >= 1, default=32
            Number of images to show at most, the first ones.
        n_columns : int >= 1, default=8
            Number of images side by side.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or one for each image; None for a new figure.

        Returns
        -------
        display : FirstLayerDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no weights of pixels, such as a tree.
        ValueError
            If what it has weights of are no pixels: after a step that makes other features of
            them, or in a first layer of another kind.
        """
        caller = f"{cls.__name__}.from_estimator"
        steps, last = unwrapped(estimator)
        kernels = first_kernels(last, _known_shape(steps, image_shape), caller)
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
        n_columns : int >= 1, default=8
            Number of images side by side.
        cmap : str or matplotlib Colormap, default="cividis"
            Colours from the most negative to the most positive weight.
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or one for each image; None for a new figure.

        Returns
        -------
        display : FirstLayerDisplay
            The display itself.
        """
        kernels = np.asarray(self.kernels)[:n_images]
        if not self.square:  # the gates of one direction side by side
            n_columns = min(n_columns, 3 if len(kernels) % 3 == 0 else 4)
        shape = gallery_shape(len(kernels), n_columns)
        if isinstance(ax, (list, tuple, np.ndarray)):
            shape = gallery_shape(np.size(np.asarray(ax, dtype=object)), n_columns)
        cell = (1.0, 1.0 + 0.2 * (self.titles is not None)) if self.square else (1.9, 2.6)
        size = (max(cell[0] * shape[1], 3.0) + 1.1, max(cell[1] * shape[0], 1.8) + 0.3)
        self.axes_, self.figure_ = grid_of_axes(f"{type(self).__name__}.plot", ax, shape, size)
        self.ax_, self.images_ = self.axes_[0, 0], []
        for panel in self.axes_.flat[len(kernels) :]:
            panel.set_axis_off()
        # A few outliers would leave all others grey.
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
    """Return the shape of the images, if the user or a step before the model knows it."""
    for step in steps:
        if image_shape is None:
            image_shape = getattr(step, "image_shape_", None)
    return image_shape
