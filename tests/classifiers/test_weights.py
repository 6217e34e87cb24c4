"""sample_weight and class_weight."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from tests.classifiers.cases import CASES, itself, mlp, through_pickle, weights


def plain(case, **params):
    """Full batches and no dropout, where weights and copies are the same thing."""
    dropout = {} if "model" in case.quick else {"dropout": 0.0}
    return case.make(batch_size=None, epochs=6, learning_rate=0.01, **dropout, **params)


def assert_same(first, second, X, atol=2e-5):
    np.testing.assert_allclose(first.predict_proba(X), second.predict_proba(X), rtol=0, atol=atol)


def test_weight_zero_is_removal(case, three):
    """Also in mini-batches: rows that weigh nothing are not there."""
    X, y = three
    keep = np.random.default_rng(0).random(90) < 0.7
    weighted = case.make().fit(X, y, sample_weight=keep.astype(float))
    removed = case.make().fit(X[keep], y[keep])
    assert_same(weighted, removed, X, atol=1e-6)


@pytest.mark.slow("many fits")
def test_weight_two_is_repetition(case, three):
    X, y = three
    weight = np.where(y == 1, 2.0, 1.0)
    weighted = plain(case).fit(X, y, sample_weight=weight)
    repeated = plain(case).fit(np.r_[X, X[y == 1]], np.r_[y, y[y == 1]])
    assert_same(weighted, repeated, X)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 7.0, 1e6])
def test_only_proportions_count(case, scale, three):
    X, y = three
    weight = np.random.default_rng(0).random(90)
    first = case.make().fit(X, y, sample_weight=weight)
    second = case.make().fit(X, y, sample_weight=weight * scale)
    assert_same(first, second, X)


def test_uniform_weights_are_none(case, three):
    X, y = three
    first = case.make().fit(X, y)
    second = case.make().fit(X, y, sample_weight=np.full(90, 3))
    assert_same(first, second, X)


def test_weights_as_list_and_integers(case, three):
    X, y = three
    weight = 1 + np.arange(90) % 3
    first = case.make().fit(X, y, sample_weight=weight)
    second = case.make().fit(X, y, sample_weight=weight.astype(float).tolist())
    np.testing.assert_array_equal(weights(first), weights(second))


@pytest.mark.parametrize("labels", [np.array([0, 1, 2]), np.array(["a", "b", "c"])])
def test_class_weight_is_sample_weight(case, labels, three):
    X, y = three[0], labels[three[1]]
    class_weight = {labels.tolist()[0]: 5.0, labels.tolist()[2]: 0.5}
    by_class = case.make(class_weight=class_weight).fit(X, y)
    weight = compute_sample_weight({**class_weight, labels[1]: 1.0}, y)
    by_sample = case.make().fit(X, y, sample_weight=weight)
    assert_same(by_class, by_sample, X, atol=1e-6)
    assert np.abs(weights(by_class) - weights(case.make().fit(X, y))).max() > 1e-4


def test_class_weight_multiplies_sample_weight(case, three):
    X, y = three
    weight = 1 + np.arange(90) % 2.0
    both = case.make(class_weight={1: 3.0}).fit(X, y, sample_weight=weight)
    product = case.make().fit(X, y, sample_weight=weight * np.where(y == 1, 3, 1))
    assert_same(both, product, X, atol=1e-6)


def test_balanced_is_sklearns(case, three):
    X, y = three[0][10:], np.minimum(three[1][10:], 1)
    balanced = case.make(class_weight="balanced").fit(X, y)
    by_hand = case.make().fit(X, y, sample_weight=compute_sample_weight("balanced", y))
    assert_same(balanced, by_hand, X, atol=1e-6)


@pytest.mark.slow("trains until it has learned")
def test_minority_recall_rises(case):
    """1 : 20 data with overlap: weighing the minority finds at least ten points more of it."""
    rng = np.random.default_rng(0)
    y = np.where(np.arange(630) % 21 == 0, "rare", "usual")
    X = rng.normal(size=(630, 16)) + 0.5 * (y == "rare")[:, np.newaxis]
    params = {"epochs": 12, "learning_rate": 0.005}
    rare = y == "rare"
    recall = [
        (case.make(class_weight=w, **params).fit(X, y).predict(X)[rare] == "rare").mean()
        for w in (None, "balanced")
    ]
    assert recall[1] >= recall[0] + 0.1


def test_partial_fit_weights(case, three):
    X, y = three
    weight = 1 + np.arange(90) % 2.0
    whole = case.make(class_weight={1: 3.0}).fit(X, y, sample_weight=weight)
    partly = case.make(class_weight={1: 3.0})
    for _ in range(2):
        partly.partial_fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weights(partly), weights(whole))


def test_partial_fit_cannot_balance_classes(case, three):
    """A part of the data does not tell how frequent the classes are."""
    X, y = three
    estimator = case.make(class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight='balanced'"):
        estimator.partial_fit(X, y, classes=[0, 1, 2])
    weighted = case.make(class_weight={0: 3.0})
    weighted.partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2]).partial_fit(X, y)
    assert np.isfinite(weights(weighted)).all()


def test_class_weight_zero_leaves_a_class_out(case, three):
    X, y = three
    estimator = case.make(class_weight={2: 0.0}).fit(X, y)
    assert list(estimator.classes_) == [0, 1, 2]
    assert np.isfinite(estimator.predict_proba(X)).all()


def test_weighted_score(case, three):
    X, y = three
    estimator = case.make().fit(X, y)
    weight = np.random.default_rng(0).random(90)
    expected = np.average(estimator.predict(X) == y, weights=weight)
    assert estimator.score(X, y, sample_weight=weight) == pytest.approx(expected)


def test_one_hot_with_class_weight(case, three):
    X, y = three
    by_label = case.make(class_weight={1: 4.0}).fit(X, y)
    one_hot = case.make(class_weight={1: 4.0}).fit(X, np.eye(3)[y])
    np.testing.assert_array_equal(weights(by_label), weights(one_hot))


def test_early_stopping_with_weights(case, three):
    X, y = three
    weight = 1 + np.arange(90) % 2.0
    estimator = case.make(early_stopping=True, class_weight="balanced")
    estimator.fit(X, y, sample_weight=weight)
    assert len(estimator.validation_loss_curve_) == 2


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("case_name", CASES)
def test_weight_zero_is_removal_when_balanced(case_name, three):
    X, y = three
    keep = np.random.default_rng(0).random(90) < np.array([0.9, 0.5, 0.2])[y]
    params = {"class_weight": "balanced", "batch_size": None, "learning_rate": 0.01}
    params |= {"dropout": 0.0} if case_name != "keras" else {}
    weighted = CASES[case_name].make(**params).fit(X, y, sample_weight=keep.astype(float))
    removed = CASES[case_name].make(**params).fit(X[keep], y[keep])
    np.testing.assert_allclose(weighted.predict_proba(X), removed.predict_proba(X), atol=1e-6)


@pytest.mark.slow("many fits")
def test_weights_of_partial_fit_are_relative_to_the_first(three):
    def after(first, second, way=itself):
        estimator = mlp(optimizer="sgd").partial_fit(*three, sample_weight=first)
        return weights(way(estimator).partial_fit(*three, sample_weight=second))

    one, hundred = np.full(90, 1.0), np.full(90, 100.0)
    same = after(one, one)
    for weights_ in ((None, one), (hundred, hundred)):
        np.testing.assert_allclose(after(*weights_), same, rtol=0, atol=1e-6)
    more = after(one, hundred)
    assert np.abs(more - same).max() > 1e-3
    np.testing.assert_array_equal(after(one, hundred, through_pickle), more)


@pytest.mark.slow("many fits")
def test_partial_fits_with_weights_equal_a_fit(three):
    weight = np.random.default_rng(0).random(90)
    whole = mlp(epochs=3).fit(*three, sample_weight=weight)
    partly = mlp()
    for _ in range(3):
        partly.partial_fit(*three, sample_weight=weight)
    np.testing.assert_allclose(weights(partly), weights(whole), rtol=0, atol=1e-6)


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("case_name", ["mlp", "keras"])
def test_class_weight_leaves_validation_alone(case_name, three):
    X, y = three
    fitted = CASES[case_name].make(class_weight={1: 50}).fit(X, y, X_val=X, y_val=y)
    unweighted = fitted.model_.evaluate(X.reshape(-1, 8, 8, 1), y, verbose=0, return_dict=True)
    assert fitted.history_["val_loss"][-1] == pytest.approx(unweighted["loss"], rel=1e-5)
