import errno
import json
import os
import signal
import subprocess
import sys
import zipfile

import joblib
import keras
import numpy as np
import pytest

from skmnist import KerasClassifier, MLPClassifier
from skmnist.cli._errors import UserError
from skmnist.cli._model_files import load_model
from skmnist.cli.train import parse_settings
from tests.cli.cases import IMAGES, LABELS, assert_mistake, run


def train(*arguments, data, out):
    return run("train", *arguments, "--data", data, "--out", out)


def facts_of(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("skmnist.json"))


# Files.


@pytest.mark.slow("many fits")
def test_keras_file_predicts_the_same_bits(npz_of_both, tmp_path, monkeypatch):
    fitted = []
    fit = MLPClassifier.fit

    def keep(self, X, y, **options):
        fitted.append(self)
        return fit(self, X, y, **options)

    monkeypatch.setattr(MLPClassifier, "fit", keep)
    out = tmp_path / "mlp.keras"
    result = train("mlp", "--epochs", 3, "--json", data=npz_of_both, out=out)
    assert result.exit_code == 0, result.output
    expected = fitted[0].predict_proba((IMAGES / np.float32(255)).astype(np.float32))
    labels, probabilities = load_model(str(out)).predict(IMAGES)
    assert np.array_equal(probabilities, expected)
    accuracy = json.loads(result.stdout)["test_accuracy"]
    assert accuracy == np.mean(labels[::-2] == LABELS[::-2])
    # For Keras and for KerasClassifier it is a file as any other.
    assert keras.saving.load_model(out).count_params() == facts_of(out)["n_parameters"]
    wrapped = KerasClassifier.from_keras(out, unit_pixels=True)
    assert np.array_equal(wrapped.predict_proba(IMAGES), expected)


@pytest.mark.parametrize("suffix", ["joblib", "pkl", "pickle"])
def test_pickles_hold_the_pipeline(suffix, npz_of_both, tmp_path):
    out = tmp_path / f"knn.{suffix}"
    assert train("knn", data=npz_of_both, out=out).exit_code == 0
    pipeline = joblib.load(out)
    assert pipeline.score(IMAGES, LABELS) == 1
    loaded = load_model(str(out))
    assert loaded.facts["model"] == "knn"
    assert loaded.image_shape == (8, 8)
    assert np.array_equal(loaded.predict(IMAGES)[0], LABELS)


def test_labels_and_names_survive(tmp_path):
    data, out = tmp_path / "odd.npz", tmp_path / "odd.keras"
    labels = np.where(LABELS < 5, 3, 70)
    np.savez(data, x_train=IMAGES, y_train=labels)
    assert train("mlp", "--epochs", 1, data=data, out=out).exit_code == 0
    loaded = load_model(str(out))
    assert loaded.classes.tolist() == [3, 70]
    assert set(loaded.predict(IMAGES)[0].tolist()) <= {3, 70}


def test_recipe_with_raw_pixels(npz_of_both, tmp_path):
    """A network that takes pixels from 0 to 255 is given such by the file too."""
    out = tmp_path / "raw.keras"
    from skmnist.recipes import RECIPES

    raw = next(name for name, recipe in RECIPES.items() if recipe.divisor is None)
    result = train(f"recipe:{raw}", "--epochs", 1, "--json", data=npz_of_both, out=out)
    assert result.exit_code == 0, result.output
    assert facts_of(out)["divisor"] == 1
    labels, _ = load_model(str(out)).predict(IMAGES[::-2])
    assert np.mean(labels == LABELS[::-2]) == json.loads(result.stdout)["test_accuracy"]


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_images_that_are_no_squares(name, tmp_path):
    data, out = tmp_path / "high.npz", tmp_path / "high.keras"
    high = np.pad(IMAGES, ((0, 0), (3, 4), (1, 2)))
    np.savez(data, x_train=high, y_train=LABELS, x_test=high[:50], y_test=LABELS[:50])
    result = train(name, "--epochs", 2, "--json", data=data, out=out)
    assert result.exit_code == 0, result.output
    loaded = load_model(str(out))
    assert loaded.image_shape == (15, 11)
    labels, _ = loaded.predict(high[:50])
    assert np.mean(labels == LABELS[:50]) == json.loads(result.stdout)["test_accuracy"]


def test_facts(npz_of_both, tmp_path):
    out = tmp_path / "mlp.keras"
    options = ("--set", "hidden_layer_sizes=[7]", "--set", "optimizer=sgd", "--seed", 5)
    result = train("mlp", *options, "--limit", 150, "--json", data=npz_of_both, out=out)
    told = json.loads(result.stdout)
    written = facts_of(out)
    assert told["file"] == str(out) and told["bytes"] == out.stat().st_size
    expected = {k: v for k, v in told.items() if k not in ("file", "bytes")}
    assert written == {"format": 1, **expected}
    assert written["settings"] == {"hidden_layer_sizes": [7], "optimizer": "sgd"}
    assert written["n_parameters"] == 64 * 7 + 7 + 7 * 10 + 10
    assert (written["n_train"], written["n_test"], written["seed"]) == (150, 100, 5)
    assert written["image_shape"] == [8, 8]
    assert written["box"] == 8
    low, high = written["test_interval"]
    assert low < written["test_accuracy"] < high


