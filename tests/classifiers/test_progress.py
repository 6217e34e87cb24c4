"""scikit-learn's callbacks: one task per epoch, nested bars, scores per epoch, Ctrl-C."""

import pickle
import signal
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from tests.classifiers.cases import CASES, weights
from tests.processes import check_ran, run_forked

# A schedule ends with `epochs`, so that the first epoch of two is not a fit of one.
CONSTANT = {"learning_rate_schedule": None}


class Recorder:
    """A callback of scikit-learn's that writes down every task; it may ask to stop, or raise."""

    def __init__(self, stop_after=None, raise_after=None, error=None):
        self.stop_after, self.raise_after, self.error = stop_after, raise_after, error
        self.log, self.metadata, self.kept = [], [], []

    def setup(self, estimator, context):
        self.log.append("setup")

    def teardown(self, estimator, context):
        self.log.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, metadata=None):
        self.log.append(("begin", context.task_name, context.task_id, context.max_subtasks))
        self.metadata.append(metadata)

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.log.append(("end", context.task_name, context.task_id))
        if context.task_name != "epoch":
            return False
        self.kept.append(fitted_estimator)
        if context.task_id + 1 == self.raise_after:
            raise self.error
        return context.task_id + 1 == self.stop_after


class Propagated(Recorder):
    """The same, handed down from pipelines and searches to their steps."""

    max_propagation_depth = None


def epochs_logged(log):
    """Return the numbers of the epochs that began, and of those that ended."""
    return [[e[2] for e in log if e[:2] == (what, "epoch")] for what in ("begin", "end")]


def scores(monitor, name="accuracy", task="epoch"):
    """Return the scores of a monitor's last run."""
    return [row[name] for row in monitor.get_logs().data if row["task_name"] == task]


# One task per epoch.


def test_tasks_of_a_fit(case, three):
    recorder = Recorder()
    case.make(epochs=2).set_callbacks(recorder).fit(*three)
    assert recorder.log == [
        "setup",
        ("begin", "fit", 0, 2),
        ("begin", "epoch", 0, 0),
        ("end", "epoch", 0),
        ("begin", "epoch", 1, 0),
        ("end", "epoch", 1),
        ("end", "fit", 0),
        "teardown",
    ]
    assert recorder.metadata == [None] * 3


def test_tasks_of_partial_fit_and_of_a_warm_start(case, three):
    recorder = Recorder()
    estimator = case.make(warm_start=True).set_callbacks(recorder)
    estimator.partial_fit(*three)
    assert recorder.log[1] == ("begin", "fit", 0, 1)
    recorder.log.clear()
    assert estimator.fit(*three).n_iter_ == 3
    assert recorder.log[1] == ("begin", "fit", 0, 2)
    assert epochs_logged(recorder.log) == [[0, 1], [0, 1]]


@pytest.mark.parametrize("by", ["early_stopping", "keras", "callback"])
def test_no_epoch_begins_after_the_last(by, case, three):
    """Whoever ends the training, every epoch that began has ended, and so has the fit."""
    import keras

    recorder = Recorder(stop_after=3 if by == "callback" else None)
    params = {
        "early_stopping": {"early_stopping": True, "n_iter_no_change": 1, "learning_rate": 0.5},
        "keras": {
            "callbacks": keras.callbacks.EarlyStopping(monitor="loss", min_delta=1e9, patience=2)
        },
        "callback": {},
    }[by]
    estimator = case.make(epochs=60, **params).set_callbacks(recorder).fit(*three)
    n = estimator.n_iter_
    assert n < 60
    assert n == 3 or by == "early_stopping"
    assert epochs_logged(recorder.log) == [list(range(n))] * 2
    assert recorder.log[-2:] == [("end", "fit", 0), "teardown"]


def test_asking_to_stop_equals_fewer_epochs(case, three):
    stopped = case.make(epochs=5).set_callbacks(Recorder(stop_after=2)).fit(*three)
    np.testing.assert_array_equal(weights(stopped), weights(case.make(epochs=2).fit(*three)))


def test_sample_weight_is_metadata(case, three):
    weight = np.arange(90) % 3.0
    recorder = Recorder()
    case.make(epochs=1).set_callbacks(recorder).fit(*three, sample_weight=weight)
    assert [m["sample_weight"] is weight for m in recorder.metadata] == [True, True]


