"""Validation and early stopping of autoencoders, and what training makes better."""

import numpy as np
import pytest

from skmnist import Autoencoder
from tests.unsupervised.cases import AUTOENCODERS, CASES, weights


@pytest.fixture
def seen(monkeypatch):
    """Every call of the training engine: samples and validation samples."""
    from skmnist._bridge.engine import training

    calls = []
    original = training.train

    def spy(network, source, progress, *, validation=None, **options):
        calls.append((source.samples, validation and validation.samples))
        return original(network, source, progress, validation=validation, **options)

    monkeypatch.setattr(training, "train", spy)
    return calls


def rows_of(samples):
    return samples.images.reshape(len(samples), -1)


@pytest.mark.parametrize(
    "params, n_out",
    [
        ({"early_stopping": True}, 12),
        ({"early_stopping": True, "validation_fraction": 0.3}, 36),
        ({"validation_fraction": 0.2}, 24),
    ],
)
@pytest.mark.parametrize("name", ["denoising", "detector"])
def test_holding_out(name, params, n_out, X, seen):
    """Some images are held out, shuffled; the rest trains; and targets are the clean images."""
    fitted = CASES[name].make(epochs=1, **params).fit(X)
    ((train, held_out),) = seen
    assert (len(train), len(held_out)) == (120 - n_out, n_out)
    together = np.concatenate([rows_of(train), rows_of(held_out)])
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(X, axis=0))
    assert not np.array_equal(rows_of(held_out), X[-n_out:])
    for part in (train, held_out):
        np.testing.assert_array_equal(part.targets, part.images)
    assert len(fitted.validation_loss_curve_) == 1
    again = CASES[name].make(epochs=1, **params).fit(X)
    np.testing.assert_array_equal(rows_of(seen[1][1]), rows_of(held_out))
    assert again.history_ == fitted.history_


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_validation_loss_is_that_of_clean_images(name, X):
    """Without noise and draws: the loss on X_val is what the methods compute."""
    fitted = CASES[name].make(metrics=["mae"]).fit(X[:80], X_val=X[80:])
    assert list(fitted.history_) == [
        "loss",
        "mean_absolute_error",
        "val_loss",
        "val_mean_absolute_error",
    ]
    expected = -fitted.score_samples(X[80:]).mean()
    if name == "variational":  # and the divergence
        assert fitted.validation_loss_curve_[-1] > expected
        free = CASES[name].make(kl_weight=0.0).fit(X[:80], X_val=X[80:])
        expected = -free.score(X[80:])
        assert free.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-4)
    else:
        assert fitted.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-4)
    if name == "denoising":
        # The loss of training is that of noisy images, which are harder.
        noisy = CASES[name].make(noise=0.9, epochs=15, learning_rate=0.01).fit(X, X_val=X)
        assert noisy.loss_curve_[-1] > 1.05 * noisy.validation_loss_curve_[-1]
    without = CASES[name].make().fit(X[:80])
    np.testing.assert_array_equal(weights(without), weights(fitted))


def test_given_validation_data_come_first(X, seen):
    estimator = CASES["dense"].make(early_stopping=True, validation_fraction=0.5)
    estimator.fit(X[:80] * 16, X_val=X[80:] * 16)
    ((train, held_out),) = seen
    np.testing.assert_array_equal(rows_of(train), X[:80])
    np.testing.assert_array_equal(rows_of(held_out), X[80:])  # scaled as the training data


def test_validation_weights(X):
    weight = np.arange(40) % 3.0
    kept = np.repeat(np.arange(40), weight.astype(int))
    weighted = CASES["dense"].make().fit(X[:80], X_val=X[80:], sample_weight_val=weight)
    repeated = CASES["dense"].make().fit(X[:80], X_val=X[80:][kept])
    assert weighted.validation_loss_curve_ == pytest.approx(
        repeated.validation_loss_curve_, rel=1e-4
    )


def test_early_stopping_stops(X):
    params = {"optimizer": "sgd", "learning_rate": 1e-30, "early_stopping": True, "epochs": 9}
    for patience in (1, 3):
        fitted = CASES["denoising"].make(n_iter_no_change=patience, **params).fit(X)
        assert fitted.n_iter_ == 1 + patience
        assert len(fitted.validation_loss_curve_) == fitted.n_iter_


