"""Metrics: their names, which are the same in every fit, and metrics of the user's own."""

import copy

import pytest
from sklearn.base import clone

from tests.classifiers.cases import mlp, own, through_pickle
from tests.marks import slow_but

METRICS = {
    "name": (lambda keras: ["AUC"], ["auc"]),
    "class": (lambda keras: [keras.metrics.AUC], ["auc"]),
    "instance": (lambda keras: [keras.metrics.AUC()], ["auc"]),
    "two names": (lambda keras: ["AUC", "AUC"], ["auc", "auc_2"]),
    "two instances": (lambda keras: [keras.metrics.AUC(), keras.metrics.AUC()], ["auc", "auc_2"]),
    "named": (lambda keras: [keras.metrics.AUC(name="area")], ["area"]),
}


@pytest.mark.parametrize(
    "make, kind",
    slow_but(
        [(mlp, "two names")],
        [*((mlp, kind) for kind in METRICS), (own, "name")],
        "five fits with metrics, which are traced anew",
    ),
)
def test_names_of_metrics(make, kind, three):
    import keras

    metrics, names = METRICS[kind]
    estimator = make(loss="categorical_crossentropy", metrics=metrics(keras))
    expected = ["loss", *names]
    assert list(estimator.fit(*three).history_) == expected
    assert list(estimator.fit(*three).history_) == expected
    assert list(clone(estimator).fit(*three).history_) == expected
    again = copy.deepcopy(estimator)
    assert again.model_.compiled
    for fitted in (through_pickle(again), through_pickle(estimator)):
        history = fitted.partial_fit(*three).history_
        assert {k: len(values) for k, values in history.items()} == dict.fromkeys(expected, 2)


@pytest.mark.slow("traces graphs anew for every case")
def test_monitoring_a_metric_by_its_name(three):
    import keras

    stopping = keras.callbacks.EarlyStopping(
        monitor="val_auc", mode="max", patience=1, min_delta=1e9
    )
    estimator = mlp(
        loss="categorical_crossentropy", metrics=["AUC"], callbacks=[stopping], epochs=4
    )
    for _ in range(2):
        estimator.fit(*three, X_val=three[0], y_val=three[1])
        assert estimator.n_iter_ == 2
        assert list(estimator.history_) == ["loss", "auc", "val_loss", "val_auc"]


@pytest.mark.slow("five fits, each traced anew")
def test_metric_without_a_full_config(three):
    """Every fit uses a copy of the instance, parameters and all."""
    import keras

    class Within(keras.metrics.Metric):
        def __init__(self, tolerance, name="within"):
            super().__init__(name=name)
            self.tolerance = tolerance
            self.inside = self.add_weight(initializer="zeros", name="inside")

        def update_state(self, y_true, y_pred, sample_weight=None):
            near = keras.ops.abs(keras.ops.max(y_pred) - 1) < self.tolerance
            self.inside.assign(keras.ops.cast(near, "float32"))

        def result(self):
            return self.inside + 0

    metric = Within(2.0)
    fitted = mlp(metrics=[metric]).fit(*three).fit(*three)
    assert fitted.partial_fit(*three).history_["within"] == [1.0, 1.0]
    assert float(metric.result()) == 0.0
    assert mlp(metrics=[Within(-1.0)]).fit(*three).history_["within"] == [0.0]
    fitted = mlp(metrics=[Within], metrics__0__tolerance=2.0).fit(*three).fit(*three)
    assert fitted.partial_fit(*three).history_["within"] == [1.0, 1.0]
