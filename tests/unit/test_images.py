"""Rows and images: the two shapes of the same data."""

import numpy as np
import pandas as pd
import pytest

from skmnist._bridge.data import images


def test_images_become_rows():
    X = np.arange(24).reshape(2, 3, 4)
    rows, shape = images.as_rows(X)
    assert shape == (3, 4, 1)
    np.testing.assert_array_equal(rows, X.reshape(2, 12))
    assert images.as_rows(X.reshape(2, 3, 2, 2))[1] == (3, 2, 2)
    assert images.as_rows(X.tolist())[1] == (3, 4, 1)


@pytest.mark.parametrize("X", [np.zeros((2, 3)), np.zeros(3), np.zeros((1, 1, 1, 1, 1)), [[1, 2]]])
def test_all_else_is_left_as_it_is(X):
    assert images.as_rows(X) == (X, None) if isinstance(X, list) else images.as_rows(X)[0] is X


@pytest.mark.parametrize("n_features, side", [(1, 1), (2, 2), (4, 2), (5, 3), (784, 28)])
def test_rows_are_folded_into_squares(n_features, side):
    assert images.fold_shape(n_features) == (side, side, 1)
    rows = np.ones((2, n_features), np.float32)
    folded = images.as_images(rows, (side, side, 1))
    assert folded.shape == (2, side, side, 1)
    assert folded.sum() == rows.sum()  # padded with zeros
    np.testing.assert_array_equal(folded.reshape(2, -1)[:, :n_features], rows)


def test_shape_of_images():
    assert images.resolve_image_shape(None, None, 8, "C") == (3, 3, 1)
    assert images.resolve_image_shape(None, (2, 4, 1), 8, "C") == (2, 4, 1)
    assert images.resolve_image_shape((2, 4), None, 8, "C") == (2, 4, 1)
    assert images.resolve_image_shape((2, 2, 2), (2, 2, 2), 8, "C") == (2, 2, 2)
    with pytest.raises(ValueError, match="'image_shape' parameter of C"):
        images.resolve_image_shape((2, 4), (4, 2, 1), 8, "C")
    with pytest.raises(ValueError, match=r"'image_shape' parameter of C.*8 features"):
        images.resolve_image_shape((3, 3), None, 8, "C")


def test_channels_first_are_refused():
    with pytest.raises(ValueError, match="moveaxis"):
        images.check_channels_last((10, 3, 28, 28), "C")
    for shape in ((10, 28, 28, 3), (10, 3, 3, 1), (10, 784)):
        images.check_channels_last(shape, "C")


@pytest.mark.parametrize(
    "X, dtype",
    [
        (np.zeros((2, 2), np.uint8), "uint8"),
        ([[1, 2], [3, 4]], "int64"),
        (np.array([[1, 2.5]], dtype=object), "float64"),
        (memoryview(np.zeros((2, 2), np.float32)), "float32"),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, 1]}), "float64"),
        (pd.DataFrame({"a": [1, 2]}).astype("Int64"), "int64"),
        (pd.DataFrame({"a": [1, None]}).astype("Int64"), "float64"),
        (pd.DataFrame({"a": [1, 2]}).astype(object), "int64"),
    ],
)
def test_dtype_of_a_container(X, dtype):
    plain, found = images.plain_container(X)
    assert found == np.dtype(dtype)
    values = np.asarray(plain)
    assert values.dtype == found
    np.testing.assert_array_equal(values, np.asarray(X, dtype=float))


@pytest.mark.parametrize("X", [[["a", "b"]], [[1], [2, 3]], "text", pd.DataFrame({"a": ["x"]})])
def test_what_holds_no_numbers_has_no_dtype(X):
    plain, dtype = images.plain_container(X)
    assert plain is X
    assert dtype is None
