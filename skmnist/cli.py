"""The command line: ``skmnist compare`` and ``skmnist list``.

Results go to stdout; progress, warnings and errors to stderr.  Parts of skmnist are imported by the
command that uses them, so that help comes at once.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from pathlib import Path

import click

import skmnist

_FOLDER_FILES = "train-images-idx3-ubyte"
_INTERRUPTED = 130  # what shells report of a program ended by Ctrl-C


class UserError(click.ClickException):
    """A mistake of the user's, told in one sentence.

    Parameters
    ----------
    message : str
        The sentence.
    """

    exit_code = 2


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
      skmnist list                  the models there are
      skmnist compare               all of them on 5,000 MNIST digits
      skmnist compare --help        models, data and options
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
    with _plain_warnings():
        from skmnist.comparison import compare as run
        from skmnist.comparison import find_models

        try:
            labels = [label for label, _ in find_models(models or None)]
        except ValueError as error:
            raise UserError(str(error)) from error
        X, y = _load(data, limit, seed)
        click.echo(
            f"Comparing {_count(len(labels), 'model')} on {_count(len(y), 'image')} of {data}, "
            f"{_count(folds, 'fold')} each.",
            err=True,
        )
        try:
            with _progress() as progress:
                comparison = run(
                    models or None, X, y, cv=folds, random_state=seed, progress=progress
                )
        except ValueError as error:  # of the data: those of the models are in the table
            raise UserError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"data": data, **comparison.to_dict()}, indent=2))
    else:
        _print_table(comparison)
    sys.exit(1 if comparison.failures else 0)


@cli.command("list")
def list_models():
    """List the models that can be compared by name."""
    from skmnist.comparison import MODELS, NETWORKS

    width = max(map(len, MODELS))
    for title, names in (
        ("Networks", NETWORKS),
        ("Baselines", [name for name in MODELS if name not in NETWORKS]),
    ):
        click.echo(f"{title}:")
        for name in names:
            click.echo(f"  {name:<{width}}  {MODELS[name].title}")
            click.echo(f"  {'':<{width}}  {MODELS[name].reason}")


# Data.


def _load(data, limit, seed):
    """Return the images and labels that the options name."""
    from skmnist import datasets

    loaders = {
        "sample": datasets.load_mnist_sample,
        "mnist": datasets.fetch_mnist,
        "fashion": datasets.fetch_fashion_mnist,
    }
    try:
        bunch = loaders[data]() if data in loaders else _load_files(data, loaders)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error
    if limit is None or limit >= len(bunch.target):
        return bunch.images, bunch.target
    chosen = _stratified(bunch.target, limit, seed)
    return bunch.images[chosen], bunch.target[chosen]


def _load_files(data, names):
    from skmnist.bridge.parameters import did_you_mean
    from skmnist.datasets import load_idx, load_npz

    path = Path(data)
    if path.is_dir():
        path = path / _FOLDER_FILES
        if not path.exists():
            path = path.with_name(f"{_FOLDER_FILES}.gz")
        if not path.exists():
            raise UserError(
                f"The folder {data!r} holds no {_FOLDER_FILES} or {path.name}; name a file in it."
            )
    if not path.exists():
        raise UserError(
            f"--data must be {', '.join(names)} or a path; there is no file or folder "
            f"{data!r}.{did_you_mean(data, names)}"
        )
    if path.suffix == ".npz":
        return load_npz(path, subset="train")
    if "images" not in path.name:
        raise UserError(
            f"{data!r} is neither a .npz file nor an IDX file of images, whose name has 'images' "
            "in it, as train-images-idx3-ubyte has."
        )
    return load_idx(path, _labels_beside(path))


def _labels_beside(images):
    """Return the file of labels that belongs to an IDX file of images, packed or not."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    packed = images.with_name(f"{name.removesuffix('.gz')}.gz")
    raw = images.with_name(name.removesuffix(".gz"))
    for labels in (images.with_name(name), packed, raw):
        if labels.exists():
            return labels
    raise UserError(f"The labels of {images} must lie beside it, in {raw.name} or {packed.name}.")


def _stratified(y, n_samples, seed):
    """Return sorted indices of samples, shuffled, in which every class has its share."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(place[order], kind="stable")[:n_samples]])


# Output.


@contextlib.contextmanager
def _plain_warnings():
    """Print warnings as sentences, without the line of code that they come from."""

    def show(message, category, filename, lineno, file=None, line=None):
        click.echo(f"Warning: {' '.join(str(message).split())}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def _progress():
    """Give a callback for `compare`: a bar on a terminal, a line per fold elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_interactive:
        yield _print_step
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("", total=None)

    def show(step):
        # Not before the first step: TensorFlow starts before it, and holds back stderr meanwhile.
        bar.start()
        text = f"{step.model} fold {step.fold}/{step.n_folds}"
        done = step.number - (step.result is None)
        bar.update(task, description=text, completed=done, total=step.n_steps)
        if step.result is not None and step.result.error is not None:
            bar.console.print(f"{text}: {_outcome(step.result)}", markup=False)

    try:
        yield show
    finally:
        bar.stop()


def _print_step(step):
    if step.result is not None:
        click.echo(
            f"[{step.number}/{step.n_steps}] {step.model} fold {step.fold}/{step.n_folds}: "
            f"{_outcome(step.result)}",
            err=True,
        )


def _outcome(fold):
    if fold.error is not None:
        return f"failed, {' '.join(fold.error.split())}"
    return f"accuracy {fold.accuracy:.4f}, fitted in {fold.fit_seconds:.1f} s"


def _print_table(comparison):
    """Print the table, with lines and colours on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_interactive:
        click.echo(_encodable(str(comparison)))
        return
    header, *lines = comparison.table()
    table = Table()
    for index, name in enumerate(header):
        table.add_column(name, justify="left" if index < 2 else "right", no_wrap=True)
    for row, line in zip(comparison.rows, lines, strict=True):
        table.add_row(*map(Text, line), style="red" if row.error else None)
    console.print(table)
    for note in comparison.notes():
        console.print(Text(note), style="dim")


def _encodable(text):
    """Return text with the characters replaced that stdout has not."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)


def _count(number, noun):
    return f"{number:,} {noun}{'s' * (number != 1)}"
