"""Every callback that Keras ships, Optuna's and tqdm's: the same effect as in Keras's ``fit``.

Both train the same network on the same batches; what is compared is the history, the weights, and
what the callback leaves behind: files, requests, reports, prints.
"""

import csv
import http.server
import inspect
import io
import json
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from skmnist import MLPClassifier, networks

SEED, EPOCHS = 3, 4


@pytest.fixture(scope="module")
def batches(digits):
    """Training and validation data in batches whose order is fixed."""
    import tensorflow as tf

    X, y = digits
    images, codes = X.reshape(-1, 8, 8, 1), y.astype(np.int32)
    data = tf.data.Dataset.from_tensor_slices
    return data((images[:96], codes[:96])).batch(32), data((images[96:160], codes[96:160])).batch(
        64
    )


def by_skmnist(batches, callback, optimizer, epochs=EPOCHS, **params):
    estimator = MLPClassifier(
        (9,),
        dropout=0.0,
        optimizer=optimizer,
        epochs=epochs,
        random_state=SEED,
        callbacks=[callback],
        **params,
    )
    estimator.fit(batches[0], X_val=batches[1])
    return estimator.history_, estimator.model_.get_weights()


def by_keras(batches, callback, optimizer, epochs=EPOCHS, verbose=0):
    import keras

    model = networks.mlp((8, 8, 1), 10, hidden_layer_sizes=(9,), dropout=0.0, seed=SEED)
    model.compile(
        keras.optimizers.get(optimizer), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    done = model.fit(
        batches[0],
        validation_data=batches[1],
        epochs=epochs,
        callbacks=[callback],
        verbose=verbose,
    )
    return done.history, model.get_weights()


def assert_same(found, expected):
    history, weights = found
    assert history.keys() == expected[0].keys()
    for name, values in expected[0].items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)
    for ours, theirs in zip(weights, expected[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


@dataclass
class Case:
    """A callback of Keras, and how to see what it does."""

    make: Any  # takes keras, and a folder of its own
    left: Any = lambda path: None  # returns what the callback has left in the folder
    optimizer: Any = "adam"
    changes: bool = False  # whether the history differs from that without the callback
    params: dict = field(default_factory=dict)


def names_in(path):
    return sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file())


def rows_of(path):
    rows = list(csv.reader((path / "log.csv").open()))
    return rows[0], [[round(float(v), 4) for v in row] for row in rows[1:]]


def tags_of(path):
    """Return what was written for TensorBoard: by folder, the names and the steps."""
    import tensorflow as tf

    found = {}
    for file in path.rglob("events*"):
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                found.setdefault(file.parent.name, set()).add((value.tag, event.step))
    return found


def noted(path, line):
    with (path / "notes").open("a") as file:
        file.write(f"{line}\n")


def averaging():
    import keras

    return keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5)


def lambda_callback(keras, path):
    return keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: noted(path, f"begin {epoch}"),
        on_epoch_end=lambda epoch, logs: noted(path, f"end {epoch} {sorted(logs)}"),
        on_train_begin=lambda logs: noted(path, "train begin"),
        on_train_end=lambda logs: noted(path, "train end"),
        on_train_batch_begin=lambda batch, logs: noted(path, f"batch {batch}"),
        on_train_batch_end=lambda batch, logs: noted(path, f"batch {batch} {sorted(logs)}"),
    )


def notes(path):
    return (path / "notes").read_text()


def remote_monitor(keras, path):
    """Report to a server on this machine."""
    pytest.importorskip("requests", reason="RemoteMonitor needs it")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"]))
            sent = {k: round(v, 4) for k, v in json.loads(text).items()}
            noted(path, json.dumps(sent, sort_keys=True))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    return keras.callbacks.RemoteMonitor(root=root, path="/", send_as_json=True)


