"""ArraySamples: choosing, weighing, and holding out."""

import numpy as np
import pytest

from skmnist._bridge.data.samples import ArraySamples, hold_out, weigh_classes


def made(weights=None, codes=(0, 1, 0, 1, 1, 0)):
    rows = np.arange(2 * len(codes), dtype=np.float32).reshape(-1, 2)
    weights = None if weights is None else np.array(weights, float)
    return ArraySamples(rows, weights, np.dtype("float64"), codes=np.array(codes))


def test_samples_of_weight_zero_are_left_out():
    samples = made([1, 0, 2, 0, 1, 1])
    left = samples.with_weight()
    assert left.weights.tolist() == [1, 2, 1, 1]
    assert left.codes.tolist() == [0, 0, 1, 0]
    np.testing.assert_array_equal(left.rows, samples.rows[[0, 2, 4, 5]])
    assert made().with_weight().weights is None
    whole = made(np.ones(6))
    assert whole.with_weight() is whole


def test_scaling_weights():
    assert made([1, 2, 1, 1, 1, 1]).scaled(3).weights.tolist() == [3, 6, 3, 3, 3, 3]
    assert made().scaled(2).weights.tolist() == [2] * 6
    same = made()
    assert same.scaled(1) is same


def test_class_weights_are_multiplied_into_weights():
    weighed = weigh_classes(made([1, 2, 3, 4, 5, 6]), {"b": 10}, np.array(["a", "b"]), "C")
    assert weighed.weights.tolist() == [1, 20, 3, 40, 50, 6]
    without = weigh_classes(made(), {"b": 0}, np.array(["a", "b"]), "C")
    assert without.codes.tolist() == [0, 0, 0]
    samples = made()
    assert weigh_classes(samples, None, np.array(["a", "b"]), "C") is samples
    with pytest.raises(ValueError, match="C"):
        weigh_classes(samples, {"a": 0, "b": 0}, np.array(["a", "b"]), "C")


def test_hold_out_shares_the_samples():
    samples = made([1, 2, 3, 4, 5, 6])
    train, val = hold_out(samples, 0.34, 0, "C")
    both = np.concatenate([train.rows, val.rows])
    np.testing.assert_array_equal(np.sort(both[:, 0]), samples.rows[:, 0])
    assert np.bincount(val.codes).tolist() == [1, 1]
    assert val.weights.mean() == pytest.approx(1)  # on their own scale
    assert set(train.weights) < set(samples.weights)
    with pytest.raises(ValueError, match=r"0\.5 of 2 samples"):
        hold_out(made(codes=(0, 1)), 0.5, 0, "C")


def test_parts_are_all_samples_in_order():
    samples = made([1, 2, 3, 4, 5, 6])
    (part,) = samples.parts()
    np.testing.assert_array_equal(part.rows, samples.rows)
    np.testing.assert_array_equal(samples.first_rows(2), samples.rows[:2])
    some = samples.read(np.array([4, 1]))
    assert (some.codes.tolist(), some.weights.tolist()) == ([1, 1], [5, 2])
