"""Small data and fitted classifiers."""

import copy

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.classifiers.cases import CASES, NETWORKS
from tests.marks import slow_but


@pytest.fixture(scope="session")
def digits():
    """300 digits of 8 x 8 pixels in [0, 1] as float32 rows, 30 of each of ten classes."""
    X, y = load_digits(return_X_y=True)
    chosen = np.concatenate([np.flatnonzero(y == label)[:30] for label in range(10)])
    chosen = np.random.default_rng(0).permutation(chosen)
    return (X[chosen] / 16).astype(np.float32), y[chosen]


@pytest.fixture(scope="session")
def three(digits):
    """The 90 digits 0, 1 and 2."""
    X, y = digits
    return X[y < 3], y[y < 3]


@pytest.fixture(scope="session")
def two(digits):
    """The 60 digits 0 and 1."""
    X, y = digits
    return X[y < 2], y[y < 2]


@pytest.fixture
def case():
    """The classifier that stands for all in tests of the base that they share."""
    return CASES["mlp"]


@pytest.fixture(
    params=slow_but(["mlp", "lenet", "keras"], NETWORKS, "builds and fits every family")
)
def any_case(request):
    """Each classifier class in turn."""
    return NETWORKS[request.param]


@pytest.fixture(scope="session")
def _fitted_once(three):
    return {}


def _copy_of_fitted(case, three, fitted_once):
    if case.cls not in fitted_once:
        fitted_once[case.cls] = case.make().fit(*three)
    return copy.deepcopy(fitted_once[case.cls])


@pytest.fixture
def fitted(case, three, _fitted_once):
    """The classifier of `case` fitted on `three`, a copy of its own for every test."""
    return _copy_of_fitted(case, three, _fitted_once)


@pytest.fixture
def any_fitted(any_case, three, _fitted_once):
    """Each classifier class fitted on `three`, a copy of its own for every test."""
    return _copy_of_fitted(any_case, three, _fitted_once)
