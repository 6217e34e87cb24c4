import gzip
import json

import numpy as np
import pytest
from PIL import Image

from skmnist import datasets
from skmnist.cli._data import (
    has_test_images,
    holds_out,
    load_both_parts,
    load_images,
    load_part,
    stratified,
)
from tests.cli.cases import IMAGES, LABELS, assert_mistake, run, write_idx


def test_limit_is_stratified_shuffled_and_nested():
    y = np.repeat([0, 1, 2], [600, 300, 100])
    chosen = stratified(y, 100, seed=0)
    assert np.bincount(y[chosen]).tolist() == [60, 30, 10]
    assert len(set(chosen)) == 100
    assert chosen[:60].max() > 500
    assert set(chosen) < set(stratified(y, 200, seed=0))
    assert set(chosen) != set(stratified(y, 100, seed=1))
    assert stratified(y, 999, seed=0).shape == (999,)


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


def test_unknown_data():
    assert_mistake(run("reproduce", "--data", "minst"), "'minst'", "Did you mean 'mnist'?")
    assert_mistake(run("compare", "--data", "fasion"), "'fasion'", "Did you mean 'fashion'?")


def test_file_of_another_kind(tmp_path):
    file = tmp_path / "digits.parquet"
    file.write_text("0")
    assert_mistake(run("compare", "--data", file), "digits.parquet", ".npz", "np.savez")


def test_damaged_file(tmp_path):
    file = tmp_path / "digits.npz"
    file.write_text("no zip file")
    assert_mistake(run("compare", "--data", file), "digits.npz")


def test_folder_without_data(tmp_path):
    assert_mistake(run("compare", "--data", tmp_path), "train-images-idx3-ubyte")
    (tmp_path / "digits.npz").write_text("0")
    (tmp_path / "my-images-idx3-ubyte").write_text("0")
    (tmp_path / "notes.txt").write_text("0")
    result = run("compare", "--data", tmp_path)
    assert_mistake(result, "It holds digits.npz, my-images-idx3-ubyte: name one of these.")


def test_images_without_labels(idx):
    (idx / "train-labels-idx1-ubyte").unlink()
    assert_mistake(run("compare", "--data", idx), "train-labels-idx1-ubyte.gz")


def test_whether_there_are_test_images(npz, npz_of_both, idx):
    assert not has_test_images(npz)
    assert has_test_images(npz_of_both)
    assert not has_test_images(str(idx))
    write_idx(idx, "t10k", IMAGES[:9], LABELS[:9])
    assert has_test_images(str(idx))
    assert has_test_images("sample")


def test_limit_of_a_part(npz_of_both):
    part = load_part(npz_of_both, "test", limit=30, seed=1)
    assert part.images.shape == (30, 8, 8)
    assert set(np.unique(part.labels)) == set(range(10))
    again = load_part(npz_of_both, "test", limit=30, seed=1)
    assert np.array_equal(part.images, again.images)
    assert len(load_part(npz_of_both, "test", limit=999).labels) == 100


def test_names_of_labels_only_where_they_differ(npz_of_both, monkeypatch):
    assert load_part(npz_of_both, "train").names == {}

    def fetch(split, *, subset):
        assert (split, subset) == ("letters", "train")
        bunch = datasets.load_npz(npz_of_both, subset=subset)
        bunch.target = bunch.target + 1
        bunch.target_names = np.array(list("ABCDEFGHIJ"))
        return bunch

    monkeypatch.setattr(datasets, "fetch_emnist", fetch)
    names = load_part("emnist-letters", "train").names
    assert names[1] == "A" and names[10] == "J"


# Names of IDX files.


def place(folder, name, content, how):
    """Write a file of MNIST's name as some program or mirror leaves it."""
    if how == "dotted":
        name = name.replace("-idx", ".idx")
    elif how == "upper":
        name, content = f"{name.upper()}.GZ", gzip.compress(content)
    elif how == "nested":
        (folder / name).mkdir()
        name = f"{name}/{name}"
    elif how == "renamed":
        (folder / name).mkdir()
        name = f"{name}/data"
    elif how == "below":
        (folder / "gzip").mkdir(exist_ok=True)
        name, content = f"gzip/{name}.gz", gzip.compress(content)
    (folder / name).write_bytes(content)


def idx_contents(images, labels):
    big = np.array(images.shape, ">u4").tobytes()
    return (
        bytes([0, 0, 8, 3]) + big + np.ascontiguousarray(images).tobytes(),
        bytes([0, 0, 8, 1]) + big[:4] + labels.astype(np.uint8).tobytes(),
    )


def place_all(folder, prefix, parts, how, *, transposed=False):
    for part, (images, labels) in parts.items():
        images = images.swapaxes(1, 2) if transposed else images
        for kind, content in zip(
            ("images-idx3", "labels-idx1"), idx_contents(images, labels), strict=True
        ):
            place(folder, f"{prefix}{part}-{kind}-ubyte", content, how)


HOW = ["dotted", "upper", "nested", "renamed", "below", ""]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("test", ["t10k", "test"])
def test_names_of_idx_files_in_a_folder(tmp_path, how, test):
    parts = {"train": (IMAGES, LABELS), test: (IMAGES[:9], LABELS[:9])}
    place_all(tmp_path, "", parts, how)
    assert has_test_images(str(tmp_path)) and not holds_out(str(tmp_path))
    X, y, X_test, y_test = load_both_parts(str(tmp_path))
    assert np.array_equal(X, IMAGES) and np.array_equal(y, LABELS)
    assert np.array_equal(X_test, IMAGES[:9]) and np.array_equal(y_test, LABELS[:9])
    if how == "nested":  # the folder that stands for the file, and the file in it
        for data in (
            tmp_path / "train-images-idx3-ubyte",
            tmp_path / "train-images-idx3-ubyte" / "train-images-idx3-ubyte",
        ):
            assert len(load_part(str(data), "test").labels) == 9


