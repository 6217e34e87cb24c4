"""Keras callbacks: fresh in every fit, complete in their calls, and working as in Keras."""

import copy
import os

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from tests.classifiers.cases import weights

LOG = []


@pytest.fixture
def log():
    LOG.clear()
    return LOG


def recorder_class():
    import keras

    class Recorder(keras.callbacks.Callback):
        """Writes down every hook; keeps a count, to show whether it is fresh."""

        def __init__(self):
            super().__init__()
            self.epochs_seen = 0

        def on_train_begin(self, logs=None):
            LOG.append(("train_begin", self.epochs_seen))

        def on_epoch_begin(self, epoch, logs=None):
            LOG.append(("epoch_begin", epoch))

        def on_train_batch_begin(self, batch, logs=None):
            LOG.append(("batch_begin", batch))

        def on_train_batch_end(self, batch, logs=None):
            LOG.append(("batch_end", batch, set(logs)))

        def on_test_begin(self, logs=None):
            LOG.append(("test_begin",))

        def on_test_batch_end(self, batch, logs=None):
            LOG.append(("test_batch_end", batch))

        def on_test_end(self, logs=None):
            LOG.append(("test_end",))

        def on_epoch_end(self, epoch, logs=None):
            self.epochs_seen += 1
            LOG.append(("epoch_end", epoch, sorted(logs)))

        def on_train_end(self, logs=None):
            LOG.append(("train_end", self.epochs_seen, dict(self.params)))

    return Recorder


def test_every_hook_is_called(case, log, three):
    X, y = three
    case.make(callbacks=[recorder_class()()], batch_size=40).fit(X, y, X_val=X, y_val=y)
    names = [entry[0] for entry in log]
    epoch = ["epoch_begin"] + ["batch_begin", "batch_end"] * 3
    epoch += ["test_begin", "test_batch_end", "test_end", "epoch_end"]
    assert names == ["train_begin", *epoch * 2, "train_end"]
    assert [e[1] for e in log if e[0] == "batch_begin"] == [0, 1, 2] * 2
    assert [e[1] for e in log if e[0] == "epoch_end"] == [0, 1]
    assert all({"loss", "accuracy"} <= e[2] for e in log if e[0] == "batch_end")
    assert log[-2][2] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert log[-1][2]["epochs"] == 2
    assert log[-1][2]["steps"] == 3


def test_batch_hooks_change_nothing(case, log, three):
    """Training in single steps, for a callback that watches them, gives the same network."""
    first = case.make().fit(*three)
    second = case.make(callbacks=[recorder_class()()]).fit(*three)
    np.testing.assert_array_equal(weights(first), weights(second))
    assert first.history_ == second.history_


@pytest.mark.slow("many fits")
def test_fresh_copy_in_every_fit(case, log, three):
    X, y = three
    recorder = recorder_class()()
    shared = [recorder]
    estimator = case.make(callbacks=shared)
    other = clone(estimator)
    estimator.fit(X, y).fit(X, y)
    other.fit(X, y)
    cross_val_score(estimator, X, y, cv=2)
    GridSearchCV(estimator, {"epochs": [1, 2]}, cv=2).fit(X, y)
    begins = [e for e in log if e[0] == "train_begin"]
    assert len(begins) == 2 + 1 + 2 + 5
    assert all(seen == 0 for _, seen in begins)
    assert recorder.epochs_seen == 0
    assert estimator.callbacks is shared
    assert shared == [recorder]
    assert vars(recorder).get("_model") is None


def test_shared_early_stopping(case, three):
    """The state of an early stopping does not carry over to the next fit."""
    import keras

    shared = [keras.callbacks.EarlyStopping(monitor="loss", patience=1, min_delta=1e9)]
    for _ in range(3):
        assert case.make(callbacks=shared, epochs=5).fit(*three).n_iter_ == 2
    assert shared[0].stopped_epoch == 0


@pytest.mark.parametrize("kind", ["class", "instance", "tuple", "dict", "single", "single class"])
def test_kinds_of_callbacks(case, kind, log, three):
    Recorder = recorder_class()
    given = {
        "class": [Recorder],
        "instance": [Recorder()],
        "tuple": (Recorder(),),
        "dict": {"recorder": Recorder()},
        "single": Recorder(),
        "single class": Recorder,
    }[kind]
    case.make(callbacks=given, epochs=1).fit(*three)
    assert sum(entry[0] == "epoch_end" for entry in log) == 1


@pytest.mark.parametrize("wrong", [["EarlyStopping"], [3], [int], {"a": None}])
def test_what_is_no_callback(case, wrong, three):
    with pytest.raises(TypeError, match="callbacks"):
        case.make(callbacks=wrong).fit(*three)


