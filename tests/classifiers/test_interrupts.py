"""Ctrl-C: whole epochs or nothing, and never half an estimator."""

import numpy as np
import pytest

from tests.classifiers.cases import mlp, weights
from tests.processes import check_ran, run_forked


def interrupting(hook, at_call):
    """Return a callback that raises KeyboardInterrupt in the given call of a hook."""
    import keras

    class Interrupting(keras.callbacks.Callback):
        calls = 0

    def interrupt(self, *args, **kwargs):
        type(self).calls += 1
        if type(self).calls == at_call:
            raise KeyboardInterrupt

    setattr(Interrupting, hook, interrupt)
    return Interrupting()


# The hook, the call of it (90 samples in batches of 32 are 3 batches), and the whole epochs before.
POINTS = [
    ("on_train_begin", 1, 0),
    ("on_epoch_begin", 1, 0),
    ("on_train_batch_end", 2, 0),
    ("on_train_batch_begin", 4, 1),
    ("on_train_batch_end", 5, 1),
    ("on_train_batch_end", 8, 2),
    ("on_epoch_begin", 3, 2),
]


@pytest.mark.parametrize("hook, at_call, epochs", POINTS)
def test_interrupted_fit(case, hook, at_call, epochs, three):
    X, y = three
    estimator = case.make(epochs=5, callbacks=[interrupting(hook, at_call)])
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    assert estimator.__sklearn_is_fitted__() == (epochs > 0)
    if epochs == 0:
        assert not hasattr(estimator, "classes_")
        assert not hasattr(estimator, "n_features_in_")
        return
    whole = case.make(epochs=epochs).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))
    assert estimator.history_ == whole.history_
    assert estimator.n_iter_ == epochs
    # What is left is consistent: it can be trained on as if nothing had happened.
    estimator.set_params(callbacks=None).partial_fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole.partial_fit(X, y)))


@pytest.mark.parametrize("hook, at_call, epochs", POINTS[1:6])
def test_interrupted_warm_start(case, hook, at_call, epochs, three):
    X, y = three
    estimator = case.make(epochs=2, warm_start=True).fit(X, y)
    estimator.set_params(callbacks=[interrupting(hook, at_call)], epochs=5)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    whole = case.make(epochs=2 + epochs, warm_start=True).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))
    assert estimator.history_ == whole.history_
    assert estimator.n_iter_ == 2 + epochs
    estimator.set_params(callbacks=None, epochs=1).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole.partial_fit(X, y)))


def test_interrupt_at_the_end_of_an_epoch(case, three):
    """In on_epoch_end the epoch may count or not, but weights and history agree."""
    X, y = three
    estimator = case.make(epochs=5, callbacks=[interrupting("on_epoch_end", 2)])
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    assert estimator.n_iter_ in (1, 2)
    whole = case.make(epochs=estimator.n_iter_).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))
    assert estimator.history_ == whole.history_


@pytest.mark.parametrize("hook, at_call", [("on_epoch_begin", 1), ("on_train_batch_end", 2)])
def test_interrupted_refit_keeps_the_old_fit(case, hook, at_call, three, two):
    X, y = three
    estimator = case.make().fit(X, y)
    before = estimator.predict_proba(X)
    estimator.set_params(callbacks=[interrupting(hook, at_call)])
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(two[0][:, :49], two[1])
    np.testing.assert_array_equal(estimator.predict_proba(X), before)
    assert list(estimator.classes_) == [0, 1, 2]


def test_interrupted_while_printing(case, three, monkeypatch):
    """Between two epochs too, where a line is printed."""
    import builtins

    X, y = three
    calls = []
    original = builtins.print

    def print_(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(*args, **kwargs)

    monkeypatch.setattr(builtins, "print", print_)
    estimator = case.make(epochs=5, verbose=1)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    monkeypatch.undo()
    whole = case.make(epochs=estimator.n_iter_).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))
    assert estimator.history_ == whole.history_


def test_interrupted_early_stopping(case, three):
    """The best weights of the epochs so far, or the last: predictions work and are finite."""
    X, y = three
    estimator = case.make(
        epochs=9, early_stopping=True, callbacks=[interrupting("on_epoch_begin", 4)]
    )
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    assert estimator.n_iter_ == len(estimator.validation_loss_curve_) == 3
    assert np.isfinite(estimator.predict_proba(X)).all()


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_sigint(tmp_path):
    """A real signal in the middle of a long fit is answered soon, with whole epochs kept."""
    code = """
        import os, signal, threading, time
        import numpy as np
        from skmnist import MLPClassifier

        rng = np.random.default_rng(0)
        X, y = rng.random((4000, 784), dtype=np.float32), np.arange(4000) % 10
        MLPClassifier(epochs=1).fit(X[:100], y[:100])  # TensorFlow is up

        estimator = MLPClassifier(epochs=100000, random_state=0)
        def send():
            time.sleep(2.5)
            times.append(time.time())
            os.kill(os.getpid(), signal.SIGINT)
        times = []
        threading.Thread(target=send).start()
        try:
            estimator.fit(X, y)
        except KeyboardInterrupt:
            times.append(time.time())
        else:
            raise SystemExit("fit was not interrupted")
        n = estimator.n_iter_
        assert n >= 1 and len(estimator.loss_curve_) == n
        assert times[1] - times[0] < 3, times
        if n <= 40:
            whole = MLPClassifier(epochs=n, random_state=0).fit(X, y)
            assert np.array_equal(whole.predict_proba(X), estimator.predict_proba(X))
        print("epochs", n)
        """
    assert check_ran(run_forked(code, cwd=tmp_path)).startswith("epochs ")


class Interrupt:
    """A callback of scikit-learn's that presses Ctrl-C at the end of epoch 2."""

    epochs = 0

    def nothing(self, estimator, context): ...

    setup = teardown = on_fit_task_begin = nothing

    def on_fit_task_end(self, estimator, context):
        self.epochs += context.parent is not None
        if self.epochs == 2:
            raise KeyboardInterrupt


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("epochs", [2, 5])
@pytest.mark.parametrize("averaging", [False, True])
def test_interrupt_by_a_callback_of_sklearn(averaging, epochs, three):
    import keras

    ends = []

    class Counter(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            ends.append(1)

    params = {"optimizer": keras.optimizers.SGD(0.1, use_ema=averaging), "callbacks": [Counter()]}
    estimator = mlp(epochs=epochs, **params).set_callbacks(Interrupt())
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*three)
    assert estimator.n_iter_ == len(estimator.loss_curve_) == 2
    assert len(ends) == 1
    whole = mlp(epochs=2, **params).fit(*three)
    expected = whole.predict_proba(three[0])
    np.testing.assert_array_equal(estimator.predict_proba(three[0]), expected)
    estimator.set_callbacks().partial_fit(*three)
    np.testing.assert_array_equal(weights(estimator), weights(whole.partial_fit(*three)))
