"""Output of the commands: warnings and notes on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import sys
import warnings

import click


@contextlib.contextmanager
def plain_warnings():
    """Print warnings as sentences, without the line of code that raised them."""

    def show(message, category, filename, lineno, file=None, line=None):
        click.echo(f"Warning: {' '.join(str(message).split())}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def print_notes(*notes):
    """Print notes for the user on stderr; those that are None are left out."""
    for note in filter(None, notes):
        click.echo(f"Note: {note}.", err=True)


def print_table(comparison):
    """Print the table, with lines and colours on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_interactive:
        print_text(comparison)
        return
    # Rich's tables need three more characters per column than plain ones.
    for header, *lines in comparison.tables(console.width, gap=3):
        table = Table()
        for index, name in enumerate(header):
            table.add_column(name, justify="right" if index else "left", no_wrap=True)
        for row, line in zip(comparison.rows, lines, strict=True):
            table.add_row(*map(Text, line), style="red" if row.error else None)
        console.print(table)
    for difference in comparison.differences_to_best():
        console.print(Text(str(difference)))
    for note in comparison.notes():
        console.print(Text(note), style="dim")


def print_text(result):
    """Print a result as text; characters that stdout cannot encode are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(str(result).encode(encoding, errors="replace").decode(encoding))


def count(number, noun):
    """Return a number with its noun, in the plural if needed."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
