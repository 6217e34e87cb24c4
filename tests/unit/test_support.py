"""Small helpers of all packages: names, grey levels, calibration, tables, missing extras."""

import numpy as np
import pytest

from skmnist._support.calibration import calibration_bins
from skmnist._support.grey import check_pixels, grey_levels, to_bytes
from skmnist._support.markdown import markdown_table
from skmnist._support.names import did_you_mean, find_named
from skmnist._support.optional import require


def test_names():
    table = {"lenet": 1, "mlp": 2}
    assert find_named("mlp", table, "network") == 2
    assert "'lenet'" in did_you_mean("lennet", table)
    assert did_you_mean("zzz", table) == ""
    with pytest.raises(ValueError, match=r"Unknown network 'lennet'.*'lenet'.*'lenet', 'mlp'"):
        find_named("lennet", table, "network")
    with pytest.raises(ValueError, match="Unknown network 3"):
        find_named(3, table, "network")


def test_missing_extras_are_named():
    assert require("json", "f", extra="x").dumps(1) == "1"
    with pytest.raises(ImportError, match=r'f needs Nothing.*pip install "skmnist\[x\]"'):
        require("no_such_module_anywhere", "f", extra="x", package="Nothing")


def test_markdown():
    table = markdown_table([["a", "b"], ["1", "2"]], align="---:")
    assert table.splitlines() == ["| a | b |", "|---|---:|", "| 1 | 2 |"]


@pytest.mark.parametrize(
    "pixels, expected",
    [
        (np.array([[False, True]]), [0, 255]),
        (np.array([[0, 1]], np.uint8), [0, 255]),
        (np.array([[0, 100]], np.uint8), [0, 100]),
        (np.array([[0, 8, 16]]), [0, 128, 255]),
        (np.array([[0, 0.5, 1]]), [0, 128, 255]),
        (np.array([[0, 0.75, 1.5]]), [0, 128, 255]),
        (np.array([[0, 65535]], np.uint16), [0, 255]),
        (np.array([[0, 70000, 140000]]), [0, 128, 255]),
    ],
)
def test_bytes_of_any_pixels(pixels, expected):
    found = to_bytes(pixels)
    assert found.dtype == np.uint8
    assert found.ravel().tolist() == expected


@pytest.mark.parametrize(
    "array, word",
    [
        (np.zeros((0, 2)), "no pixels"),
        (np.array([["a"]]), "real numbers"),
        (np.array([[np.nan]]), "finite"),
        (np.array([[-1]]), "-1"),
    ],
)
def test_pixels_that_are_none(array, word):
    with pytest.raises(ValueError, match=f"image .*{word}"):
        check_pixels(array, "image")


def test_grey_levels():
    colours = np.zeros((1, 3, 3), np.uint8)
    colours[0, 0, 0] = colours[0, 1, 1] = colours[0, 2, 2] = 255
    grey, how, empty = grey_levels(colours)
    np.testing.assert_allclose(grey, [[76.245, 149.685, 29.07]], rtol=1e-5)
    assert how and not empty
    # Transparent is white, as paper is.
    ink = np.array([[[0, 255], [0, 0]]], np.uint8)
    np.testing.assert_array_equal(grey_levels(ink)[0], [[0, 255]])
    # Light strokes on nothing: the opacity is the picture.
    chalk = np.array([[[255, 255], [255, 0]]], np.uint8)
    np.testing.assert_array_equal(grey_levels(chalk)[0], [[255, 0]])
    assert grey_levels(np.zeros((2, 2, 4), np.uint8))[2]


def test_calibration():
    confidence = np.array([0.55, 0.65, 0.95, 0.95])
    bins = calibration_bins(confidence, np.array([True, False, True, True]), n_bins=2)
    assert bins.counts.tolist() == [0, 4]
    assert bins.accuracy[1] == 0.75
    assert bins.error == pytest.approx(abs(0.75 - confidence.mean()))
    equal = calibration_bins(confidence, confidence > 0, n_bins=2, strategy="quantile")
    assert equal.counts.tolist() == [2, 2]
    for wrong in ({"n_bins": 0}, {"n_bins": True}, {"strategy": "even"}):
        with pytest.raises(ValueError):
            calibration_bins(confidence, confidence > 0, **wrong)
