"""Accuracies on the real test images; needs the folder that SKMNIST_DATA names."""

import os
from pathlib import Path

import pytest

from skmnist import LeNetClassifier, MLPClassifier
from skmnist.datasets import fetch_mnist
from skmnist.recipes import reproduce

_FOLDER = os.environ.get("SKMNIST_DATA", "")

pytestmark = [
    pytest.mark.slow("trains on all of MNIST"),
    pytest.mark.skipif(
        not (_FOLDER and Path(_FOLDER, "mnist.npz").exists()),
        reason="SKMNIST_DATA does not name a folder with mnist.npz",
    ),
]


@pytest.fixture(scope="module")
def mnist():
    train = fetch_mnist(subset="train", return_X_y=True)
    test = fetch_mnist(subset="test", return_X_y=True)
    assert len(train[0]) == 60_000
    assert len(test[0]) == 10_000
    return *train, *test


def test_mlp_as_in_the_quickstart(mnist):
    """Flatten, 128 ReLU, dropout 0.2, softmax; Adam, 5 epochs, batches of 32: the defaults."""
    X_train, y_train, X_test, y_test = mnist
    classifier = MLPClassifier(random_state=0).fit(X_train, y_train)
    layers = [type(layer).__name__ for layer in classifier.model_.layers]
    assert layers == ["InputLayer", "Flatten", "Dense", "Dropout", "Dense"]
    assert (classifier.n_iter_, classifier.batch_size, classifier.optimizer) == (5, 32, "adam")
    assert classifier.score(X_test, y_test) >= 0.973


def test_lenet(mnist):
    X_train, y_train, X_test, y_test = mnist
    classifier = LeNetClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    assert classifier.score(X_test, y_test) >= 0.98


def test_quickstart_recipe(mnist):
    """One seed cannot fail what is documented by chance alone: only clear losses are asked for."""
    report = reproduce("tf-quickstart", *mnist, seeds=[0])
    assert report.comparable
    (recipe,) = report.recipes
    (run,) = recipe.runs
    assert {check.name for check in recipe.checks if check.documented is not None} == {
        "test_accuracy",
        "test_loss",
        "train_accuracy",
        "train_loss",
    }
    assert run.figures["test_accuracy"] >= 0.973
    assert run.figures["test_loss"] <= 0.0867
    assert abs(run.figures["train_accuracy"] - 0.9764) < 0.003
