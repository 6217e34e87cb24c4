"""The command line: ``skmnist compare``, ``skmnist reproduce`` and ``skmnist list``.

Results go to stdout; progress, warnings and errors to stderr.  Parts of skmnist are imported by the
command that uses them, so that help comes at once.
"""

from __future__ import annotations

import json
import sys

import click

import skmnist
from skmnist.cli._data import load_both_parts, load_images
from skmnist.cli._errors import UserError
from skmnist.cli._output import count, plain_warnings, print_table, print_text, progress_of

_INTERRUPTED = 130  # what shells report of a program ended by Ctrl-C


class Group(click.Group):
    """Commands of which Ctrl-C ends each cleanly."""

    def invoke(self, ctx):
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(_INTERRUPTED)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(skmnist.__version__, prog_name="skmnist")
def cli():
    """Keras networks for small images, compared with classical classifiers.

    \b
    Examples:
      skmnist list                  the models and recipes there are
      skmnist compare               all models on 5,000 MNIST digits
      skmnist compare --help        models, data and options
      skmnist reproduce lenet       a documented recipe on all of MNIST
    """


@cli.command()
@click.argument("models", nargs=-1)
@click.option(
    "--data",
    default="sample",
    show_default=True,
    metavar="NAME|PATH",
    help="sample (5,000 MNIST digits, no download), mnist, fashion, or files of your own.",
)
@click.option(
    "--folds",
    default=5,
    show_default=True,
    type=click.IntRange(min=2),
    help="Number of stratified, shuffled cross-validation folds.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="Seed of the folds, of --limit and of the models.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Use N of the images only, shuffled, with every class's share.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def compare(models, data, folds, seed, limit, as_json):
    """Cross-validate MODELS (default: all) on the same folds.

    Prints accuracy, time to fit, and time to predict, the most accurate model first.

    \b
    Examples:
      skmnist compare
      skmnist compare mlp knn --folds 3
      skmnist compare lenet --data mnist --limit 10000
      skmnist compare --data digits.npz --json > result.json

    mnist and fashion are the 60,000 training images, downloaded where they are not on this
    computer yet. Files of your own are a .npz file with arrays x_train and y_train; or an IDX
    file of images (...images-idx3-ubyte, also .gz) with its labels (...labels-idx1-ubyte) beside
    it; or a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte.

    Exit code: 0; 1 if a model failed; 2 for wrong usage; 130 after Ctrl-C.
    """
    with plain_warnings():
        from skmnist.comparison import compare as run
        from skmnist.comparison import find_models

        try:
            labels = [label for label, _ in find_models(models or None)]
        except ValueError as error:
            raise UserError(str(error)) from error
        X, y = load_images(data, limit, seed)
        click.echo(
            f"Comparing {count(len(labels), 'model')} on {count(len(y), 'image')} of {data}, "
            f"{count(folds, 'fold')} each.",
            err=True,
        )
        try:
            with progress_of(_fold, _fold_outcome) as progress:
                comparison = run(
                    models or None, X, y, cv=folds, random_state=seed, progress=progress
                )
        except ValueError as error:  # of the data: those of the models are in the table
            raise UserError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"data": data, **comparison.to_dict()}, indent=2))
    else:
        print_table(comparison)
    sys.exit(1 if comparison.failures else 0)


@cli.command()
@click.argument("recipes", nargs=-1)
@click.option(
    "--data",
    default="mnist",
    show_default=True,
    metavar="NAME|PATH",
    help="mnist, fashion, sample (5,000 MNIST digits, no download), or files of your own.",
)
@click.option(
    "--seeds",
    default=5,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="Fit each recipe N times, with the seeds 0 to N - 1.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def reproduce(recipes, data, seeds, as_json):
    """Fit documented RECIPES (default: all), and compare their figures.

    Prints what is documented of each recipe beside what came out, and says where they differ.

    \b
    Examples:
      skmnist reproduce
      skmnist reproduce tf-quickstart --seeds 3
      skmnist reproduce lenet --data fashion --seeds 1
      skmnist reproduce tiny-15 --data digits.npz --json > result.json

    Recipes are fitted to the training images and measured on the test images. Documented figures
    are of MNIST; on other data nothing is compared. Of sample, a fifth are the test images. Files
    of your own are a .npz file with arrays x_train, y_train, x_test and y_test; or an IDX file of
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
            with progress_of(_fit, _fit_outcome) as progress:
                report = run(names, *parts, seeds=seeds, progress=progress)
        except ValueError as error:  # of the data: those of the recipes are in the table
            raise UserError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"data": data, **report.to_dict()}, indent=2))
    else:
        print_text(report)
    sys.exit(0 if report.holds else 1)


@cli.command("list")
def list_models():
    """List the models that can be compared, and the recipes that can be reproduced."""
    from skmnist.comparison import MODELS, NETWORKS
    from skmnist.recipes import RECIPES

    baselines = [name for name in MODELS if name not in NETWORKS]
    sections = {
        "Networks": {name: (MODELS[name].title, MODELS[name].reason) for name in NETWORKS},
        "Baselines": {name: (MODELS[name].title, MODELS[name].reason) for name in baselines},
        "Recipes": {name: (recipe.title,) for name, recipe in RECIPES.items()},
    }
    width = max(len(name) for section in sections.values() for name in section)
    for title, section in sections.items():
        click.echo(f"{title}:")
        for name, lines in section.items():
            for index, line in enumerate(lines):
                click.echo(f"  {'' if index else name:<{width}}  {line}")


# The line that tells of a step.


def _fold(step):
    return f"{step.model} fold {step.fold}/{step.n_folds}"


def _fold_outcome(fold):
    return f"accuracy {fold.accuracy:.4f}, fitted in {fold.fit_seconds:.1f} s"


def _fit(step):
    return f"{step.recipe} seed {step.seed}"


def _fit_outcome(run):
    return f"test accuracy {run.figures['test_accuracy']:.4f}, fitted in {run.fit_seconds:.1f} s"
