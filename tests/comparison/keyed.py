"""Values of which the keys must be the same in every process; as a program, prints the keys."""

import functools

import numpy as np
import pandas as pd
from scipy import sparse, stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skmnist.comparison import MODELS, make_model
from skmnist.comparison._cache_keys import key_of


def helper(value):
    return value + 1


def uses(images, power=2):
    return [helper(image) ** power for image in images]


@functools.cache
def cached(value):
    return helper(value)


class Own(SVC):
    """A class of a user's."""

    names = {"a", "b", "c"}

    def fit(self, X, y):
        self.count_ = sum(helper(label) for label in {"x": 1, "y": 2}.values())
        return super().fit(X, y)

    @property
    def doubled(self):
        return 2 * self.C


def values():
    """Return the values by names."""
    return {
        "sets": [{"a", "b", "c", 1}, frozenset("abc")],
        "dict": {"b": 1, "a": [2.5, None, (True, "c")]},
        "array": np.arange(12).reshape(3, 4)[:, ::2],
        "texts": np.array(["a", None, 3], dtype=object),
        "frame": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        "sparse": sparse.csr_array(np.eye(3)),
        "random state": np.random.RandomState(3),
        "generator": np.random.default_rng(3),
        "scorers": [get_scorer("roc_auc_ovr"), make_scorer(uses, power=3)],
        "splitter": StratifiedKFold(3, shuffle=True),
        "kernel": RBF(2.0),
        "function": FunctionTransformer(uses),
        "partial": functools.partial(uses, power=3),
        "cached": cached,
        "own": Own(C=3),
        "grid": GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]}),
        "distributions": RandomizedSearchCV(
            SVC(), {"C": stats.loguniform(1, 100), "degree": stats.randint(1, 5)}
        ),
        "forest": RandomForestClassifier(random_state=1),
        **{name: make_model(name, random_state=0) for name in MODELS if name != "hog-svm"},
    }


def keys():
    """Return the keys by names."""
    return {name: key_of(value) for name, value in values().items()}


if __name__ == "__main__":
    import json

    from tests.comparison import keyed  # under the name that tests know it by

    print(json.dumps(keyed.keys()))