CASES = {
    "BackupAndRestore": Case(
        lambda keras, path: keras.callbacks.BackupAndRestore(path / "b", delete_checkpoint=False),
        lambda path: json.loads((path / "b" / "training_metadata.json").read_text()),
    ),
    "CSVLogger": Case(
        lambda keras, path: keras.callbacks.CSVLogger(str(path / "log.csv")), rows_of
    ),
    "EarlyStopping": Case(
        lambda keras, path: keras.callbacks.EarlyStopping(
            "loss", patience=1, min_delta=1e9, restore_best_weights=True
        ),
        changes=True,
    ),
    "History": Case(lambda keras, path: keras.callbacks.History()),
    "LambdaCallback": Case(lambda_callback, notes),
    "LearningRateScheduler": Case(
        lambda keras, path: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5),
        changes=True,
    ),
    "ModelCheckpoint": Case(
        lambda keras, path: keras.callbacks.ModelCheckpoint(
            str(path / "{epoch}-{val_loss:.3f}.keras"), save_best_only=True
        ),
        names_in,
    ),
    "OrbaxCheckpoint": Case(
        lambda keras, path: keras.callbacks.OrbaxCheckpoint(
            str(path / "orbax"), save_on_background=False
        ),
        lambda path: [p.name for p in (path / "orbax").iterdir()],
    ),
    "ProgbarLogger": Case(lambda keras, path: keras.callbacks.ProgbarLogger()),
    "ReduceLROnPlateau": Case(
        lambda keras, path: keras.callbacks.ReduceLROnPlateau(
            "loss", factor=0.1, patience=1, min_delta=1e9
        ),
        changes=True,
    ),
    "RemoteMonitor": Case(remote_monitor, notes),
    "SwapEMAWeights": Case(
        lambda keras, path: keras.callbacks.SwapEMAWeights(),
        optimizer=averaging,
        changes=True,
    ),
    "TensorBoard": Case(
        lambda keras, path: keras.callbacks.TensorBoard(
            str(path), histogram_freq=1, write_graph=False, update_freq=2
        ),
        tags_of,
    ),
    "TerminateOnNaN": Case(lambda keras, path: keras.callbacks.TerminateOnNaN()),
}
NEEDED = {"OrbaxCheckpoint": "orbax.checkpoint", "TensorBoard": "tensorboard"}
# What is no callback of its own.
BASES = {"Callback", "CallbackList", "MonitorCallback"}


def test_every_callback_of_keras_is_named():
    import keras

    shipped = {
        name
        for name, thing in vars(keras.callbacks).items()
        if inspect.isclass(thing) and issubclass(thing, keras.callbacks.Callback)
    }
    assert shipped - BASES == CASES.keys() - (CASES.keys() - shipped)
    assert CASES.keys() - shipped <= {"OrbaxCheckpoint"}  # of newer versions


def optimizer_of(case):
    return case.optimizer() if callable(case.optimizer) else case.optimizer


@pytest.mark.slow("trains by Keras for every callback")
@pytest.mark.parametrize("name", CASES)
def test_callback_does_what_it_does_in_keras(name, batches, tmp_path):
    import keras

    if name in NEEDED:
        pytest.importorskip(NEEDED[name], reason=f"{name} needs it")
    case, results = CASES[name], []
    for train in (by_skmnist, by_keras):
        path = tmp_path / train.__name__
        path.mkdir()
        result = train(batches, case.make(keras, path), optimizer_of(case))
        results.append((result, case.left(path)))
    (found, left), (expected, left_by_keras) = results
    assert_same(found, expected)
    assert left == left_by_keras
    plain = by_skmnist(batches, keras.callbacks.Callback(), optimizer_of(case))
    assert (plain[0] != found[0]) == case.changes


@pytest.mark.slow("trains by Keras too")
def test_swapped_averages_every_epoch(batches):
    import keras

    results = [
        train(batches, keras.callbacks.SwapEMAWeights(swap_on_epoch=True), averaging())
        for train in (by_skmnist, by_keras)
    ]
    assert_same(*results)


@pytest.mark.slow("traces graphs anew for every case")
def test_terminate_on_nan(batches):
    """Keras returns a network of NaNs; here that is an error, with the callback as without."""
    import keras

    for callback in (keras.callbacks.TerminateOnNaN(), keras.callbacks.Callback()):
        with pytest.raises(ValueError, match=r"loss became nan in epoch 1"):
            by_skmnist(batches, callback, keras.optimizers.SGD(float("nan")))


@pytest.mark.parametrize("verbose", [0, 1])
def test_progress_bar_prints_as_verbose_says(verbose, batches, capsys):
    import keras

    by_skmnist(batches, keras.callbacks.ProgbarLogger(), "adam", epochs=2, verbose=verbose)
    assert ("3/3" in capsys.readouterr().out) == bool(verbose)


@pytest.mark.filterwarnings("ignore:Could not reach RemoteMonitor")
def test_remote_monitor_without_a_server(batches):
    import keras

    pytest.importorskip("requests", reason="RemoteMonitor needs it")
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor"):
        by_skmnist(batches, keras.callbacks.RemoteMonitor("http://127.0.0.1:9"), "adam", epochs=1)