@pytest.mark.parametrize("error", [RuntimeError("mine"), KeyboardInterrupt()])
def test_torn_down_after_an_error(error, case, three, capsys):
    """A bar is closed at the epoch that raised, and the estimator serves again."""
    recorder = Recorder(raise_after=2, error=error)
    estimator = case.make(epochs=4).set_callbacks(ProgressBar(), recorder)
    with pytest.raises(type(error)):
        estimator.fit(*three)
    assert recorder.log[-2:] == [("end", "epoch", 1), "teardown"]
    assert " 50%" in capsys.readouterr().out
    assert not {"_callback_fit_ctx", "_skl_callbacks_to_teardown"} & set(vars(estimator))
    # An interrupted training keeps its whole epochs, one that failed nothing.
    assert estimator.__sklearn_is_fitted__() == isinstance(error, KeyboardInterrupt)
    assert estimator.set_callbacks(ProgressBar()).fit(*three).n_iter_ == 4
    assert "100%" in capsys.readouterr().out


def test_errors_before_the_training(case, three):
    """What is set up is torn down; no task begins."""
    recorder = Recorder()
    with pytest.raises(ValueError, match="'epochs' parameter"):
        case.make(epochs=0).set_callbacks(recorder).fit(*three)
    assert recorder.log == []
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        case.make().set_callbacks(recorder).fit(three[0], three[1][:3])
    assert recorder.log == ["setup", "teardown"]


# The fitted estimator that callbacks are shown.


def test_kept_estimators_are_out_of_their_fit(case, three, capsys):
    """Trained on, they report neither to the pipeline of their fit nor to its bar."""
    recorder, bar = Recorder(), ProgressBar()
    net = case.make().set_callbacks(recorder)
    Pipeline([("net", net)]).set_callbacks(bar).fit(*three)
    kept = recorder.kept[0]
    assert kept._skl_callbacks == [recorder]
    assert not {name for name in vars(kept) if "callback_" in name or "_to_teardown" in name}
    capsys.readouterr()
    kept.partial_fit(*three)
    assert capsys.readouterr().out == ""
    # It goes on where its epoch ended.
    np.testing.assert_array_equal(weights(kept), weights(case.make(epochs=2).fit(*three)))
    assert net._skl_callbacks == [recorder]  # lent to it no longer


def test_no_copy_unless_a_callback_asks(case, three, monkeypatch):
    from skmnist._bridge.fitting import callbacks

    copies = []

    def attributes(self):
        copies.append(self)
        return original(self)

    original = callbacks.Watch._attributes
    monkeypatch.setattr(callbacks.Watch, "_attributes", attributes)
    case.make().fit(*three)
    case.make().set_callbacks(ProgressBar()).fit(*three)
    assert copies == []
    case.make().set_callbacks(ScoringMonitor(scoring="accuracy")).fit(*three)
    assert len(copies) == 3  # two epochs and the whole


# Scores per epoch.


@pytest.mark.slow("many fits")
def test_epochs_of_a_fit_are_fits_of_so_many(any_case, three):
    """Scores, on training and other data, and the estimators themselves, pickled or not."""
    X, y = three
    given, held = (X[:60], y[:60]), (X[60:], y[60:])
    monitor = ScoringMonitor(
        scoring={
            "training": lambda estimator, X, y: estimator.score(X, y),
            "validation": lambda estimator, X, y: estimator.score(*held),
        }
    )
    recorder = Recorder()
    fitted = any_case.make(**CONSTANT).set_callbacks(monitor, recorder)
    fitted.fit(*given, X_val=held[0], y_val=held[1])
    by_hand = [any_case.make(epochs=n, **CONSTANT).fit(*given) for n in (1, 2)]
    assert scores(monitor, "training") == [e.score(*given) for e in by_hand]
    assert scores(monitor, "validation") == [e.score(*held) for e in by_hand]
    assert scores(monitor, "validation") == pytest.approx(fitted.history_["val_accuracy"])
    for kept, expected in zip(recorder.kept, by_hand, strict=True):
        kept.set_callbacks()
        assert kept.n_iter_ == expected.n_iter_
        assert kept.history_["loss"] == expected.loss_curve_
        for found in (kept, pickle.loads(pickle.dumps(kept))):
            np.testing.assert_array_equal(weights(found), weights(expected))


