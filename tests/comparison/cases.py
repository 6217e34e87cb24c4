"""What the tests of comparisons share: small images, and models that do odd things."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits

DIGITS = load_digits()
X, y = DIGITS.data[:300], DIGITS.target[:300]
NUMBERED = np.column_stack([np.arange(300), np.zeros(300)])


class Recorder(ClassifierMixin, BaseEstimator):
    """Notes which images it is given, by their first pixel."""

    seen = {}

    def __init__(self, name="recorder"):
        self.name = name

    def _note(self, what, X):
        first = np.asarray(X).reshape(len(X), -1)[:, 0]
        self.seen.setdefault(self.name, []).append((what, first.tolist()))

    def fit(self, X, y):
        self._note("fit", X)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self._note("predict", X)
        return np.full(len(X), self.classes_[0])


class Failing(ClassifierMixin, BaseEstimator):
    """Raises in one of its methods; in fit, only without a certain image if one is named."""

    def __init__(self, where="fit", error=RuntimeError, image=None):
        self.where = where
        self.error = error
        self.image = image

    def _fail_in(self, where):
        if where == self.where:
            raise self.error("cannot\n" + where)

    def fit(self, X, y):
        if self.image is None or self.image not in X[:, 0]:
            self._fail_in("fit")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self._fail_in("predict")
        return np.resize(self.classes_, len(X))

    def predict_proba(self, X):
        self._fail_in("predict_proba")
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


class Constant(ClassifierMixin, BaseEstimator):
    """Says the same of all images."""

    def __init__(self, label=0):
        self.label = label

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.label)
