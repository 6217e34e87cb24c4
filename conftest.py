"""Settings of the whole test run."""

import collections
import datetime
import os

import pytest

# As skmnist sets it when it starts TensorFlow, which tests may have imported before.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# Doctests of functions that fetch data run where the data are.
_NEED_DATA = {
    "skmnist.datasets._mnist.fetch_mnist": "mnist.npz",
    "skmnist.datasets._mnist.fetch_fashion_mnist": "fashion-mnist",
    "skmnist.datasets._emnist.fetch_emnist": "emnist",
}
# Doctests that train for long: pages, and classes whose example is that of others with another
# network. The quick run has docs/index.md and the shorter pages.
_SLOW_DOCTESTS = {
    "README.md",
    "docs/baselines.md",
    "docs/comparing.md",
    "docs/getting-started.md",
    "docs/how-to/add-a-network.md",
    "docs/how-to/from-keras-fit.md",
    "docs/how-to/from-scikeras.md",
    "docs/how-to/imbalanced.md",
    "docs/how-to/search.md",
    "docs/networks.md",
    "docs/plots.md",
    "docs/report.md",
    "docs/your-own-images.md",
    "skmnist/classifiers/cnn.py",
    "skmnist/classifiers/convnext.py",
    "skmnist/classifiers/custom.py",
    "skmnist/classifiers/lenet.py",
    "skmnist/classifiers/lstm.py",
    "skmnist/classifiers/resnet.py",
    "skmnist/classifiers/transformer.py",
    "skmnist/comparison/_result.py",
    "skmnist/comparison/_run.py",
    "skmnist/plots/_saliency.py",
    "skmnist/recipes/_reproduce.py",
    "skmnist/report/_write.py",
    "skmnist/unsupervised/autoencoder.py",
    "skmnist/unsupervised/gan.py",
    "skmnist/unsupervised/outlier_detector.py",
}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the slow tests too: the whole suite")
    parser.addoption(
        "--third",
        action="store_true",
        help="run a third of the cases of each slow test, another one every day",
    )


def pytest_configure(config):
    if config.getoption("--third"):
        # Workers inherit it, so that all of them have the same day, also at midnight.
        os.environ.setdefault("SKMNIST_TESTS_DAY", str(datetime.date.today().toordinal()))


def pytest_report_header(config):
    if config.getoption("--third"):
        return (
            "--third: of each slow test with four cases or more, every third one. For the same "
            f"ones on another day, set SKMNIST_TESTS_DAY={os.environ['SKMNIST_TESTS_DAY']}"
        )


def pytest_collection_modifyitems(config, items):
    _mark_slow_doctests(config, items)  # folders have marked theirs before
    _leave_out_slow_tests(config, items)
    if config.getoption("--third"):
        _keep_a_third(config, items)
    folder = os.environ.get("SKMNIST_DATA", "")
    for item in items:
        needed = _NEED_DATA.get(item.name)
        if needed and not os.path.exists(os.path.join(folder, needed)):
            reason = f"needs {needed} in the folder named by SKMNIST_DATA"
            item.add_marker(pytest.mark.skip(reason=reason))


def _mark_slow_doctests(config, items):
    for item in items:
        path = item.path.relative_to(config.rootpath).as_posix()
        if path in _SLOW_DOCTESTS:
            item.add_marker(pytest.mark.slow("trains for long"))


def _keep_a_third(config, items):
    """Leave out two thirds of the cases of slow tests, so that three days see all of them."""
    cases = collections.defaultdict(list)
    for item in items:
        if hasattr(item, "callspec") and item.get_closest_marker("slow"):
            cases[item.path, item.originalname].append(item)
    day = int(os.environ["SKMNIST_TESTS_DAY"])
    out = {
        item
        for several in cases.values()
        if len(several) > 3
        for number, item in enumerate(several)
        if (number + day) % 3
    }
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]


def _leave_out_slow_tests(config, items):
    """Leave tests marked as slow out of a run of everything, unless they are asked for.

    Whoever names files or tests, or a marker, wants to run them.
    """
    marks = {item.nodeid: item.get_closest_marker("slow") for item in items}
    silent = [name for name, mark in marks.items() if mark and not mark.args]
    if silent:
        raise pytest.UsageError(f"These tests do not say why they are slow: {silent}")
    # Not by where the arguments are from, because workers are given them in any case.
    whole = {config.rootpath / path for path in config.getini("testpaths")}
    is_whole = {config.rootpath / path for path in config.args} == whole
    if config.getoption("--slow") or config.option.markexpr or not is_whole:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