@pytest.mark.parametrize("how", HOW)
def test_emnist_files_are_upright_and_complete(tmp_path, how):
    high = np.pad(IMAGES, ((0, 0), (0, 3), (0, 0)))
    parts = {"train": (high, LABELS + 1), "test": (high[:9], LABELS[:9] + 1)}
    place_all(tmp_path, "emnist-letters-", parts, how, transposed=True)
    data = str(tmp_path)
    X, y, X_test, y_test = load_both_parts(data)
    assert np.array_equal(X, high) and np.array_equal(y, LABELS + 1)
    assert np.array_equal(X_test, high[:9]) and np.array_equal(y_test, LABELS[:9] + 1)
    assert has_test_images(data)
    assert load_part(data, "train").names[1] == "A"
    file = next(
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and "train-im" in f"{path.parent.name}/{path.name}".lower()
    )
    assert len(load_part(str(file), "test").labels) == 9


def test_several_splits_of_emnist(tmp_path):
    for split in ("letters", "digits"):
        place_all(tmp_path, f"emnist-{split}-", {"train": (IMAGES, LABELS)}, "")
    result = run("compare", "--data", tmp_path)
    assert_mistake(result, "emnist-digits, emnist-letters", f"SKMNIST_DATA={tmp_path}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "gzip.zip").write_text("0")
    assert_mistake(
        run("compare", "--data", tmp_path / "other"), "gzip.zip", "--data emnist-letters"
    )


def test_missing_labels_are_told_with_what_there_is(tmp_path):
    place_all(tmp_path, "", {"train": (IMAGES, LABELS)}, "")
    (tmp_path / "train-labels-idx1-ubyte").rename(tmp_path / "labels-idx1.bin")
    result = run("compare", "--data", tmp_path)
    assert_mistake(result, "in train-labels-idx1-ubyte or", "There are labels-idx1.bin, train-im")


# Folders of pictures, and tables.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for index in range(100):
        page = 255 - np.kron(IMAGES[index], np.ones((4, 4), dtype=np.uint8))
        (folder / str(LABELS[index])).mkdir(exist_ok=True)
        Image.fromarray(page).save(folder / str(LABELS[index]) / f"{index:03}.png")
    return str(folder)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "digits.csv"
    rows = np.column_stack([LABELS, IMAGES.reshape(200, -1)])
    np.savetxt(path, rows, fmt="%d", delimiter=",")
    return str(path)


@pytest.mark.parametrize("kind", ["folder", "table"])
def test_a_fifth_is_held_out_of_one_part(kind, request):
    data = request.getfixturevalue(kind)
    assert holds_out(data) and has_test_images(data)
    whole, labels = load_images(data, None, 0)
    X, y, X_test, y_test = load_both_parts(data)
    assert len(y_test) == len(labels) // 5 and len(y) + len(y_test) == len(labels)
    assert set(y_test) == set(y) == set(range(10))
    rows = sorted(image.tobytes() for image in [*X, *X_test])
    assert rows == sorted(image.tobytes() for image in whole)


@pytest.mark.slow("compares networks")
@pytest.mark.parametrize("kind", ["folder", "table"])
def test_train_evaluate_compare(kind, request, tmp_path):
    data = request.getfixturevalue(kind)
    out = tmp_path / "knn.joblib"
    result = run("train", "knn", "--data", data, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    assert "has no test part: a fifth of its images" in result.stderr
    trained = json.loads(result.stdout)
    assert trained["n_test"] == {"folder": 20, "table": 40}[kind]
    assert trained["test_accuracy"] > 0.7
    result = run("evaluate", out, "--data", data, "--json")
    assert "has no test part" in result.stderr
    assert json.loads(result.stdout)["accuracy"] == trained["test_accuracy"]
    result = run("compare", "knn", "--data", data, "--folds", 2, "--fresh", "--json")
    assert result.exit_code == 0, result.output
    result = run("compare", "knn", "--data", data, "--test", "--fresh", "--json")
    assert result.exit_code == 0 and "has no test part" in result.stderr


def test_parts_of_folders_and_tables(folder, table, tmp_path):
    for part in ("train", "test"):
        (tmp_path / part).symlink_to(folder)
        (tmp_path / f"mnist_{part}.csv").symlink_to(table)
    assert not holds_out(str(tmp_path / "mnist_train.csv"))
    assert len(load_part(str(tmp_path / "mnist_train.csv"), "test").labels) == 200
    (tmp_path / "mnist_train.csv").rename(tmp_path / "train.csv")
    (tmp_path / "mnist_test.csv").unlink()
    # Kaggle's test images have no labels.
    np.savetxt(tmp_path / "test.csv", IMAGES.reshape(200, -1), fmt="%d", delimiter=",")
    assert holds_out(str(tmp_path / "train.csv"))
    for file in tmp_path.glob("*.csv"):
        file.unlink()
    assert not holds_out(str(tmp_path))
    assert len(load_part(str(tmp_path), "test").labels) == 100


def test_mistakes_in_folders_and_tables(folder, tmp_path):
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "bad.png").write_text("none")
    assert_mistake(run("compare", "--data", tmp_path), "bad.png")
    (tmp_path / "a.csv").write_text("1,2,3,4\n")
    assert_mistake(run("compare", "--data", tmp_path / "a.csv"), "no column of labels")
