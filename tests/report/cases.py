"""Comparisons for the tests of the report: a measured one, and quick ones that are made up."""

import functools

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skmnist import MLPClassifier, MnistScaler, compare
from skmnist.comparison import Comparison, Fold, Row
from skmnist.comparison._differences import find_differences

EVIL = "</script><script>window.hacked=1</script>\"><img src=x onerror=window.hacked=1> & 'q'"


class Failing(ClassifierMixin, BaseEstimator):
    """Fails, with an error that is HTML."""

    def fit(self, X, y):
        raise RuntimeError(f"cannot fit {EVIL}")

    def predict(self, X):
        return np.zeros(len(X), int)


@functools.cache
def measured():
    """Networks, models with and without probabilities, one that fails; three metrics."""
    X, y = load_digits(return_X_y=True)
    network = MLPClassifier(epochs=2, validation_fraction=0.2, random_state=0)
    models = {
        "mlp": make_pipeline(MnistScaler(), network),
        "knn": "knn",
        "naive-bayes": "naive-bayes",
        EVIL: make_pipeline(MnistScaler(), LinearSVC()),
        "broken": Failing(),
    }
    scoring = ["accuracy", "f1_macro", "neg_log_loss"]
    return compare(models, X[:500], y[:500], cv=3, scoring=scoring, data="digits & <b>more</b>")


def made(
    n_models=3,
    classes=tuple(range(10)),
    shape=(36,),
    n=120,
    n_folds=3,
    *,
    names=None,
    right=0.8,
    probabilities=True,
    history=False,
    failed=(),
    unscored=(),
    X=None,
    data="made up",
    estimator=None,
):
    """Return a comparison with made-up predictions; one fold stands for a fixed test set."""
    random = np.random.default_rng(0)
    classes = np.array(classes)
    y = classes[np.arange(n) % len(classes)]
    X = random.integers(0, 256, (n, *shape)).astype(np.uint8) if X is None else X
    names = [f"model {i}" for i in range(n_models)] if names is None else names
    rows = []
    for i, name in enumerate(names):
        folds = []
        for test in np.array_split(random.permutation(n), n_folds):
            if i in failed:
                folds.append(Fold(error="ValueError: it does not work"))
                break
            hit = random.random(len(test)) < right - 0.02 * i
            predicted = np.where(hit, y[test], random.choice(classes, len(test)))
            known = random.dirichlet(np.ones(len(classes)), len(test)).astype(np.float32)
            known[np.arange(len(test)), np.searchsorted(classes, predicted)] += 1
            curves = {"loss": [1.0, 0.5, 0.3], "val_loss": [0.9, 0.6, 0.7]}
            accuracy = float(np.mean(predicted == y[test]))
            folds.append(
                Fold(
                    scores={"accuracy": np.nan if i in unscored else accuracy},
                    reasons={"accuracy": "made up"} if i in unscored else {},
                    fit_seconds=0.5 + i,
                    predict_microseconds=20.0 - i,
                    n_parameters=1234 if i == 0 else None,
                    pickled_bytes=10**6 * (i + 1),
                    test=test,
                    predicted=predicted,
                    probabilities=known / known.sum(axis=1, keepdims=True)
                    if probabilities
                    else None,
                    history=curves if history else None,
                )
            )
        model = KNeighborsClassifier() if estimator is None else estimator
        rows.append(Row(name, model, tuple(folds), 0.5))
    good = [i for i in range(len(names)) if i not in failed]
    order = sorted(good, key=lambda i: -np.nan_to_num(rows[i].mean("accuracy")))
    tested = [rows[i] for i in order if i not in unscored]
    return Comparison(
        rows=tuple(rows[i] for i in [*order, *failed]),
        metrics=("accuracy",),
        differences=find_differences(tested, "accuracy", y, rope=0.01, alpha=0.05),
        X=X,
        y=y,
        classes=classes,
        n_images=n,
        n_folds=n_folds,
        fixed_test=n_folds == 1,
        random_state=None,
        rope=0.01,
        alpha=0.05,
        n_cores=1,
        machine="Linux x86_64",
        versions={"skmnist": "0.1.0", "Python": "3.11.7"},
        data=data,
    )