@pytest.mark.parametrize("restore", [True, False])
def test_restored_weights_are_the_best_epochs(restore, X):
    """Validated on negatives, whose loss goes up again while that of the images falls."""
    import keras

    epochs = []

    class Recorder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append((logs["val_loss"], self.model.get_weights()))

    params = {"learning_rate": 0.02, "epochs": 15, "n_iter_no_change": 2, "early_stopping": True}
    estimator = CASES["detector"].make(
        restore_best_weights=restore, callbacks=[Recorder()], **params
    )
    estimator.fit(X, X_val=1 - X)
    losses = [loss for loss, _ in epochs]
    best = int(np.argmin(losses))
    assert best != len(losses) - 1, "the test needs a loss that goes up again"
    assert estimator.n_iter_ == len(losses) < 15
    chosen = best if restore else len(losses) - 1
    expected = np.concatenate([w.ravel() for w in epochs[chosen][1]])
    np.testing.assert_array_equal(weights(estimator), expected)
    # The threshold belongs to the weights that are kept.
    scores = estimator.score_samples(X)
    assert (estimator.predict(X) == -1).mean() == pytest.approx(0.1, abs=0.01)
    assert scores.min() <= estimator.offset_ <= scores.max()


@pytest.mark.parametrize("name", ["dense", "detector"])
def test_wrong_validation_data(name, X):
    for message, params in {
        "needs? X_val": {"sample_weight_val": np.ones(5)},
        "X has 60 features": {"X_val": X[:, :60]},
        "NaN": {"X_val": X * np.nan},
        "images of shape": {"X_val": X.reshape(-1, 4, 16)},
        "sample_weight.shape": {"X_val": X, "sample_weight_val": np.ones(5)},
    }.items():
        estimator = CASES[name].make()
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, **params)
        assert not estimator.__sklearn_is_fitted__()


def test_nothing_to_hold_out(X):
    with pytest.raises(ValueError, match="nothing to validate on"):
        CASES["dense"].make(early_stopping=True).fit(X[:1])


# What training is for.


@pytest.mark.slow("trains until it has learned")
def test_better_than_the_mean(X):
    for name in ("dense", "convolutional", "variational"):
        params = {"kl_weight": 0.001} if name == "variational" else {}
        fitted = CASES[name].make(epochs=60, learning_rate=0.01, noise=0.0, **params).fit(X)
        variance = np.square(X - X.mean(axis=0)).mean()
        assert -fitted.score(X) < 0.7 * variance
        assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]


@pytest.mark.slow("trains until it has learned")
def test_denoising_cleans(X):
    rng = np.random.default_rng(0)
    noisy = X + rng.normal(scale=0.3, size=X.shape).astype(np.float32)
    params = {"hidden_layer_sizes": (32,), "epochs": 80, "learning_rate": 0.01, "random_state": 0}
    cleaner = Autoencoder(8, noise=0.3, **params).fit(X)
    cleaned = cleaner.reconstruct(noisy)
    assert np.square(cleaned - X).mean() < 0.6 * np.square(noisy - X).mean()


@pytest.mark.slow("trains until it has learned")
def test_more_codes_are_better(X):
    errors = [
        -Autoencoder(n, hidden_layer_sizes=(), epochs=60, learning_rate=0.02, random_state=0)
        .fit(X)
        .score(X)
        for n in (1, 12)
    ]
    assert errors[1] < 0.8 * errors[0]


@pytest.mark.slow("traces graphs anew for every case")
def test_samples_of_the_variational(fitted_once, X):
    fitted = fitted_once("variational")
    made = fitted.sample(7)
    assert made.shape == (7, 64)
    np.testing.assert_array_equal(fitted.sample(7), made)
    assert fitted.sample().shape == (1, 64)
    assert np.abs(made[0] - made[1]).max() > 1e-4
    for n in (0, -1, 1.5, True, "3", None):
        with pytest.raises(ValueError, match="n_samples"):
            fitted.sample(n)
    images = CASES["variational"].make(epochs=1).fit((X.reshape(-1, 8, 8) * 255).astype(np.uint8))
    made = images.sample(3)
    assert (made.shape, made.dtype) == ((3, 8, 8), np.uint8)
    with pytest.raises(AttributeError, match="no attribute 'sample'") as caught:
        fitted_once("dense").sample(3)
    assert "variational=True" in str(caught.value.__cause__)
    assert not hasattr(fitted_once("dense"), "sample")
    moving = CASES["variational"].make(random_state=np.random.RandomState(0), epochs=1).fit(X)
    assert np.abs(moving.sample(3) - moving.sample(3)).max() > 1e-4


@pytest.mark.slow("trains until it has learned")
def test_the_prior_is_learned(X):
    """The divergence pulls the codes towards N(0, 1), more so the more it weighs."""
    spreads = [
        CASES["variational"]
        .make(kl_weight=weight, epochs=60, learning_rate=0.01)
        .fit(X)
        .transform(X)
        .std()
        for weight in (1e-6, 5.0)
    ]
    assert spreads[1] < 0.2 < spreads[0]
