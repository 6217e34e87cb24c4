"""``skmnist datasets``: available data sets, where they are, and where they come from."""

from __future__ import annotations

import json
import sys

import click

from skmnist.cli._completion import complete_data_names
from skmnist.cli._errors import Failure, UserError
from skmnist.cli._options import json_option
from skmnist.cli._output import plain_warnings, print_text


@click.group("datasets", invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx, as_json):
    """List the data sets that --data may name.

    \b
    Examples:
      skmnist datasets
      skmnist datasets fetch mnist
      skmnist datasets path mnist
      skmnist datasets --json

    Data are looked for in the folder that the environment variable SKMNIST_DATA names, in
    ~/scikit_learn_data/skmnist and in the cache of Keras, and downloaded at their first use.
    """
    if ctx.invoked_subcommand is not None:
        return
    from skmnist.cli._catalogue import catalogue

    entries = catalogue()
    if as_json:
        click.echo(json.dumps({"datasets": [entry.to_dict() for entry in entries]}, indent=2))
        return
    for line in _table(entries):
        print_text(line)


def _table(entries):
    """Yield a line per data set, and the sources of those that are missing."""
    rows = [("name", "images", "pixels", "classes", "licence", "on this computer")]
    rows += [
        (
            entry.name,
            entry.images,
            entry.pixels,
            str(entry.n_classes),
            entry.licence,
            entry.path or "no",
        )
        for entry in entries
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    yield ""
    missing = {}
    for entry in entries:
        if not entry.path:
            source = entry.hint or f"{entry.download} from {' or '.join(entry.sources)}"
            missing.setdefault(source, []).append(entry.name)
    for source, names in missing.items():
        yield f"{', '.join(names)}: {source}"
    if missing:
        yield "skmnist datasets fetch NAME downloads one, as does the first command that needs it."
    yield "From Python: also those of TensorFlow Datasets (skmnist.datasets.fetch_tfds)."


@command.command("fetch")
@click.argument("name", shell_complete=complete_data_names)
def fetch_command(name):
    """Download the data set NAME, unless it is on this computer.

    Prints where it is. A download is checked against known hashes, and kept only if they match.

    \b
    Examples:
      skmnist datasets fetch mnist
      skmnist datasets fetch emnist-letters

    Exit code: 0; 1 if it could not be downloaded; 2 for wrong usage; 130 after Ctrl-C.
    """
    from skmnist.cli._catalogue import find_entry
    from skmnist.cli._data import fetch

    with plain_warnings():
        entry = _entry(find_entry, name)
        if not entry.path:
            click.echo(f"Downloading {entry.title}: {entry.download}.", err=True)
        try:
            fetch(name, "all")
        except (OSError, ValueError, ImportError) as error:
            raise Failure(str(error)) from error
        print_text(find_entry(name).path)


@command.command("path")
@click.argument("name", required=False, shell_complete=complete_data_names)
def path(name):
    """Print where the data set NAME is, or without NAME, where downloads are kept.

    \b
    Examples:
      skmnist datasets path
      skmnist datasets path fashion

    Exit code: 0; 1 if it is not on this computer; 2 for wrong usage.
    """
    from skmnist.cli._catalogue import downloads, find_entry

    if name is None:
        print_text(downloads())
        return
    entry = _entry(find_entry, name)
    if entry.path:
        print_text(entry.path)
        return
    click.echo(f"{entry.title} is not on this computer: skmnist datasets fetch {name}", err=True)
    sys.exit(1)


def _entry(find_entry, name):
    try:
        return find_entry(name)
    except ValueError as error:
        raise UserError(str(error)) from error