@pytest.mark.slow("many fits")
def test_same_seed_same_model(npz_of_both, tmp_path):
    def probabilities(seed):
        out = tmp_path / f"{seed}.keras"
        result = train("mlp", "--epochs", 1, "--seed", seed, "--force", data=npz_of_both, out=out)
        assert result.exit_code == 0, result.output
        return load_model(str(out)).predict(IMAGES)[1]

    assert np.array_equal(probabilities(1), probabilities(1))
    assert not np.array_equal(probabilities(1), probabilities(2))


def test_output(npz, npz_of_both, tmp_path):
    result = train("mlp", "--epochs", 2, data=npz_of_both, out=tmp_path / "mlp.keras")
    assert result.exit_code == 0
    progress = result.stderr.splitlines()
    assert progress[0] == f"Training mlp on 200 images of {npz_of_both}."
    assert progress[1].startswith("Epoch 1/2  loss ")
    assert progress[2].startswith("Epoch 2/2  loss ")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Fitted in ") and "2 epochs" in lines[0]
    assert lines[1].startswith("Accuracy on 100 test images: ")
    assert "95 % interval" in lines[1]
    assert lines[2].startswith(f"Written to {tmp_path / 'mlp.keras'} (")

    result = train("knn", data=npz, out=tmp_path / "knn.joblib")
    assert "no test images" in result.stdout
    assert "epoch" not in result.output


def test_file_that_is_there_is_replaced_by_force_only(npz, tmp_path):
    out = tmp_path / "knn.joblib"
    out.write_text("precious")
    assert_mistake(train("knn", data=npz, out=out), "knn.joblib' is there already; --force")
    assert out.read_text() == "precious"
    assert train("knn", "--force", data=npz, out=out).exit_code == 0
    assert out.read_bytes() != b"precious"
    assert os.listdir(tmp_path).count("knn.joblib") == 1


# What must not leave a file.


@pytest.mark.parametrize("name", ["mlp.keras", "knn.joblib"])
def test_full_disk(name, npz, tmp_path, monkeypatch):
    def replace(*paths):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    folder = tmp_path / "out"
    folder.mkdir()
    result = train(name.partition(".")[0], data=npz, out=folder / name)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith(
        f"{name} could not be written: [Errno 28] No space left on device"
    )
    assert os.listdir(folder) == []


@pytest.mark.slow("starts the command, which loads TensorFlow")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_in_mid_training(npz, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    command = [sys.executable, "-m", "skmnist", "train", "mlp", "--data", npz]
    process = subprocess.Popen(
        [*command, "--epochs", "1000000", "--out", str(folder / "mlp.keras")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stderr:
            if line.startswith("Epoch 2/"):
                break
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in stderr
    assert os.listdir(folder) == []


def test_training_that_fails(npz, tmp_path, monkeypatch):
    def fit(self, *arguments, **options):
        raise FloatingPointError("the loss\nis NaN")

    monkeypatch.setattr(MLPClassifier, "fit", fit)
    result = train("mlp", data=npz, out=tmp_path / "mlp.keras")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "Error: Training failed: FloatingPointError: the loss is NaN"
    )
    assert not (tmp_path / "mlp.keras").exists()


# Mistakes of users.


@pytest.mark.parametrize(
    ("name", "out", "told"),
    [
        ("lennet", "a.keras", "Did you mean 'lenet'?"),
        ("recipe:lennet", "a.keras", "recipe:lenet"),
        ("knn", "a.keras", "holds networks only"),
        ("mlp", "a.h6", "--out must end in .keras"),
        ("mlp", "nowhere/a.keras", "There is no folder"),
        ("mlp", "folder.keras", "is a folder"),
    ],
)
def test_wrong_names(name, out, told, npz, tmp_path):
    (tmp_path / "folder.keras").mkdir()
    assert_mistake(train(name, data=npz, out=tmp_path / out), told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("mlp", "--set", "dropuot=0.1"), "dropuot"),
        (("mlp", "--set", "dropout"), "--set takes NAME=VALUE"),
        (("mlp", "--set", "hidden_layer_sizes=[1"), "not a list or text"),
        (("knn", "--epochs", "3"), "not trained in epochs"),
    ],
)
def test_wrong_settings(options, told, npz, tmp_path):
    result = train(*options, data=npz, out=tmp_path / "a.pkl")
    assert_mistake(result, told)


def test_wrong_value(npz, tmp_path):
    result = train("mlp", "--set", "dropout=7", data=npz, out=tmp_path / "a.keras")
    assert result.exit_code == 2
    assert "'dropout' parameter of MLPClassifier" in result.stderr.splitlines()[-1]


def test_settings_are_literals_or_text():
    given = ["a=[128, 64]", "b=0.5", "c=None", "d=adam", "e=x=y", "f=True", "g='1'", "h__i=2"]
    assert parse_settings(given) == {
        "a": [128, 64],
        "b": 0.5,
        "c": None,
        "d": "adam",
        "e": "x=y",
        "f": True,
        "g": "1",
        "h__i": 2,
    }
    for wrong in ("a", "=1", "a b=1", "a=__import__('os')", "a=[x]"):
        with pytest.raises(UserError):
            parse_settings([wrong])


def test_steps_of_the_pipeline_can_be_set(npz, tmp_path):
    options = ("knn", "--set", "n_neighbors=1", "--set", "mnistscaler__scale=16.0")
    result = train(*options, data=npz, out=tmp_path / "knn.joblib")
    assert result.exit_code == 0, result.output
    pipeline = joblib.load(tmp_path / "knn.joblib")
    assert pipeline[-1].n_neighbors == 1
    assert pipeline[0].scale_ == 16
