"""Progress of work in steps: a bar with remaining time on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from statistics import fmean


class Clock:
    """Estimates how long the rest will take: a task's steps by its own, others by all so far.

    Parameters
    ----------
    n_tasks, n_steps : int
        Number of tasks, and of steps of each.
    """

    def __init__(self, n_tasks, n_steps):
        self._n_tasks, self._n_steps = n_tasks, n_steps
        self._seconds = {}

    def add(self, task, seconds):
        """Note how long a step of a task took."""
        self._seconds.setdefault(task, []).append(seconds)

    def seconds_left(self, task, done):
        """Return the estimate when so many steps of this task are done; None without any."""
        if not self._seconds:
            return None
        usual = fmean(map(fmean, self._seconds.values()))
        own = fmean(self._seconds.get(task, [usual]))
        return own * (self._n_steps - done) + usual * self._n_steps * (self._n_tasks - task - 1)


@contextlib.contextmanager
def showing(describe, outcome):
    """Give a function to call when a step begins and when it ends.

    A step has a `number` from 1, the total `n_steps`, a `result` (None when it begins) whose
    `error` is None if it went well, and `seconds_left` (None if that is not known).

    Parameters
    ----------
    describe : callable
        Takes a step; returns what it does, in a few words.
    outcome : callable
        Takes the result of a step that went well; returns it in a few words.

    Yields
    ------
    show : callable
        Takes a step.  Prints to stderr.
    """

    def line(step):
        error = step.result.error
        told = outcome(step.result) if error is None else f"failed, {' '.join(error.split())}"
        return f"{describe(step)}: {told}"

    def print_line(step):
        if step.result is None:
            return
        left = f"; {_left(step.seconds_left)}" if step.number < step.n_steps else ""
        print(f"[{step.number}/{step.n_steps}] {line(step)}{left}", file=sys.stderr, flush=True)

    console = _terminal()
    if console is None:
        yield print_line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

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
        told = f"{_left(step.seconds_left)}  {describe(step)}"
        bar.update(task, description=told, completed=completed, total=step.n_steps)
        if step.result is not None and step.result.error is not None:
            bar.console.print(line(step), markup=False)

    try:
        yield show
    finally:
        bar.stop()


def _terminal():
    """Return rich's console if stderr is a terminal and rich is installed."""
    try:
        from rich.console import Console
    except ImportError:
        return None
    console = Console(stderr=True)
    return console if console.is_interactive else None


def _left(seconds):
    """Return the remaining time in words, no finer than it can be known."""
    if seconds is None:
        return "time left not known yet"
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
