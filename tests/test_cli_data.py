import numpy as np
import pytest
from cli_cases import IMAGES, LABELS, assert_mistake, run, write_idx

from skmnist import datasets
from skmnist.cli._data import has_test_images, load_both_parts, load_part, stratified


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
