"""What is written, and where: nothing unless asked for; and what importing costs."""

import numpy as np
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.classifiers.cases import CASES
from tests.processes import check_ran, run_python


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_verbose_0_is_silent(tmp_path):
    """Not a byte on stdout or stderr, TensorFlow's own lines included."""
    code = """
        import numpy as np
        from tests.classifiers.cases import CASES
        from sklearn.model_selection import GridSearchCV, cross_val_score
        rng = np.random.default_rng(0)
        X, y = rng.random((60, 64)), np.arange(60) % 3
        for name, case in CASES.items():
            estimator = case.make(early_stopping=True).fit(X, y)
            estimator.predict(X)
            estimator.predict_proba(X[:1])
            GridSearchCV(case.make(), {"epochs": [1, 2]}, cv=2).fit(X, y).predict(X)
            if name == "mlp":
                GridSearchCV(case.make(), {"epochs": [1, 2]}, cv=2, n_jobs=2).fit(X, y)
            for n in range(1, 8):  # other lengths, which would make TensorFlow trace again
                case.make(epochs=1).fit(X[:-n], y[:-n]).predict(X[:n])
        """
    process = run_python(code, cwd=tmp_path, timeout=400)
    check_ran(process)
    assert process.stdout == b""
    assert process.stderr == b""
    assert list(tmp_path.iterdir()) == []


def test_verbose_1_is_a_line_an_epoch(case, three, capfd):
    X, y = three
    case.make(epochs=3, verbose=1).fit(X, y, X_val=X, y_val=y)
    out, err = capfd.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert len(lines) == 3
    for i, line in enumerate(lines, start=1):
        assert line.startswith(f"Epoch {i}/3")
        for word in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert f" {word} " in line
    estimator = case.make(epochs=1, verbose=1, warm_start=True).fit(X, y).fit(X, y)
    estimator.predict(X)
    assert [line.split()[1] for line in capfd.readouterr()[0].splitlines()] == ["1/1", "2/2"]


def test_silent_in_this_process(case, three, capfd):
    X, y = three
    estimator = case.make(early_stopping=True).fit(X, y)
    estimator.predict(X)
    for n in range(1, 9):
        estimator.predict(X[:n])
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow("many fits")
def test_no_retracing(three, caplog):
    """Neither many fits nor many lengths make TensorFlow warn of retracing."""
    X, y = three
    estimator = CASES["mlp"].make(epochs=1)
    for n in range(1, 11):
        estimator.fit(X[:-n], y[:-n])
        estimator.predict(X[:n])
        estimator.partial_fit(X[:-n], y[:-n])
    assert "retracing" not in caplog.text


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_user_log_level_is_respected(tmp_path):
    code = """
        import os
        import numpy as np
        from skmnist import MLPClassifier
        MLPClassifier(epochs=1).fit(np.eye(4), [0, 1, 0, 1])
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
        """
    process = run_python(code, cwd=tmp_path, TF_CPP_MIN_LOG_LEVEL="0")
    check_ran(process)
    assert b"oneDNN" in process.stderr or b"cpu_feature_guard" in process.stderr


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_light_until_the_first_fit(tmp_path):
    """Importing, constructing, cloning, setting and printing leave TensorFlow alone."""
    code = """
        import copy, pickle, sys
        import skmnist
        from skmnist import KerasClassifier, LeNetClassifier, MLPClassifier
        from tests.classifiers.cases import CASES, all_off_default
        from sklearn.base import clone, is_classifier
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        for name, case in CASES.items():
            for estimator in (case.make(), case.cls(**all_off_default(name))):
                cloned = clone(make_pipeline(estimator))[0]
                cloned.set_params(epochs=3, optimizer__momentum=0.5)
                cloned.get_params()
                repr(cloned), cloned._repr_html_(), is_classifier(cloned), cloned.__sklearn_tags__()
                copy.deepcopy(cloned), pickle.loads(pickle.dumps(cloned))
                hasattr(cloned, "model_"), hasattr(cloned, "loss_curve_")
                GridSearchCV(cloned, {"epochs": [1]}, cv=2)
                try:
                    cloned.set_params(epoch=3)
                except ValueError:
                    pass
        heavy = {"tensorflow", "keras", "scikeras"} & set(sys.modules)
        assert not heavy, heavy
        """
    check_ran(run_python(code, cwd=tmp_path))


def test_scoring_monitor(case, three):
    monitor = ScoringMonitor(scoring="accuracy")
    estimator = case.make(epochs=3).set_callbacks(monitor)
    estimator.fit(*three)
    scores = [row["accuracy"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    expected = [case.make(epochs=n).fit(*three).score(*three) for n in (1, 2, 3)]
    assert scores == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["pipeline", "search"])
def test_scoring_monitor_in(kind, case, three):
    monitor = ScoringMonitor(scoring="accuracy")
    net = case.make(epochs=2).set_callbacks(monitor)
    if kind == "pipeline":
        make_pipeline(StandardScaler(), net).fit(*three)
        expected = 2
    else:
        GridSearchCV(net, {"epochs": [2]}, cv=2, error_score="raise").fit(*three)
        expected = 2 * 3
    logs = monitor.get_logs(select="all")
    logs = logs if isinstance(logs, list) else [logs]
    rows = [row for log in logs for row in log.data if row["task_name"] == "epoch"]
    assert len(rows) == expected
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


def test_scoring_monitor_with_warm_start(case, three):
    monitor = ScoringMonitor(scoring="accuracy")
    estimator = case.make(warm_start=True).set_callbacks(monitor)
    estimator.fit(*three).fit(*three)
    assert estimator.n_iter_ == 4
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert rows[-1]["accuracy"] == pytest.approx(estimator.score(*three))


@pytest.mark.parametrize("kind", ["alone", "pipeline", "search"])
def test_progress_bar(kind, case, three, capsys):
    net = case.make(epochs=2)
    whole = {
        "alone": net,
        "pipeline": make_pipeline(StandardScaler(), net),
        "search": GridSearchCV(net, {"epochs": [1, 2]}, cv=2, error_score="raise"),
    }[kind]
    whole.set_callbacks(ProgressBar(max_propagation_depth=3)).fit(*three)
    assert "%" in capsys.readouterr().out
    assert whole.score(*three) > 0


def test_callbacks_of_sklearn_change_nothing(case, three):
    first = case.make(early_stopping=True).fit(*three)
    monitored = case.make(early_stopping=True).set_callbacks(ScoringMonitor(scoring="accuracy"))
    monitored.fit(*three)
    np.testing.assert_array_equal(first.predict_proba(three[0]), monitored.predict_proba(three[0]))
