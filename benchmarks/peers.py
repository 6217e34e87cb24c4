"""skmnist's speed beside that of its peers: the same work, in one process, in turn.

Run ``SKMNIST_DATA=folder python benchmarks/peers.py`` on a machine with nothing else to do (peers:
``pip install -e . --group bench``), or name rows: ``python benchmarks/peers.py mlp-128 one-image``.

Contenders take turns within rounds, another one first in every round, and medians over the rounds
are compared; a ratio is the peer's median over skmnist's, so above 1 skmnist is faster. Everybody
is given the same float32 rows in memory, the same network, initial weights of the same
distribution, optimizer, batch size and number of epochs; nobody holds out data; each trains a new
network per fit. Exceptions: scikit-learn's ``MLPClassifier`` has neither RMSprop nor dropout (it
trains with Adam, and varies ``alpha`` instead). skmnist, Keras and scikeras also compute the
accuracy of every epoch, as is skmnist's default; torch, skorch and scikit-learn do not.

What is timed:

- epochs (``mlp-128``, ``mlp-512``, ``lenet``, ``cnn``, ``resnet``, ``lstm``, ``transformer``):
  a whole fit of one epoch, making the network included, in a process that has done the same
  fit once before; that first fit is printed beside. Then the *marginal epoch* of skmnist and Keras:
  (time of n epochs - time of 1) / (n - 1), which leaves out everything that is paid once per fit.
  Accuracy on the test images after one epoch: mean and standard deviation over the seeds, which
  are the rounds, the untimed one included.
- ``one-image``, ``10000-images``: a call on a fitted estimator, blocks of calls in turn.
- ``partial-fit``: ``partial_fit`` on 32 images after the first.
- ``grid``: ``GridSearchCV`` of 6 candidates and 3 folds without refit. Later passes are compared,
  and the first passes too, for that is what who searches once has to wait for. It runs before the
  other rows, so that none of them has compiled its networks. Memory is what the anonymous
  resident memory of the process grows by during a contender's own repeated passes.
- ``parallel``: the same search with two worker processes, which are started anew in every round:
  the first call waits for their start and for everything they compile, the second for neither.
- ``memory``: growth of the process between the 20th and the last of 200 fits.
- ``pickle``: bytes of a fitted estimator, beside those of its weights.
"""

import argparse
import gc
import itertools
import json
import pickle
import statistics
import sys
import time
import traceback
import warnings
from dataclasses import asdict, dataclass, field

import _contenders as contenders
import numpy as np
from _measure import call_medians, in_turn, load, machine, memory_mb, table, timed
from joblib.externals.loky import get_reusable_executor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

import skmnist
from skmnist import networks
from skmnist.classifiers._families import FAMILIES

PACKAGES = ("scikit-learn", "keras", "tensorflow", "scikeras", "torch", "skorch", "numpy")
HIDDEN, DROPOUTS = [32, 64, 128], [0.0, 0.2]
WITHIN_POINTS = 0.3  # of test accuracy


@dataclass
class Check:
    """A target, what was measured, and whether that reaches it."""

    row: str
    what: str
    measured: float
    target: float
    unit: str = "x"
    at_least: bool = True

    @property
    def reached(self):
        """Whether the target is reached; NaN reaches none."""
        good = self.measured >= self.target if self.at_least else self.measured <= self.target
        return bool(good)

    def cells(self):
        """Return the cells of a line of the summary."""
        bound = "≥" if self.at_least else "≤"
        return [
            self.row,
            self.what,
            f"{self.measured:.2f} {self.unit}",
            f"{bound} {self.target:g} {self.unit}",
            "yes" if self.reached else "NO",
        ]


