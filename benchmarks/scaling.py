"""How the time of a fit grows, and how far it is from what the machine could do.

Run ``SKMNIST_DATA=folder python benchmarks/scaling.py scaling.png`` (extras ``bench`` and ``plots``)
on a machine with nothing else to do. The figures are printed as a table, too.

All fits are of one epoch of a network of one hidden layer, with Adam and without dropout; the
network has 128 hidden units and the batches 32 images where nothing else is said. Every point is
the median of a few fits, skmnist, Keras and scikit-learn in turn, after one fit that is not counted,
so that nobody compiles. Keras's ``fit`` includes making and compiling the model, as every new fit of
it does. The panels:

- number of images;
- batch size, and width of the hidden layer, on 10,000 images;
- number of candidates of a grid search, 2 folds of 4,000 images: networks of different widths, which
  nothing has compiled before (first pass) or the first pass has (second pass), and learning rates
  for one network;
- number of worker processes for a search of 8 candidates: with the start of the workers, and with
  workers that are there already;
- rate of matrix products for each batch size.

The *limit* is the time of the five matrix products of a training step (forward through two layers,
gradients of both kernels and of the hidden layer), each measured alone with TensorFlow for exactly
these shapes on this machine, times the number of steps: no engine that trains with these batches
on TensorFlow's kernels can be faster.
"""

import argparse
import itertools
import statistics
import warnings
from dataclasses import dataclass, field

import _contenders as contenders
import matplotlib as mpl
import numpy as np
import tensorflow as tf
from _measure import in_turn, load, machine, table, timed
from joblib.externals.loky import get_reusable_executor
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

PACKAGES = ("scikit-learn", "keras", "tensorflow", "numpy")

# Of Okabe and Ito, who chose them for every kind of colour vision; markers for black and white.
STYLES = {
    "skmnist": ("#0072B2", "o", "-"),
    "skmnist, second pass": ("#56B4E9", "s", "-"),
    "skmnist, learning rates": ("#009E73", "^", "-"),
    "skmnist, workers to start": ("#CC79A7", "v", "-"),
    "keras": ("#D55E00", "D", "-"),
    "sklearn": ("#E69F00", "P", "-"),
    "limit": ("#000000", "", ":"),
    "ideal": ("#000000", "", ":"),
    "all five products": ("#000000", "o", "-"),
}


@dataclass
class Panel:
    """Curves of seconds, or something else, by one quantity."""

    title: str
    x: str
    y: str = "time of the fit (s)"
    curves: dict = field(default_factory=dict)

    def add(self, name, x, y):
        """Add a point to a curve."""
        self.curves.setdefault(name, {})[x] = y

    def text(self):
        """Return all points as a table."""
        places = sorted(set().union(*self.curves.values()))
        head = [self.x, *self.curves]
        rows = [
            [f"{x:,}", *(f"{c[x]:.3g}" if x in c else "" for c in self.curves.values())]
            for x in places
        ]
        return f"\n## {self.title}: {self.y}\n\n{table([head, *rows])}"

    def draw(self, axes):
        """Draw the curves, both axes logarithmic."""
        for name, points in self.curves.items():
            colour, marker, line = STYLES[name]
            axes.loglog(*zip(*sorted(points.items()), strict=True), line, color=colour)
            axes.lines[-1].set(marker=marker, markersize=5, label=name, linewidth=1.6)
        places = sorted(set().union(*self.curves.values()))
        axes.set_xticks(places, [f"{x // 1000}k" if x >= 1000 else f"{x}" for x in places])
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axes.set(title=self.title, xlabel=self.x, ylabel=self.y)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)


# The limit.


