"""Where a training step's time goes: operations of each network, and epochs alone beside Keras's.

Run ``SKMNIST_DATA=folder python benchmarks/steps.py [networks…] [--images 6400]`` on a machine with
nothing else to do.  Printed for each network:

- milliseconds a step of skmnist and of Keras's ``fit``, both from the second epoch on, the fastest
  of several: what is paid once a fit is left out;
- the operations of a step of skmnist, by TensorFlow's profiler, as shares of the time of them all;
- with ``--choices``, whole fits, the first and the second, with ``jit_compile=True`` and with
  ``dtype_policy="mixed_bfloat16"``.
"""

import argparse
import collections
import glob
import importlib
import tempfile
import time

import _start  # noqa: F401  before Keras
import keras
import tensorflow as tf
from _measure import load, machine, table

from skmnist.classifiers._families import FAMILIES

# Those of the recipes; all others are measured with their defaults.
OWN = {
    "mlp": {"batch_size": 32, "dropout": 0.0},
    "lenet": {"batch_size": 128, "optimizer": "rmsprop"},
}
NETWORKS = {
    name: (family.classifier, family.builder, OWN.get(name, {"batch_size": 32}))
    for name, family in FAMILIES.items()
}
CHOICES = ({}, {"jit_compile": True}, {"dtype_policy": "mixed_bfloat16"})


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch but the first."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def __deepcopy__(self, memo):  # the estimator's copy notes them in the same list
        return self

    def on_epoch_begin(self, epoch, logs=None):
        """Note when the epoch begins."""
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Note how long it took."""
        if epoch:
            self.seconds.append(time.perf_counter() - self.began)


def estimator(name, **params):
    """Return skmnist's estimator, at a constant learning rate as Keras has it."""
    cls, _, own = NETWORKS[name]
    rate = {"learning_rate": 0.001, "learning_rate_schedule": None}
    return cls(**{**own, **rate, "random_state": 0, **params})


def model(name):
    """Return the same network, compiled for Keras's ``fit``."""
    _, build, own = NETWORKS[name]
    kind = {k: v for k, v in own.items() if k == "dropout"}
    made = build((28, 28, 1), 10, seed=0, **kind)
    optimizer = own.get("optimizer", "adam")
    made.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def milliseconds(name, X, y, rounds):
    """Return milliseconds a step of skmnist and of Keras, in turn."""
    images, batch_size = X.reshape(-1, 28, 28, 1), NETWORKS[name][2]["batch_size"]
    ours, theirs, kerases = [], [], model(name)
    for _ in range(rounds):
        estimator(name, epochs=3, callbacks=[Clock(ours)]).fit(X, y)
        kerases.fit(
            images, y, batch_size=batch_size, epochs=3, verbose=0, callbacks=[Clock(theirs)]
        )
    n_steps = -(-len(X) // batch_size)
    return [1000 * min(seconds) / n_steps for seconds in (ours, theirs)]


def operations(name, X, y):
    """Return the share of each kind of operation in the time of all of them."""
    trained = estimator(name, epochs=1)
    trained.fit(X, y)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        trained.fit(X, y)
        tf.profiler.experimental.stop()
        planes = importlib.import_module("tensorflow.tsl.profiler.protobuf.xplane_pb2").XSpace()
        with open(glob.glob(f"{folder}/**/*.xplane.pb", recursive=True)[0], "rb") as file:
            planes.ParseFromString(file.read())
    spent = collections.Counter()
    for plane in planes.planes:
        for line in plane.lines if "CPU" in plane.name else ():
            for event in line.events:
                called = plane.event_metadata[event.metadata_id].name
                kind = called.rpartition(":")[2].partition("#")[0]
                # Operations are "name:Kind"; calls of whole functions contain the others.
                is_operation = ":" in called and "::" not in called
                is_operation = is_operation and kind.lstrip("_")[:1].isupper()
                if is_operation and kind not in ("While", "StatefulPartitionedCall", "_SOURCE"):
                    spent[kind] += event.duration_ps
    total = sum(spent.values())
    return {kind: duration / total for kind, duration in spent.most_common(8)}


def seconds_of_fits(name, X, y, params):
    """Return seconds of a first and of a second fit of an epoch."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        estimator(name, epochs=1, **params).fit(X, y)
        seconds.append(time.perf_counter() - began)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), metavar="network")
    parser.add_argument("--images", type=int, default=6400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--choices", action="store_true")
    options = parser.parse_args()
    unknown = set(options.networks) - set(NETWORKS)
    if unknown:
        parser.error(f"no network {sorted(unknown)}; there are {', '.join(NETWORKS)}")
    print(machine(("keras", "tensorflow", "numpy")))
    data = load()
    X, y = data.first(options.images)
    print(f"{data.name}, {len(X):,} images\n")
    for name in options.networks:
        ours, theirs = milliseconds(name, X, y, options.rounds)
        shares = ", ".join(f"{kind} {share:.0%}" for kind, share in operations(name, X, y).items())
        print(f"{name}: {ours:.2f} ms a step, Keras {theirs:.2f} ({theirs / ours:.2f} x)")
        print(f"    {shares}", flush=True)
        if options.choices:
            rows = [["fit of 1,000 images", "first s", "second s"]]
            for params in CHOICES:
                first, second = seconds_of_fits(name, X[:1000], y[:1000], params)
                rows.append([params or "default", f"{first:.2f}", f"{second:.2f}"])
            print(table(rows), flush=True)


if __name__ == "__main__":
    main()
