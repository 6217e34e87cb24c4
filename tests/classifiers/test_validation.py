"""Early stopping and validation: what is held out, what is restored, what is given."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skmnist import MLPClassifier
from skmnist._bridge.data.targets import stratified_holdout
from tests.classifiers.cases import CASES, weights


def seen_in_fit(estimator, X, y, monkeypatch, **fit_params):
    """Fit on data whose first pixel numbers the rows; return the rows trained and validated on."""
    from skmnist._bridge.engine import training

    seen = {}
    original = training.train

    def spy(network, source, progress, *, validation=None, **options):
        seen["train"] = source.samples
        seen["validation"] = validation and validation.samples
        return original(network, source, progress, validation=validation, **options)

    monkeypatch.setattr(training, "train", spy)
    estimator.fit(X, y, **fit_params)
    monkeypatch.undo()
    return seen["train"], seen["validation"]


def numbered(X, n):
    X = np.array(X[:n])
    X[:, 0] = np.arange(n) / 1024  # exact in float32
    return X


def row_numbers(samples):
    return np.rint(samples.images.reshape(len(samples), -1)[:, 0] * 1024).astype(int)


@pytest.mark.parametrize(
    "params, share",
    [
        ({"early_stopping": True}, 0.1),
        ({"early_stopping": True, "validation_fraction": 0.3}, 0.3),
        ({"validation_fraction": 0.2}, 0.2),
    ],
)
def test_holdout_is_shuffled_and_stratified(case, params, share, digits, monkeypatch):
    X, y = numbered(digits[0], 300), np.sort(digits[1])
    train, held_out = seen_in_fit(case.make(epochs=1, **params), X, y, monkeypatch)
    rows = [row_numbers(train), row_numbers(held_out)]
    assert sorted(np.concatenate(rows)) == list(range(300))
    for part, size in zip(rows, (1 - share, share), strict=True):
        np.testing.assert_array_equal(np.bincount(y[part]), np.full(10, round(30 * size)))
    assert rows[1].max() - rows[1].min() > 200  # neither the last rows nor the first
    assert np.diff(np.sort(rows[1])).max() > 1


def test_nothing_is_held_out_by_default(case, three, monkeypatch):
    X, y = numbered(three[0], 90), three[1]
    train, held_out = seen_in_fit(case.make(epochs=1), X, y, monkeypatch)
    assert held_out is None
    assert sorted(row_numbers(train)) == list(range(90))


def test_holdout_depends_on_the_seed_only(case, three, monkeypatch):
    X, y = numbered(three[0], 90), three[1]
    chosen = []
    for seed in (0, 0, 1):
        estimator = case.make(epochs=1, early_stopping=True, random_state=seed)
        chosen.append(set(row_numbers(seen_in_fit(estimator, X, y, monkeypatch)[1])))
    assert chosen[0] == chosen[1] != chosen[2]


@settings(database=None)
@given(
    codes=st.lists(st.integers(0, 6), min_size=1, max_size=60).map(np.array),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**31),
)
def test_holdout_has_every_class_on_both_sides(codes, fraction, seed):
    held_out = stratified_holdout(codes, fraction, np.random.default_rng(seed))
    for code in np.unique(codes):
        members = codes == code
        inside, outside = (members & ~held_out).sum(), (members & held_out).sum()
        assert inside >= 1
        if members.sum() == 1:
            assert outside == 0
        else:
            assert outside >= 1
            assert abs(outside - fraction * members.sum()) <= 1
    again = stratified_holdout(codes, fraction, np.random.default_rng(seed))
    np.testing.assert_array_equal(held_out, again)


def test_singleton_class_stays_in_training(case, three, monkeypatch):
    X, y = numbered(three[0], 90), np.array(three[1])
    y[y == 2] = 1
    y[17] = 2
    train, held_out = seen_in_fit(case.make(epochs=1, early_stopping=True), X, y, monkeypatch)
    assert 17 in row_numbers(train)
    assert 17 not in row_numbers(held_out)


def test_nothing_to_hold_out(case, three):
    X, y = three
    chosen = [np.flatnonzero(y == label)[0] for label in range(3)]
    with pytest.raises(ValueError, match="single sample"):
        case.make(early_stopping=True).fit(X[chosen], y[chosen])


@pytest.mark.slow("trains until it has learned")
def test_early_stopping_stops(case, three):
    """A validation loss that cannot improve ends the training after n_iter_no_change epochs."""
    X, y = three
    params = {"optimizer": "sgd", "learning_rate": 1e-30, "early_stopping": True, "epochs": 12}
    for patience in (1, 4):
        fitted = case.make(n_iter_no_change=patience, **params).fit(X, y)
        assert fitted.n_iter_ == 1 + patience
        assert len(fitted.loss_curve_) == len(fitted.validation_loss_curve_) == fitted.n_iter_


@pytest.mark.parametrize("restore", [True, False])
def test_restored_weights_are_the_best_epochs(case, three, restore):
    import keras

    X, y = three
    epochs = []

    # Wrong labels to validate on: their loss goes up sooner or later.
    wrong = (y + 1) % 3
    wrong[:40] = y[:40]
    params = {"learning_rate": 0.02, "epochs": 12, "n_iter_no_change": 3, "early_stopping": True}
    estimator = case.make(restore_best_weights=restore, **params)

    class Recorder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append((logs["val_loss"], self.model.get_weights()))

    estimator.set_params(callbacks=[Recorder()]).fit(X, y, X_val=X, y_val=wrong)
    losses = [loss for loss, _ in epochs]
    assert losses == pytest.approx(estimator.validation_loss_curve_, abs=0)
    chosen = int(np.argmin(losses)) if restore else len(losses) - 1
    assert int(np.argmin(losses)) != len(losses) - 1, "the test needs a loss that goes up again"
    expected = np.concatenate([w.ravel() for w in epochs[chosen][1]])
    assert np.abs(weights(estimator) - expected).max() == 0


def test_given_validation_data(case, digits, monkeypatch):
    X, y = digits
    for params in ({}, {"early_stopping": True}, {"validation_fraction": 0.5}):
        train, held_out = seen_in_fit(
            case.make(**params),
            numbered(X, 200),
            y[:200],
            monkeypatch,
            X_val=X[200:],
            y_val=y[200:],
        )
        assert sorted(row_numbers(train)) == list(range(200))
        np.testing.assert_array_equal(held_out.images.reshape(100, -1), X[200:])


def test_validation_metrics_are_kerass(case, digits):
    X, y = digits
    fitted = case.make(metrics=["accuracy"]).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert list(fitted.history_) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert fitted.history_["val_accuracy"][-1] == pytest.approx(fitted.score(X[200:], y[200:]))
    proba = fitted.predict_proba(X[200:])
    loss = -np.log(proba[np.arange(100), y[200:]]).mean()
    assert fitted.validation_loss_curve_[-1] == pytest.approx(loss, rel=1e-4)


def test_validation_data_do_not_train(case, digits):
    X, y = digits
    without = case.make().fit(X[:200], y[:200])
    given = case.make().fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    np.testing.assert_array_equal(weights(given), weights(without))


def test_validation_sample_weights(case, digits):
    X, y = digits
    X, y, X_val, y_val = X[:200], y[:200], X[200:], y[200:]
    weight = np.arange(100) % 3.0
    weighted = case.make().fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weight)
    kept = np.repeat(np.arange(100), weight.astype(int))
    repeated = case.make().fit(X, y, X_val=X_val[kept], y_val=y_val[kept])
    np.testing.assert_allclose(
        weighted.validation_loss_curve_, repeated.validation_loss_curve_, rtol=1e-4
    )
    np.testing.assert_array_equal(weights(weighted), weights(repeated))


def test_wrong_validation_data(case, three):
    X, y = three
    wrong = {
        "X_val needs y_val": {"X_val": X},
        "need X_val": {"y_val": y},
        "features": {"X_val": X[:, :60], "y_val": y},
        "not among the classes": {"X_val": X, "y_val": y + 1},
        "inconsistent numbers": {"X_val": X, "y_val": y[:5]},
        "NaN": {"X_val": X * np.nan, "y_val": y},
    }
    for message, params in wrong.items():
        estimator = case.make()
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, y, **params)
        assert not estimator.__sklearn_is_fitted__()
    with pytest.raises(ValueError, match="need X_val"):
        case.make().fit(X, y, sample_weight_val=np.ones(90))


def test_validation_images_of_another_shape(case, three):
    """X is folded into 8 x 8; images of 4 x 16 are not the same kind of data."""
    X, y = three
    with pytest.raises(ValueError, match="shape"):
        case.make().fit(X, y, X_val=X.reshape(-1, 4, 16), y_val=y)


def test_partial_fit_refuses_to_hold_out(case, three):
    for params in ({"early_stopping": True}, {"validation_fraction": 0.2}):
        with pytest.raises(ValueError, match="partial_fit does not support"):
            case.make(**params).partial_fit(*three)


def test_early_stopping_with_string_labels(case, three):
    X, y = three
    names = np.array(["zero", "one", "two"])
    by_name = case.make(early_stopping=True).fit(X, names[y])
    assert set(by_name.predict(X)) <= set(names)
    assert by_name.n_iter_ == 2


@pytest.mark.slow("trains until it has learned")
def test_early_stopping_continues_with_warm_start(three):
    X, y = three
    estimator = MLPClassifier(epochs=2, early_stopping=True, warm_start=True, random_state=0)
    estimator.fit(X, y).fit(X, y)
    assert estimator.n_iter_ == len(estimator.validation_loss_curve_) == 4


def test_every_case_clones_unfitted(three):
    for case in CASES.values():
        assert not clone(case.make(epochs=1).fit(*three)).__sklearn_is_fitted__()
