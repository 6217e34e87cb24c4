"""What a comparison found, as objects, text, Markdown and data frame."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

_WIDTH = 79
_GAP = "  "


@dataclass(frozen=True)
class Fold:
    """One model on one of the splits.

    Parameters
    ----------
    accuracy : float
        Fraction of the test images that were labelled correctly.
    fit_seconds : float
        Time to fit, from the raw training images.
    predict_microseconds : float
        Time to predict, per test image, after a warm-up.
    error : str or None
        What went wrong; the numbers are NaN then.
    """

    accuracy: float = math.nan
    fit_seconds: float = math.nan
    predict_microseconds: float = math.nan
    error: str | None = None


@dataclass(frozen=True)
class Row:
    """One model on all the splits.

    Parameters
    ----------
    model : str
        Its label.
    estimator : estimator
        The unfitted estimator.
    folds : tuple of Fold
        One for each split, in the order of the splits.  A model that fails is not tried on the
        splits that remain, and its numbers are NaN: over fewer folds than those of the others,
        they could not be compared.
    """

    model: str
    estimator: Any
    folds: tuple[Fold, ...]

    @property
    def error(self):
        """What went wrong, with the number of the fold; None if nothing did."""
        error = self.folds[-1].error
        return None if error is None else f"fold {len(self.folds)}: {error}"

    @property
    def accuracy(self):
        """Mean accuracy over the folds."""
        return self._mean("accuracy")

    @property
    def accuracy_std(self):
        """Standard deviation of the accuracy over the folds (divisor n - 1); NaN for one fold."""
        if self.error is not None or len(self.folds) < 2:
            return math.nan
        return float(np.std([fold.accuracy for fold in self.folds], ddof=1))

    @property
    def fit_seconds(self):
        """Mean time to fit on the training images of one fold."""
        return self._mean("fit_seconds")

    @property
    def predict_microseconds(self):
        """Mean time to predict, per image."""
        return self._mean("predict_microseconds")

    def _mean(self, name):
        if self.error is not None:
            return math.nan
        return float(np.mean([getattr(fold, name) for fold in self.folds]))

    def _cells(self):
        if self.error is not None:
            return [self.model, "failed, see below", "", ""]
        spread = "" if math.isnan(self.accuracy_std) else f" ± {self.accuracy_std:.4f}"
        return [
            self.model,
            f"{self.accuracy:.4f}{spread}",
            f"{self.fit_seconds:.2f}",
            f"{self.predict_microseconds:,.1f}",
        ]


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What :func:`skmnist.compare` found; prints as a table.

    Parameters
    ----------
    rows : tuple of Row
        The models, the most accurate first; those that failed come last.
    n_images : int
        Number of images.
    image_shape : tuple of int
        Shape of an image as it was given.
    n_classes : int
        Number of classes.
    n_folds : int
        Number of splits.
    random_state : int or None
        Seed of the splits and of the models given by name.
    n_cores : int
        Number of processor cores this process may use.
    versions : dict of str to str
        Versions of Python and of the libraries.
    """

    rows: tuple[Row, ...]
    n_images: int
    image_shape: tuple[int, ...]
    n_classes: int
    n_folds: int
    random_state: int | None
    n_cores: int
    versions: dict[str, str]

    @property
    def failures(self):
        """The rows of the models that failed."""
        return [row for row in self.rows if row.error is not None]

    def table(self):
        """Return the table as text, cell by cell.

        Returns
        -------
        cells : list of list of str
            Lines of four cells, the header first.
        """
        header = ["model", "accuracy", "fit s", "predict µs/image"]
        return [header, *(row._cells() for row in self.rows)]

    def notes(self):
        """Return what must be known to read the table.

        Returns
        -------
        notes : list of str
            Errors of models that failed; data and splits; what the columns mean; machine and
            versions.
        """
        shape = " x ".join(map(str, self.image_shape))
        seed = "" if self.random_state is None else f", seed {self.random_state}"
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        spread = "± standard deviation " if self.n_folds > 1 else ""
        return [
            *(f"{row.model} failed in {' '.join(row.error.split())}" for row in self.failures),
            f"{self.n_images:,} images of {shape} pixels, {self.n_classes} classes. "
            f"Cross-validation: {self.n_folds} folds, the same for all models{seed}.",
            f"accuracy: mean {spread}over the folds; fit: mean seconds per fold; predict: "
            "mean microseconds per image, after a warm-up.",
            f"{self.n_cores} core{'s' * (self.n_cores != 1)}; {versions}.",
        ]

    def __str__(self):
        lines = self.table()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        # Without these two, columns of numbers would stand on the left.
        sides = [str.ljust, str.ljust, str.rjust, str.rjust]
        text = [
            _GAP.join(
                side(cell, width) for side, cell, width in zip(sides, line, widths, strict=True)
            ).rstrip()
            for line in lines
        ]
        text.insert(1, _GAP.join("-" * width for width in widths))
        return "\n".join([*text, "", *(textwrap.fill(note, _WIDTH) for note in self.notes())])

    __repr__ = __str__

    def to_markdown(self):
        """Return the table and its notes as Markdown.

        Returns
        -------
        text : str
            A pipe table, and below it a list of notes.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skmnist import compare
        >>> X, y = load_digits(return_X_y=True)
        >>> print(compare("knn", X, y).to_markdown())
        | model | accuracy | fit s | predict µs/image |
        |:---|:---|---:|---:|
        | knn | 0.98... ± 0.00... | ... | ... |
        <BLANKLINE>
        - 1,797 images of 64 pixels, 10 classes. Cross-validation: 5 folds, ...
        """
        header, *lines = [[_escape(cell) for cell in line] for line in self.table()]
        table = [header, [":---", ":---", "---:", "---:"], *lines]
        text = [f"| {' | '.join(line)} |" for line in table]
        text[1] = text[1].replace(" ", "")
        return "\n".join([*text, "", *(f"- {_escape(note)}" for note in self.notes())])

    def to_frame(self):
        """Return the table as a data frame.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_models, 5)
            With the index ``model`` and the columns ``accuracy``, ``accuracy_std``,
            ``fit_seconds``, ``predict_microseconds`` (NaN for models that failed) and ``error``
            (None for those that did not).

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "Comparison.to_frame needs pandas, which is not installed: "
                'pip install "skmnist[frames]"'
            ) from error
        columns = ("accuracy", "accuracy_std", "fit_seconds", "predict_microseconds")
        frame = pd.DataFrame(
            {name: [getattr(row, name) for row in self.rows] for name in columns},
            index=pd.Index([row.model for row in self.rows], name="model"),
        )
        # As a column of strings, it would have NaN where there is no error.
        errors = [row.error for row in self.rows]
        frame["error"] = pd.Series(errors, index=frame.index, dtype=object)
        return frame

    def to_dict(self):
        """Return everything as a dict that fits into JSON.

        Returns
        -------
        content : dict
            The attributes of the comparison; for each model its means, its numbers fold by fold,
            and its error.  NaN is None.
        """
        names = ("accuracy", "accuracy_std", "fit_seconds", "predict_microseconds")
        columns = ("accuracy", "fit_seconds", "predict_microseconds")
        models = [
            {
                "model": row.model,
                **{name: _plain(getattr(row, name)) for name in names},
                "folds": [
                    {name: _plain(getattr(fold, name)) for name in columns} for fold in row.folds
                ],
                "error": row.error,
            }
            for row in self.rows
        ]
        return {
            "models": models,
            "n_images": self.n_images,
            "image_shape": list(self.image_shape),
            "n_classes": self.n_classes,
            "n_folds": self.n_folds,
            "random_state": self.random_state,
            "n_cores": self.n_cores,
            "versions": self.versions,
        }


def _escape(text):
    return text.replace("|", "\\|")


def _plain(number):
    return None if math.isnan(number) else number
