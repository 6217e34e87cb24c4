"""Metadata routing: weights and validation data through pipelines, searches and validation."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from tests.classifiers.cases import weights


class TimesSeven(TransformerMixin, BaseEstimator):
    """A transformer whose effect is easy to recognise."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return np.asarray(X) * 7


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield


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


@pytest.mark.slow("many fits")
@pytest.mark.usefixtures("routing")
def test_pipeline_transforms_validation_data(case, digits, seen):
    X, y = digits
    estimator = case.make(early_stopping=True).set_fit_request(X_val=True, y_val=True)
    pipeline = Pipeline([("scale", TimesSeven()), ("net", estimator)], transform_input=["X_val"])
    pipeline.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    ((train, held_out),) = seen
    np.testing.assert_array_equal(train.images.reshape(200, -1), X[:200] * 7)
    np.testing.assert_array_equal(held_out.images.reshape(100, -1), X[200:] * 7)
    assert len(pipeline[-1].validation_loss_curve_) == 2


@pytest.mark.usefixtures("routing")
def test_sample_weight_through_everything(case, three, seen):
    X, y = three
    weight = 1 + np.arange(90) % 2.0
    estimator = case.make(epochs=1).set_fit_request(sample_weight=True)
    estimator.set_score_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = Pipeline([("scale", scaler), ("net", estimator)])
    pipeline.fit(X, y, sample_weight=weight)
    cross_validate(pipeline, X, y, params={"sample_weight": weight}, cv=2, error_score="raise")
    GridSearchCV(pipeline, {"net__epochs": [1]}, cv=2, error_score="raise").fit(
        X, y, sample_weight=weight
    )
    assert len(seen) == 1 + 2 + 3
    for train, _ in seen:
        assert set(np.round(train.weights / train.weights.min(), 5)) == {1, 2}
        assert train.weights.mean() == pytest.approx(1)


@pytest.mark.usefixtures("routing")
def test_validation_data_through_search(case, digits, seen):
    X, y = digits
    estimator = case.make(early_stopping=True).set_fit_request(X_val=True, y_val=True)
    search = GridSearchCV(estimator, {"epochs": [1]}, cv=2, error_score="raise")
    search.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    cross_validate(
        estimator,
        X[:200],
        y[:200],
        params={"X_val": X[200:], "y_val": y[200:]},
        cv=2,
        error_score="raise",
    )
    assert len(seen) == 5
    for _, held_out in seen:
        np.testing.assert_array_equal(held_out.images.reshape(100, -1), X[200:])


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("name", ["sample_weight", "X_val"])
def test_unrequested_metadata_raise(case, name, three):
    X, y = three
    metadata = {"sample_weight": np.ones(90), "X_val": X}[name]
    with pytest.raises(UnsetMetadataPassedError, match=name):
        GridSearchCV(case.make(), {"epochs": [1]}, cv=2).fit(X, y, **{name: metadata})
    with pytest.raises(UnsetMetadataPassedError, match=name):
        Pipeline([("net", case.make())]).fit(X, y, **{name: metadata})
    with pytest.raises(UnsetMetadataPassedError, match=name):
        cross_validate(case.make(), X, y, params={name: metadata}, cv=2)


@pytest.mark.usefixtures("routing")
def test_requests_by_method(case):
    estimator = case.make()
    estimator.set_fit_request(sample_weight=True, X_val=True, y_val=True, sample_weight_val=True)
    estimator.set_partial_fit_request(classes=True, sample_weight=True)
    estimator.set_score_request(sample_weight=True)
    requests = clone(estimator).get_metadata_routing()
    assert all(requests.fit.requests.values())
    assert set(requests.fit.requests) == {
        "sample_weight",
        "X_val",
        "y_val",
        "sample_weight_val",
    }
    assert set(requests.partial_fit.requests) == {"classes", "sample_weight"}
    assert set(requests.score.requests) == {"sample_weight"}


def test_without_routing_as_ever(case, three):
    X, y = three
    weight = 1 + np.arange(90) % 2.0
    pipeline = Pipeline([("net", case.make())]).fit(X, y, net__sample_weight=weight)
    search = GridSearchCV(case.make(), {"epochs": [2]}, cv=2).fit(X, y, sample_weight=weight)
    direct = case.make().fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weights(pipeline[-1]), weights(direct))
    np.testing.assert_array_equal(weights(search.best_estimator_), weights(direct))


def test_no_test_row_is_seen_in_fit(case, digits, seen):
    """Early stopping inside cross-validation never looks at the test fold."""
    X, y = np.array(digits[0]), digits[1]
    X[:, 0] = np.arange(300) / 1024
    result = cross_validate(
        case.make(epochs=1, early_stopping=True), X, y, cv=3, return_indices=True
    )
    for (train, held_out), test_rows in zip(seen, result["indices"]["test"], strict=True):
        rows = np.concatenate(
            [np.rint(s.images.reshape(len(s), -1)[:, 0] * 1024) for s in (train, held_out)]
        ).astype(int)
        assert len(rows) == 200
        assert not set(rows) & set(test_rows)
