"""Labels of any kind as codes and back, weights of classes and samples, and the hold-out."""

import numpy as np
import pytest

from skmnist._bridge.data import targets
from skmnist._bridge.data.targets import Labels

LABELS = {
    "integers": np.array([7, -2, 7, 30]),
    "text": np.array(["b", "a", "c", "a"]),
    "objects": np.array(["b", "a", "c", "a"], dtype=object),
    "booleans": np.array([True, False, True, True]),
    "fractions": np.array([1.0, 0.0, 2.0, 1.0]),
    "dates": np.array(["2026-01-02", "2026-01-01"] * 2, dtype="M8[D]"),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_come_back_in_their_dtype(kind):
    y = LABELS[kind]
    labels = Labels.learn(y)
    codes = labels.encode(y)
    assert codes.dtype == np.int32
    np.testing.assert_array_equal(codes, np.unique(y, return_inverse=True)[1])
    back = labels.decode(codes)
    np.testing.assert_array_equal(back, y)
    assert back.dtype == y.dtype


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_one_hot_rows_come_back(dtype):
    y = np.eye(4, dtype=dtype)[[2, 0, 2]]
    labels = Labels.learn(y)
    codes = labels.encode(y)
    assert codes.tolist() == [2, 0, 2]
    assert labels.without_samples(codes) == [1, 3]
    back = labels.decode(codes)
    np.testing.assert_array_equal(back, y)
    assert back.dtype == dtype


def test_unknown_labels_are_named():
    labels = Labels.learn(np.array([1, 2]))
    with pytest.raises(ValueError, match=r"\[5\].*\[1, 2\]"):
        labels.encode(np.array([1, 5]))
    with pytest.raises(ValueError, match="one-hot"):
        labels.encode(np.eye(2))
    with pytest.raises(ValueError, match=r"one-hot with 2 columns.*3"):
        Labels.learn(np.eye(3)).encode(np.eye(2))
    dates = Labels.learn(LABELS["dates"])
    with pytest.raises(ValueError, match="2026-03-03"):
        dates.encode(np.array(["2026-03-03"], dtype="M8[s]"))


def test_classes_are_given_or_found():
    labels = Labels.learn(np.array(["b"]), classes=["c", "b", "a"])
    assert labels.classes.tolist() == ["a", "b", "c"]
    assert Labels.learn(np.eye(3), classes=[0, 1, 2]).classes.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="3 columns"):
        Labels.learn(np.eye(3), classes=[0, 1])


def test_classes_in_an_order_of_their_own():
    labels, order = Labels.in_order(["b", "c", "a"], "C")
    assert labels.classes.tolist() == ["a", "b", "c"]
    assert order == (2, 0, 1)
    assert Labels.in_order(["a", "b"], "C")[1] is None
    with pytest.raises(ValueError, match="different"):
        Labels.in_order(["a", "a"], "C")


@pytest.mark.parametrize(
    "y", [np.eye(3)[:2] * 2, np.ones((2, 3)), np.zeros((2, 3)), np.array([["a", "b"]])]
)
def test_rows_that_are_not_one_hot_are_refused(y):
    with pytest.raises(ValueError, match="one-hot"):
        targets.check_targets(y, "C")


def test_targets_that_are_no_labels_are_refused():
    for y in (None, [0.5, 1.7], [1, None], [[1], [2, 3]]):
        with pytest.raises(ValueError):
            targets.check_targets(y, "C")
    with pytest.raises(ValueError, match=r"C .*only one class: .*7"):
        targets.check_more_than_one(np.array([7]), "C")


def test_empty_columns_warn():
    targets.warn_of_empty_columns([], 4, "C")
    with pytest.warns(UserWarning, match=r"4 columns.*C .*columns 1, 3"):
        targets.warn_of_empty_columns([1, 3], 4, "C")
    with pytest.warns(UserWarning, match=r"column 2\b"):
        targets.warn_of_empty_columns([2], 4, "C")


# Weights.


def test_sample_weights_are_checked():
    rows = np.zeros((3, 2))
    assert targets.check_sample_weight(None, rows) is None
    given = np.array([1, 0, 2])
    weights = targets.check_sample_weight(given, rows)
    assert weights.dtype == np.float64
    assert weights.tolist() == [1.0, 0.0, 2.0]
    weights[0] = 9
    assert given[0] == 1  # a copy
    for wrong in ([1, 2], [1, -1, 1], [1, np.nan, 1], [0, 0, 0]):
        with pytest.raises(ValueError):
            targets.check_sample_weight(wrong, rows)
    assert targets.check_sample_weight([0, 0, 0], rows, whole=False).tolist() == [0, 0, 0]


@pytest.mark.parametrize("weights", [[1.0, 1.0], [5.0, 15.0], [0.0, 3.0], [0.2, 0.0, 0.6]])
def test_weights_that_are_not_zero_have_mean_one(weights):
    weights = np.array(weights)
    scaled = weights * targets.weight_scale(weights, "C")
    assert scaled[scaled > 0].mean() == pytest.approx(1)


def test_scale_of_no_weights():
    assert targets.weight_scale(None, "C") == 1
    with pytest.raises(ValueError, match=r"C .*zero for every sample"):
        targets.weight_scale(np.zeros(2), "C")


def test_class_weights():
    codes, classes = np.array([0, 0, 0, 2]), np.array(["a", "b", "c"])
    assert targets.class_weights(None, codes, classes, "C") is None
    # Of the two classes that have samples; the third one has none to weigh.
    balanced = targets.class_weights("balanced", codes, classes, "C")
    np.testing.assert_allclose(balanced, [4 / 6, 1, 2])
    counted = targets.class_weights("balanced", np.array([0, 2]), classes, "C", np.array([3, 1]))
    np.testing.assert_allclose(counted, balanced)
    given = targets.class_weights({"c": 5, "a": 0}, codes, classes, "C")
    assert given.tolist() == [0, 1, 5]


@pytest.mark.parametrize(
    "class_weight, words",
    [({"z": 1}, "'z'"), ({"a": -1}, "-1"), ({"a": np.inf}, "inf"), ({"a": "x"}, "'x'")],
)
def test_wrong_class_weights_are_named(class_weight, words):
    with pytest.raises(ValueError, match=f"class_weight.*C.*{words}"):
        targets.class_weights(class_weight, np.array([0]), np.array(["a", "b"]), "C")


def test_class_weights_of_dates():
    classes = np.array(["2026-01-01", "2026-01-02"], dtype="M8[D]")
    for key in (classes[1], classes[1].item(), np.datetime64("2026-01-02T00:00:00", "s")):
        assert targets.class_weights({key: 3}, np.array([0]), classes, "C").tolist() == [1, 3]


# The hold-out.


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.5, 0.99])
def test_holdout_is_stratified(fraction):
    codes = np.repeat([0, 1, 2, 3], [100, 10, 2, 1])
    out = targets.stratified_holdout(codes, fraction, np.random.default_rng(0))
    counts = np.bincount(codes[out], minlength=4)
    for count, size in zip(counts, [100, 10, 2], strict=False):
        assert 1 <= count <= size - 1
        assert abs(count - fraction * size) <= 1
    assert counts[3] == 0  # a single sample stays in the training set


def test_holdout_is_shuffled_by_the_generator():
    codes = np.zeros(50, int)
    first, same, other = (
        targets.stratified_holdout(codes, 0.2, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
