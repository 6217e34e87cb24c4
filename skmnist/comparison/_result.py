"""What a comparison found, as an object; how it is written stands in ``_tables.py``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skmnist.comparison import _tables
from skmnist.comparison._differences import Difference
from skmnist.comparison._row import Row

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What :func:`skmnist.compare` found; prints as a table.

    Parameters
    ----------
    rows : tuple of Row
        The models, that of the highest first score first; those that failed come last.
    metrics : tuple of str
        The metrics; the first one decides the order and the differences.
    differences : tuple of Difference
        Every pair of models that did not fail, the better one first; in the order of `rows`.
    X : array-like of shape (n_tested, n_features) or (n_tested, height, width)
        The images that models were tested on, as they were given.
    y : ndarray of shape (n_tested,)
        Their labels.
    classes : ndarray of shape (n_classes,)
        The labels there are, sorted.
    n_images : int
        Number of images, those to fit to and those to test on.
    n_folds : int
        Number of splits.
    fixed_test : bool
        Whether there is one test set, rather than a cross-validation.
    random_state : int or None
        Seed of the splits and of the models given by name.
    rope : float
        Differences up to this do not matter.
    alpha : float
        Differences with a smaller p-value count.
    n_cores : int
        Number of processor cores this process may use.
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

    def verdicts(self) -> list[Difference]:
        """Return what can be said of the best model against each of the others.

        Returns
        -------
        differences : list of Difference
            In the order of `rows`.
        """
        best = self.rows[0].model
        return [found for found in self.differences if best in (found.better, found.worse)]

    def table(self) -> list[list[str]]:
        """Return the table as text, cell by cell.

        Returns
        -------
        cells : list of list of str
            The header first.
        """
        return _tables.cells(self)

    def tables(self, width: int = 79, *, gap: int = 2) -> list[list[list[str]]]:
        """Return the table in parts that are narrow enough.

        Parameters
        ----------
        width : int, default=79
            Characters in a line.
        gap : int, default=2
            Characters between two columns.

        Returns
        -------
        tables : list of list of list of str
            Parts of the columns, each after the names of the models.
        """
        return _tables.blocks(_tables.cells(self), width, gap)

    def notes(self) -> list[str]:
        """Return what must be known to read the table.

        Returns
        -------
        notes : list of str
            Errors of models that failed; data and splits; what the columns mean; machine and
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
            A pipe table, and below it lists.

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
            What has a row in it: each model, each model on each fold, or each pair of models.

        Returns
        -------
        frame : pandas.DataFrame
            Of models, with the index ``model`` and the columns ``accuracy`` (or whatever
            the metrics are), ``accuracy_std``, ``accuracy_low``, ``accuracy_high``,
            ``fit_seconds``, ``predict_microseconds``, ``n_parameters``, ``pickled_bytes``,
            ``peak_memory_bytes`` (NaN where not known) and ``error`` (None for models that did
            not fail).  Of folds, the same of every fold, with the index ``model``, ``fold``.  Of
            differences, the attributes of :class:`Difference`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `of` is something else.
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
            What has a line, as of `to_frame`.

        Returns
        -------
        text : str or None
            The text, if there is no `path`.

        Raises
        ------
        ValueError
            If `of` is something else.
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
            A fragment to put into a page; notebooks show it.  A whole page with plots is what
            :func:`skmnist.report.write_report` makes.
        """
        return _tables.as_html(self)

    _repr_html_ = to_html

    def to_dict(self) -> dict[str, Any]:
        """Return everything but images and predictions as a dict that fits into JSON.

        Returns
        -------
        content : dict
            The attributes of the comparison; for each model its means, its numbers fold by fold,
            and its error; each difference.  NaN is None.
        """
        return _tables.as_dict(self)
