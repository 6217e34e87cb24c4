import json

import numpy as np
import pytest

from skmnist import LeNetClassifier
from tests.cli.cases import IMAGES, LABELS, assert_mistake, run, write_idx


def test_reproduce_prints_table_on_stdout_and_progress_on_stderr(npz_of_both):
    arguments = ("--data", npz_of_both, "--seeds", 2)
    result = run("reproduce", "single-512", "tiny-15", *arguments)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    names = [line.split()[0] for line in lines[2:7] if not line.startswith(" ")]
    assert names == ["single-512", "tiny-15"]
    assert "200 training and 100 test images. Seeds: 0, 1." in result.stdout
    assert "nothing is compared" in " ".join(result.stdout.split())
    assert max(map(len, lines)) <= 80
    progress = result.stderr.splitlines()
    assert progress[0] == f"Fitting 2 recipes to 200 images of {npz_of_both}, with 2 seeds each."
    assert [line.split(": ")[0] for line in progress[1:]] == [
        "[1/4] single-512 seed 0",
        "[2/4] single-512 seed 1",
        "[3/4] tiny-15 seed 0",
        "[4/4] tiny-15 seed 1",
    ]
    assert "test accuracy 0." in progress[1]


def test_reproduce_json_is_all_of_stdout(npz_of_both):
    result = run("reproduce", "tiny-15", "--data", npz_of_both, "--seeds", 1, "--json")
    content = json.loads(result.stdout)
    assert content["data"] == npz_of_both
    assert content["recipes"][0]["recipe"] == "tiny-15"
    assert content["recipes"][0]["holds"] is None


@pytest.mark.slow("trains for a whole recipe")
def test_figures_that_differ_set_the_exit_code(npz_of_both, monkeypatch):
    monkeypatch.setattr("skmnist.recipes._reproduce._is_mnist", lambda *data: True)
    result = run("reproduce", "single-512", "--data", npz_of_both, "--seeds", 2)
    assert result.exit_code == 1
    assert "differs by" in result.stdout
    told = "single-512 does not reproduce its documented train accuracy: 0.988 documented"
    assert told in " ".join(result.stdout.split())
    result = run("reproduce", "tiny-15", "--data", npz_of_both, "--seeds", 1)
    assert result.exit_code == 0  # nothing is documented


@pytest.mark.slow("trains for a whole recipe")
def test_reproduce_takes_idx_files(idx, npz_of_both):
    write_idx(idx, "t10k", IMAGES[::-2], LABELS[::-2])

    def figures(data):
        result = run("reproduce", "tiny-15", "--data", data, "--seeds", 1, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["recipes"][0]["figures"]

    assert figures(idx) == figures(idx / "train-images-idx3-ubyte") == figures(npz_of_both)


def test_failed_recipe_is_reported_and_sets_the_exit_code(npz_of_both, monkeypatch):
    def fit(self, X, y):
        raise ValueError("no ink")

    monkeypatch.setattr(LeNetClassifier, "fit", fit)
    result = run("reproduce", "lenet", "tiny-15", "--data", npz_of_both, "--seeds", 1)
    assert result.exit_code == 1
    assert "[1/2] lenet seed 0: failed, ValueError: no ink" in result.stderr
    assert "[2/2] tiny-15 seed 0: test accuracy" in result.stderr
    assert "lenet failed with seed 0: ValueError: no ink" in result.stdout


def test_ctrl_c_while_reproducing(npz_of_both, monkeypatch):
    def fit(self, X, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(LeNetClassifier, "fit", fit)
    result = run("reproduce", "lenet", "--data", npz_of_both)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[-1] == "Interrupted."


def test_unknown_recipe():
    assert_mistake(run("reproduce", "lennet"), "recipe 'lennet'", "Did you mean 'lenet'?")


def test_no_test_images(npz, idx):
    assert_mistake(run("reproduce", "tiny-15", "--data", npz), "x_test")
    assert_mistake(run("reproduce", "tiny-15", "--data", idx), "t10k-images-idx3-ubyte.gz")
    (idx / "train-images-idx3-ubyte").rename(idx / "images-idx3-ubyte")
    (idx / "train-labels-idx1-ubyte").rename(idx / "labels-idx1-ubyte")
    arguments = ("reproduce", "tiny-15", "--data", idx / "images-idx3-ubyte")
    assert_mistake(run(*arguments), "train-images-idx3-ubyte")


def test_test_images_of_another_size(tmp_path):
    file = tmp_path / "sizes.npz"
    np.savez(file, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:, :5], y_test=LABELS)
    result = run("reproduce", "tiny-15", "--data", file)
    assert result.exit_code == 2
    assert "must have the same shape, got (8, 8) and (5, 8)" in result.stderr


@pytest.mark.parametrize("option", [("--seeds", 0)])
def test_option_out_of_range(option):
    result = run("reproduce", *option)
    assert result.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr
