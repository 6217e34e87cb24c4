"""PixelScale: what stands for white, learned once, and every row read by itself."""

import numpy as np
import pytest

from skmnist._bridge.data.pixels import PixelScale, PixelStats

BYTES, INTEGERS, FLOATS = (np.dtype(name) for name in ("uint8", "int64", "float64"))


def stats_of(*rows, dtype=FLOATS):
    return PixelStats.of(np.array(rows, np.float32), dtype)


def learned(*rows, dtype=FLOATS, **options):
    return PixelScale.learn(stats_of(*rows, dtype=dtype), dtype, **options)


def test_statistics():
    stats = stats_of([0, 0.5], [1, 0.25])
    assert stats == PixelStats(low=0.0, high=1.0, whole=False, faint=True)
    assert stats_of([0, 7]) == PixelStats(0.0, 7.0, True, False)
    assert stats_of([0, 0.5], dtype=INTEGERS).whole


def test_statistics_of_parts_are_those_of_the_whole():
    rows = np.random.default_rng(0).integers(0, 9, (40, 3)).astype(np.float32)
    rows[20] = [0, 1, 0]
    rows[30] = [0.5, 0, 0]
    parts = [PixelStats.of(part, FLOATS) for part in (rows[:15], rows[15:25], rows[25:])]
    assert parts[0] | parts[1] | parts[2] == PixelStats.of(rows, FLOATS)


@pytest.mark.parametrize(
    "high, dtype, white",
    [
        (1, FLOATS, 1),
        (1.4, FLOATS, 1),
        (16, FLOATS, 16),
        (16, INTEGERS, 16),
        (17, INTEGERS, 255),
        (255, BYTES, 255),
        (60000, INTEGERS, 65535),
    ],
)
def test_white(high, dtype, white):
    assert learned([0, 0], [0, high], dtype=dtype).range == (0.0, white)


@pytest.mark.parametrize("rows", [[[-1, 1]], [[0, 5.5]], [[0, 70000]], [[30000, 60000]]])
def test_numbers_without_a_white_are_taken_as_they_are(rows):
    scale = learned(*rows)
    assert scale.range == "as-is"
    X = np.array(rows, np.float32)
    np.testing.assert_array_equal(scale.apply(X, FLOATS), X)


@pytest.mark.parametrize(
    "rows, dtype",
    [
        ([[0, 9]], BYTES),  # bytes of few levels
        ([[0, 99.5]], FLOATS),  # fractions among levels
        ([[0, 300]], INTEGERS),  # 16 bits, but dark
        ([[-3, 100]], INTEGERS),  # bytes read as signed ones
    ],
)
def test_doubtful_pixels_warn(rows, dtype):
    with pytest.warns(UserWarning):
        learned(*rows, dtype=dtype)


def test_levels_are_divided_and_fractions_are_not():
    scale = learned([0, 255], dtype=BYTES)
    levels = np.array([[0, 51, 255]], np.float32)
    np.testing.assert_allclose(scale.apply(levels.copy(), BYTES), [[0, 0.2, 1]], rtol=1e-6)
    np.testing.assert_allclose(scale.apply(levels.copy(), FLOATS), [[0, 0.2, 1]], rtol=1e-6)
    fractions = np.array([[0, 0.2, 1]], np.float32)
    np.testing.assert_array_equal(scale.apply(fractions, FLOATS), fractions)


def test_dark_integers_are_levels_after_levels():
    scale = learned([0, 255], dtype=BYTES)
    dark = np.array([[0, 1, 1]], np.float32)
    np.testing.assert_allclose(scale.bring(dark.copy(), BYTES), dark / 255, rtol=1e-6)


def test_a_row_is_read_by_itself():
    scale = learned([0, 255], dtype=BYTES)
    rows = np.array([[0, 51], [0, 0.5]], np.float32)
    with pytest.warns(UserWarning, match="number 1"):
        together = scale.apply(rows.copy(), FLOATS)
    alone = np.concatenate([scale.apply(rows[i : i + 1].copy(), FLOATS) for i in range(2)])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together, [[0, 0.2], [0, 0.5]], rtol=1e-6)


def test_grey_bytes_after_binary_ones_are_refused():
    scale = learned([0, 1], dtype=BYTES)
    np.testing.assert_array_equal(scale.bring(np.array([[0, 1]], np.float32), BYTES), [[0, 1]])
    np.testing.assert_array_equal(scale.bring(np.array([[0, 255]], np.float32), BYTES), [[0, 1]])
    with pytest.raises(ValueError, match="254"):
        scale.bring(np.array([[0, 254]], np.float32), BYTES)


def test_stated_ranges():
    scale = learned([2, 4], pixel_range=(2, 4))
    assert scale.range == (2.0, 4.0)
    np.testing.assert_array_equal(
        scale.apply(np.array([[2, 3, 4]], np.float32), FLOATS), [[0, 0.5, 1]]
    )
    with pytest.warns(UserWarning, match="2 to 4"):
        scale.apply(np.array([[2, 40]], np.float32), FLOATS)


def test_a_network_that_rescales_by_itself():
    scale = learned([0, 255], dtype=BYTES, white_inside=255.0)
    levels = np.array([[0, 51, 255]], np.float32)
    np.testing.assert_array_equal(scale.bring(levels, BYTES), levels)
    fractions = np.array([[0, 0.2, 1]], np.float32)
    np.testing.assert_allclose(scale.bring(fractions, FLOATS), levels, rtol=1e-6)


@pytest.mark.parametrize("rows", [[[-2, 6]], [[0, 1.5]], [[3, 3]]])
def test_networks_that_make_pixels_see_the_unit_interval(rows):
    scale = learned(*rows, unit=True)
    X = np.array(rows, np.float32)
    brought = scale.bring(X, FLOATS)
    assert brought.min() >= 0 and brought.max() <= 1
    np.testing.assert_allclose(scale.restore(brought), X, atol=1e-6)


def test_bytes_are_restored_as_bytes():
    scale = learned([0, 255], dtype=BYTES)
    restored = scale.restore(np.array([[0, 0.2, 1, 1.2]], np.float32))
    assert restored.dtype == np.uint8
    assert restored.tolist() == [[0, 51, 255, 255]]