def product_seconds(m, k, n, *, copies=16, repeats=7):
    """Return the seconds of one product of an (m, k) and a (k, n) matrix.

    Different left sides, one after the other within one compiled call, so that neither the calls
    count nor two products run at once; an element of each is used, or TensorFlow would leave it out.
    """
    copies = max(2, min(copies, 2**26 // (m * k)))
    random = np.random.default_rng(0)
    left = [tf.constant(random.random((m, k), np.float32)) for _ in range(copies)]
    right = tf.constant(random.random((k, n), np.float32))

    @tf.function
    def products(left, right):
        used = []
        for matrix in left:
            with tf.control_dependencies(used[-1:]):
                used.append(tf.matmul(matrix, right)[0, 0])
        return tf.add_n(used)

    products(left, right).numpy()
    seconds = [timed(lambda: products(left, right).numpy())[1] for _ in range(repeats)]
    return statistics.median(seconds) / copies


def step_limit(batch, hidden):
    """Return the seconds and the floating-point operations of the products of a training step."""
    shapes = [
        *((batch, 784, hidden), (batch, hidden, 10)),  # forward
        *((784, batch, hidden), (hidden, batch, 10)),  # gradients of the kernels
        (batch, 10, hidden),  # gradient of the hidden layer
    ]
    seconds = sum(product_seconds(*shape) for shape in shapes)
    return seconds, sum(2 * m * k * n for m, k, n in shapes)


# Fits.


def trainers(hidden, batch):
    return {
        "skmnist": contenders.by_skmnist(
            lambda **fitting: contenders.skmnist_mlp(hidden, batch_size=batch, **fitting)
        ),
        "keras": contenders.by_keras(lambda: contenders.keras_mlp(hidden), "adam", batch),
        "sklearn": contenders.by_sklearn(hidden, batch),
    }


def fits(X, y, hidden, batch, rounds):
    """Return the median seconds of a fit of one epoch for each contender."""
    seconds = {}
    for round_ in range(rounds + 1):
        fitting = trainers(hidden, batch)
        for name in in_turn(fitting, round_):
            _, passed = timed(fitting[name], X, y, 1, round_)
            if round_:
                seconds.setdefault(name, []).append(passed)
    return {name: statistics.median(times) for name, times in seconds.items()}


def fit_panel(title, x, points, data, rounds):
    """Return a panel of fits; a point is the place on the axis, images, width and batch size."""
    panel = Panel(title, x)
    for place, n, hidden, batch in points:
        for name, seconds in fits(*data.first(n), hidden, batch, rounds).items():
            panel.add(name, place, seconds)
        panel.add("limit", place, step_limit(batch, hidden)[0] * n / batch)
        print(f"{title}: {place:,}", flush=True)
    return panel


def rate_panel(batches, hidden=128):
    panel = Panel("Matrix products of a step", "images in a batch", "rate (GFLOP/s)")
    for batch in batches:
        seconds, operations = step_limit(batch, hidden)
        panel.add("all five products", batch, operations / seconds / 1e9)
    return panel


# Searches.


def search(estimator, grid, X, y, **options):
    return timed(GridSearchCV(estimator, grid, cv=2, refit=False, **options).fit, X, y)[1]


def candidates_panel(counts, X, y, rounds):
    panel = Panel("Candidates of a grid search", "candidates", "time of the search (s)")
    ours = contenders.skmnist_mlp(epochs=1, random_state=0)
    theirs = contenders.sklearn_mlp()
    width = itertools.count(100)
    search(ours, {"epochs": [1]}, X, y)
    for count in counts:
        seconds = {}
        for _ in range(rounds):
            # Never seen before, in every round: a first pass comes once.
            widths = {"hidden_layer_sizes": [(w,) for w in itertools.islice(width, count)]}
            rates = {"learning_rate": np.geomspace(1e-4, 1e-2, count).tolist()}
            for name, estimator, grid in (
                ("skmnist", ours, widths),
                ("skmnist, second pass", ours, widths),
                ("skmnist, learning rates", ours, rates),
                ("sklearn", theirs, widths),
            ):
                seconds.setdefault(name, []).append(search(estimator, grid, X, y))
        for name, times in seconds.items():
            panel.add(name, count, statistics.median(times))
        print(f"candidates: {count}", flush=True)
    return panel


def workers_panel(X, y, n_candidates, rounds):
    panel = Panel(
        f"Workers, {n_candidates} candidates", "worker processes", "time of the search (s)"
    )
    ours, theirs = (
        contenders.skmnist_mlp(epochs=2, random_state=0),
        contenders.sklearn_mlp(epochs=2),
    )
    widths = [(100 + i,) for i in range(n_candidates)]
    grid = {"hidden_layer_sizes": widths}
    seconds = {}
    try:
        for _ in range(rounds):
            for n in (1, 2):
                get_reusable_executor().shutdown(wait=True, kill_workers=True)
                for name, estimator in (
                    ("skmnist, workers to start", ours),
                    ("skmnist", ours),
                    ("sklearn", theirs),
                ):
                    if n > 1 or "start" not in name:
                        passed = search(estimator, grid, X, y, n_jobs=n)
                        seconds.setdefault((name, n), []).append(passed)
    finally:
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
    for (name, n), times in sorted(seconds.items(), key=lambda item: item[0][1]):
        panel.add(name, n, statistics.median(times))
    alone = panel.curves["skmnist"][1]
    panel.curves["skmnist, workers to start"][1] = alone  # there are none to start
    for n in (1, 2):
        panel.add("ideal", n, alone / n)
    return panel


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("picture", help="PNG file to write")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="few images: does it run?")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # of scikit-learn's, after an epoch
    about = machine(PACKAGES)
    print(about, flush=True)
    data = load(*((600, 100) if given.quick else ()))
    print(f"{data.name}; median of {given.rounds}", flush=True)
    quick = given.quick
    sizes = [200, 600] if quick else [1000, 2000, 5000, 10000, 20000, 60000]
    sizes = [n for n in sizes if n <= len(data.X)]
    batches = [32, 128] if quick else [8, 16, 32, 64, 128, 256, 512, 1024]
    widths = [16, 256] if quick else [16, 32, 64, 128, 256, 512, 1024, 2048]
    counts = [1, 2] if quick else [1, 2, 4, 8, 16]
    n = min(10000, len(data.X))
    images, batch, hidden = f"{n:,} images", "batches of 32", "128 hidden units"
    panels = [
        fit_panel(
            f"Images, {batch}, {hidden}",
            "images",
            [(k, k, 128, 32) for k in sizes],
            data,
            given.rounds,
        ),
        fit_panel(
            f"Batch size, {images}",
            "images in a batch",
            [(b, n, 128, b) for b in batches],
            data,
            given.rounds,
        ),
        fit_panel(
            f"Width, {images}, {batch}",
            "hidden units",
            [(w, n, w, 32) for w in widths],
            data,
            given.rounds,
        ),
        candidates_panel(counts, *data.first(8000), given.rounds),
        workers_panel(*data.first(20000), 2 if quick else 8, given.rounds),
        rate_panel(batches),
    ]
    for panel in panels:
        print(panel.text())
    mpl.use("Agg")
    figure, axes = plt.subplots(2, 3, figsize=(13, 8), layout="constrained")
    for panel, ax in zip(panels, axes.flat, strict=True):
        panel.draw(ax)
    figure.suptitle(about.partition(", load")[0], fontsize=9)
    figure.savefig(given.picture, dpi=150)


if __name__ == "__main__":
    main()