@dataclass
class Run:
    """Data and settings of this run, and what came out."""

    data: object
    rounds: int
    quick: bool
    deep_images: int
    checks: list = field(default_factory=list)
    results: dict = field(default_factory=dict)

    def size(self, n, quick):
        """Return `n`, or what is enough to see whether the row runs."""
        return quick if self.quick else n

    def check(self, *args, **kwargs):
        """Compare with a target; see :class:`Check`."""
        self.checks.append(Check(*args, **kwargs))

    def report(self, row, head, rows, note="", **raw):
        """Keep a row's table, and print it with its targets."""
        lines = [dict(zip(head, cells, strict=True)) for cells in rows]
        self.results[row] = {"table": lines, "note": note, **raw}
        print(f"\n## {row}\n\n{table([head, *rows])}")
        if note:
            print(note)
        for name in contenders.MISSING:
            print(f"{name}: not installed (pip install -e . --group bench)")
        for check in self.checks:
            if check.row == row:
                print("target: {1}: {2} ({3}): {4}".format(*check.cells()))
        sys.stdout.flush()


def s(seconds):
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:.2f}"


# Epochs.


def epochs(run, row, trainers, targets, *, n_images=None, n_epochs=3, note=""):
    """Time fits of one epoch, and the marginal epoch of skmnist and of Keras."""
    X, y = run.data.first(n_images)
    trainers = contenders.installed(trainers)
    seconds = {name: [] for name in trainers}
    accuracy = {name: [] for name in trainers}
    marginal = {name: [] for name in ("skmnist", "keras")}
    for round_ in range(run.rounds + 1):
        for name in in_turn(trainers, round_):
            predict, one = timed(trainers[name], X, y, 1, round_)
            seconds[name].append(one)
            accuracy[name].append(np.mean(predict(run.data.X_test) == run.data.y_test) * 100)
            del predict
            if name in marginal and round_ > 0:
                _, several = timed(trainers[name], X, y, n_epochs, round_)
                marginal[name].append((several - one) / (n_epochs - 1))
    first = {name: times[0] for name, times in seconds.items()}
    median = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    marginal = {name: statistics.median(times) for name, times in marginal.items()}
    accuracies = {name: statistics.mean(values) for name, values in accuracy.items()}
    rows = []
    for name, times in seconds.items():
        spread = statistics.stdev(accuracy[name])
        difference = accuracies[name] - accuracies["keras"]
        rows.append(
            [
                name,
                s(median[name]),
                f"{s(min(times[1:]))}-{s(max(times[1:]))}",
                s(first[name]),
                s(marginal[name]) if name in marginal else "",
                f"{median[name] / median['skmnist']:.2f}",
                f"{accuracies[name]:.2f} ± {spread:.2f}",
                f"{difference:+.2f}",
            ]
        )
    for name, target in targets.items():
        if name in median:
            run.check(row, f"fit of an epoch, {name}", median[name] / median["skmnist"], target)
    if "keras" in targets:
        ratio = marginal["keras"] / marginal["skmnist"]
        run.check(row, "marginal epoch, keras", ratio, targets["keras"])
    # Seeds differ in accuracy, too, and there are few of them: how far to trust the distance.
    error = sum(statistics.variance(accuracy[name]) for name in ("skmnist", "keras")) ** 0.5
    error /= (run.rounds + 1) ** 0.5
    run.check(
        row,
        f"test accuracy, distance to keras (standard error {error:.2f})",
        abs(accuracies["skmnist"] - accuracies["keras"]),
        WITHIN_POINTS,
        unit="points",
        at_least=False,
    )
    head = ["", "fit s", "range", "first fit s", "marginal epoch s", "ratio", "accuracy %"]
    note = f"{len(X):,} images. {note}"
    raw = {"seconds": seconds, "marginal_seconds": marginal, "accuracy": accuracy}
    run.report(row, [*head, "points to keras"], rows, note, **raw)


