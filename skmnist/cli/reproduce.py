"""``skmnist reproduce``: documented recipes, and whether their figures are reproduced."""

from __future__ import annotations

import json
import sys

import click

from skmnist._progress import showing
from skmnist.cli._completion import complete_recipes
from skmnist.cli._data import load_both_parts
from skmnist.cli._errors import UserError
from skmnist.cli._options import data_option, json_option
from skmnist.cli._output import count, plain_warnings, print_text


@click.command("reproduce")
@click.argument("recipes", nargs=-1, shell_complete=complete_recipes)
@data_option(
    "mnist", "mnist, fashion, sample (5,000 MNIST digits, no download), or your own files."
)
@click.option(
    "--seeds",
    default=5,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="Fit each recipe N times, with the seeds 0 to N - 1.",
)
@json_option
def command(recipes, data, seeds, as_json):
    """Fit documented RECIPES, and compare their figures.

    Without RECIPES, fits all. Prints documented figures beside those obtained, and says where
    they differ.

    \b
    Examples:
      skmnist reproduce
      skmnist reproduce tf-quickstart --seeds 3
      skmnist reproduce lenet --data fashion --seeds 1
      skmnist reproduce tiny-15 --data digits.npz --json > result.json

    Recipes are fitted to the training images and measured on the test images. Documented figures
    are of MNIST; with other data nothing is compared. A fifth of sample are its test images. Your
    own files are a .npz file with arrays x_train, y_train, x_test and y_test; or an IDX file of
    training images (train-images-idx3-ubyte, also .gz) with its labels and the t10k- files beside
    it; or the folder of all four.

    Exit code: 0; 1 if a documented figure is not reproduced or a recipe failed; 2 for wrong
    usage; 130 after Ctrl-C.
    """
    with plain_warnings():
        from skmnist.recipes import get_recipe, list_recipes
        from skmnist.recipes import reproduce as run

        names = list(dict.fromkeys(recipes)) or list_recipes()
        try:
            for name in names:
                get_recipe(name)
        except ValueError as error:
            raise UserError(str(error)) from error
        parts = load_both_parts(data)
        click.echo(
            f"Fitting {count(len(names), 'recipe')} to {count(len(parts[1]), 'image')} of {data}, "
            f"with {count(seeds, 'seed')} each.",
            err=True,
        )
        try:
            with showing(_fit, _fit_outcome) as progress:
                report = run(names, *parts, seeds=seeds, progress=progress)
        except ValueError as error:  # an error of the data; errors of the recipes are in the table
            raise UserError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"data": data, **report.to_dict()}, indent=2))
    else:
        print_text(report)
    sys.exit(0 if report.holds else 1)


def _fit(step):
    return f"{step.recipe} seed {step.seed}"


def _fit_outcome(run):
    return f"test accuracy {run.figures['test_accuracy']:.4f}, fitted in {run.fit_seconds:.1f} s"
