"""partial_fit, warm_start and what counts as an epoch."""

import copy
import pickle

import cloudpickle
import numpy as np
import pytest
from sklearn.base import clone

from skmnist import MLPClassifier
from tests.classifiers.cases import CASES, itself, mlp, through_pickle, weights


def with_dropout(case, **params):
    name = "model__dropout" if "model" in case.quick else "dropout"
    return case.make(**{name: 0.3, **params})


@pytest.mark.parametrize("params", [{}, {"batch_size": None}, {"optimizer": "sgd"}])
def test_partial_fits_equal_epochs(case, params, three):
    X, y = three
    whole = with_dropout(case, epochs=4, **params).fit(X, y)
    partly = with_dropout(case, **params)
    for _ in range(4):
        partly.partial_fit(X, y)
    assert np.abs(weights(partly) - weights(whole)).max() <= 1e-6
    assert np.abs(partly.predict_proba(X) - whole.predict_proba(X)).max() <= 1e-6
    assert partly.history_ == whole.history_
    assert partly.n_iter_ == whole.n_iter_ == 4


def test_partial_fit_continues_a_fit(case, three):
    X, y = three
    whole = with_dropout(case, optimizer="sgd", epochs=3).fit(X, y)
    partly = with_dropout(case, optimizer="sgd", epochs=2).fit(X, y).partial_fit(X, y)
    np.testing.assert_array_equal(weights(partly), weights(whole))
    assert partly.history_ == whole.history_


@pytest.mark.parametrize("copied", [False, True])
def test_a_fit_is_over_and_partial_fit_begins_its_optimizer_anew(copied, case, three):
    """A plain fit leaves no optimizer state behind, whether it was pickled since or not."""
    fitted = with_dropout(case, epochs=2).fit(*three)
    expected = pickle.loads(pickle.dumps(fitted)).partial_fit(*three)
    if copied:
        fitted = copy.deepcopy(fitted)
    partly = fitted.partial_fit(*three)
    np.testing.assert_array_equal(weights(partly), weights(expected))
    assert int(partly.model_.optimizer.iterations.numpy()) == 3
    # From then on, it goes on.
    partly.partial_fit(*three)
    again = pickle.loads(pickle.dumps(expected)).partial_fit(*three)
    assert int(again.model_.optimizer.iterations.numpy()) == 6
    np.testing.assert_array_equal(weights(partly), weights(again))


@pytest.mark.parametrize("used", ["fit", "partial_fit", "warm_start"])
def test_pickles_hold_the_state_of_the_optimizer_only_if_needed(used, three):
    X, y = three
    estimator = MLPClassifier((300,), epochs=1, random_state=0, warm_start=used == "warm_start")
    getattr(estimator, "partial_fit" if used == "partial_fit" else "fit")(X, y)
    size = 4 * estimator.model_.count_params()
    copies = 1 if used == "fit" else 3  # Adam keeps two numbers for each weight
    assert copies * size < len(pickle.dumps(estimator)) < copies * size + 40_000


def test_warm_start_appends(case, three):
    X, y = three
    whole = with_dropout(case, epochs=4).fit(X, y)
    warm = with_dropout(case, epochs=2, warm_start=True).fit(X, y)
    half = warm.history_["loss"]
    warm.fit(X, y)
    assert warm.history_["loss"][:2] == half
    assert warm.n_iter_ == len(warm.loss_curve_) == 4
    np.testing.assert_array_equal(weights(warm), weights(whole))


def test_warm_start_keeps_optimizer_state(case, three):
    warm = case.make(epochs=2, warm_start=True).fit(*three)
    steps = int(warm.model_.optimizer.iterations.numpy())
    assert steps == 2 * 3
    warm.fit(*three)
    assert int(warm.model_.optimizer.iterations.numpy()) == 2 * steps


def test_cold_start_begins_anew(case, three):
    X, y = three
    estimator = with_dropout(case)
    first = estimator.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(estimator.fit(X, y).predict_proba(X), first)
    assert estimator.n_iter_ == 2


