"""Several workers: the same scores as one, and an error instead of hanging."""

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.model_selection import GridSearchCV, cross_validate

from tests.classifiers.cases import CASES, network
from tests.marks import slow_but
from tests.processes import check_ran, run_forked, run_python

BACKENDS = slow_but(["threading"], ["loky", "threading"], "starts TensorFlow in two workers")


@pytest.mark.parametrize("backend", BACKENDS)
def test_grid_search(backend, case, three):
    X, y = three
    grid = {"epochs": [1, 3]}
    one = GridSearchCV(case.make(), grid, cv=2, error_score="raise").fit(X, y)
    with parallel_config(backend, n_jobs=2):
        for _ in range(2):  # the second grid in the same process finishes too
            several = GridSearchCV(case.make(), grid, cv=2, error_score="raise").fit(X, y)
            for key in ("split0_test_score", "split1_test_score"):
                np.testing.assert_array_equal(several.cv_results_[key], one.cv_results_[key])
    np.testing.assert_array_equal(several.predict_proba(X), one.predict_proba(X))


@pytest.mark.parametrize("backend", BACKENDS)
def test_estimators_come_back(backend, case, three):
    X, y = three
    one = cross_validate(case.make(), X, y, cv=2, return_estimator=True)["estimator"]
    with parallel_config(backend, n_jobs=2):
        several = cross_validate(
            case.make(), X, y, cv=2, return_estimator=True, error_score="raise"
        )["estimator"]
    for first, second in zip(one, several, strict=True):
        # Sums of other threads may differ in the last bits of float32.
        np.testing.assert_allclose(
            first.predict_proba(X), second.predict_proba(X), rtol=0, atol=1e-6
        )
        assert first.n_iter_ == second.partial_fit(X, y).n_iter_ - 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_ensembles(backend, case, three):
    X, y = three
    with parallel_config(backend, n_jobs=2):
        bagging = BaggingClassifier(case.make(), n_estimators=2, random_state=0).fit(X, y)
        voting = VotingClassifier([("a", case.make()), ("b", case.make(random_state=1))]).fit(X, y)
    np.testing.assert_allclose(
        bagging.predict_proba(X),
        clone(bagging).fit(X, y).predict_proba(X),
        atol=1e-6,
    )
    assert voting.predict(X).shape == y.shape


def test_many_threads_at_once(case, three):
    """Fits in threads, which share Keras and TensorFlow, equal fits one after the other."""
    from concurrent.futures import ThreadPoolExecutor

    X, y = three
    expected = [case.make(random_state=s).fit(X, y).predict_proba(X) for s in range(4)]
    with ThreadPoolExecutor(4) as pool:
        got = list(
            pool.map(lambda s: case.make(random_state=s).fit(X, y).predict_proba(X), range(4))
        )
    for one, other in zip(expected, got, strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_estimator_predicts_in_threads(case, three):
    import pickle
    from concurrent.futures import ThreadPoolExecutor

    X, y = three
    fitted = case.make().fit(X, y)
    expected = fitted.predict_proba(X)
    for estimator in (fitted, pickle.loads(pickle.dumps(fitted))):
        with ThreadPoolExecutor(4) as pool:
            for proba in pool.map(lambda _, e=estimator: e.predict_proba(X), range(16)):
                np.testing.assert_array_equal(proba, expected)


FORK = """
    import multiprocessing, sys, time
    import numpy as np
    {start}
    from tests.classifiers.cases import CASES
    rng = np.random.default_rng(0)
    X, y = rng.random((40, 16)), np.arange(40) % 2
    case = CASES["mlp"]
    fitted = {fitted}
    works = [lambda: case.make().fit(X, y), lambda: fitted.predict(X)]
    works += [lambda: fitted.partial_fit(X, y)]

    def do(work, queue):
        try:
            work()
            queue.put("worked")
        except BaseException as error:
            queue.put(f"{{type(error).__name__}}: {{error}}")

    from queue import Empty

    context = multiprocessing.get_context("fork")
    for work in works[:{n_works}]:
        queue = context.Queue()
        process = context.Process(target=do, args=(work, queue), daemon=True)
        began = time.time()
        process.start()
        try:
            answer = queue.get(timeout=60)
        except Empty:
            answer = "hung"
        print(answer, f"[{{time.time() - began:.1f}} s]")
        process.kill()
    """


@pytest.mark.slow("starts TensorFlow in a fresh process")
@pytest.mark.parametrize(
    "start, fitted, n_works",
    [
        ("", "case.make().fit(X, y)", 3),
        ("import keras; keras.ops.ones((2, 2)) @ keras.ops.ones((2, 2))", "None", 1),
    ],
    ids=["fit, predict and partial_fit", "TensorFlow started by the user"],
)
def test_fork_is_an_error_and_does_not_hang(start, fitted, n_works, tmp_path):
    code = FORK.format(start=start, fitted=fitted, n_works=n_works)
    answers = check_ran(run_forked(code, cwd=tmp_path, timeout=100)).splitlines()
    assert len(answers) == n_works
    for answer in answers:
        assert answer.startswith("RuntimeError"), answer
        assert "fork" in answer
        assert "loky" in answer
        assert float(answer.rsplit("[", 1)[1].split()[0]) < 5


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_fork_before_tensorflow_works(tmp_path):
    out = check_ran(
        run_python(
            FORK.format(start="", fitted="None", n_works=1),
            cwd=tmp_path,
            timeout=100,
        )
    )
    assert out.startswith("worked"), out


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_joblib_multiprocessing_backend(tmp_path):
    code = """
        import time
        import numpy as np
        from joblib import parallel_config
        from sklearn.model_selection import ShuffleSplit, cross_val_score
        from tests.classifiers.cases import CASES
        rng = np.random.default_rng(0)
        X, y = rng.random((40, 16)), np.arange(40) % 2
        estimator = CASES["mlp"].make().fit(X, y)
        began = time.time()
        try:
            with parallel_config("multiprocessing", n_jobs=2):
                # One split: Python's Pool may hang in terminate() with tasks on their way.
                one = ShuffleSplit(1, random_state=0)
                cross_val_score(estimator, X, y, cv=one, error_score="raise")
        except RuntimeError as error:
            assert "fork" in str(error), error
            assert time.time() - began < 10
            print("clear error")
        """
    assert check_ran(run_python(code, cwd=tmp_path, timeout=60)).strip() == "clear error"


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_spawned_process_imports_only_what_it_needs(tmp_path):
    """cloudpickled in a script's ``__main__``, a builder works in loky's workers."""
    code = """
        import numpy as np
        from sklearn.model_selection import cross_validate
        from skmnist import KerasClassifier

        def build(image_shape, n_classes):
            import keras
            return keras.Sequential([
                keras.Input(image_shape),
                keras.layers.Flatten(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ])

        rng = np.random.default_rng(0)
        X, y = rng.random((40, 16)), np.arange(40) % 2
        result = cross_validate(
            KerasClassifier(build, epochs=1), X, y, cv=2, n_jobs=2,
            error_score="raise", return_estimator=True,
        )
        print(result["estimator"][0].predict(X[:1]).shape)
        """
    assert check_ran(run_python(code, cwd=tmp_path)).strip() == "(1,)"


def test_cases_have_a_row_for_a_builder():
    assert CASES["keras"].quick["model"] is network
