"""What the benchmarks of speed have in common: data, clocks, memory, tables."""

import gc
import importlib.metadata
import os
import platform
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skmnist import datasets

THREAD_VARIABLES = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def machine(packages):
    """Return a line about the machine, the versions of `packages`, and whether it is busy."""
    words = [f"{os.cpu_count()} cores", f"Python {platform.python_version()}"]
    for package in packages:
        try:
            words.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            words.append(f"{package} not installed (pip install -e . --group bench)")
    words += [f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if name in os.environ]
    load = os.getloadavg()[0]
    if load > 0.5:
        # OpenMP's and OpenBLAS's threads wait for one another in every product, TensorFlow's not.
        words.append(f"BUSY: load average {load:.1f}, slows scikit-learn and torch most")
    return ", ".join(words)


@dataclass
class Data:
    """Rows of float32 pixels in [0, 1], and integer labels."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    name: str

    def first(self, n):
        return self.X[:n], self.y[:n]


def load(n_train=None, n_test=None):
    """Return MNIST from the folder ``SKMNIST_DATA``, or else the embedded sample of it."""
    if os.environ.get("SKMNIST_DATA"):
        parts = [datasets.fetch_mnist(subset=s, return_X_y=True) for s in ("train", "test")]
        arrays, name = [array for part in parts for array in part], "MNIST"
    else:
        X, y = datasets.load_mnist_sample(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(X))  # it is sorted by class
        train, test = np.split(order, [4000])
        arrays, name = [X[train], y[train], X[test], y[test]], "the embedded sample of MNIST"
        print(
            "NOTE: SKMNIST_DATA names no folder with MNIST, so this is the embedded sample of "
            "5,000 images: fixed costs weigh more than in the documented figures.\n"
        )
    X, X_test = (
        X[:n].astype(np.float32) / 255 for X, n in zip(arrays[::2], (n_train, n_test), strict=True)
    )
    y, y_test = (
        y[:n].astype(np.int64) for y, n in zip(arrays[1::2], (n_train, n_test), strict=True)
    )
    return Data(X, y, X_test, y_test, f"{name}, {len(X):,} + {len(X_test):,} images")


def timed(function, *args):
    """Return what `function` returns, and the seconds it took."""
    gc.collect()  # nobody pays for the garbage of whoever came before
    time.sleep(0.05)  # nor for its threads, which spin for a moment before they sleep
    start = time.perf_counter()
    result = function(*args)
    return result, time.perf_counter() - start


def in_turn(names, round_):
    """Return names, beginning with another one in every round."""
    names = list(names)
    shift = round_ % len(names)
    return names[shift:] + names[:shift]


def call_medians(calls, rounds, per_round, *, untimed=3):
    """Return the median seconds of each call, from blocks of calls in turn.

    Blocks rather than single calls in turn, for someone who predicts many single images does so
    with warm caches.
    """
    seconds = {name: [] for name in calls}
    for round_ in range(rounds):
        for name in in_turn(calls, round_):
            gc.collect()
            time.sleep(0.05)
            for _ in range(untimed):
                calls[name]()
            for _ in range(per_round):
                start = time.perf_counter()
                calls[name]()
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def memory_mb():
    """Return the anonymous resident memory of this process in MB; NaN where there is no /proc."""
    gc.collect()
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(re.search(r"RssAnon:\s+(\d+) kB", status.read_text()).group(1)) / 1024


def table(rows, *, n_left=1, markdown=False):
    """Return rows, the first being the head, as a table; the first columns are flush left."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        [
            cell.ljust(width) if i < n_left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]
    if not markdown:
        rule = ["-" * width for width in widths]
        return "\n".join("  ".join(line) for line in [lines[0], rule, *lines[1:]])
    rule = [
        "-" * width if i < n_left else "-" * (width - 1) + ":" for i, width in enumerate(widths)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
