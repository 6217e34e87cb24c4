"""Seeds: every purpose and every epoch has a stream of its own, and NumPy's stays untouched."""

import numpy as np
import pytest

from skmnist._bridge.data.seeds import (
    augmentation_generator,
    draw_seed,
    epoch_order,
    holdout_generator,
)


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), 2**32 - 1])
def test_an_integer_is_the_seed(seed):
    drawn = draw_seed(seed)
    assert drawn == seed
    assert type(drawn) is int


def test_a_generator_is_drawn_from():
    seeds = [draw_seed(np.random.RandomState(3)) for _ in range(2)]
    assert seeds[0] == seeds[1]
    generator = np.random.RandomState(3)
    assert draw_seed(generator) == seeds[0] != draw_seed(generator)


def test_none_is_fresh_and_leaves_the_global_generator():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    seeds = {draw_seed(None) for _ in range(20)}
    assert len(seeds) == 20
    assert all(0 <= seed < 2**32 for seed in seeds)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_an_order_is_a_permutation_of_seed_and_epoch():
    order = epoch_order(0, 3, 50)
    assert order.dtype == np.int32
    np.testing.assert_array_equal(np.sort(order), np.arange(50))
    np.testing.assert_array_equal(order, epoch_order(0, 3, 50))
    assert (order != epoch_order(0, 4, 50)).any()
    assert (order != epoch_order(1, 3, 50)).any()


def test_purposes_have_streams_of_their_own():
    drawn = {
        holdout_generator(0).integers(2**60),
        holdout_generator(1).integers(2**60),
        augmentation_generator(0, 0).integers(2**60),
        augmentation_generator(0, 1).integers(2**60),
        np.random.default_rng([0, 0, 0]).integers(2**60),  # of the order of an epoch
    }
    assert len(drawn) == 5
    assert holdout_generator(0).integers(2**60) in drawn
