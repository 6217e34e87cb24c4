"""partial_fit, warm_start, failures and Ctrl-C: whole epochs or nothing."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from tests.marks import slow_but
from tests.unsupervised.cases import (
    AUTOENCODERS,
    CASES,
    GANS,
    assert_same_outputs,
    outputs,
    weights,
)

# The detector learns a threshold, which a part of the data does not tell.
CONTINUING = [name for name in CASES if name != "detector"]


@pytest.mark.parametrize("name", slow_but(["dense"], CONTINUING, "many fits"))
def test_partial_fits_equal_epochs(name, X, y):
    """To the bit, with pickling in between too."""
    whole = CASES[name].make(epochs=3).fit(X, y)
    partly, pickled = CASES[name].make(), CASES[name].make()
    for _ in range(3):
        partly.partial_fit(X, y)
        pickled = pickle.loads(pickle.dumps(pickled.partial_fit(X, y)))
    for other in (partly, pickled):
        np.testing.assert_array_equal(weights(other), weights(whole))
        assert other.history_ == whole.history_
        assert other.n_iter_ == 3
        assert_same_outputs(other, whole, X)


@pytest.mark.slow("many fits, of which most are traced anew")
@pytest.mark.parametrize(
    "name, params",
    [
        ("denoising", {"batch_size": None}),
        ("convolutional", {"optimizer": "sgd", "optimizer__momentum": 0.9}),
        ("variational", {"learning_rate_schedule": "cosine", "epochs": 3}),
        ("denoising", {"optimizer__use_ema": True}),
        ("conditional", {"optimizer__use_ema": True}),
    ],
    ids=str,
)
def test_partial_fits_equal_epochs_with(name, params, X, y):
    partly = CASES[name].make(**params)
    for _ in range(3):
        partly.partial_fit(X, y)
    whole = CASES[name].make(**(params | {"epochs": 3})).fit(X, y)
    np.testing.assert_array_equal(weights(partly), weights(whole))
    assert partly.history_ == whole.history_


@pytest.mark.parametrize("name", ["variational", "convolutional", "detector", "gan"])
def test_warm_start_appends(name, case, X, y):
    whole = case.make(epochs=4).fit(X, y)
    warm = case.make(warm_start=True).fit(X, y)
    half = warm.history_["loss"]
    warm = pickle.loads(pickle.dumps(warm))
    warm.fit(X, y)
    assert warm.history_["loss"][:2] == half
    assert warm.history_ == whole.history_
    assert warm.n_iter_ == len(warm.loss_curve_) == 4
    np.testing.assert_array_equal(weights(warm), weights(whole))
    assert_same_outputs(warm, whole, X)


@pytest.mark.parametrize("name", ["denoising", "detector", "gan"])
def test_cold_start_begins_anew(case, fitted, X, y):
    before = outputs(fitted, X)
    fitted.fit(X, y)
    assert fitted.n_iter_ == 2
    for what, values in outputs(fitted, X).items():
        np.testing.assert_array_equal(values, before[what])


@pytest.mark.slow("many fits, of which most are traced anew")
def test_partial_fit_goes_on_from_fit(X, y):
    for name in ("dense", "conditional"):
        whole = CASES[name].make(optimizer="sgd", epochs=3).fit(X, y)
        partly = CASES[name].make(optimizer="sgd", epochs=2).fit(X, y).partial_fit(X, y)
        np.testing.assert_array_equal(weights(partly), weights(whole))


def test_the_detector_has_no_partial_fit():
    assert not hasattr(CASES["detector"].make(), "partial_fit")


def test_partial_fit_refuses_to_hold_out(X):
    for params in ({"early_stopping": True}, {"validation_fraction": 0.2}):
        estimator = CASES["dense"].make(**params)
        with pytest.raises(ValueError, match="partial_fit does not support"):
            estimator.partial_fit(X)
        assert not estimator.__sklearn_is_fitted__()


@pytest.mark.parametrize("name", ["dense", "gan", "conditional"])
def test_partial_fit_on_parts(name, X, y):
    """Parts of any size, down to one image, in the units of the first."""
    estimator = CASES[name].make()
    known = {"classes": [0, 1, 2]} if name in GANS else {}
    estimator.partial_fit(X[:64] * 16, y[:64], **known)
    estimator.partial_fit(X[64:65] * 3, y[64:65])
    estimator.partial_fit(X[65:] * 16, y[65:])
    assert estimator.n_iter_ == 3
    assert all(np.isfinite(values).all() for values in outputs(estimator, X).values())


@pytest.mark.slow("traces graphs anew for every case")
def test_warm_start_with_another_network_is_refused(name, fitted, X, y):
    before = weights(fitted)
    changes = {"latent_dim": 5, "convolutional": not fitted.convolutional}
    changes |= {"loss": "hinge", "gradient_penalty": 9.0} if name in GANS else {"noise": 0.7}
    for parameter, value in changes.items():
        changed = fitted.get_params()[parameter]
        fitted.set_params(**{parameter: value}, warm_start=True)
        with pytest.raises(ValueError, match=parameter):
            fitted.fit(X, y)
        np.testing.assert_array_equal(weights(fitted), before)
        fitted.set_params(**{parameter: changed})
    assert fitted.n_iter_ == 2
    assert fitted.fit(X, y).n_iter_ == 4


def bad_data(X, y):
    infinite = X.copy()
    infinite[3, 4] = np.inf
    return {
        "NaN": ((X * np.nan, y), "NaN"),
        "infinity": ((infinite, y), "infinity"),
        "no samples": ((X[:0], y[:0]), "0 sample"),
        "one dimension": ((X[0], y[:1]), "Expected 2D array"),
        "five dimensions": ((np.zeros((4, 2, 2, 2, 2)), y[:4]), "dim"),
        "words": ((np.full((4, 4), "word"), y[:4]), "could not convert"),
        "weights": ((X, y, -np.ones(120)), "[Nn]egative"),
        "no weights": ((X, y, np.zeros(120)), "zero"),
        "few weights": ((X, y, np.ones(5)), "sample_weight.shape"),
    }


def call_fit(estimator, data):
    X, y, *sample_weight = data
    return estimator.fit(X, y, sample_weight=sample_weight[0] if sample_weight else None)


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("name", ["convolutional", "detector", "conditional"])
def test_bad_data_change_nothing(name, case, fitted, warm_start, X, y):
    fitted.set_params(warm_start=warm_start)
    before, history, state = outputs(fitted, X), dict(fitted.history_), set(vars(fitted))
    for data, message in bad_data(X, y).values():
        with pytest.raises(ValueError, match=message):
            call_fit(fitted, data)
        if not warm_start:
            new = case.make()
            with pytest.raises(ValueError, match=message):
                call_fit(new, data)
            assert not new.__sklearn_is_fitted__()
            assert set(vars(new)) == set(new.get_params())
    if name != "detector":
        with pytest.raises(ValueError, match="X has 49 features"):
            fitted.partial_fit(X[:, :49], y)
    for what, values in outputs(fitted, X).items():
        np.testing.assert_array_equal(values, before[what])
    assert (fitted.history_, set(vars(fitted))) == (history, state)
    assert fitted.n_features_in_ == 64


def failing(hook, at_call, error):
    """Return a Keras callback that raises in the given call of a hook."""
    import keras

    class Failing(keras.callbacks.Callback):
        calls = 0

    def fail(self, *args, **kwargs):
        type(self).calls += 1
        if type(self).calls == at_call:
            raise error

    setattr(Failing, hook, fail)
    return Failing()


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["denoising", "detector", "conditional"])
@pytest.mark.parametrize("hook, at_call", [("on_epoch_end", 2), ("on_train_end", 1)])
def test_errors_of_callbacks_change_nothing(name, hook, at_call, fitted_once, X, y):
    fitted = fitted_once(name)
    untouched = fitted_once(name).set_params(warm_start=True)
    before = outputs(fitted, X)
    for warm_start in (False, True):
        fitted.set_params(callbacks=[failing(hook, at_call, RuntimeError("mine"))])
        with pytest.raises(RuntimeError, match="mine"):
            fitted.set_params(warm_start=warm_start).fit(X, y)
        for what, values in outputs(fitted, X).items():
            np.testing.assert_array_equal(values, before[what])
        assert fitted.n_iter_ == 2
    # The optimizer, and what draws noise, are as they were as well.
    fitted.set_params(callbacks=None).fit(X, y)
    np.testing.assert_array_equal(weights(fitted), weights(untouched.fit(X, y)))
    new = CASES[name].make(callbacks=[failing(hook, at_call, RuntimeError("mine"))])
    with pytest.raises(RuntimeError, match="mine"):
        new.fit(X, y)
    assert set(vars(new)) == set(new.get_params())


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["dense", "detector", "gan", "conditional"])
def test_an_infinite_loss_is_an_error(name, fitted_once, X, y):
    fitted = fitted_once(name)
    before = outputs(fitted, X)
    fitted.set_params(optimizer="sgd", learning_rate=1e38, epochs=4)
    with pytest.raises(ValueError, match=r"became (nan|inf|-inf|infinite or NaN)"):
        fitted.fit(X, y)
    for what, values in outputs(fitted, X).items():
        np.testing.assert_array_equal(values, before[what])
    new = clone(fitted)
    with pytest.raises(ValueError, match="became"):
        new.fit(X, y)
    assert not new.__sklearn_is_fitted__()


# The hook, the call of it (120 samples in batches of 40 are 3 batches), and the whole epochs.
POINTS = [
    ("on_epoch_begin", 1, 0),
    ("on_train_batch_end", 5, 1),
    ("on_epoch_begin", 3, 2),
]


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("hook, at_call, epochs", POINTS)
@pytest.mark.parametrize("name", ["denoising", "detector", "conditional"])
def test_interrupted_fit(name, hook, at_call, epochs, X, y):
    params = {"epochs": 5, "batch_size": 40}
    estimator = CASES[name].make(**params, callbacks=[failing(hook, at_call, KeyboardInterrupt())])
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    if epochs == 0:
        assert set(vars(estimator)) == set(estimator.get_params())
        return
    whole = CASES[name].make(**(params | {"epochs": epochs})).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))
    assert estimator.history_ == whole.history_
    assert_same_outputs(estimator, whole, X)
    if name == "detector":
        assert estimator.offset_ == whole.offset_
    # What is left can be trained on as if nothing had happened.
    for either in (estimator, whole):
        either.set_params(callbacks=None, warm_start=True, epochs=1).fit(X, y)
    np.testing.assert_array_equal(weights(estimator), weights(whole))


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["detector", "conditional"])
def test_interrupted_refit_keeps_the_old_fit(name, fitted_once, X, y):
    fitted = fitted_once(name)
    before = outputs(fitted, X)
    fitted.set_params(callbacks=[failing("on_train_batch_end", 2, KeyboardInterrupt())])
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(X[:, :49], y)
    for what, values in outputs(fitted, X).items():
        np.testing.assert_array_equal(values, before[what])


def test_the_optimizer_goes_on(fitted_once, X, y):
    for name in ("dense", "conditional"):
        partly = fitted_once(name).partial_fit(X, y)  # whose fit was over: a new optimizer
        steps = int(partly.model_.optimizer.iterations.numpy())
        again = pickle.loads(pickle.dumps(partly)).partial_fit(X, y)
        assert int(again.model_.optimizer.iterations.numpy()) == steps * 2
        np.testing.assert_array_equal(weights(again), weights(partly.partial_fit(X, y)))


def test_cases_are_split_as_they_should_be():
    assert set(AUTOENCODERS) | set(GANS) == set(CASES)
    assert not set(AUTOENCODERS) & set(GANS)
