"""The setting of output for a whole process changes no score of ours."""

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmnist import (
    Autoencoder,
    LeNetClassifier,
    MLPClassifier,
    MnistScaler,
    compare,
)
from skmnist.baselines import make_baseline
from skmnist.recipes import make_recipe

digits = load_digits()
X, y = digits.images[:120].astype(np.uint8) * 15, digits.target[:120]


def own(flatten, network):
    return make_pipeline(MnistScaler(flatten=flatten), network)


def recipe(name):
    return make_recipe(name, 0).set_params(net__epochs=1)


MODELS = {
    "rows": lambda: own(True, MLPClassifier((8,), epochs=1, random_state=0)),
    "images": lambda: own(False, LeNetClassifier((2,), epochs=1, random_state=0)),
    "embedding": lambda: make_pipeline(
        MnistScaler(flatten=False),
        Autoencoder(8, epochs=1, random_state=0),
        LogisticRegression(max_iter=50),
    ),
    "hog-svm": lambda: make_baseline("hog-svm"),
    "knn": lambda: make_baseline("knn"),
    "logistic-regression": lambda: make_baseline("logistic-regression"),
    "recipe:two-512": lambda: recipe("two-512"),
    "recipe:tf-quickstart": lambda: recipe("tf-quickstart"),
    "recipe:single-512": lambda: recipe("single-512"),
}


@pytest.mark.slow("compares networks")
@pytest.mark.parametrize("name", MODELS)
def test_pipelines(name):
    if name.startswith("hog"):
        pytest.importorskip("skimage")
    images = np.kron(X, np.ones((1, 4, 4), np.uint8))[:, 2:30, 2:30] if "recipe" in name else X
    method = "decision_function" if name == "hog-svm" else "predict_proba"
    plain = MODELS[name]().fit(images, y)
    expected, labels = getattr(plain, method)(images), plain.predict(images)
    for container in ("pandas", "polars"):
        with sklearn.config_context(transform_output=container):
            found = MODELS[name]().fit(images, y)
            # Frames have another order in memory, which scikit-learn's sums can tell.
            np.testing.assert_allclose(getattr(found, method)(images), expected, rtol=1e-3)
            np.testing.assert_array_equal(found.predict(images), labels)


@pytest.mark.slow("compares networks")
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_compare(container):
    models = {name: MODELS[name]() for name in ("rows", "images", "knn", "recipe:two-512")}
    expected = compare(models, X.reshape(120, 8, 8), y, cv=2)
    with sklearn.config_context(transform_output=container):
        found = compare(models, X, y, cv=2)
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert row.error is None
        assert row.model == other.model
        assert row.values("accuracy").tolist() == other.values("accuracy").tolist()