def mlp_128(run):
    def estimator(**fitting):
        return contenders.skmnist_mlp(128, batch_size=32, optimizer="adam", **fitting)

    trainers = {
        "skmnist": contenders.by_skmnist(estimator),
        "keras": contenders.by_keras(contenders.keras_mlp, "adam", 32),
        "keras, steps_per_execution=50": contenders.by_keras(
            contenders.keras_mlp, "adam", 32, steps_per_execution=50
        ),
        "scikeras": contenders.by_scikeras(128, "adam", 32),
        "skorch": contenders.by_skorch(128, "adam", 32),
        "sklearn": contenders.by_sklearn(128, 32),
        "torch": contenders.by_torch("MLP", "adam", 32, hidden=128),
    }
    targets = {"keras": 4, "scikeras": 5, "skorch": 2.5, "sklearn": 1.7}
    epochs(run, "mlp-128", trainers, targets, note="784-128-10, Adam, batch 32.")


def mlp_512(run):
    def estimator(**fitting):
        return contenders.skmnist_mlp(512, batch_size=128, optimizer="rmsprop", **fitting)

    trainers = {
        "skmnist": contenders.by_skmnist(estimator),
        "keras": contenders.by_keras(lambda: contenders.keras_mlp(512), "rmsprop", 128),
        "skorch": contenders.by_skorch(512, "rmsprop", 128),
        "sklearn (Adam)": contenders.by_sklearn(512, 128),
        "torch": contenders.by_torch("MLP", "rmsprop", 128, hidden=512),
    }
    note = "784-512-10, RMSprop, batch 128; sklearn has no RMSprop, and trains with Adam."
    epochs(run, "mlp-512", trainers, {"keras": 3.3, "sklearn (Adam)": 1.9}, note=note)


def lenet(run):
    trainers = contenders.family(
        skmnist.LeNetClassifier, networks.lenet, optimizer="rmsprop", batch_size=128
    )
    trainers["torch"] = contenders.by_torch("LeNet", "rmsprop", 128)
    if "torch" not in contenders.MISSING:
        contenders.check_same_size(networks.lenet, "LeNet")
    epochs(run, "lenet", trainers, {"keras": 2, "torch": 1.2}, note="RMSprop, batch 128.")


def deep(classifier, network):
    """Return the row of a family with its defaults."""

    def row(run):
        trainers = contenders.family(classifier, network)
        given = classifier()
        note = f"{given.optimizer}, batch {given.batch_size}, default network, no schedule."
        # Fewer than for the others, or each of these rows would take half an hour.
        size = {"n_images": run.deep_images, "n_epochs": 2}
        epochs(run, network.__name__, trainers, {"keras": 1.25}, **size, note=note)

    return row


# Predictions.


def predictors(run, hidden):
    """Return skmnist's, scikit-learn's and the other estimators, and a Keras model, fitted."""
    X, y = run.data.first(2000)
    fitted = {
        "skmnist": contenders.skmnist_mlp(hidden, epochs=1, batch_size=128),
        "sklearn": contenders.sklearn_mlp(hidden, batch_size=128),
        "scikeras": contenders.scikeras_mlp(hidden, batch_size=128),
    }
    if not contenders.MISSING:
        fitted["skorch"] = contenders.skorch_mlp(hidden, batch_size=128)
    for estimator in fitted.values():
        estimator.fit(X, y)
    model = contenders.keras_mlp(hidden)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, y, batch_size=128, verbose=0)
    return fitted, model


