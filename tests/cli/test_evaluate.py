import json

import numpy as np
import pytest
from sklearn.metrics import log_loss, precision_score, recall_score

from skmnist.cli._evaluation import evaluation_of
from skmnist.cli._model_files import load_model
from tests.cli.cases import IMAGES, LABELS, assert_mistake, run


@pytest.mark.parametrize("model", ["mlp.keras", "knn.joblib"])
def test_measures(model, trained):
    arguments = (trained / model, "--data", trained / "digits.npz", "--json")
    result = run("evaluate", *arguments)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    content = json.loads(result.stdout)
    X, y = IMAGES[::-2], LABELS[::-2]
    predicted, probabilities = load_model(str(trained / model)).predict(X)
    assert content["n"] == 100 and content["part"] == "test"
    assert content["accuracy"] == np.mean(predicted == y)
    assert content["interval"][0] < content["accuracy"] <= content["interval"][1]
    expected = log_loss(y, probabilities.astype(float))
    assert content["log_loss"] == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert [entry["n"] for entry in content["classes"]] == np.bincount(y).tolist()
    recalls = [entry["recall"] for entry in content["classes"]]
    assert recalls == pytest.approx(recall_score(y, predicted, average=None))
    n_wrong = sum(pair["n"] for pair in content["confusions"])
    assert n_wrong == np.sum(predicted != y)
    result = run("evaluate", *arguments[:3], "--part", "train", "--json", "--limit", 50)
    assert json.loads(result.stdout)["n"] == 50


def test_text(trained):
    result = run("evaluate", trained / "mlp.keras", "--data", trained / "digits.npz")
    lines = result.stdout.splitlines()
    assert "on 100 images of" in lines[0]
    assert lines[2].startswith("accuracy           ")
    assert lines[6].split() == ["class", "images", "recall", "precision"]
    assert [line.split()[0] for line in lines[7:17]] == list("0123456789")


def test_by_hand():
    labels = np.array([0, 0, 1, 1, 2])
    probabilities = np.array(
        [[0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0, 1, 0, 0], [0.6, 0.4, 0, 0], [0, 0.8, 0.2, 0]]
    )
    predicted = probabilities.argmax(axis=1)
    found = evaluation_of(labels, predicted, probabilities, np.arange(4))
    assert found.accuracy == 0.4
    # In bins: 0.9 right; 0.8 wrong twice; 1.0 right; 0.6 wrong.
    assert found.calibration_error == pytest.approx((0.1 + 2 * 0.8 + 0 + 0.6) / 5)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.2, 1, 0.4, 0.2]).mean())
    assert [entry.recall for entry in found.classes.values()] == [0.5, 0.5, 0.0, None]
    assert [entry.precision for entry in found.classes.values()] == [0.5, 1 / 3, None, None]
    pairs = [(pair.label, pair.predicted, pair.n) for pair in found.confusions]
    assert pairs == [(0, 1, 1), (1, 0, 1), (2, 1, 1)]
    text = found.report({0: None, 1: "one", 2: None, 3: None}, 2)
    assert "0 as 1 (one): 1" in text and "2 as 1" not in text
    assert "none" in text
    without = evaluation_of(labels, predicted, None, np.arange(4))
    assert without.log_loss is None and without.calibration_error is None
    expected = precision_score(labels, predicted, average=None, labels=range(2))
    assert [without.classes[label].precision for label in range(2)] == pytest.approx(expected)


def test_mistakes(trained, tmp_path):
    model = trained / "mlp.keras"

    def evaluate(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return run("evaluate", model, "--data", tmp_path / "a.npz")

    assert_mistake(evaluate(x_train=IMAGES, y_train=LABELS), "--part train")
    small = {"x_test": IMAGES[:, :7], "y_test": LABELS}
    assert_mistake(evaluate(**small), "takes images of 8 x 8 pixels", "7 x 8")
    assert_mistake(evaluate(x_test=IMAGES, y_test=LABELS + 5), "labels 10, 11", "unknown")
    assert_mistake(run("evaluate", model, "--data", "minst"), "Did you mean 'mnist'?")
    assert_mistake(run("evaluate", "lenet"), "There is no file 'lenet'")


def test_labels_that_mean_something_else(trained, monkeypatch):
    from skmnist import datasets
    from skmnist.datasets import _bunch

    def fetch(*, subset):
        names = [f"thing {label}" for label in range(10)]
        return _bunch.make_bunch(
            "f", IMAGES, LABELS, target_names=names, descr="", return_X_y=False, as_frame=False
        )

    monkeypatch.setattr(datasets, "fetch_fashion_mnist", fetch)
    result = run("evaluate", trained / "knn.joblib", "--data", "fashion")
    assert result.exit_code == 0
    assert "Note: the labels of fashion are not those of" in result.stderr
    assert "3 (thing 3)" in result.stdout
