"""What makes the tests of comparisons quick."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def quick_collections():
    """Let the collections before each fit pass over what earlier tests have imported."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
