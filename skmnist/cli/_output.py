"""What the commands print: progress and warnings on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import sys
import warnings

import click


@contextlib.contextmanager
def plain_warnings():
    """Print warnings as sentences, without the line of code that they come from."""

    def show(message, category, filename, lineno, file=None, line=None):
        click.echo(f"Warning: {' '.join(str(message).split())}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def progress_of(describe, outcome):
    """Give a callback for steps: a bar on a terminal, a line per finished step elsewhere.

    Parameters
    ----------
    describe : callable
        Takes a step; returns what it does, in a few words.
    outcome : callable
        Takes the result of a step that went well; returns it in a few words.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    def line(step):
        error = step.result.error
        told = outcome(step.result) if error is None else f"failed, {' '.join(error.split())}"
        return f"{describe(step)}: {told}"

    def print_line(step):
        if step.result is not None:
            click.echo(f"[{step.number}/{step.n_steps}] {line(step)}", err=True)

    console = Console(stderr=True)
    if not console.is_interactive:
        yield print_line
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
        completed = step.number - (step.result is None)
        bar.update(task, description=describe(step), completed=completed, total=step.n_steps)
        if step.result is not None and step.result.error is not None:
            bar.console.print(line(step), markup=False)

    try:
        yield show
    finally:
        bar.stop()


def print_table(comparison):
    """Print the table, with lines and colours on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_interactive:
        print_text(comparison)
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


def print_text(result):
    """Print a result as text, with the characters replaced that stdout has not."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(str(result).encode(encoding, errors="replace").decode(encoding))


def count(number, noun):
    """Return a number with its noun, in the plural where it needs one."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
