"""How skmnist, scikeras and Keras's own wrapper keep scikit-learn's contract, side by side.

Run ``python benchmarks/contract.py``.  For each wrapper around the same network (64 hidden units
on scikit-learn's 8 x 8 digits):

- how many of scikit-learn's estimator checks pass and fail;
- the accuracy of ``GridSearchCV(cv=3)`` on data sorted by class, where a classifier that is not
  recognised as one gets folds of classes it has never seen;
- how many epochs a clone trains that was asked for 3;
- the median time of predicting one image, and of a fit of one epoch on 500 images, both as ratios
  to skmnist, from rounds in turn within this process.
"""

import logging
import os
import platform
import statistics
import sys
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import scikeras.wrappers
import sklearn
import tensorflow as tf
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import check_estimator

import skmnist

warnings.simplefilter("ignore")
logging.getLogger("tensorflow").setLevel(logging.ERROR)


def network(n_features, n_classes):
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def for_scikeras(meta):
    return network(meta["n_features_in_"], meta["n_classes_"])


def for_keras(X, y):
    n_classes = y.shape[1] if np.ndim(y) > 1 else len(np.unique(y))
    model = network(X.shape[1], n_classes)
    model.compile("adam", "categorical_crossentropy")
    return model


def for_skmnist(meta):
    return network(meta["n_features_in_"], meta["n_classes_"])


def estimators(epochs):
    return {
        "skmnist": skmnist.KerasClassifier(for_skmnist, epochs=epochs, random_state=0),
        "scikeras": scikeras.wrappers.KerasClassifier(
            for_scikeras,
            optimizer="adam",
            loss="sparse_categorical_crossentropy",
            epochs=epochs,
            verbose=0,
            random_state=0,
        ),
        "keras.wrappers": keras.wrappers.SKLearnClassifier(
            for_keras, fit_kwargs={"epochs": epochs, "verbose": 0}
        ),
    }


def count_checks(estimator):
    with open(os.devnull, "w") as sink:
        stdout, sys.stdout = sys.stdout, sink
        try:
            results = check_estimator(estimator, on_fail=None)
        finally:
            sys.stdout = stdout
    status = [result["status"] for result in results]
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    return status.count("passed"), failed


def grid_on_sorted(estimator, X, y):
    """Return the score of a grid of one candidate on data sorted by class."""
    order = np.argsort(y, kind="stable")
    grid = {"epochs": [10]} if "epochs" in estimator.get_params() else {"warm_start": [False]}
    search = GridSearchCV(estimator, grid, cv=3, error_score=np.nan)
    return search.fit(X[order], y[order]).best_score_


def epochs_of_a_clone(estimator, X, y):
    history = clone(estimator).fit(X, y).history_
    history = getattr(history, "history", history)
    return len(history["loss"])


def medians(functions, rounds):
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main():
    X, y = load_digits(return_X_y=True)
    X = X.astype(np.float32) / 16
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, scikit-learn "
        f"{sklearn.__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}, "
        f"scikeras {scikeras.__version__}, skmnist {skmnist.__version__}\n"
    )
    rows = {}
    for name, estimator in estimators(epochs=30).items():
        passed, failed = count_checks(estimator)
        rows[name] = [f"{passed} / {len(failed)}"]
        print(f"{name} fails: {', '.join(dict.fromkeys(failed)) or 'none'}\n")
    devnull = open(os.devnull, "w")  # noqa: SIM115
    stdout, sys.stdout = sys.stdout, devnull  # one of the peers cannot be silenced
    try:
        for name, estimator in estimators(epochs=10).items():
            rows[name].append(f"{grid_on_sorted(estimator, X, y):.3f}")
        for name, estimator in estimators(epochs=3).items():
            rows[name].append(str(epochs_of_a_clone(estimator, X, y)))
        fitted = {n: e.fit(X[:500], y[:500]) for n, e in estimators(epochs=1).items()}
        for estimator in fitted.values():
            estimator.predict(X[:1])
        one = medians({n: lambda e=e: e.predict(X[:1]) for n, e in fitted.items()}, 30)
        fit = medians(
            {n: lambda e=e: e.fit(X[:500], y[:500]) for n, e in estimators(epochs=1).items()}, 10
        )
    finally:
        sys.stdout = stdout
    for times in (one, fit):
        for name, seconds in times.items():
            rows[name].append(f"{seconds * 1e3:.1f} ms ({seconds / times['skmnist']:.1f} x)")
    head = ["", "checks passed / failed", "GridSearchCV on sorted classes"]
    head += ["epochs of a clone asked for 3", "predict one image", "fit 500 images, 1 epoch"]
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for name, cells in rows.items():
        print("| " + " | ".join([name, *cells]) + " |")


if __name__ == "__main__":
    main()
