"""Learning rates over the epochs of a fit."""

import math
from types import SimpleNamespace

import pytest

from skmnist._bridge.engine.schedules import ScheduledRate, schedule


@pytest.mark.parametrize("kind", ["auto", "cosine", "linear"])
def test_rates_fall_and_reach_neither_peak_nor_zero(kind):
    rate = schedule(kind, 4, 0.1, first=2)
    rates = [rate(epoch) for epoch in range(2, 6)]
    assert 0.1 > rates[0] > rates[1] > rates[2] > rates[3] > 0
    assert rate(9) == rates[-1]  # epochs beyond the plan


def test_formulas():
    assert schedule("linear", 2, 1.0, 0)(0) == 0.75
    assert schedule("cosine", 1, 1.0, 0)(0) == pytest.approx((1 + math.cos(math.pi / 2)) / 2)


def test_no_schedule():
    assert schedule(None, 3, 0.1, 0) is None
    assert schedule("auto", 3, None, 0) is None  # a schedule of Keras's decides
    with pytest.raises(ValueError, match="learning_rate_schedule"):
        schedule("cosine", 3, None, 0)


def test_factors_of_callbacks_come_on_top():
    optimizer = SimpleNamespace(learning_rate=1.0)
    scheduled = ScheduledRate(lambda epoch: 1.0 / 2**epoch, factor=1.0)
    scheduled.begin(optimizer)
    scheduled.set(optimizer, 0)
    assert optimizer.learning_rate == 1.0
    optimizer.learning_rate /= 4  # a callback
    scheduled.set(optimizer, 1)
    assert optimizer.learning_rate == 1 / 8
    assert scheduled.factor == 1 / 4
    scheduled.goes_on_after(0)
    assert scheduled.factor == 1.0