def test_fit_after_partial_fit_begins_anew(case, three, two):
    X, y = three
    estimator = case.make().partial_fit(X, y)
    again = estimator.fit(*two)
    assert again.n_iter_ == 2
    assert list(again.classes_) == [0, 1]


@pytest.mark.parametrize("pickled", [False, True])
def test_warm_start_with_a_new_learning_rate(case, pickled, three):
    """A parameter set between two fits takes effect in the second; it is not ignored."""
    warm = case.make(warm_start=True, optimizer="sgd").fit(*three)
    if pickled:
        warm = pickle.loads(pickle.dumps(warm))
    warm.set_params(learning_rate=0.25).fit(*three)
    assert float(warm.model_.optimizer.learning_rate.numpy()) == 0.25


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "sgd"},
        {"loss": "categorical_crossentropy"},
        {"metrics": ["sparse_top_k_categorical_accuracy"]},
    ],
)
def test_warm_start_with_another_compile(case, pickled, change, three):
    """A changed optimizer, loss or metric is used (or clearly refused), pickled or not."""
    warm = case.make(warm_start=True).fit(*three)
    before = weights(warm)
    if pickled:
        warm = pickle.loads(pickle.dumps(warm))
    warm.set_params(**change)
    try:
        warm.fit(*three)
    except ValueError as error:
        assert next(iter(change)) in str(error)
        np.testing.assert_array_equal(weights(warm), before)
    else:
        used = {
            "optimizer": type(warm.model_.optimizer).__name__ == "SGD",
            "loss": getattr(warm.model_.loss, "__name__", warm.model_.loss)
            == "categorical_crossentropy",
            "metrics": "sparse_top_k_categorical_accuracy" in warm.history_,
        }
        assert used[next(iter(change))]


def test_first_partial_fit_with_classes(case, three):
    X, y = three
    estimator = case.make().partial_fit(X[y == 1], y[y == 1], classes=[0, 1, 2])
    assert list(estimator.classes_) == [0, 1, 2]
    assert estimator.predict_proba(X).shape == (90, 3)
    estimator.partial_fit(X[y == 0], y[y == 0])
    assert estimator.n_iter_ == 2
    estimator.partial_fit(X, y, classes=[2, 1, 0])
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="not among the classes"):
        estimator.partial_fit(X, y + 5)
    assert estimator.n_iter_ == 3


def test_first_partial_fit_without_classes(case, three):
    X, y = three
    estimator = case.make().partial_fit(X[y < 2], y[y < 2])
    assert list(estimator.classes_) == [0, 1]
    with pytest.raises(ValueError, match="not among the classes"):
        estimator.partial_fit(X, y)


def test_partial_fit_of_labels_outside_classes(case, three):
    estimator = case.make()
    with pytest.raises(ValueError, match="not among the classes"):
        estimator.partial_fit(*three, classes=[0, 1])
    assert not estimator.__sklearn_is_fitted__()


def test_partial_fit_on_batches_learns(case, digits):
    """The out-of-core use: many batches, several passes."""
    X, y = digits
    estimator = case.make(learning_rate=0.01)
    for _ in range(12):
        for start in range(0, 300, 60):
            estimator.partial_fit(X[start : start + 60], y[start : start + 60], classes=range(10))
    assert estimator.score(X, y) > 0.8


def test_partial_fit_one_sample(case, three):
    X, y = three
    estimator = case.make().partial_fit(X[:1], y[:1], classes=[0, 1, 2])
    estimator.partial_fit(X[1:2], y[1:2])
    assert np.isfinite(estimator.predict_proba(X)).all()


def test_failed_warm_start_changes_nothing(case, three):
    X, y = three
    warm = case.make(warm_start=True).fit(X, y)
    before, history = weights(warm), dict(warm.history_)
    for bad_X, bad_y in ((X[:, :50], y), (X, y + 7), (X * np.nan, y), (X, y[:4])):
        with pytest.raises(ValueError):
            warm.fit(bad_X, bad_y)
        with pytest.raises(ValueError):
            warm.partial_fit(bad_X, bad_y)
    np.testing.assert_array_equal(weights(warm), before)
    assert warm.history_ == history
    assert warm.n_features_in_ == 64


