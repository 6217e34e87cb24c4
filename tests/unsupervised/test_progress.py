"""scikit-learn's callbacks in estimators without labels: tasks, bars, scores per epoch, copies."""

import pickle

import numpy as np
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler

from skmnist import MLPClassifier
from tests.unsupervised.cases import AUTOENCODERS, CASES, CLASSES, assert_same_outputs, weights

pytestmark = pytest.mark.slow("many fits, which the same tests of classifiers have too")


class Recorder:
    """A callback of scikit-learn's that writes down every task, and keeps what it is shown."""

    def __init__(self, stop_after=None, raise_after=None):
        self.stop_after, self.raise_after = stop_after, raise_after
        self.log, self.kept = [], []

    def setup(self, estimator, context):
        self.log.append("setup")

    def teardown(self, estimator, context):
        self.log.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.log.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.log.append(("end", context.task_name, context.task_id))
        if context.task_name != "epoch":
            return False
        self.kept.append(fitted_estimator)
        if context.task_id + 1 == self.raise_after:
            raise RuntimeError("mine")
        return context.task_id + 1 == self.stop_after


def epochs_logged(log):
    """Return the numbers of the epochs that began, and of those that ended."""
    return [[e[2] for e in log if e[:2] == (what, "epoch")] for what in ("begin", "end")]


def mean_score(estimator, X, y):
    """Score an autoencoder as a monitor wants it: by name."""
    return {"score": float(np.mean(estimator.score_samples(X)))}


def bars(capsys):
    """Return the lines of the bars that were printed."""
    return [line for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_tasks_of_a_fit(case, X, y):
    recorder = Recorder()
    estimator = case.make().set_callbacks(recorder).fit(X, y)
    epochs = [(what, "epoch", n) for n in (0, 1) for what in ("begin", "end")]
    assert recorder.log == ["setup", ("begin", "fit", 0), *epochs, ("end", "fit", 0), "teardown"]
    if hasattr(estimator, "partial_fit"):  # the detector's threshold needs all of the data
        recorder.log.clear()
        estimator.partial_fit(X, y)
        assert epochs_logged(recorder.log) == [[0], [0]]


@pytest.mark.parametrize("name", CLASSES)
def test_asking_to_stop_equals_fewer_epochs(name, X, y):
    recorder = Recorder(stop_after=2)
    stopped = CASES[name].make(epochs=6).set_callbacks(recorder).fit(X, y)
    assert epochs_logged(recorder.log) == [[0, 1], [0, 1]]
    assert recorder.log[-2:] == [("end", "fit", 0), "teardown"]
    assert_same_outputs(stopped, CASES[name].make(epochs=2).fit(X, y), X)


def test_early_stopping_ends_the_bar(X, capsys):
    recorder = Recorder()
    estimator = CASES["dense"].make(
        epochs=60, early_stopping=True, n_iter_no_change=1, learning_rate=0.1
    )
    n = estimator.set_callbacks(recorder, ProgressBar()).fit(X).n_iter_
    assert n < 60
    assert epochs_logged(recorder.log) == [list(range(n))] * 2
    assert all("100%" in line for line in bars(capsys))


@pytest.mark.parametrize("name", CLASSES)
def test_torn_down_after_an_error(name, X, y, capsys):
    recorder = Recorder(raise_after=1)
    estimator = CASES[name].make().set_callbacks(ProgressBar(), recorder)
    with pytest.raises(RuntimeError, match="mine"):
        estimator.fit(X, y)
    assert recorder.log[-1] == "teardown"
    assert " 50%" in bars(capsys)[-1]
    assert not estimator.__sklearn_is_fitted__()
    assert "_callback_fit_ctx" not in vars(estimator)


def test_kept_estimators_stay_as_they_were(name, X, y):
    """What a callback keeps of every epoch is what so many epochs give, pickled or not."""
    recorder = Recorder()
    CASES[name].make().set_callbacks(recorder).fit(X, y)
    for n, kept in enumerate(recorder.kept, start=1):
        kept.set_callbacks()
        expected = CASES[name].make(epochs=n).fit(X, y)
        assert_same_outputs(pickle.loads(pickle.dumps(kept)), expected, X)


@pytest.mark.parametrize("name", ["dense", "conditional"])
def test_kept_estimators_go_on_where_their_epoch_ended(name, X, y):
    recorder = Recorder(stop_after=1)
    CASES[name].make().set_callbacks(recorder).fit(X, y)
    kept = recorder.kept[0].set_callbacks().partial_fit(X, y)
    np.testing.assert_array_equal(weights(kept), weights(CASES[name].make(epochs=2).fit(X, y)))


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_scores_per_epoch(name, X, y):
    """A monitor scores only where there is y; autoencoders ignore it otherwise."""
    monitor = ScoringMonitor(scoring=mean_score)
    CASES[name].make().set_callbacks(monitor).fit(X, y)
    found = [row["score"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    by_hand = [CASES[name].make(epochs=n).fit(X) for n in (1, 2)]
    assert found == [mean_score(e, X, None)["score"] for e in by_hand]


def test_nested_in_pipeline_and_search(X, y, capsys):
    """Two networks in a row have a bar each, in every fit of the search."""
    steps = [
        ("scale", MaxAbsScaler()),
        ("codes", CASES["dense"].make()),
        ("net", MLPClassifier((4,), epochs=1, random_state=0)),
    ]
    search = GridSearchCV(Pipeline(steps), {"codes__epochs": [1]}, cv=2, error_score="raise")
    search.set_callbacks(ProgressBar(max_propagation_depth=None))
    with pytest.warns(UserWarning, match="MaxAbsScaler does not support callbacks"):
        search.fit(X, y)
    lines = bars(capsys)
    assert all("100%" in line for line in lines)
    for network in ("Autoencoder - fit #1", "MLPClassifier - fit #2"):
        assert sum(network in line for line in lines) == 3  # two splits and the best again


@pytest.mark.parametrize("name", CLASSES)
def test_keras_callbacks_beside(name, X, y):
    import keras

    seen = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda n, logs: seen.append(dict(logs)))
    recorder = Recorder()
    fitted = CASES[name].make(callbacks=[note]).set_callbacks(recorder).fit(X, y)
    assert epochs_logged(recorder.log) == [[0, 1], [0, 1]]
    assert [logs["loss"] for logs in seen[:2]] == fitted.history_["loss"]
    assert len(seen) == 2


def test_data_sets_are_watched(X):
    import tensorflow as tf

    recorder = Recorder()
    data = tf.data.Dataset.from_tensor_slices(X).batch(40)
    CASES["dense"].make().set_callbacks(recorder).fit(data)
    assert epochs_logged(recorder.log) == [[0, 1], [0, 1]]
    assert [kept.n_iter_ for kept in recorder.kept] == [1, 2]


def test_detector_shows_its_threshold_of_every_epoch(X):
    recorder = Recorder()
    CASES["detector"].make().set_callbacks(recorder).fit(X)
    for n, kept in enumerate(recorder.kept, start=1):
        assert kept.offset_ == CASES["detector"].make(epochs=n).fit(X).offset_
