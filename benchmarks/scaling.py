"""How the time of a fit grows, and how far it is from what the machine could do.

Run ``SKMNIST_DATA=folder python benchmarks/scaling.py scaling.png`` (group ``bench`` and
extra ``plots``) on a machine with nothing else to do. The figures are printed as a table, too.

All fits are of one epoch of a network of one hidden layer, with Adam and without dropout; the
network has 128 hidden units and the batches 32 images where nothing else is said. Every point is
the median of a few fits, skmnist, Keras and scikit-learn in turn, after one fit that is not
counted, so that skmnist compiles nothing. Keras's ``fit`` includes making and compiling the model,
as every new fit of Keras does. The panels:

- number of images;
- batch size, and width of the hidden layer, on 10,000 images;
- number of candidates of a grid search, 2 folds of 4,000 images: networks of different widths,
  which nothing has compiled before (first pass) or the first pass has (second pass), and learning
  rates for one network;
- number of worker processes for a search of 8 candidates, 2 epochs, 2 folds of 10,000 images: with
  the start of the workers, and with workers that are there and have compiled the networks;
- rate of the matrix products of a training step, for each batch size.

The *limit* is the time of the five matrix products of a training step (forward through two layers,
gradients of both kernels and of the hidden layer), each measured alone with TensorFlow for exactly
these shapes on this machine, times the number of steps. Gathering the batch, activations, loss and
the optimizer's update are not in it: no engine that trains with these batches on TensorFlow's
products can be faster.
"""

import argparse
import itertools
import statistics
import time
import warnings
from dataclasses import dataclass, field

import _contenders as contenders
import matplotlib as mpl
import numpy as np
import tensorflow as tf
from _measure import in_turn, load, machine, table, timed
from joblib.externals.loky import get_reusable_executor
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
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
        for name in sorted(self.curves, key=list(STYLES).index):
            colour, marker, line = STYLES[name]
            places, values = zip(*sorted(self.curves[name].items()), strict=True)
            axes.loglog(places, values, line, color=colour, marker=marker, label=name)
        places = sorted(set().union(*self.curves.values()))
        texts = [f"{x // 1000}k" if x % 1000 == 0 else f"{x}" for x in places]
        axes.set_xticks(places, texts)
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_title(self.title, fontsize=11)
        axes.set(xlabel=self.x, ylabel=self.y)
        axes.grid(alpha=0.3)
        axes.legend(edgecolor="none", fontsize=8)


# The limit.


def product_seconds(left, right, *, repeats=15, **transposed):
    """Return the seconds of one product of matrices of the shapes `left` and `right`.

    Many left sides, one after the other within one compiled call, so that neither the calls count
    nor two products run at once; an element of each is used, or TensorFlow would skip it.
    """
    copies = max(2, min(32, 2**25 // (left[0] * left[1])))
    random = np.random.default_rng(0)
    lefts = [tf.constant(random.random(left, np.float32)) for _ in range(copies)]
    right = tf.constant(random.random(right, np.float32))

    @tf.function
    def products(lefts, right):
        used = []
        for matrix in lefts:
            with tf.control_dependencies(used[-1:]):
                used.append(tf.matmul(matrix, right, **transposed)[0, 0])
        return tf.add_n(used)

    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        products(lefts, right).numpy()
        seconds.append(time.perf_counter() - start)
    return min(seconds) / copies


def step_limit(batch, hidden):
    """Return the seconds and the floating-point operations of the products of a training step."""
    images, inner, outer = (batch, 784), (batch, hidden), (batch, 10)
    seconds = [
        product_seconds(images, (784, hidden)),  # forward
        product_seconds(inner, (hidden, 10)),
        product_seconds(images, inner, transpose_a=True),  # gradients of the kernels
        product_seconds(inner, outer, transpose_a=True),
        product_seconds(outer, (hidden, 10), transpose_b=True),  # of the hidden layer
    ]
    return sum(seconds), 2 * batch * hidden * (2 * 784 + 3 * 10)


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
    ours = contenders.skmnist_mlp(epochs=2, random_state=0)
    theirs = contenders.sklearn_mlp(epochs=2)
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

    def fit_panel_of(title, x, points):
        return fit_panel(title, x, points, data, given.rounds)

    panels = [
        fit_panel_of("Images (batch 32, width 128)", "images", [(k, k, 128, 32) for k in sizes]),
        fit_panel_of(
            f"Batch size ({n:,} images, width 128)",
            "images in a batch",
            [(b, n, 128, b) for b in batches],
        ),
        fit_panel_of(
            f"Width ({n:,} images, batch 32)", "hidden units", [(w, n, w, 32) for w in widths]
        ),
        candidates_panel(counts, *data.first(8000), given.rounds),
        workers_panel(*data.first(20000), 2 if quick else 8, given.rounds),
        rate_panel(batches),
    ]
    for panel in panels:
        print(panel.text())
    mpl.use("Agg")
    plt.rcParams.update({"lines.linewidth": 1.6, "lines.markersize": 5})
    figure, axes = plt.subplots(2, 3, figsize=(13, 8), layout="constrained")
    for panel, ax in zip(panels, axes.flat, strict=True):
        panel.draw(ax)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    figure.suptitle(about, fontsize=9)
    figure.savefig(given.picture, dpi=150)


if __name__ == "__main__":
    main()
