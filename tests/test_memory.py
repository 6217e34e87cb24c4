"""Fits leave nothing behind: memory that is resident, in processes of their own."""

import textwrap
from pathlib import Path

import pytest

from tests.processes import check_ran, run_forked

pytestmark = pytest.mark.slow("hundreds of fits, in processes of their own")

STATUS = Path("/proc/self/status")

# After the setup, `used` is the anonymous memory of the process, in MB.
_SETUP = """
    import gc, numpy as np
    from sklearn.base import clone
    from sklearn.datasets import load_digits
    from skmnist import KerasClassifier, MLPClassifier

    def used():
        gc.collect()
        lines = open("/proc/self/status").read().splitlines()
        return int(next(l for l in lines if l.startswith("RssAnon:")).split()[1]) / 1024

    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)

    def network(image_shape, n_classes, dropout=0.1):
        import keras
        return keras.Sequential([
            keras.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(n_classes, activation="softmax"),
        ])
"""
_REPEATED = """
    def grow(make, warm_up=20, fits=120):
        for i in range(warm_up + fits):
            if i == warm_up:
                before = used()
            make(i).fit(X[:200], y[:200]).predict(X[:200])
        return used() - before

    print(grow({make}))
"""
MAKES = {
    "clones": (
        "lambda i, e=MLPClassifier((16,), epochs=1): clone(e).set_params("
        "dropout=0.1 + 0.005 * (i % 100), learning_rate=0.001 * (1 + i))"
    ),
    "clones of the user's": (
        "lambda i, e=KerasClassifier(network, epochs=1): clone(e).set_params("
        "model__dropout=0.1 + 0.005 * (i % 100), learning_rate=0.001 * (1 + i))"
    ),
}
_GRID = """
    from sklearn.model_selection import GridSearchCV

    grid = {"hidden_layer_sizes": [(8,), (16,), (24,)], "dropout": [0.0, 0.2]}
    search = GridSearchCV(MLPClassifier(epochs=1, random_state=0), grid, cv=3, n_jobs=1)
    after = []
    for _ in range(3):
        search.fit(X[:300], y[:300])
        after.append(used())
    assert len(search.cv_results_["params"]) * 3 == 18
    print(after[2] - after[1])
"""


def grown(code, tmp_path):
    """Run a program in a process of its own; return the MB that it prints."""
    if "RssAnon:" not in (STATUS.read_text() if STATUS.exists() else ""):
        pytest.skip("needs /proc/self/status to tell the memory of a process")
    process = run_forked(textwrap.dedent(_SETUP) + textwrap.dedent(code), cwd=tmp_path, timeout=300)
    return float(check_ran(process).split()[-1])


@pytest.mark.parametrize("name", MAKES)
def test_fits_leave_nothing_behind(name, tmp_path):
    """The promise is less than 20 MB of 200 fits; these are 120."""
    assert grown(_REPEATED.replace("{make}", MAKES[name]), tmp_path) < 12


def test_a_repeated_grid_leaves_nothing_behind(tmp_path):
    assert grown(_GRID, tmp_path) <= 5
