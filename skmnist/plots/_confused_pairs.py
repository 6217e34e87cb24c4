"""Which classes are confused with which, in numbers and in images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from sklearn.utils.validation import check_consistent_length

from skmnist._support.comparisons import predictions_of
from skmnist._support.confusions import confused_pairs
from skmnist._support.drawable import as_drawable
from skmnist.plots._axes import SMALL, ink_on, shorten, show_image, write_instead
from skmnist.plots._display import Display
from skmnist.plots._inputs import as_labels_of_both, grey_limits, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison

_MOST_CLASSES_WITH_COUNTS = 20


class ConfusedPairsDisplay(Display):
    """Confusion matrix and the most confused pairs of classes, with example images.

    Make it with :meth:`from_estimator`, :meth:`from_predictions` or :meth:`from_comparison`.
    The colours of the matrix show mistakes only: the diagonal, which holds hundreds of times as
    many images, stays white.

    Parameters
    ----------
    confusion_matrix : ndarray of shape (n_classes, n_classes), int
        Number of images of each true class (rows) and predicted class (columns).
    classes : ndarray of shape (n_classes,)
        Labels.
    examples : dict of (int, int) to ndarray, default=None
        Images by the numbers of their true class and predicted class, of shape (n_images, height,
        width) or (n_images, height, width, 3).  None for the matrix alone.

    Attributes
    ----------
    pairs_ : list of (true label, predicted label, int)
        The confused pairs and their counts, the most frequent first; pairs of equal counts are in
        the order of the classes.
    matrix_ : sklearn.metrics.ConfusionMatrixDisplay or None
        The matrix that was drawn.
    images_ : list of list of matplotlib AxesImage
        For each pair shown, its images.
    axes_ : ndarray of matplotlib Axes of shape (n_pairs, n_images)
        Axes of the images; empty if there are none.
    ax_ : matplotlib Axes
        Axes of the matrix; without a matrix, the first of the images.
    {figure_}

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The matrix alone, with more options.
    MisclassifiedDisplay : Images of all mistakes.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import cross_val_predict
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skmnist.plots import ConfusedPairsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> y_pred = cross_val_predict(GaussianNB(), X, y)
    >>> display = ConfusedPairsDisplay.from_predictions(y, y_pred, X)
    >>> [(int(true), int(predicted), count) for true, predicted, count in display.pairs_[:2]]
    [(2, 8, 45), (4, 7, 25)]
    """

    def __init__(self, confusion_matrix, *, classes, examples=None):
        self.confusion_matrix = confusion_matrix
        self.classes = classes
        self.examples = examples

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_pairs: int = 6,
        n_images: int = 6,
        matrix: bool = True,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the classes that a fitted classifier confuses.

        Parameters
        ----------
        {estimator}
        {X}
        {y}
        n_pairs : int >= 0, default=6
            Number of pairs with images.
        n_images : int >= 1, default=6
            Number of images of each pair, the first ones.
        matrix : bool, default=True
            Whether to draw the confusion matrix.
        {image_shape}
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide; None for a new figure.

        {returns_drawn}

        Raises
        ------
        {NotFittedError}
        ValueError
            If `X` does not hold images, or its length differs from that of the labels.
        """
        return cls.from_predictions(
            y,
            estimator.predict(X),
            X,
            n_pairs=n_pairs,
            n_images=n_images,
            matrix=matrix,
            image_shape=image_shape,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        X: ArrayLike | None = None,
        *,
        n_pairs: int = 6,
        n_images: int = 6,
        matrix: bool = True,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the classes that were confused.

        Parameters
        ----------
        {y_true}
        {y_pred}
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), default=None
            Images; None for the matrix alone.
        {n_pairs}
        {n_images}
        {matrix}
        {image_shape}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If `X` does not hold images, or its length differs from that of the labels.
        """
        y_true, y_pred = as_labels_of_both(y_true, y_pred)
        classes = np.unique(np.concatenate([y_true, y_pred]))
        counts = confusion_matrix(y_true, y_pred, labels=classes)
        examples = None
        if X is not None:
            check_consistent_length(y_true, X)
            pictures = as_drawable(X, f"{cls.__name__}.from_predictions", image_shape)
            examples = {}
            for true, predicted, _ in confused_pairs(counts)[:n_pairs]:
                of_pair = (y_true == classes[true]) & (y_pred == classes[predicted])
                examples[true, predicted] = pictures[np.flatnonzero(of_pair)[:n_images]]
        display = cls(counts, classes=classes, examples=examples)
        return display.plot(n_pairs=n_pairs, n_images=n_images, matrix=matrix, ax=ax)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        model: str | None = None,
        *,
        n_pairs: int = 6,
        n_images: int = 6,
        matrix: bool = True,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the classes that a model of a comparison confused, over all folds.

        Parameters
        ----------
        {comparison}
        {model}
        {n_pairs}
        {n_images}
        {matrix}
        {image_shape}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If the model is unknown, or it failed.
        """
        test, predicted, _ = predictions_of(comparison, row_of(comparison, model))
        return cls.from_predictions(
            np.asarray(comparison.y)[test],
            predicted,
            np.asarray(comparison.X)[test],
            n_pairs=n_pairs,
            n_images=n_images,
            matrix=matrix,
            image_shape=image_shape,
            ax=ax,
        )

    def plot(
        self,
        *,
        n_pairs: int = 6,
        n_images: int = 6,
        matrix: bool = True,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the matrix and the pairs.

        Parameters
        ----------
        n_pairs : int >= 0, default=6
            Number of pairs with images, at most those with examples.
        n_images : int >= 1, default=6
            Number of images of each pair, at most its examples.
        {matrix}
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or two: one for the matrix, and one to divide among the images.  None
            for a new figure.

        {returns_itself}
        """
        pairs = confused_pairs(self.confusion_matrix)
        self.pairs_ = [(self.classes[i], self.classes[j], count) for i, j, count in pairs]
        has_gallery = self.examples is not None and n_pairs > 0
        if not (matrix or has_gallery):
            raise ValueError(
                "There is nothing to draw: matrix=False needs images (X) and n_pairs above 0."
            )
        shown = [pair for pair in pairs[:n_pairs] if pair[:2] in (self.examples or {})]
        with_counts = len(self.classes) <= _MOST_CLASSES_WITH_COUNTS
        side = max(4.2, (0.34 if with_counts else 0.15) * len(self.classes))
        widths = [side] * matrix + [1.3 + 0.62 * n_images] * has_gallery
        size = (sum(widths), max(side * matrix, 0.62 * max(len(shown), 1)) + 0.3)
        panels, self.figure_ = self._grid_of_axes(ax, (1, len(widths)), size, width_ratios=widths)
        self.ax_ = panels[0, 0]
        self.matrix_ = self._draw_matrix(self.ax_) if matrix else None
        self.images_, self.axes_ = [], np.empty((0, n_images), dtype=object)
        if has_gallery and not shown:
            write_instead(panels[0, -1], "no image was misclassified")
        elif has_gallery:
            self._draw_examples(panels[0, -1], shown, n_images)
            self.ax_ = self.ax_ if matrix else self.axes_[0, 0]
        return self

    def _draw_matrix(self, ax):
        counts = np.asarray(self.confusion_matrix)
        mistakes = np.ma.masked_equal(counts - np.diag(np.diag(counts)), 0)
        most = max(int(mistakes.max()) if mistakes.count() else 0, 1)
        with_counts = len(self.classes) <= _MOST_CLASSES_WITH_COUNTS
        names = [shorten(label, 14) for label in self.classes]
        room = 3 if with_counts else 1
        display = ConfusionMatrixDisplay(counts, display_labels=names).plot(
            ax=ax,
            include_values=with_counts,
            values_format="d",
            colorbar=False,
            cmap="Blues",
            im_kw={"vmin": 0, "vmax": most},
            text_kw={"fontsize": SMALL},
            xticks_rotation="vertical" if max(map(len, names)) > room else "horizontal",
        )
        display.im_.set_data(mistakes)
        ax.tick_params(labelsize=SMALL)
        ax.set(xlabel="predicted", ylabel="true")
        if not with_counts:
            bar = self.figure_.colorbar(display.im_, ax=ax, shrink=0.7)
            bar.set_label("misclassified images")
            return display
        for i, j in np.ndindex(counts.shape):
            text = display.text_[i, j]
            if counts[i, j] == 0:
                text.set_text("")
            on = display.im_.cmap(counts[i, j] / most) if i != j else (1, 1, 1)
            text.set_color(ink_on(on))
        return display

    def _draw_examples(self, ax, shown, n_images):
        self.axes_, _ = self._grid_of_axes(ax, (len(shown), n_images), None)
        limits = grey_limits(np.concatenate([self.examples[i, j].ravel() for i, j, _ in shown]))
        for line, (i, j, count) in zip(self.axes_, shown, strict=True):
            pictures = self.examples[i, j][:n_images]
            self.images_.append(
                [show_image(panel, p, limits) for panel, p in zip(line, pictures, strict=False)]
            )
            for panel in line[len(pictures) :]:
                panel.set_axis_off()
            true, predicted = (shorten(self.classes[k], 14) for k in (i, j))
            images = "image" if count == 1 else "images"
            text = f"{true} taken for {predicted}\n{count} {images}"
            if len(true) + len(predicted) > 8:
                text = f"{true}\ntaken for {predicted}\n{count} {images}"
            line[0].set_ylabel(text, rotation=0, ha="right", va="center", fontsize=SMALL)
