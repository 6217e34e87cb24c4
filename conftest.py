"""Settings of the whole test run."""

import os

import pytest

# As skmnist sets it when it starts TensorFlow, which tests may have imported before.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# Of one name in several folders, they cannot be collected as modules with doctests.
collect_ignore_glob = ["*/conftest.py"]

# Doctests of functions that fetch data run where the data are.
_NEED_DATA = {
    "skmnist.datasets._mnist.fetch_mnist": "mnist.npz",
    "skmnist.datasets._mnist.fetch_fashion_mnist": "fashion-mnist",
    "skmnist.datasets._emnist.fetch_emnist": "emnist",
}


def pytest_collection_modifyitems(items):
    folder = os.environ.get("SKMNIST_DATA", "")
    for item in items:
        needed = _NEED_DATA.get(item.name)
        if needed and not os.path.exists(os.path.join(folder, needed)):
            reason = f"needs {needed} in the folder named by SKMNIST_DATA"
            item.add_marker(pytest.mark.skip(reason=reason))
