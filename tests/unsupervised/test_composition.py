"""Pipelines, searches, metadata routing, and the callbacks of scikit-learn and of Keras."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmnist import Autoencoder, MnistScaler
from tests.unsupervised.cases import CASES, CLASSES, assert_same_outputs, outputs, weights

pytestmark = pytest.mark.slow("many fits, which the same tests of classifiers have too")


def pipeline(**params):
    encoder = Autoencoder(
        6, hidden_layer_sizes=(32,), epochs=30, learning_rate=0.01, random_state=0
    )
    steps = [("scale", MnistScaler()), ("autoencoder", encoder.set_params(**params))]
    return Pipeline([*steps, ("clf", LogisticRegression(max_iter=1000))])


def test_codes_for_a_classifier(X, y):
    model = pipeline().fit(X[:80] * 255, y[:80])
    assert model.score(X[80:] * 255, y[80:]) > 0.85
    codes = model[:-1].transform(X * 255)
    assert codes.shape == (120, 6)
    assert list(model[:-1].get_feature_names_out()) == [f"autoencoder{i}" for i in range(6)]
    again = clone(model).fit(X[:80] * 255, y[:80])
    np.testing.assert_array_equal(again.predict_proba(X * 255), model.predict_proba(X * 255))


def test_back_through_a_pipeline(X):
    both = make_pipeline(StandardScaler(), CASES["dense"].make()).fit(X)
    back = both.inverse_transform(both.transform(X))
    assert back.shape == X.shape
    assert np.isfinite(back).all()


@pytest.mark.slow("many fits")
def test_search_by_score(X):
    estimator = CASES["dense"].make(epochs=30, learning_rate=0.01)
    search = GridSearchCV(estimator, {"latent_dim": [1, 10]}, cv=2, error_score="raise").fit(X)
    assert search.best_params_ == {"latent_dim": 10}
    assert (search.cv_results_["mean_test_score"] < 0).all()
    assert search.transform(X).shape == (120, 10)
    assert search.score(X) == search.best_estimator_.score(X)


@pytest.mark.slow("many fits")
def test_search_in_a_pipeline(X, y):
    grid = {"autoencoder__latent_dim": [1, 6], "autoencoder__optimizer__beta_1": [0.9]}
    search = GridSearchCV(pipeline(), grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_params_["autoencoder__latent_dim"] == 6
    assert search.best_score_ > 0.8


@pytest.mark.slow("many fits")
def test_cross_validation_and_columns(X):
    scores = cross_val_score(CASES["convolutional"].make(epochs=1), X, cv=2, error_score="raise")
    assert (scores < 0).all()
    halves = ColumnTransformer(
        [
            ("left", CASES["dense"].make(epochs=1), slice(0, 32)),
            ("right", CASES["dense"].make(epochs=1, latent_dim=3), slice(32, 64)),
        ]
    )
    assert halves.fit_transform(X).shape == (120, 7)


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
def test_requests(case):
    fit = {"sample_weight"}
    if hasattr(case.cls, "score_samples"):
        fit |= {"X_val", "sample_weight_val"}
    estimator = case.make().set_fit_request(**dict.fromkeys(fit, True))
    requests = clone(estimator).get_metadata_routing()
    assert requests.fit.requests == dict.fromkeys(fit, True)
    if hasattr(estimator, "partial_fit"):
        names = {"sample_weight"} | ({"classes"} if "conditional" in case.quick else set())
        assert names <= set(requests.partial_fit.requests)


@pytest.mark.slow("many fits")
@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("name", CLASSES)
def test_weights_through_a_pipeline(name, X, y):
    weight = 1 + np.arange(120) % 3.0
    net = CASES[name].make().set_fit_request(sample_weight=True)
    scaler = StandardScaler(with_mean=False, with_std=False).set_fit_request(sample_weight=False)
    whole = Pipeline([("scale", scaler), ("net", net)]).fit(X, y, sample_weight=weight)
    direct = CASES[name].make().fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weights(whole[-1]), weights(direct))
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        Pipeline([("net", CASES[name].make())]).fit(X, y, sample_weight=weight)


@pytest.mark.usefixtures("routing")
def test_validation_images_go_through_the_steps(X):
    net = CASES["dense"].make(early_stopping=True).set_fit_request(X_val=True)
    steps = [("scale", MnistScaler()), ("net", net)]
    whole = Pipeline(steps, transform_input=["X_val"]).fit(X[:80] * 255, X_val=X[80:] * 255)
    direct = CASES["dense"].make(early_stopping=True)
    scaled = whole[0].transform(X * 255)
    direct.fit(scaled[:80], X_val=scaled[80:])
    assert whole[-1].history_ == direct.history_


@pytest.mark.slow("many fits")
@pytest.mark.usefixtures("routing")
def test_weights_through_a_search(X):
    weight = 1 + np.arange(120) % 3.0
    net = CASES["dense"].make().set_fit_request(sample_weight=True)
    search = GridSearchCV(net, {"epochs": [2]}, cv=2, error_score="raise")
    search.fit(X, sample_weight=weight)
    direct = CASES["dense"].make().fit(X, sample_weight=weight)
    np.testing.assert_array_equal(weights(search.best_estimator_), weights(direct))


class Onlooker:
    """A callback of scikit-learn's that keeps what every epoch would predict."""

    def __init__(self, X):
        self.X, self.seen = X, []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "epoch":
            self.seen.append(outputs(fitted_estimator, self.X))


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", CLASSES)
def test_callbacks_see_a_fitted_estimator_after_every_epoch(name, X, y):
    onlooker = Onlooker(X)
    last = CASES[name].make(epochs=2).set_callbacks(onlooker).fit(X, y)
    first = CASES[name].make(epochs=1).fit(X, y)
    assert len(onlooker.seen) == 2
    for fitted, seen in zip((first, last), onlooker.seen, strict=True):
        for what, values in outputs(fitted, X).items():
            np.testing.assert_array_equal(values, seen[what])