def one_image(run):
    fitted, model = predictors(run, 128)
    one = run.data.X_test[:1].copy()
    forward = contenders.compiled_forward(model)
    calls = {name: lambda e=e: e.predict(one) for name, e in fitted.items()}
    calls["keras predict"] = lambda: model.predict(one, verbose=0).argmax(1)
    calls["compiled tf.function"] = lambda: forward(one)
    n_calls = run.size(200, 10)
    median = call_medians(calls, run.rounds, -(-n_calls // run.rounds))
    rows = [
        [name, f"{seconds * 1e3:.3f}", f"{seconds / median['skmnist']:.2f}"]
        for name, seconds in median.items()
    ]
    above = (median["skmnist"] - median["sklearn"]) * 1e3
    run.check("one-image", "above sklearn", above, 0.2, unit="ms", at_least=False)
    run.check("one-image", "predict, scikeras", median["scikeras"] / median["skmnist"], 100)
    note = f"784-128-10, {n_calls} calls each."
    run.report("one-image", ["", "ms", "ratio"], rows, note, seconds=median)


def many_images(run):
    fitted, model = predictors(run, 512)
    X = run.data.X_test
    calls = {
        name: lambda e=e: e.predict_proba(X) for name, e in fitted.items() if name != "scikeras"
    }
    calls["keras predict"] = lambda: model.predict(X, verbose=0)
    calls["keras predict, batch 1024"] = lambda: model.predict(X, batch_size=1024, verbose=0)
    median = call_medians(calls, run.rounds, run.size(5, 1), untimed=1)
    rows = [
        [name, s(seconds), f"{seconds / median['skmnist']:.2f}"] for name, seconds in median.items()
    ]
    ratio = median["keras predict"] / median["skmnist"]
    run.check("10000-images", "predict_proba, keras predict", ratio, 8)
    note = f"{len(X):,} images, 784-512-10."
    run.report("10000-images", ["", "s", "ratio"], rows, note, seconds=median)


# Searches.


def searches(n_epochs, **search):
    """Return functions that make a search of 18 fits: 6 candidates, 3 folds."""

    def made(estimator, grid):
        return lambda: GridSearchCV(estimator(), grid, cv=3, refit=False, **search)

    return contenders.installed(
        {
            "skmnist": made(
                lambda: contenders.skmnist_mlp(epochs=n_epochs, batch_size=32, random_state=0),
                {"hidden_layer_sizes": [(h,) for h in HIDDEN], "dropout": DROPOUTS},
            ),
            "scikeras": made(
                lambda: contenders.scikeras_mlp(epochs=n_epochs, batch_size=32),
                {"model__hidden": HIDDEN, "model__dropout": DROPOUTS},
            ),
            "skorch": made(
                lambda: contenders.skorch_mlp(epochs=n_epochs, batch_size=32),
                {"module__hidden": HIDDEN, "module__dropout": DROPOUTS},
            ),
            "sklearn (alpha)": made(
                lambda: contenders.sklearn_mlp(epochs=n_epochs, batch_size=32),
                {"hidden_layer_sizes": [(h,) for h in HIDDEN], "alpha": [0.0, 1e-4]},
            ),
        }
    )


def grid(run):
    n_epochs = run.size(3, 1)
    X, y = run.data.first(6000)
    search = searches(n_epochs)
    seconds = {name: [] for name in search}
    growth = {name: [] for name in search}
    score = {}
    for round_ in range(run.rounds + 1):
        for name in in_turn(search, round_):
            before = memory_mb()
            result, passed = timed(search[name]().fit, X, y)
            seconds[name].append(passed)
            score[name] = max(result.cv_results_["mean_test_score"])
            del result
            growth[name].append(memory_mb() - before)
    first = {name: times[0] for name, times in seconds.items()}
    later = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    rows = [
        [
            name,
            s(first[name]),
            " ".join(map(s, seconds[name][1:])),
            f"{first[name] / first['skmnist']:.2f}",
            f"{later[name] / later['skmnist']:.2f}",
            " ".join(f"{mb:.1f}" for mb in growth[name]),
            f"{score[name]:.4f}",
        ]
        for name in search
    ]
    for name, target in {"scikeras": 7, "skorch": 2, "sklearn (alpha)": 1.2}.items():
        if name in search:
            run.check("grid", f"later pass, {name}", later[name] / later["skmnist"], target)
            run.check("grid", f"first pass, {name}", first[name] / first["skmnist"], target)
    ratio = later["skmnist"] / first["skmnist"]
    run.check("grid", "later pass over first", ratio, 1, at_least=False)
    repeat = statistics.mean(growth["skmnist"][1:])
    run.check("grid", "growth per repeated pass", repeat, 5, unit="MB", at_least=False)
    head = ["", "first pass s", "later passes s", "ratio of first", "ratio of later"]
    note = (
        f"{len(X):,} images, {n_epochs} epochs, batch 32, hidden {HIDDEN}, dropout {DROPOUTS}; "
        "sklearn has no dropout, and varies alpha."
    )
    head += ["growth of each pass MB", "best score"]
    run.report("grid", head, rows, note, seconds=seconds, growth_mb=growth)


def parallel(run):
    n_epochs = run.size(3, 1)
    X, y = run.data.first(12000)
    one, two = (searches(n_epochs, n_jobs=n)["skmnist"] for n in (1, 2))
    kinds = {"n_jobs=1": [], "n_jobs=2, first call": [], "n_jobs=2, second call": []}
    one().fit(X[:1000], y[:1000])  # compiled before, as for the workers' second call
    try:
        for _ in range(run.rounds):
            get_reusable_executor().shutdown(wait=True, kill_workers=True)
            makers = (one, two, two)
            for times, make in zip(kinds.values(), makers, strict=True):
                times.append(timed(make().fit, X, y)[1])
    finally:
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
    median = {kind: statistics.median(times) for kind, times in kinds.items()}
    rows = [
        [kind, s(seconds), f"{median['n_jobs=1'] / seconds:.2f}"]
        for kind, seconds in median.items()
    ]
    start_up = median["n_jobs=2, first call"] - median["n_jobs=2, second call"]
    rows.append(["start of the workers", s(start_up), ""])
    speed_up = median["n_jobs=1"] / median["n_jobs=2, second call"]
    run.check("parallel", "n_jobs=2 with warm workers against n_jobs=1", speed_up, 1)
    note = f"{len(X):,} images, {n_epochs} epochs, 18 fits; speed-up is against n_jobs=1."
    run.report("parallel", ["", "s", "speed-up"], rows, note, seconds=kinds)


# Small steps, and what stays behind.


def partial_fit(run):
    X, y = run.data.X, run.data.y
    classes = np.arange(10)
    n_calls = run.size(200, 10)

    def step(estimator):
        parts = itertools.cycle(range(0, len(X) - 32, 32))

        def call():
            rows = slice(start := next(parts), start + 32)
            estimator.partial_fit(X[rows], y[rows], classes=classes)

        return call

    def keras_step():
        model = contenders.keras_mlp()
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return lambda: model.train_on_batch(X[:32], y[:32])

    calls = {
        "skmnist": step(contenders.skmnist_mlp()),
        "sklearn": step(contenders.sklearn_mlp()),
        "keras train_on_batch": keras_step(),
    }
    first = {name: timed(call)[1] for name, call in calls.items()}
    median = call_medians(calls, run.rounds, -(-n_calls // run.rounds))
    rows = [
        [name, f"{first[name] * 1e3:.1f}", f"{t * 1e3:.2f}", f"{t / median['skmnist']:.2f}"]
        for name, t in median.items()
    ]
    run.check("partial-fit", "partial_fit", median["skmnist"] * 1e3, 3, unit="ms", at_least=False)
    head = ["", "first call ms", "later calls ms", "ratio"]
    run.report("partial-fit", head, rows, f"32 images, {n_calls} calls each.", seconds=median)


def memory(run):
    X, y = run.data.first(500)
    n_fits = run.size(200, 60)
    kinds = {"the same network": [48], "40 networks in turn": list(range(41, 81))}
    rows = []
    for kind, sizes in kinds.items():
        after, start = {}, time.perf_counter()
        for i in range(1, n_fits + 1):
            hidden = sizes[i % len(sizes)]
            contenders.skmnist_mlp(hidden, epochs=1, random_state=i).fit(X, y)
            if i in (1, 20, 40, n_fits):
                after[i] = memory_mb()
        growth = after[n_fits] - after[20]
        from_40 = after[n_fits] - after[40] if 40 in after else float("nan")
        seconds = (time.perf_counter() - start) / n_fits
        rows.append([kind, *(f"{mb:.1f}" for mb in (growth, from_40)), f"{seconds * 1e3:.0f}"])
        run.check("memory", f"growth, {kind}", growth, 20, unit="MB", at_least=False)
    head = ["", f"MB from fit 20 to {n_fits}", f"MB from fit 40 to {n_fits}", "ms a fit"]
    run.report("memory", head, rows, f"{len(X)} images, 1 epoch.")


def pickles(run):
    fitted, model = predictors(run, 128)
    weights = sum(array.nbytes for array in model.get_weights()) / 1e6
    sizes = {name: len(pickle.dumps(e)) / 1e6 for name, e in fitted.items()}
    rows = [[name, f"{mb:.3f}", f"{mb / weights:.2f}"] for name, mb in sizes.items()]
    rows.append(["weights alone", f"{weights:.3f}", "1.00"])
    run.check("pickle", "size over the weights'", sizes["skmnist"] / weights, 1.1, at_least=False)
    run.report("pickle", ["", "MB", "times the weights"], rows, "784-128-10 after one fit.")


# The grid comes first: no other row is to have compiled its networks.
ROWS = {
    "grid": grid,
    "mlp-128": mlp_128,
    "mlp-512": mlp_512,
    "lenet": lenet,
    **{
        name: deep(family.classifier, family.builder)
        for name, family in FAMILIES.items()
        if name not in ("mlp", "lenet")
    },
    "one-image": one_image,
    "10000-images": many_images,
    "partial-fit": partial_fit,
    "memory": memory,
    "pickle": pickles,
    "parallel": parallel,
}


def start_libraries():
    """Start the libraries' threads, which otherwise the first contender would pay for."""
    X, y = np.random.default_rng(0).random((64, 784), np.float32), np.arange(64) % 10
    for trainer in contenders.installed(
        {
            "keras": contenders.by_keras(lambda: contenders.keras_mlp(3), "sgd", 32),
            "sklearn": contenders.by_sklearn(3, 32),
            "skorch": contenders.by_skorch(3, "adam", 32),
        }
    ).values():
        trainer(X, y, 1, 0)
    gc.collect()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=12000, help="of cnn ... transformer")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", action="store_true", help="summary as Markdown")
    parser.add_argument("--quick", action="store_true", help="600 images: does it run?")
    given = parser.parse_args()
    if not set(given.rows) <= set(ROWS):
        parser.error(f"the rows are {', '.join(ROWS)}")
    warnings.simplefilter("ignore", ConvergenceWarning)  # of scikit-learn's, after an epoch
    about = machine(PACKAGES)
    print(about, flush=True)
    data = load(*((600, 500) if given.quick else ()))
    print(f"{data.name}; {given.rounds} rounds in turn", flush=True)
    if given.quick:
        print("NOTE: --quick shows whether the rows run; its figures say nothing.", flush=True)
    run = Run(data, given.rounds, given.quick, given.images)
    start_libraries()
    failed = []
    for name, row in ROWS.items():
        if given.rows and name not in given.rows:
            continue
        start = time.perf_counter()
        try:
            row(run)
        except Exception:
            traceback.print_exc()
            failed.append(name)
        print(f"({time.perf_counter() - start:.0f} s)", flush=True)
        gc.collect()
    head = ["row", "compared", "measured", "target", "reached"]
    lines = [head, *(check.cells() for check in run.checks)]
    summary = table(lines, n_left=2, markdown=given.markdown)
    print(f"\n## Summary\n\n{about}\n{data.name}; {given.rounds} rounds\n\n{summary}")
    if given.json:
        checks = [{**asdict(check), "reached": check.reached} for check in run.checks]
        with open(given.json, "w") as file:
            json.dump({"about": about, "rows": run.results, "checks": checks}, file, indent=1)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