def test_failed_fit_keeps_the_fitted_state(case, three):
    X, y = three
    estimator = case.make().fit(X, y)
    before = estimator.predict_proba(X)
    with pytest.raises(ValueError):
        estimator.fit(X[:, :49] * np.nan, y)
    np.testing.assert_array_equal(estimator.predict_proba(X), before)
    assert estimator.n_features_in_ == 64


def test_warm_start_on_new_data_shape(case, three):
    """More rows, fewer rows, and images instead of rows may follow."""
    X, y = three
    warm = case.make(warm_start=True).fit(X, y)
    warm.fit(X[:50], y[:50])
    warm.fit(X.reshape(-1, 8, 8), y, sample_weight=np.ones(90))
    assert warm.n_iter_ == 6


def test_learning_rate_schedule_goes_on(case, three):
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True)
    whole = case.make(optimizer="sgd", learning_rate=schedule, epochs=4).fit(*three)
    partly = clone(whole)
    for _ in range(4):
        partly.partial_fit(*three)
    np.testing.assert_array_equal(weights(partly), weights(whole))
    assert float(whole.model_.optimizer.learning_rate.numpy()) == pytest.approx(0.1 / 2**4)


def test_failed_warm_start_with_another_optimizer_changes_nothing(case, three):
    """A training that fails leaves the optimizer too as it was, state and all."""
    X, y = three
    params = {"warm_start": True, "learning_rate": 0.01}
    whole = case.make(**params).fit(X, y).fit(X, y)
    warm = case.make(**params).fit(X, y)
    warm.set_params(optimizer="sgd", learning_rate=1e38)
    with pytest.raises(ValueError, match="loss became"):
        warm.fit(X * 1e3, y)
    warm.set_params(optimizer="adam", learning_rate=0.01).fit(X, y)
    np.testing.assert_array_equal(weights(warm), weights(whole))


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_warm_start_with_another_architecture(name, three):
    """What needs a new network is refused, and not ignored."""
    warm = CASES[name].make(warm_start=True).fit(*three)
    warm.set_params(dropout=0.5)
    with pytest.raises(ValueError, match="dropout"):
        warm.fit(*three)
    assert warm.n_iter_ == 2


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("way", [itself, lambda e: through_pickle(e, cloudpickle.dumps)])
def test_learning_rate_of_a_warm_start(way, three):
    import keras

    lower = keras.callbacks.LearningRateScheduler(lambda epoch: 0.003)
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 12, 0.5)
    warm = mlp(warm_start=True, learning_rate=0.1, callbacks=[lower]).fit(*three)
    for n, (change, rate) in enumerate(
        [
            ({"metrics": [], "callbacks": None}, 0.003),
            ({"learning_rate": 0.2}, 0.2),
            ({"learning_rate": decay}, 0.05),
            ({"learning_rate": 0.01}, 0.01),
        ]
    ):
        warm = way(warm).set_params(**change).fit(*three)
        optimizer = warm.model_.optimizer
        assert float(optimizer.learning_rate.numpy()) == pytest.approx(rate)
        assert int(optimizer.iterations.numpy()) == 3 * (n + 2)


def test_warm_start_with_other_metrics_trains_the_same(three):
    warm = mlp(warm_start=True).fit(*three).set_params(metrics=[]).fit(*three)
    np.testing.assert_array_equal(weights(warm), weights(mlp(epochs=2).fit(*three)))


def test_warm_start_of_another_network(three):
    sizes = [8]
    warm = mlp(hidden_layer_sizes=sizes, warm_start=True).fit(*three)
    with pytest.raises(ValueError, match="image_shape"):
        warm.set_params(image_shape=(4, 16)).fit(*three)
    assert warm.set_params(image_shape=(8, 8)).fit(*three).n_iter_ == 2
    sizes.append(8)
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        warm.fit(*three)
    assert warm.n_iter_ == 2
