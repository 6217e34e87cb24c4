"""Pickling, copying, processes and threads: the same bits everywhere."""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import cloudpickle
import joblib
import numpy as np
import pytest

from tests.processes import run_python
from tests.unsupervised.cases import (
    CASES,
    CLASSES,
    assert_same_outputs,
    outputs,
    weights,
)


def through_joblib(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


WAYS = {
    "pickle": lambda e: pickle.loads(pickle.dumps(e)),
    "cloudpickle": lambda e: pickle.loads(cloudpickle.dumps(e)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
def test_round_trip(way, case, fitted, X):
    unfitted = WAYS[way](case.make())
    assert unfitted.get_params() == case.make().get_params()
    assert not unfitted.__sklearn_is_fitted__()
    again = WAYS[way](fitted)
    assert again.get_params() == fitted.get_params()
    assert_same_outputs(again, fitted, X)
    assert again.history_ == fitted.history_
    assert type(again.history_) is dict
    assert_same_outputs(WAYS[way](WAYS[way](again)), fitted, X)


@pytest.mark.parametrize("name", ["dense", "conditional"])
def test_copies_are_independent(name, fitted_once, X, y):
    fitted = fitted_once(name)
    before = outputs(fitted, X)
    for way in ("pickle", "deepcopy"):
        changed = WAYS[way](fitted).partial_fit(X, y)
        assert np.abs(weights(changed) - weights(fitted)).max() > 0
        for what, values in outputs(fitted, X).items():
            np.testing.assert_array_equal(values, before[what])


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_fresh_process(fitted_once, X, y, tmp_path):
    """A process that imports nothing but the pickles computes and trains the same."""
    fitted = {name: fitted_once(name) for name in CASES}
    joblib.dump((fitted, X, y), tmp_path / "fitted.joblib")
    code = """
        import joblib
        fitted, X, y = joblib.load("fitted.joblib")
        from tests.unsupervised.cases import outputs
        before = {name: outputs(estimator, X) for name, estimator in fitted.items()}
        after = {}
        for name, estimator in fitted.items():
            estimator.set_params(warm_start=True, epochs=1).fit(X, y)
            after[name] = outputs(estimator, X), estimator.history_
        joblib.dump((before, after), "found.joblib")
        """
    process = run_python(code, cwd=tmp_path)
    assert process.returncode == 0, process.stderr.decode()[-3000:]
    assert (process.stdout, process.stderr) == (b"", b"")
    before, after = joblib.load(tmp_path / "found.joblib")
    for name, estimator in fitted.items():
        for what, values in outputs(estimator, X).items():
            np.testing.assert_array_equal(before[name][what], values, err_msg=f"{name} {what}")
        estimator.set_params(warm_start=True, epochs=1).fit(X, y)
        there, history = after[name]
        assert history == estimator.history_
        for what, values in outputs(estimator, X).items():
            np.testing.assert_array_equal(there[what], values, err_msg=f"{name} {what}")


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_silent_and_light(tmp_path):
    """Nothing is printed or written, and TensorFlow is not imported before the first fit."""
    code = """
        import pickle, sys
        import numpy as np
        from sklearn.base import clone
        from tests.unsupervised.cases import CASES, outputs
        for case in CASES.values():
            estimator = clone(pickle.loads(pickle.dumps(case.make())))
            repr(estimator), estimator._repr_html_(), estimator.__sklearn_tags__()
            hasattr(estimator, "sample"), hasattr(estimator, "model_"), hasattr(estimator, "x")
            hasattr(estimator, "get_feature_names_out"), hasattr(estimator, "loss_curve_")
        heavy = {"tensorflow", "keras", "scikeras"} & set(sys.modules)
        assert not heavy, heavy
        rng = np.random.default_rng(0)
        X, y = rng.random((60, 64)), np.arange(60) % 3
        for name in ("denoising", "detector", "conditional"):
            outputs(CASES[name].make().fit(X, y), X)
            for n in range(1, 7):  # other lengths, which would make TensorFlow trace again
                estimator = CASES[name].make(epochs=1).fit(X[:-n], y[:-n])
                outputs(estimator, X[:n])
        """
    process = run_python(code, cwd=tmp_path)
    assert process.returncode == 0, process.stderr.decode()[-3000:]
    assert (process.stdout, process.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", CLASSES)
def test_threads(name, fitted_once, X, y):
    """Fits and predictions in threads equal those one after the other."""
    made = [CASES[name].make(random_state=seed, epochs=1) for seed in range(3)]
    expected = [outputs(copy.deepcopy(e).fit(X, y), X) for e in made]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda e: outputs(e.fit(X, y), X), made))
        unpickled = pickle.loads(pickle.dumps(fitted_once(name)))
        same = list(pool.map(lambda _: outputs(unpickled, X), range(6)))
    expected += 6 * [outputs(fitted_once(name), X)]
    for one, other in zip(expected, found + same, strict=True):
        for what, values in one.items():
            np.testing.assert_array_equal(values, other[what])


def test_size(name, fitted):
    """A pickle holds the weights, two moments of each, and little else."""
    outputs(fitted, np.zeros((3, 64)))
    n_bytes = 4 * weights(fitted).size
    assert len(pickle.dumps(fitted)) <= 3 * n_bytes + 48 * 1024
