"""The result of a comparison as an object; ``_tables.py`` has its text and tables."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist.comparison import _tables
from skmnist.comparison._differences import Difference
from skmnist.comparison._measurements import Row

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """Result of :func:`skmnist.compare`; prints as a table.

    Parameters
    ----------
    rows : tuple of Row
        The models, sorted by the first metric, the best first; models that failed come last.
    metrics : tuple of str
        The metrics; the first one decides the order and the differences.
    differences : tuple of Difference
        Every pair of models that did not fail, the better one first; in the order of `rows`.
    X : array-like of shape (n_tested, n_features) or (n_tested, height, width)
        The test images, as they were given.
    y : ndarray of shape (n_tested,)
        Their labels.
    classes : ndarray of shape (n_classes,)
        The sorted labels of all images.
    n_images : int
        Number of images for fitting and testing together, each counted once.
    n_folds : int
        Number of splits.
    fixed_test : bool
        Whether there is one test set, instead of a cross-validation.
    random_state : int or None
        Seed of the splits and of the models that were given by name.
    rope : float
        Differences up to this do not matter.
    alpha : float
        Significance level.
    n_cores : int
        Number of processor cores that the process may use.
    machine : str
        Operating system and kind of processor.
    versions : dict of str to str
        Versions of Python and of the libraries.
    data : str or None
        Name of the data.
    """

    rows: tuple[Row, ...]
    metrics: tuple[str, ...]
    differences: tuple[Difference, ...]
    X: Any
    y: np.ndarray
    classes: np.ndarray
    n_images: int
    n_folds: int
    fixed_test: bool
    random_state: int | None
    rope: float
    alpha: float
    n_cores: int
    machine: str
    versions: dict[str, str]
    data: str | None = None

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of an image as it was given."""
        return tuple(self.X.shape[1:])

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def failures(self) -> list[Row]:
        """The rows of the models that failed."""
        return [row for row in self.rows if row.error is not None]

    def differences_to_best(self) -> list[Difference]:
        """Return the differences between the best model and each of the others.

        Returns
        -------
        differences : list of Difference
            In the order of `rows`.
        """
        best = self.rows[0].model
        return [found for found in self.differences if best in (found.better, found.worse)]

    def verdicts(self) -> list[Difference]:
        """Return `differences_to_best`, under its old name.

        Returns
        -------
        differences : list of Difference
            In the order of `rows`.
        """
        message = "Comparison.verdicts was renamed to differences_to_best."
        warnings.warn(message, FutureWarning, stacklevel=2)
        return self.differences_to_best()

    def table(self) -> list[list[str]]:
        """Return the cells of the table as text.

        Returns
        -------
        cells : list of list of str
            The rows, with the header first.
        """
        return _tables.cells(self)

    def tables(self, width: int = 79, *, gap: int = 2) -> list[list[list[str]]]:
        """Return the table as several tables that fit into a width.

        Parameters
        ----------
        width : int, default=79
            Number of characters in a line.
        gap : int, default=2
            Number of characters between two columns.

        Returns
        -------
        tables : list of list of list of str
            Tables that share the columns among them; each begins with the names of the models.
        """
        return _tables.blocks(_tables.cells(self), width, gap)

    def notes(self) -> list[str]:
        """Return notes that explain the table.

        Returns
        -------
        notes : list of str
            Errors of models that failed; data and splits; meaning of the columns; machine and
            versions.
        """
        return _tables.notes(self)

    def __str__(self):
        return _tables.as_text(self)

    __repr__ = __str__

    def to_markdown(self) -> str:
        """Return the table, the differences to the best model and the notes as Markdown.

        Returns
        -------
        text : str
            A pipe table, with lists below it.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skmnist import compare
        >>> X, y = load_digits(return_X_y=True)
        >>> print(compare("knn", X, y).to_markdown())
        | model | accuracy | 95 % interval | fit s | predict µs/image | ...
        |:---|---:|---:|---:|---:|---:|---:|---:|
        | knn | 0.98... ± 0.00... | 0.9... to 0.9... | ...
        <BLANKLINE>
        - 1,797 images of 64 pixels, 10 classes. Cross-validation: 5 folds, ...
        """
        return _tables.as_markdown(self)

    def to_frame(self, of: Literal["models", "folds", "differences"] = "models") -> pd.DataFrame:
        """Return the numbers as a data frame.

        Parameters
        ----------
        of : {"models", "folds", "differences"}, default="models"
            Contents of the rows: each model, each model on each fold, or each pair of models.

        Returns
        -------
        frame : pandas.DataFrame
            For models, the index is ``model`` and the columns are ``accuracy`` (or the names of
            your metrics), ``accuracy_std``, ``accuracy_low``, ``accuracy_high``, ``fit_seconds``,
            ``predict_microseconds``, ``n_parameters``, ``pickled_bytes``, ``peak_memory_bytes``
            (NaN if not known) and ``error`` (None for models that did not fail).  For folds, the
            index is ``model``, ``fold`` and the columns are the scores and costs of each fold.
            For differences, the columns are the attributes of :class:`Difference`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `of` has another value.
        """
        return _tables.as_frame(self, of)

    def to_csv(
        self,
        path: str | os.PathLike[str] | None = None,
        of: Literal["models", "folds", "differences"] = "models",
    ) -> str | None:
        """Write the numbers as comma-separated values.

        Parameters
        ----------
        path : str, path-like or None, default=None
            File to write; None to return the text.
        of : {"models", "folds", "differences"}, default="models"
            Contents of the lines, as in `to_frame`.

        Returns
        -------
        text : str or None
            The text, if `path` is None.

        Raises
        ------
        ValueError
            If `of` has another value.
        """
        text = _tables.as_csv(self, of)
        if path is None:
            return text
        Path(path).write_text(text, encoding="utf-8", newline="")
        return None

    def to_html(self) -> str:
        """Return the table, the differences to the best model and the notes as HTML.

        Returns
        -------
        html : str
            A fragment of a page, which notebooks show.  For a whole page with plots, use
            :func:`skmnist.report.write_report`.
        """
        return _tables.as_html(self)

    _repr_html_ = to_html

    def to_dict(self) -> dict[str, Any]:
        """Return everything except images and predictions as a dict of JSON types.

        Returns
        -------
        content : dict
            The attributes of the comparison; the means, the numbers of each fold and the error of
            each model; and each difference.  NaN becomes None.
        """
        return _tables.as_dict(self)
