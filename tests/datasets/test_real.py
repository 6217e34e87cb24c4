"""The real MNIST and Fashion-MNIST, where they are on this computer."""

import subprocess
import sys
import time

import numpy as np
import pytest

from skmnist.datasets import fetch_fashion_mnist, fetch_mnist, load_idx, load_npz

TRAIN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.usefixtures("real_data")
@pytest.mark.parametrize(
    "subset, counts, first",
    [
        ("train", TRAIN, [5, 0, 4, 1, 9]),
        ("test", TEST, [7, 2, 1, 0, 4]),
        ("all", np.add(TRAIN, TEST), [5, 0, 4, 1, 9]),
    ],
)
def test_mnist(subset, counts, first):
    mnist = fetch_mnist(subset=subset, download_if_missing=False)
    assert mnist.images.shape == (sum(counts), 28, 28)
    assert mnist.data.shape == (sum(counts), 784)
    assert mnist.images.dtype == np.uint8
    assert np.shares_memory(mnist.data, mnist.images)
    assert mnist.target.dtype == np.int64
    assert np.bincount(mnist.target).tolist() == list(counts)
    assert mnist.target[:5].tolist() == first


@pytest.mark.slow("reads all of Fashion-MNIST")
@pytest.mark.usefixtures("real_data")
def test_fashion_mnist():
    train = fetch_fashion_mnist(download_if_missing=False)
    test = fetch_fashion_mnist(subset="test", download_if_missing=False)
    X, y = fetch_fashion_mnist(subset="all", download_if_missing=False, return_X_y=True)
    assert np.bincount(train.target).tolist() == [6000] * 10
    assert np.bincount(test.target).tolist() == [1000] * 10
    assert train.target_names[train.target[0]] == "Ankle boot"
    assert len(X) == 70_000
    np.testing.assert_array_equal(y, np.concatenate([train.target, test.target]))
    np.testing.assert_array_equal(X[60_000:], test.data)


@pytest.mark.usefixtures("real_data")
def test_frame():
    mnist = fetch_mnist(subset="test", download_if_missing=False, as_frame=True)
    assert mnist.frame.shape == (10_000, 785)
    assert list(mnist.data.columns) == mnist.feature_names
    assert mnist.target.value_counts().sort_index().tolist() == TEST


def test_npz_and_idx_hold_the_same(real_data):
    idx = real_data / "mnist-idx"
    npz = load_npz(real_data / "mnist.npz", subset="test")
    bunch = load_idx(idx / "t10k-images-idx3-ubyte.gz", idx / "t10k-labels-idx1-ubyte.gz")
    np.testing.assert_array_equal(npz.images, bunch.images)
    np.testing.assert_array_equal(npz.target, bunch.target)


@pytest.mark.slow("reads all of MNIST twice")
def test_idx_files_are_as_good_as_the_npz(real_data, home, tmp_path, monkeypatch):
    expected = load_npz(real_data / "mnist.npz", subset="train")
    for files in ("mnist-idx", "."):
        folder = tmp_path / f"only-{files}"
        (folder / files).mkdir(parents=True)
        for file in (real_data / "mnist-idx").iterdir():
            (folder / files / file.name).symlink_to(file)
        monkeypatch.setenv("SKMNIST_DATA", str(folder))
        mnist = fetch_mnist(download_if_missing=False)
        np.testing.assert_array_equal(mnist.images, expected.images)
        np.testing.assert_array_equal(mnist.target, expected.target)


@pytest.mark.usefixtures("real_data")
def test_fast():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        fetch_mnist(download_if_missing=False)
        times.append(time.perf_counter() - start)
    # It takes 0.2 s; the rest is for a busy computer.
    assert min(times) < 0.5


@pytest.mark.slow("starts Python anew")
def test_keras_is_not_loaded(tmp_path):
    code = (
        "import sys, skmnist.datasets as d; d.load_mnist_sample();"
        "print(sorted({'keras', 'tensorflow', 'scikeras'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
