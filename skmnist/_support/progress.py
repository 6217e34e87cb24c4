"""One loop for work in steps, which reports each step and goes on after a task that failed."""

from __future__ import annotations

import time
from dataclasses import replace

from skmnist._progress import Clock


def run_steps(n_tasks, n_steps, begin, failed, show):
    """Run the steps of several tasks, one after another.

    Parameters
    ----------
    n_tasks, n_steps : int
        Number of tasks, and of steps of each.
    begin : callable
        Takes the indices of a task and of its step.  Returns two callables: one makes the object
        that is shown, from the keywords `number`, `n_steps` and `seconds_left`; the other takes
        nothing, does the work and returns its result.
    failed : callable
        Takes the indices and what went wrong, as text; returns the result of a failed step.
    show : callable
        Takes the object when the step begins, and again, with its `result`, when it ends.

    Returns
    -------
    results : list of tuple
        The results of each task, up to the first whose `error` is not None.
    """
    clock = Clock(n_tasks, n_steps)
    results = []
    for task in range(n_tasks):
        done = []
        for index in range(n_steps):
            make_step, work = begin(task, index)
            step = make_step(
                number=task * n_steps + index + 1,
                n_steps=n_tasks * n_steps,
                seconds_left=clock.seconds_left(task, index),
            )
            show(step)
            began = time.perf_counter()
            try:
                result = work()
            except Exception as error:
                result = failed(task, index, f"{type(error).__name__}: {error}")
            # A failure, or a result read from disk, says nothing about steps still to be measured.
            if result.error is None and not getattr(step, "stored", False):
                clock.add(task, time.perf_counter() - began)
            n_done = index + 1 if result.error is None else n_steps
            show(replace(step, result=result, seconds_left=clock.seconds_left(task, n_done)))
            done.append(result)
            if result.error is not None:
                break
        results.append(tuple(done))
    return results
