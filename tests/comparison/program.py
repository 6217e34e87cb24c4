"""Comparisons that are killed and resumed: a program, for ``test_resume.py``.

``python -m tests.comparison.program FOLDER LOG SUITE`` compares with the memory in FOLDER, notes
every fit in LOG, prints a line as each step ends, and what came out as the last one.
"""

import hashlib
import os
import pickle
import sys
import time

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from skmnist import MLPClassifier, compare

X, y = load_digits(return_X_y=True)
X, y = X[:200] / 16, y[:200]


class Noted(ClassifierMixin, BaseEstimator):
    """A slow model that notes its fits in the file that the environment names."""

    def __init__(self, name, model):
        self.name = name
        self.model = model

    def fit(self, X, y):
        with open(os.environ["CMP_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{self.name} {hashlib.md5(X.tobytes()).hexdigest()}\n")
        time.sleep(0.05)
        self.model_ = self.model.fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


SUITES = {
    "quick": {
        "a": GaussianNB(var_smoothing=1e-3),
        "b": GaussianNB(var_smoothing=0.1),
        "c": DecisionTreeClassifier(random_state=0),
        "d": DecisionTreeClassifier(max_features=0.5, random_state=1),
    },
    "network": {
        "a": MLPClassifier((8,), epochs=2, learning_rate=0.01, random_state=0),
        "b": GaussianNB(var_smoothing=0.1),
    },
}


def run(folder, suite, progress=None):
    """Return the comparison."""
    models = {name: Noted(name, model) for name, model in SUITES[suite].items()}
    return compare(
        models, X, y, cv=3, scoring=["accuracy", "neg_log_loss"], memory=folder, progress=progress
    )


def content(comparison):
    """Return all of a comparison but what it cost."""
    return {
        "rows": [
            [
                row.model,
                *(
                    (f.scores, f.test.tolist(), f.predicted.tolist(), f.probabilities.tolist())
                    for f in row.folds
                ),
            ]
            for row in comparison.rows
        ],
        "differences": [vars(difference) for difference in comparison.differences],
        "table": [[*line[:5], line[7]] for line in comparison.table()],
    }


def tell(step):
    """Print that a step ended: its result is on disk then."""
    if step.result is not None:
        print("done", step.model, step.fold, int(step.stored), flush=True)


if __name__ == "__main__":
    folder, os.environ["CMP_LOG"], suite = sys.argv[1:]
    found = content(run(folder, suite, tell))
    print(pickle.dumps(found).hex(), flush=True)
