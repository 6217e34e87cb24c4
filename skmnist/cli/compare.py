"""``skmnist compare``: models on the same splits, and which of their differences are real."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from skmnist.cli._completion import complete_models
from skmnist.cli._data import load_images, load_part, note_of_hold_out
from skmnist.cli._errors import UserError
from skmnist.cli._options import data_option, json_option, limit_option, seed_option
from skmnist.cli._output import count, plain_warnings, print_notes, print_table, print_text
from skmnist.cli._results_cache import results_folder


def _names(context, parameter, value):
    """Split names at commas."""
    if value is None or value in ("fast", "all"):
        return value
    return [name.strip() for name in value.split(",") if name.strip()]


@click.command("compare")
@click.argument("models", nargs=-1, shell_complete=complete_models)
@click.option(
    "--baselines",
    metavar="fast|all|NAMES",
    callback=_names,
    help="Add baselines: the fast ones, all, or names separated by commas.",
)
@click.option(
    "--recipes",
    metavar="all|NAMES",
    callback=_names,
    help="Add recipes: all, or names separated by commas.",
)
@data_option(
    "sample", "sample (5,000 MNIST digits, no download), mnist, fashion, or your own files."
)
@click.option(
    "--folds",
    default=5,
    show_default=True,
    type=click.IntRange(min=2),
    help="Number of stratified, shuffled cross-validation folds.",
)
@click.option(
    "--test",
    "fixed_test",
    is_flag=True,
    help="Instead of folds, fit once to the training images and test on the test images.",
)
@click.option(
    "--scoring",
    default="accuracy",
    show_default=True,
    metavar="NAMES",
    callback=_names,
    help="Metrics by scikit-learn's names, separated by commas; the first decides the order.",
)
@click.option(
    "--rope",
    default=0.01,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Differences up to this size do not matter.",
)
@seed_option("Seed of the folds, of --limit and of the models.")
@limit_option("Use only N of the (training) images, shuffled and stratified.")
@click.option(
    "--memory",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep results in this folder instead of the user's cache.",
)
@click.option("--fresh", is_flag=True, help="Measure everything again, and keep no results.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a report with plots and mistakes, one HTML file.",
)
@click.option(
    "--csv",
    "csv_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the table as comma-separated values.",
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@json_option
def command(
    models,
    baselines,
    recipes,
    data,
    folds,
    fixed_test,
    scoring,
    rope,
    seed,
    limit,
    memory,
    fresh,
    report,
    csv_file,
    markdown,
    as_json,
):
    """Compare MODELS on the same splits of the images.

    Prints scores, times to fit and predict, and sizes, the best model first, and says which
    differences are certain. Without MODELS, --baselines and --recipes, it compares five models
    that suit a first look.

    \b
    Examples:
      skmnist compare
      skmnist compare mlp knn --folds 3
      skmnist compare lenet --baselines fast --data mnist --test
      skmnist compare mlp cnn recipe:lenet --data mnist --limit 10000
      skmnist compare --report report.html
      skmnist compare --data digits.npz --json > result.json

    Results are kept on disk as they come. To continue an interrupted comparison, give the same
    command again; --fresh starts over.

    mnist and fashion are the 60,000 training images, downloaded unless they are on this computer
    already; with --test also the 10,000 test images. Your own files are a .npz file with arrays
    x_train and y_train (and x_test, y_test); or an IDX file of images (...images-idx3-ubyte, also
    .gz) with its labels (...labels-idx1-ubyte) beside it, or a folder of such files; or a folder
    of pictures, with one subfolder per class; or a .csv file of labels and pixels (also .gz).
    With --test, a fifth is held out if the data have no test part.

    Exit code: 0; 1 if a model failed; 2 for wrong usage; 130 after Ctrl-C.
    """
    _check_together(memory=memory, fresh=fresh)
    _check_together(markdown=markdown, json=as_json)
    _check_together(folds=_is_given("folds"), test=fixed_test)
    _check_writable(report, csv_file)
    chosen = {"baselines": baselines, "recipes": recipes}
    with plain_warnings():
        from skmnist.comparison import compare as run
        from skmnist.comparison import resolve_models

        try:
            labels = [label for label, _ in resolve_models(models or None, **chosen)]
        except (ValueError, ImportError) as error:
            raise UserError(str(error)) from error
        if report is not None:
            from skmnist.report import check_requirements, write_report

            try:
                check_requirements()  # before hours of work
            except ImportError as error:
                raise UserError(str(error)) from error
        kept = None if fresh else results_folder(memory)
        X, y, test = _load(data, limit, seed, fixed_test)
        how = "once each" if fixed_test else f"{count(folds, 'fold')} each"
        click.echo(
            f"Comparing {count(len(labels), 'model')} on {count(len(y), 'image')} of {data}, "
            f"{how}.",
            err=True,
        )
        try:
            comparison = run(
                models or None,
                X,
                y,
                **chosen,
                **test,
                cv=None if fixed_test else folds,
                scoring=scoring,
                memory=kept,
                rope=rope,
                random_state=seed,
                progress=True,
                data=data,
            )
        except ValueError as error:  # an error of the data; errors of the models are in the table
            raise UserError(str(error)) from error
        except KeyboardInterrupt:
            if not fresh:
                click.echo("What is done is kept; the same command goes on from there.", err=True)
            raise
        if report is not None:
            write_report(comparison, report)
            click.echo(f"Report: {report}", err=True)
        if csv_file is not None:
            comparison.to_csv(csv_file)
    if as_json:
        click.echo(json.dumps(comparison.to_dict(), indent=2))
    elif markdown:
        print_text(comparison.to_markdown())
    else:
        print_table(comparison)
    sys.exit(1 if comparison.failures else 0)


def _load(data, limit, seed, fixed_test):
    """Return images, labels, and keyword arguments of compare with the test set."""
    if not fixed_test:
        return *load_images(data, limit, seed), {}
    print_notes(note_of_hold_out(data))
    train = load_part(data, "train", limit, seed)
    test = load_part(data, "test")
    return train.images, train.labels, {"X_test": test.images, "y_test": test.labels}


def _is_given(name):
    """Return whether the user gave an option."""
    source = click.get_current_context().get_parameter_source(name)
    return source is not click.core.ParameterSource.DEFAULT


def _check_together(**given):
    """Raise UserError if both of two options are given that exclude each other."""
    if all(given.values()):
        raise UserError(" and ".join(f"--{name}" for name in given) + " exclude each other.")


def _check_writable(*files):
    """Raise UserError, before any work, if the folder of a file does not exist."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            raise UserError(f"There is no folder {str(file.absolute().parent)!r} to write to.")