def test_learning_rate_scheduler(case, three):
    import keras

    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / 2**epoch)
    fitted = case.make(callbacks=[scheduler], optimizer="sgd", epochs=3).fit(*three)
    assert fitted.history_["learning_rate"] == pytest.approx([0.1, 0.05, 0.025])
    assert fitted.n_iter_ == 3
    by_hand = case.make(optimizer="sgd", learning_rate=0.1, epochs=1).fit(*three)
    assert by_hand.loss_curve_[0] == fitted.loss_curve_[0]
    constant = case.make(optimizer="sgd", learning_rate=0.1, epochs=3).fit(*three)
    assert constant.loss_curve_[2] != fitted.loss_curve_[2]


def test_reduce_on_plateau(case, three):
    import keras

    callback = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=1, min_delta=1e9
    )
    fitted = case.make(
        callbacks=[callback], optimizer="sgd", learning_rate=0.1, epochs=4, validation_fraction=0.2
    ).fit(*three)
    assert fitted.history_["learning_rate"][0] == pytest.approx(0.1)
    assert fitted.history_["learning_rate"][-1] < 0.06
    assert callback.best in (None, 0, np.inf)


def test_terminate_on_nan(case, three):
    import keras

    X, y = three
    estimator = case.make(
        callbacks=[keras.callbacks.TerminateOnNaN()], optimizer="sgd", learning_rate=1e30, epochs=50
    )
    with pytest.raises(ValueError, match="loss became"):
        estimator.fit(X * 1e4, y)
    assert not estimator.__sklearn_is_fitted__()


def test_nan_loss_without_callbacks(case, three):
    X, y = three
    estimator = case.make(optimizer="sgd", learning_rate=1e30, epochs=50)
    with pytest.raises(ValueError, match=r"loss became .* in epoch \d+.*learning rate"):
        estimator.fit(X * 1e4, y)
    assert not estimator.__sklearn_is_fitted__()
    assert not hasattr(estimator, "n_features_in_")


def test_model_checkpoint(case, tmp_path, three):
    import keras

    X, y = three
    path = tmp_path / "epoch{epoch:02d}.keras"
    fitted = case.make(callbacks=[keras.callbacks.ModelCheckpoint(path)], epochs=3).fit(X, y)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"epoch0{i}.keras" for i in (1, 2, 3)]
    loaded = keras.models.load_model(tmp_path / "epoch03.keras")
    np.testing.assert_allclose(
        loaded.predict(X.reshape(-1, 8, 8, 1), verbose=0), fitted.predict_proba(X), atol=1e-6
    )


def test_csv_logger(case, tmp_path, three):
    import keras

    logger = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    fitted = case.make(callbacks=[logger], epochs=3).fit(*three)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 4
    # Keras's logger adds empty columns for validation.
    assert lines[0].split(",")[:3] == ["epoch", "accuracy", "loss"]
    assert float(lines[3].split(",")[2]) == pytest.approx(fitted.loss_curve_[-1])


def test_lambda_callback_and_own_logs(case, three):
    """A callback may add numbers to the logs; they stand in the history."""
    import keras

    def add(epoch, logs):
        logs["twice"] = 2 * np.float32(epoch)

    fitted = case.make(callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=add)]).fit(*three)
    assert fitted.history_["twice"] == [0.0, 2.0]
    assert all(type(v) is float for v in fitted.history_["twice"])


def test_stop_training_from_a_callback(case, three):
    import keras

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    assert case.make(callbacks=[Stop()], epochs=9).fit(*three).n_iter_ == 2


def test_epoch_numbers_go_on(case, log, three):
    Recorder = recorder_class()
    estimator = case.make(callbacks=[Recorder], warm_start=True).fit(*three).fit(*three)
    estimator.partial_fit(*three)
    assert [e[1] for e in log if e[0] == "epoch_end"] == [0, 1, 2, 3, 4]


def test_callback_sees_the_model_it_trains(case, three):
    import keras

    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    estimator = case.make(callbacks=[callback]).fit(*three)
    assert seen == [0, 1]
    assert copy.deepcopy(estimator).n_iter_ == 2


def test_error_in_a_callback(case, three):
    """An error leaves the estimator as it was, unfitted or fitted."""
    import keras

    def fail(epoch, logs):
        if epoch == 1:
            raise RuntimeError("from the callback")

    X, y = three
    estimator = case.make(callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fail)])
    with pytest.raises(RuntimeError, match="from the callback"):
        estimator.fit(X, y)
    assert not estimator.__sklearn_is_fitted__()
    assert not hasattr(estimator, "classes_")
    estimator.partial_fit(X, y)  # epoch 0 does not fail
    before, history = weights(estimator), estimator.history_
    with pytest.raises(RuntimeError, match="from the callback"):
        estimator.partial_fit(X, y)
    np.testing.assert_array_equal(weights(estimator), before)
    assert estimator.history_ == history
    estimator.set_params(callbacks=None).partial_fit(X, y)
    whole = case.make().fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))


def test_nothing_in_the_working_directory(case, three, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    estimator = case.make(early_stopping=True, verbose=1).fit(*three)
    estimator.predict(three[0])
    GridSearchCV(estimator, {"epochs": [1, 2]}, cv=2).fit(*three)
    copy.deepcopy(estimator).predict(three[0])
    assert os.listdir(tmp_path) == []
