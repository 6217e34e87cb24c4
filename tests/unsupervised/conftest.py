"""Small data and fitted estimators."""

import copy
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.unsupervised.cases import CASES

# One network that predicts and one that makes images; the detector has a file of its own.
QUICK = ("dense", "conditional")


def pytest_collection_modifyitems(items):
    """Mark tests of the other networks as slow: what they are about is the same for all."""
    for item in items:
        if Path(__file__).parent in item.path.parents and hasattr(item, "callspec"):
            name = item.callspec.params.get("name")
            if isinstance(name, str) and name in CASES and name not in QUICK:
                item.add_marker(pytest.mark.slow("traces graphs for every kind of network"))


@pytest.fixture(scope="session")
def digits():
    """120 digits of 8 x 8 pixels in [0, 1] as float32 rows, 40 of each of three classes."""
    X, y = load_digits(return_X_y=True)
    chosen = np.concatenate([np.flatnonzero(y == label)[:40] for label in range(3)])
    chosen = np.random.default_rng(0).permutation(chosen)
    return (X[chosen] / 16).astype(np.float32), y[chosen]


@pytest.fixture(scope="session")
def X(digits):
    """The images of `digits`."""
    return digits[0]


@pytest.fixture(scope="session")
def y(digits):
    """The labels of `digits`."""
    return digits[1]


@pytest.fixture(scope="session")
def fitted_once(digits):
    """Return a function from the name of a case to its estimator, fitted; a copy at each call."""
    known = {}

    def fitted(name):
        if name not in known:
            known[name] = CASES[name].make().fit(*digits)
        return copy.deepcopy(known[name])

    return fitted


@pytest.fixture(params=["dense", "variational", "detector", "gan", "conditional"])
def name(request):
    """The name of a case of each kind in turn: noise and convolutions are the networks' own."""
    return request.param


@pytest.fixture
def case(name):
    """Each case in turn."""
    return CASES[name]


@pytest.fixture
def fitted(name, fitted_once):
    """Each case fitted on `digits`, a copy of its own for every test."""
    return fitted_once(name)
