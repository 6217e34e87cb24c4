"""Images that were misclassified, the most confident mistakes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skmnist._support.comparisons import predictions_of
from skmnist._support.drawable import as_drawable
from skmnist._support.text import percent
from skmnist.plots._axes import SMALL, shorten, show_image, write_instead
from skmnist.plots._display import Display
from skmnist.plots._inputs import (
    as_labels_of_both,
    as_probabilities,
    classes_of,
    grey_limits,
    row_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skmnist.comparison import Comparison


class MisclassifiedDisplay(Display):
    """Gallery of misclassified images, with true and predicted labels and probabilities.

    Make it with :meth:`from_estimator`, :meth:`from_predictions` or :meth:`from_comparison`.  The
    most confident mistakes come first: often these images are ambiguous, or their true labels
    are wrong.

    Parameters
    ----------
    images : ndarray of shape (n_mistakes, height, width) or (n_mistakes, height, width, 3)
        Misclassified images, in the order of the gallery.
    y_true : ndarray of shape (n_mistakes,)
        Their true labels.
    y_pred : ndarray of shape (n_mistakes,)
        Their predicted labels.
    proba_true : ndarray of shape (n_mistakes,), default=None
        Probability of the true label.
    proba_pred : ndarray of shape (n_mistakes,), default=None
        Probability of the predicted label.
    indices : ndarray of shape (n_mistakes,), default=None
        Their row numbers among the predicted images.
    n_predicted : int, default=None
        Number of predicted images, right or wrong.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The images that are shown.
    axes_ : ndarray of matplotlib Axes of shape (n_rows, n_columns)
        Their axes; the last ones may be empty.
    {ax_}
    {figure_}

    See Also
    --------
    ConfusedPairsDisplay : Mistakes by pairs of classes.
    ReliabilityDisplay : Whether probabilities can be trusted.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import cross_val_predict
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skmnist.plots import MisclassifiedDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> y_proba = cross_val_predict(KNeighborsClassifier(), X, y, method="predict_proba")
    >>> display = MisclassifiedDisplay.from_predictions(
    ...     y, y_proba.argmax(axis=1), X, y_proba=y_proba
    ... )
    >>> len(display.y_true), display.n_predicted
    (67, 1797)
    """

    def __init__(
        self,
        images,
        y_true,
        y_pred,
        *,
        proba_true=None,
        proba_pred=None,
        indices=None,
        n_predicted=None,
    ):
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.proba_true = proba_true
        self.proba_pred = proba_pred
        self.indices = indices
        self.n_predicted = n_predicted

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_images: int = 20,
        n_columns: int = 5,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the mistakes of a fitted classifier.

        Parameters
        ----------
        estimator : fitted classifier
            Any estimator with `predict`.  If it has `predict_proba`, mistakes are sorted by
            confidence and shown with probabilities.
        {X}
        {y}
        n_images : int >= 1, default=20
            Number of images to show at most.
        {n_columns}
        {image_shape}
        ax : matplotlib Axes or array-like of them, default=None
            Axes to divide, or one for each image; None for a new figure.

        {returns_drawn}

        Raises
        ------
        {NotFittedError}
        ValueError
            If `X` does not hold images, or its length differs from that of `y`.
        """
        y_pred = estimator.predict(X)
        y_proba = estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else None
        return cls.from_predictions(
            y,
            y_pred,
            X,
            y_proba=y_proba,
            classes=classes_of(estimator),
            n_images=n_images,
            n_columns=n_columns,
            image_shape=image_shape,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        X: ArrayLike,
        *,
        y_proba: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        n_images: int = 20,
        n_columns: int = 5,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw mistakes.

        Parameters
        ----------
        {y_true}
        {y_pred}
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Images.
        y_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities, by which mistakes are sorted; None keeps the order of `X`.
        {classes}
        {n_images}
        {n_columns}
        {image_shape}
        {ax}

        {returns_drawn}

        Raises
        ------
        ValueError
            If `X` does not hold images, lengths differ, or labels and classes do not fit.
        """
        y_true, y_pred = as_labels_of_both(y_true, y_pred)
        check_consistent_length(y_true, X)
        pictures = as_drawable(X, f"{cls.__name__}.from_predictions", image_shape)
        wrong = np.flatnonzero(y_true != y_pred)
        proba_true = proba_pred = None
        if y_proba is not None:
            y_proba, _, true, predicted = as_probabilities(y_proba, classes, y_true, y_pred)
            wrong = wrong[np.argsort(-y_proba[wrong, predicted[wrong]], kind="stable")]
            proba_true, proba_pred = (
                y_proba[wrong, columns[wrong]] for columns in (true, predicted)
            )
        display = cls(
            pictures[wrong],
            y_true[wrong],
            y_pred[wrong],
            proba_true=proba_true,
            proba_pred=proba_pred,
            indices=wrong,
            n_predicted=len(y_true),
        )
        return display.plot(n_images=n_images, n_columns=n_columns, ax=ax)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        model: str | None = None,
        *,
        n_images: int = 20,
        n_columns: int = 5,
        image_shape: Sequence[int] | None = None,
        ax: Axes | ArrayLike | None = None,
    ) -> Self:
        """Draw the mistakes of a model of a comparison, over all folds.

        Parameters
        ----------
        {comparison}
        {model}
        {n_images}
        {n_columns}
        {image_shape}
        {ax}

        Returns
        -------
        display : MisclassifiedDisplay
            The display, drawn; its `indices` count the rows of ``comparison.X``.

        Raises
        ------
        ValueError
            If the model is unknown, or it failed.
        """
        test, predicted, probabilities = predictions_of(comparison, row_of(comparison, model))
        display = cls.from_predictions(
            np.asarray(comparison.y)[test],
            predicted,
            np.asarray(comparison.X)[test],
            y_proba=probabilities,
            classes=comparison.classes,
            n_images=n_images,
            n_columns=n_columns,
            image_shape=image_shape,
            ax=ax,
        )
        display.indices = test[display.indices]
        return display

    def plot(
        self, *, n_images: int = 20, n_columns: int = 5, ax: Axes | ArrayLike | None = None
    ) -> Self:
        """Draw the gallery.

        Parameters
        ----------
        {n_images}
        {n_columns}
        {ax}

        {returns_itself}
        """
        n_shown = min(n_images, len(self.images))

        def size_of(n_rows, n_columns):
            return max(1.3 * n_columns, 3.2), 1.65 * n_rows + 0.35

        self._set_gallery(ax, n_shown, n_columns, size_of)
        self.images_ = []
        if n_shown == 0:
            self.ax_.set_axis_on()
            write_instead(self.ax_, "no image was misclassified")
            return self
        limits = grey_limits(self.images[:n_shown])
        for i, panel in zip(range(n_shown), self.axes_.flat, strict=False):
            self.images_.append(show_image(panel, self.images[i], limits))
            panel.set_title(self._title(i), fontsize=SMALL, linespacing=1.1)
        return self

    def _title(self, i):
        lines = []
        for word, labels, probabilities in (
            ("true", self.y_true, self.proba_true),
            ("pred.", self.y_pred, self.proba_pred),
        ):
            text = f"{word} {shorten(labels[i], 12)}"
            if probabilities is not None:
                text += f": {_percent(probabilities[i])}"
            lines.append(text)
        return "\n".join(lines)


def _percent(probability):
    """Return a probability in percent, with a decimal where rounding would make it 0 or 100."""
    decimals = 0 if 0.01 <= probability < 0.99 or probability == 0 else 1
    # No model is certain: a probability of 1 is one that was rounded.
    return percent(min(probability, np.nextafter(1, 0)), decimals=decimals, space="")
