"""Documented and obtained figures, compared for each recipe, as text and as a dict."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from skmnist._support.text import aligned
from skmnist.recipes._table import FIGURES, DocumentedFigure, DocumentedRecipe

_WIDTH = 79
_SPREADS = 3
# Shown for every recipe, documented or not.
_ALWAYS = ("test_accuracy", "test_loss")


@dataclass(frozen=True)
class Run:
    """Result of one recipe fitted with one seed.

    Parameters
    ----------
    seed : int
        The seed.
    figures : dict of str to float
        Obtained figures, by the names of documented figures.
    history : dict of str to list of float
        Keras's metrics after each epoch.
    fit_seconds : float
        Time to fit.
    error : str or None
        What went wrong; then there are no figures.
    """

    seed: int
    figures: dict[str, float] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    fit_seconds: float = math.nan
    error: str | None = None


@dataclass(frozen=True)
class Check:
    """One figure: its documented value, the values of the seeds, and whether they agree.

    Parameters
    ----------
    name : str
        Name of the figure.
    values : tuple of float
        One for each seed.
    documented : DocumentedFigure or None
        The documented figure; None if there is none, or none for these data.
    """

    name: str
    values: tuple[float, ...]
    documented: DocumentedFigure | None = None

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.values))

    @property
    def sd(self) -> float:
        """Standard deviation over the seeds (divisor n - 1); NaN for one seed."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def verdict(self) -> str | None:
        """Whether the documented figure was reproduced; None if nothing is documented.

        ``"reproduced"`` if the documented figure lies within the mean plus or minus three
        standard deviations, ``"better"`` if it does not and ours is better, ``"differs"`` if ours
        is worse.  The spread of one seed is unknown: then ``"undecided"`` replaces ``"differs"``,
        and only an equal figure is ``"reproduced"``.  A documented figure stands for all numbers
        that round to it.
        """
        if self.documented is None:
            return None
        gain = self.mean - self.documented.value
        if not FIGURES[self.name][1]:
            gain = -gain
        one_seed = math.isnan(self.sd)
        spread = 0.0 if one_seed else _SPREADS * self.sd
        if abs(gain) <= spread + 0.5 * 10**-self.documented.digits:
            return "reproduced"
        if gain > 0:
            return "better"
        return "undecided" if one_seed else "differs"

    @property
    def holds(self) -> bool | None:
        """Whether the verdict is "reproduced" or "better"; None if nothing is documented."""
        return None if self.documented is None else self.verdict in ("reproduced", "better")

    def complaint(self, recipe: str) -> str:
        """Return a sentence that says what was not reproduced.

        Parameters
        ----------
        recipe : str
            Name of the recipe.

        Returns
        -------
        sentence : str
            Sentence with both numbers.
        """
        documented = f"{self.documented.value:.{self.documented.digits}f}"
        seeds = " with one seed" if self.verdict == "undecided" else ""
        return (
            f"{recipe} does not reproduce its documented {FIGURES[self.name][0]}: {documented} "
            f"documented, {self.mean:.4f} obtained{seeds}."
        )

    def _cells(self):
        spread = "" if math.isnan(self.sd) else f" ± {self.sd:.4f}"
        documented, verdict = "-", ""
        if self.documented is not None:
            documented = f"{self.documented.value:.{self.documented.digits}f}"
            verdict = self.verdict
            if verdict == "differs":
                verdict = f"differs by {abs(self.mean - self.documented.value):.4f}"
        return [FIGURES[self.name][0], documented, f"{self.mean:.4f}{spread}", verdict]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a dict for JSON.

        Returns
        -------
        content : dict
            The documented value, mean, standard deviation, the value of each seed, and the
            verdict.  NaN becomes None.
        """
        return {
            "figure": self.name,
            "documented": None if self.documented is None else self.documented.value,
            "mean": self.mean,
            "sd": None if math.isnan(self.sd) else self.sd,
            "values": list(self.values),
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Reproduction:
    """Results of one recipe, fitted with every seed.

    Parameters
    ----------
    name : str
        Name of the recipe.
    recipe : DocumentedRecipe
        Its documentation.
    runs : tuple of Run
        One for each seed.  A recipe that fails is not fitted with the remaining seeds.
    comparable : bool
        Whether it was fitted, as documented, to all of MNIST.
    """

    name: str
    recipe: DocumentedRecipe
    runs: tuple[Run, ...]
    comparable: bool

    @property
    def error(self) -> str | None:
        """What went wrong, and with which seed; None if nothing did."""
        last = self.runs[-1]
        return None if last.error is None else f"seed {last.seed}: {last.error}"

    @property
    def checks(self) -> list[Check]:
        """Accuracy and loss on the test images, and all documented figures."""
        if self.error is not None:
            return []
        documented = {figure.name: figure for figure in self.recipe.figures}
        names = [*_ALWAYS, *(name for name in documented if name not in _ALWAYS)]
        return [
            Check(
                name,
                tuple(run.figures[name] for run in self.runs),
                documented.get(name) if self.comparable else None,
            )
            for name in names
            if name in self.runs[0].figures
        ]

    @property
    def holds(self) -> bool | None:
        """Whether every documented figure holds; None if there are none, False after an error."""
        if self.error is not None:
            return False
        verdicts = [check.holds for check in self.checks if check.documented is not None]
        return all(verdicts) if verdicts else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a dict for JSON.

        Returns
        -------
        content : dict
            The documentation, the figures with their verdicts, the mean history, and every run.
            NaN becomes None.
        """
        curves = {} if self.error is not None else self.runs[0].history
        return {
            "recipe": self.name,
            "holds": self.holds,
            "documented": asdict(self.recipe),
            "figures": [check.to_dict() for check in self.checks],
            "history": {
                name: np.mean([run.history[name] for run in self.runs], axis=0).tolist()
                for name in curves
            },
            "runs": [
                {
                    **asdict(run),
                    "fit_seconds": None if math.isnan(run.fit_seconds) else run.fit_seconds,
                }
                for run in self.runs
            ],
            "error": self.error,
        }