class Crash(Exception):
    """Stands for what interrupts a training."""


@pytest.mark.slow("trains by Keras too, or with another library")
@pytest.mark.parametrize("schedule", [None, "cosine"])
def test_interrupted_training_goes_on(schedule, three, tmp_path):
    """Where it was backed up, to the same weights as without an interruption."""
    import keras

    def crash(epoch, logs):
        if epoch == 2:
            raise Crash

    # Without dropout, for Keras saves no state of what draws at random.
    params = {"epochs": 4, "random_state": 0, "learning_rate_schedule": schedule, "dropout": 0.0}
    backup = keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))
    whole = MLPClassifier((9,), **params).fit(*three)
    failing = MLPClassifier(
        (9,), **params, callbacks=[backup, keras.callbacks.LambdaCallback(on_epoch_end=crash)]
    )
    with pytest.raises(Crash):
        failing.fit(*three)
    assert not failing.__sklearn_is_fitted__()
    seen = []
    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(epoch))
    found = MLPClassifier((9,), **params, callbacks=[backup, note]).fit(*three)
    assert seen == [3]
    assert found.loss_curve_ == whole.loss_curve_[3:]
    for ours, expected in zip(found.model_.get_weights(), whole.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_backup_of_a_whole_training(three, tmp_path):
    """Kept, it leaves nothing to train, as in Keras."""
    import keras

    backup = keras.callbacks.BackupAndRestore(str(tmp_path / "b"), delete_checkpoint=False)
    first = MLPClassifier((9,), epochs=2, random_state=0, callbacks=[backup]).fit(*three)
    second = MLPClassifier((9,), epochs=2, random_state=1, callbacks=[backup]).fit(*three)
    np.testing.assert_array_equal(first.predict_proba(three[0]), second.predict_proba(three[0]))
    assert second.loss_curve_ == []
    assert second.n_iter_ == 0


@pytest.mark.slow("trains by Keras too, or with another library")
@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_tqdm(verbose, batches):
    """The bar writes to the stream that the user gave, as in Keras."""
    from tqdm.keras import TqdmCallback

    written = []
    for train in (by_skmnist, by_keras):
        stream = io.StringIO()
        callback = TqdmCallback(
            verbose=verbose, file=stream, mininterval=0, bar_format="{desc}{n_fmt}/{total_fmt}"
        )
        result = train(batches, callback, "adam")
        written.append((result, stream.getvalue()))
    (found, ours), (expected, theirs) = written
    assert_same(found, expected)
    assert "4/4" in ours
    assert ours.split() == theirs.split()
    assert callback.epoch_bar.n == EPOCHS


def pruning_callback(trial):
    """Return Optuna's callback; or what it does, where optuna-integration is missing."""
    try:
        from optuna_integration import KerasPruningCallback
    except ImportError:
        import keras
        import optuna

        class KerasPruningCallback(keras.callbacks.Callback):
            def __init__(self, trial, monitor):
                super().__init__()
                self._trial, self._monitor = trial, monitor

            def on_epoch_end(self, epoch, logs=None):
                self._trial.report(float(logs[self._monitor]), step=epoch)
                if self._trial.should_prune():
                    raise optuna.TrialPruned(f"Trial was pruned at epoch {epoch}.")

    return KerasPruningCallback(trial, "val_loss")


@pytest.mark.slow("trains by Keras too, or with another library")
def test_optuna_prunes(batches):
    import keras
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    results = []
    for train in (by_skmnist, by_keras):

        def objective(trial, train=train):
            rate = [0.03, 1e-5, 1e-5][trial.number]
            history, _ = train(batches, pruning_callback(trial), keras.optimizers.Adam(rate))
            return history["val_loss"][-1]

        pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=1)
        study = optuna.create_study(pruner=pruner)
        study.optimize(objective, n_trials=3)
        results.append(study.trials)
    states = [trial.state.name for trial in results[0]]
    assert states == ["COMPLETE", "PRUNED", "PRUNED"]
    for ours, theirs in zip(*results, strict=True):
        assert ours.state == theirs.state
        reported, expected = ours.intermediate_values, theirs.intermediate_values
        assert reported.keys() == expected.keys()
        np.testing.assert_allclose(list(reported.values()), list(expected.values()), rtol=1e-4)