def test_scoring_monitor_runs(fitted_once, X):
    """It needs y to score anything; without, it does no harm."""
    monitor = ScoringMonitor(scoring=None)
    watched = CASES["dense"].make().set_callbacks(monitor).fit(X)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(rows) == 2
    assert_same_outputs(watched, fitted_once("dense"), X)


@pytest.mark.parametrize("name", CLASSES)
def test_progress_bar_changes_nothing(name, fitted_once, X, y, capsys):
    watched = CASES[name].make().set_callbacks(ProgressBar()).fit(X, y)
    assert "%" in capsys.readouterr().out
    assert_same_outputs(watched, fitted_once(name), X)


@pytest.mark.parametrize("name", CLASSES)
def test_verbose(name, case, X, y, capfd):
    estimator = case.make(epochs=2, verbose=1).fit(X, y)
    outputs(estimator, X)
    out, err = capfd.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert [line[:9] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]
    for key, values in estimator.history_.items():
        assert f" {key} {values[1]:.4f} " in lines[1]


@pytest.mark.parametrize("name", CLASSES)
def test_keras_callbacks(name, X, y):
    """Every hook is called, with the logs of its moment, and a callback may end the training."""
    import keras

    log = []

    class Recorder(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            log.append("begin")

        def on_train_batch_end(self, batch, logs=None):
            log.append(("batch", batch, logs["loss"]))

        def on_epoch_end(self, epoch, logs=None):
            log.append(("epoch", epoch, dict(logs)))
            self.model.stop_training = epoch == 2

        def on_train_end(self, logs=None):
            log.append("end")

    fitted = CASES[name].make(epochs=9, batch_size=60, callbacks=Recorder()).fit(X, y)
    assert fitted.n_iter_ == 3
    assert (log[0], log[-1]) == ("begin", "end")
    epochs = [entry for entry in log if entry[0] == "epoch"]
    assert [epoch for _, epoch, _ in epochs] == [0, 1, 2]
    for key, values in fitted.history_.items():
        assert values == [logs[key] for _, _, logs in epochs]
    assert [entry[1] for entry in log if entry[0] == "batch"] == [0, 1] * 3
    whole = CASES[name].make(epochs=3, batch_size=60).fit(X, y)
    np.testing.assert_array_equal(weights(whole), weights(fitted))


@pytest.mark.parametrize("name", ["detector", "conditional"])
def test_keras_callback_by_class(name, X, y):
    import keras

    stop = {"monitor": "loss", "min_delta": 1e9, "patience": 1}
    estimator = CASES[name].make(epochs=6, callbacks=[keras.callbacks.EarlyStopping])
    estimator.set_params(**{f"callbacks__{key}": value for key, value in stop.items()})
    assert clone(estimator).fit(X, y).n_iter_ == 2