@dataclass(frozen=True, repr=False, eq=False)
class ReproductionReport:
    """Results of :func:`skmnist.recipes.reproduce`, which print as a table.

    Parameters
    ----------
    recipes : tuple of Reproduction
        The recipes, in the order of the call.
    seeds : tuple of int
        The seeds with which each was fitted.
    n_train, n_test : int
        Number of images.
    comparable : bool
        Whether these are the training and test images of MNIST, to which documented figures
        refer.
    n_cores : int
        Number of processor cores this process may use.
    versions : dict of str to str
        Versions of Python and of the libraries.
    """

    recipes: tuple[Reproduction, ...]
    seeds: tuple[int, ...]
    n_train: int
    n_test: int
    comparable: bool
    n_cores: int
    versions: dict[str, str]

    @property
    def failures(self) -> list[Reproduction]:
        """The recipes that raised an error."""
        return [row for row in self.recipes if row.error is not None]

    @property
    def holds(self) -> bool:
        """Whether nothing failed and every documented figure holds."""
        return all(row.holds is not False for row in self.recipes)

    def table(self) -> list[list[str]]:
        """Return the table as text, cell by cell.

        Returns
        -------
        cells : list of list of str
            Lines of five cells, the header first; only the first line of a recipe has its name.
        """
        lines = [["recipe", "figure", "documented", "obtained", "verdict"]]
        for row in self.recipes:
            cells = [check._cells() for check in row.checks]
            cells = cells or [["failed, see below", "", "", ""]]
            lines += [[row.name if i == 0 else "", *line] for i, line in enumerate(cells)]
        return lines

    def notes(self) -> list[str]:
        """Return notes that explain the table.

        Returns
        -------
        notes : list of str
            Errors, figures that differ, data and seeds, the rule of the verdicts, machine and
            versions.
        """
        return [
            *(f"{row.name} failed with {' '.join(row.error.split())}" for row in self.failures),
            *self._differences(),
            f"{self.n_train:,} training and {self.n_test:,} test images. "
            f"Seeds: {', '.join(map(str, self.seeds))}. Train and val figures are of the last "
            "epoch.",
            self._rule(),
            f"{self.n_cores} core{'s' * (self.n_cores != 1)}; "
            + ", ".join(f"{name} {version}" for name, version in self.versions.items())
            + ".",
        ]

    def _differences(self):
        sentences = []
        for row in self.recipes:
            wrong = [check for check in row.checks if check.holds is False]
            sentences += [check.complaint(row.name) for check in wrong]
            if wrong and row.recipe.remark is not None:
                sentences.append(row.recipe.remark)
        return sentences

    def _rule(self):
        if not self.comparable:
            return (
                "The documented figures are of all of MNIST; these are other images, so nothing is "
                "compared."
            )
        if len(self.seeds) == 1:
            return (
                "One seed tells no spread. A figure is reproduced if it equals the documented one, "
                "and better if ours is; a worse one is undecided until there are more seeds."
            )
        return (
            "obtained: mean ± standard deviation over the seeds. A figure is reproduced if the "
            f"documented one lies within ± {_SPREADS} standard deviations of our mean, and better "
            "if it does not and ours is better."
        )

    def __str__(self):
        text = aligned(self.table(), right=(2,))
        return "\n".join([*text, "", *(textwrap.fill(note, _WIDTH) for note in self.notes())])

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a dict for JSON.

        Returns
        -------
        content : dict
            The attributes of the report; for each recipe the documentation, the figures with
            their verdicts, the mean history, and every run.  NaN becomes None.
        """
        return {
            "holds": self.holds,
            "recipes": [row.to_dict() for row in self.recipes],
            "seeds": list(self.seeds),
            "n_train": self.n_train,
            "n_test": self.n_test,
            "comparable": self.comparable,
            "n_cores": self.n_cores,
            "versions": self.versions,
        }