@pytest.mark.slow("many fits")
def test_scores_are_weighted(case, three):
    weight = np.random.default_rng(0).integers(0, 3, 90).astype(float)
    monitor = ScoringMonitor(scoring="accuracy")
    case.make().set_callbacks(monitor).fit(*three, sample_weight=weight)
    by_hand = [case.make(epochs=n).fit(*three, sample_weight=weight) for n in (1, 2)]
    expected = [e.score(*three, sample_weight=weight) for e in by_hand]
    assert scores(monitor) == pytest.approx(expected)
    assert expected != [e.score(*three) for e in by_hand]


def test_score_of_the_whole_is_that_of_the_best_weights(case, three):
    monitor = ScoringMonitor(scoring="neg_log_loss")
    estimator = case.make(epochs=40, early_stopping=True, n_iter_no_change=1, learning_rate=0.5)
    estimator.set_callbacks(monitor).fit(*three)
    from sklearn.metrics import log_loss

    found = -log_loss(three[1], estimator.predict_proba(three[0]))
    assert scores(monitor, "neg_log_loss", "fit") == pytest.approx([found])
    assert len(scores(monitor, "neg_log_loss")) == estimator.n_iter_


def test_data_sets_are_watched(case, three, capsys):
    """Without y nothing is scored; the epochs are logged, and the bar moves."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(three).batch(30)
    monitor = ScoringMonitor(scoring="accuracy")
    case.make().set_callbacks(monitor, ProgressBar()).fit(data)
    rows = monitor.get_logs().data
    assert [row["task_name"] for row in rows] == ["fit", "epoch", "epoch"]
    assert not any("accuracy" in row for row in rows)
    assert "100%" in capsys.readouterr().out


@pytest.mark.slow("many fits")
def test_keras_callbacks_beside(case, three):
    import keras

    seen = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda n, logs: seen.append(dict(logs)))
    monitor = ScoringMonitor(scoring="accuracy")
    recorder = Recorder()
    fitted = case.make(callbacks=[note]).set_callbacks(monitor, recorder).fit(*three)
    assert [logs["loss"] for logs in seen] == fitted.loss_curve_
    assert len(scores(monitor)) == len(recorder.kept) == 2
    np.testing.assert_array_equal(weights(fitted), weights(case.make().fit(*three)))


# Nested.


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_bars_and_scores_through_a_search(n_jobs, three, capsys):
    """Epochs of every fit of a search, in other processes too."""
    case = CASES["mlp"]
    monitor = ScoringMonitor(scoring="accuracy")
    pipe = Pipeline([("scale", StandardScaler()), ("net", case.make().set_callbacks(monitor))])
    search = GridSearchCV(pipe, {"net__epochs": [1, 3]}, cv=2, n_jobs=n_jobs, error_score="raise")
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*three)

    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert all("100%" in line for line in lines)
    indents = [len(line) - len(line.lstrip()) for line in lines]
    # The search, its candidates, their pipelines' two steps; then the best one again.
    fits = [4, 6, 6]
    assert indents == [0, 2, *fits * 4, *(n - 2 for n in fits)]

    counts = {}
    for row in monitor.get_logs().data:
        if row["task_name"] == "epoch":
            counts.setdefault(row["parent_task_id_path"], []).append(row["accuracy"])
    best = search.best_params_["net__epochs"]
    assert sorted(map(len, counts.values())) == sorted([1, 1, 3, 3, best])
    refit = counts[min(counts, key=len)]  # one level less
    assert refit[-1] == search.score(*three)


def test_default_depth_shows_no_epochs_in_a_search(three, capsys):
    pipe = Pipeline([("net", CASES["mlp"].make())])
    search = GridSearchCV(pipe, {"net__epochs": [1]}, cv=2).set_callbacks(ProgressBar())
    search.fit(*three)
    assert "Pipeline - fit" in (out := capsys.readouterr().out)
    assert "MLPClassifier" not in out


def test_callbacks_come_down_to_the_network(case, three):
    recorder = Propagated()
    Pipeline([("scale", StandardScaler()), ("net", case.make())]).set_callbacks(recorder).fit(
        *three
    )
    assert epochs_logged(recorder.log) == [[0, 1], [0, 1]]
    assert recorder.log.count("setup") == recorder.log.count("teardown") == 1
    assert ("begin", "fit", 1, 2) in recorder.log  # the second step, of two epochs


def test_bar_where_the_outer_function_has_none(case, three, capsys):
    estimator = case.make().set_callbacks(ProgressBar())
    assert len(cross_val_score(estimator, *three, cv=2, error_score="raise")) == 2
    assert capsys.readouterr().out.count("100%") == 2


# Copies, and no output.


def test_clones_and_pickles_keep_callbacks(case, three):
    monitor = ScoringMonitor(scoring="accuracy")
    estimator = case.make().set_callbacks(monitor)
    assert clone(estimator)._skl_callbacks == [monitor]
    loaded = pickle.loads(pickle.dumps(estimator.fit(*three)))
    loaded.fit(*three)
    first, second = loaded._skl_callbacks[0].get_logs(select="all")
    assert [row["accuracy"] for row in first.data] == [row["accuracy"] for row in second.data]


def test_silent_without_being_asked(case, three, capfd):
    case.make(verbose=0).set_callbacks(ScoringMonitor(scoring="accuracy")).fit(*three)
    assert capfd.readouterr() == ("", "")


def test_lines_beside_a_bar(case, three, capsys):
    case.make(verbose=1).set_callbacks(ProgressBar()).fit(*three)
    lines = [line[:9] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[:2] == ["Epoch 1/2", "Epoch 2/2"]


# Ctrl-C.


class Presser(Recorder):
    """Sends SIGINT so many times while the callbacks of the second epoch are at work."""

    def __init__(self, times):
        super().__init__()
        self.times, self.finished = times, []

    def on_fit_task_end(self, estimator, context):
        if (context.task_name, context.task_id) == ("epoch", 1):
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
            self.finished.append(True)


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_during_callbacks(times, case, three):
    """The first waits until the callbacks have returned; who insists is answered at once."""
    presser = Presser(times)
    before = signal.getsignal(signal.SIGINT)
    estimator = case.make(epochs=4).set_callbacks(presser)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*three)
    assert presser.finished == [True] * (times == 1)
    assert presser.log[-1] == "teardown"
    assert estimator.n_iter_ == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_is_left_to_who_handles_it(case, three):
    """A handler of the user's gets every signal once, and one that ignores it is not replaced."""
    got = []
    before = signal.signal(signal.SIGINT, lambda *signalled: got.append(signalled))
    try:
        assert case.make(epochs=3).set_callbacks(Presser(1)).fit(*three).n_iter_ == 3
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        assert case.make(epochs=3).set_callbacks(Presser(2)).fit(*three).n_iter_ == 3
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert [number for number, _ in got] == [signal.SIGINT]


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_ctrl_c_cannot_hang_the_bar(tmp_path):
    """Ctrl-C in the middle of a message to the bar's thread, where Python's queue cannot bear it.

    The interrupt is sent between the waking of that thread and the note that it was woken.
    """
    code = """
        import os, signal, threading
        import numpy as np
        from sklearn.callback import ProgressBar
        from skmnist import MLPClassifier

        class Bar(ProgressBar):
            def on_fit_task_end(self, estimator, context):
                from sklearn.callback import _progressbar
                queue = _progressbar._run_queues[context.root_uuid]
                waiters = queue.not_empty._waiters
                if (context.task_name, context.task_id) == ("epoch", 1):
                    class Waiters(type(waiters)):
                        def remove(self, waiter):
                            queue.not_empty._waiters = waiters
                            signal.raise_signal(signal.SIGINT)
                            waiters.remove(waiter)
                    while not waiters:  # until the thread waits
                        pass
                    queue.not_empty._waiters = Waiters(waiters)
                super().on_fit_task_end(estimator, context)

        X, y = np.random.default_rng(0).random((60, 64)), np.arange(60) % 3
        net = MLPClassifier((4,), epochs=50, random_state=0).set_callbacks(Bar())
        try:
            net.fit(X, y)
        except KeyboardInterrupt:
            assert net.n_iter_ == 2, net.n_iter_
            assert threading.active_count() < 4
            os._exit(0)
        os._exit(1)
        """
    check_ran(run_forked(code, cwd=tmp_path, timeout=90))


@pytest.mark.slow("many fits")
def test_fits_in_other_threads(case, three):
    """Signals belong to the main thread; elsewhere callbacks are called all the same."""
    from threading import Thread

    recorder = Recorder()
    estimator = case.make().set_callbacks(recorder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        thread = Thread(target=estimator.fit, args=three)
        thread.start()
        thread.join()
    assert estimator.n_iter_ == 2
    assert recorder.log[-1] == "teardown"
