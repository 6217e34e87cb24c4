"""Labels in any container, without losing their type."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skmnist._support.labels import as_array, is_missing, read_labels


@pytest.mark.parametrize(
    "label, missing",
    [
        (None, True),
        (float("nan"), True),
        (np.float32("nan"), True),
        (pd.NA, True),
        (pd.NaT, True),
        (0, False),
        ("", False),
        ("nan", False),
        (False, False),
    ],
)
def test_missing(label, missing):
    assert bool(is_missing(label)) is missing


@pytest.mark.parametrize(
    "y, kind",
    [
        (pd.Series([1, 0], dtype="Int64"), "i"),
        (pd.Series([True, False], dtype="boolean"), "b"),
        (pd.Series(["a", "b"]).astype("category"), "O"),
        (pl.Series([1, 0]), "i"),
        (pa.array([1, 0]), "i"),
        (memoryview(np.array([1, 0])), "i"),
    ],
)
def test_containers(y, kind):
    array = as_array(y)
    assert isinstance(array, np.ndarray)
    assert len(array) == 2
    labels = read_labels(y, "C")
    assert labels.dtype.kind in (kind, "U", "T")
    assert labels.tolist() == list(map(type(labels.tolist()[0]), labels.tolist()))


@pytest.mark.parametrize("y", [None, [1, 2], (1, 2), np.array([1])])
def test_what_is_left_as_it_is(y):
    assert as_array(y) is y


def test_lists_keep_numbers_and_texts_apart():
    assert read_labels([1, 0, 1], "C").dtype.kind == "i"
    assert read_labels(["a", "b"], "C").dtype.kind == "U"
    mixed = read_labels(["a", 1], "C")
    assert mixed.dtype == object
    assert mixed.tolist() == ["a", 1]


@pytest.mark.parametrize(
    "y",
    [
        ["a", None],
        [1.0, np.nan],
        pd.Series(["a", None]),
        pd.Series([1, None], dtype="Int64"),
        np.array(["2026-01-01", "NaT"], dtype="M8[D]"),
    ],
)
def test_missing_labels_are_refused(y):
    with pytest.raises(ValueError, match=r"missing|NaN"):
        read_labels(y, "C")


def test_labels_of_other_dtypes_are_refused():
    with pytest.raises(ValueError, match=r"C .*f8"):
        read_labels(np.zeros(2, dtype=[("a", "f8")]), "C")
    with pytest.raises(ValueError):
        read_labels(np.zeros((2, 2)), "C")


def test_a_column_is_read_with_scikit_learns_warning():
    with pytest.warns(Warning, match="column-vector"):
        assert read_labels(np.array([[1], [2]]), "C").tolist() == [1, 2]
