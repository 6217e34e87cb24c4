"""Every loss and every metric that Keras exports: the right value, or an error before training."""

import inspect

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skmnist import KerasClassifier, MLPClassifier

# Ten samples in a batch and ten classes: here wrong shapes are broadcast without a word.
N = 10
X = np.random.default_rng(0).random((2 * N, 16)).astype(np.float32)
Y = np.r_[[0, 0, 9, 3, 4, 5, 3, 7, 8, 2], np.arange(N)]
ONE_HOT = np.eye(N, dtype=np.float32)[Y]


def exported(module, kind):
    """Return what Keras exports: classes, functions, and their names."""
    found = {}
    for name, thing in vars(module).items():
        if name.startswith("_"):
            continue
        if inspect.isfunction(thing) or (inspect.isclass(thing) and issubclass(thing, kind)):
            found[name] = thing
    return found


LOSSES = exported(keras.losses, keras.losses.Loss)
METRICS = exported(keras.metrics, keras.metrics.Metric)
OF_CODES = ("sparse", "categorical_generalized", "circle", "categoricalgeneralized")
# What no training can use, and the word of the message that tells why.
NO_LOSS = {
    "Loss": "loss",
    "CTC": "sequences",
    "ctc": "sequences",
    "categorical_generalized_cross_entropy": "q",
    "BinaryCrossentropy": "categorical_crossentropy",
    "BinaryFocalCrossentropy": "categorical_crossentropy",
    "binary_crossentropy": "categorical_crossentropy",
    "binary_focal_crossentropy": "categorical_crossentropy",
    "get": "loss",
    "serialize": "loss",
    "deserialize": "loss",
}
NO_METRIC = {
    "Metric": "Metric|metrics",
    "Mean": "metrics",
    "Sum": "metrics",
    "MeanMetricWrapper": "fn|metrics",
    "Accuracy": "accuracy",
    "IoU": "num_classes",
    "MeanIoU": "num_classes",
    "OneHotIoU": "num_classes",
    "OneHotMeanIoU": "num_classes",
    "F1Score": "average",
    "FBetaScore": "average",
    "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
    "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity",
    "get": "metric",
    "serialize": "metric",
    "deserialize": "metric",
}


def estimator(**params):
    """Return a classifier that learns nothing, so that its outputs are those of every epoch."""
    given = {"optimizer": "sgd", "learning_rate": 1e-30, "batch_size": None, "epochs": 1}
    return MLPClassifier(
        **{**given, "hidden_layer_sizes": (8,), "dropout": 0.0, "random_state": 0, **params}
    )


@pytest.fixture(scope="module")
def probabilities():
    return estimator().fit(X, Y).predict_proba(X)


def is_of_codes(name):
    return name.lower().startswith(OF_CODES)


@pytest.mark.slow("trains with every loss and every metric of Keras")
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name, probabilities):
    thing = LOSSES[name]
    if name in NO_LOSS:
        with pytest.raises((ValueError, TypeError), match=NO_LOSS[name]):
            estimator(loss=thing).fit(X, Y)
        return
    loss = thing() if inspect.isclass(thing) else thing
    check_loss(name, thing, loss, probabilities)


@pytest.mark.slow("trains with metrics anew for every case")
@pytest.mark.parametrize("name", ["circle", "Circle", "KLD", "mse"])
def test_losses_by_name(name, probabilities):
    check_loss(name, name, keras.losses.get(name), probabilities)


def check_loss(name, given, loss, probabilities):
    if name.lower() == "circle":  # of which the function marks what is to be averaged
        loss = keras.losses.Circle()
    targets = (Y if is_of_codes(name) else ONE_HOT)[:N].astype(np.float32)
    expected = float(np.mean(loss(targets, probabilities[:N])))
    # One batch of as many samples as there are classes.
    classifier = estimator(loss=given).partial_fit(X[:N], Y[:N], classes=range(N))
    np.testing.assert_allclose(classifier.loss_curve_, [expected], rtol=1e-4)


GIVEN = {
    "IoU": {"num_classes": 10, "target_class_ids": [1, 3], "sparse_y_pred": False},
    "MeanIoU": {"num_classes": 10, "sparse_y_pred": False},
    "OneHotIoU": {"num_classes": 10, "target_class_ids": [1, 3]},
    "OneHotMeanIoU": {"num_classes": 10},
    "F1Score": {"average": "macro"},
    "FBetaScore": {"average": "weighted", "beta": 2.0},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.1},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "BinaryIoU": {"threshold": 0.1},
    "Precision": {"thresholds": 0.11},
    "Recall": {"thresholds": 0.11},
}


def instances():
    """Return an instance, or a function, of every metric that has a value here."""
    made = {}
    for name, thing in METRICS.items():
        if name in NO_METRIC and name not in GIVEN:
            continue
        made[name] = (
            thing(name=f"m_{name}", **GIVEN.get(name, {})) if inspect.isclass(thing) else thing
        )
    return made


def direct(metric, probabilities, weights=None):
    """Compute a metric by Keras itself, on targets of the right form."""
    if not isinstance(metric, keras.metrics.Metric):
        name = metric.__name__
        metric = keras.metrics.MeanMetricWrapper(metric)
    else:
        name = type(metric).__name__
        metric.reset_state()
    codes = is_of_codes(name) or name in ("IoU", "MeanIoU")
    metric.update_state(Y if codes else ONE_HOT, probabilities, sample_weight=weights)
    return float(metric.result())


LOSS_OF_FORM = {
    "codes": "sparse_categorical_crossentropy",
    "one-hot": "categorical_crossentropy",
}


@pytest.fixture(scope="module")
def histories():
    """Histories of one fit a form of loss, with every metric there is."""
    found = {}
    for form, loss in LOSS_OF_FORM.items():
        metrics = instances()
        classifier = estimator(loss=loss, metrics=list(metrics.values()), batch_size=10)
        classifier.fit(X, Y, X_val=X, y_val=Y)
        history = classifier.history_
        found[form] = {}
        for name, metric in metrics.items():
            key = metric.name if isinstance(metric, keras.metrics.Metric) else metric.__name__
            found[form][name] = (history[key][0], history[f"val_{key}"][0])
    return found


@pytest.mark.slow("trains with every loss and every metric of Keras")
@pytest.mark.parametrize("form", LOSS_OF_FORM)
@pytest.mark.parametrize("name", [n for n in METRICS if n not in NO_METRIC or n in GIVEN])
def test_every_metric(name, form, histories, probabilities):
    expected = direct(instances()[name], probabilities)
    trained, validated = histories[form][name]
    np.testing.assert_allclose(validated, expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(trained, expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", NO_METRIC)
def test_metrics_that_have_no_value(name):
    if name not in METRICS:
        pytest.fail(f"Keras no longer exports {name}")
    with pytest.raises((ValueError, TypeError), match=NO_METRIC[name]):
        estimator(metrics=[METRICS[name]]).fit(X, Y)


@pytest.mark.slow("traces graphs anew for every case")
def test_metrics_against_scikit_learn(probabilities):
    from sklearn.metrics import f1_score, log_loss

    metrics = ["mse", "categorical_crossentropy", keras.metrics.F1Score(average="macro")]
    history = estimator(metrics=metrics, batch_size=10).fit(X, Y).history_
    expected = {
        "mean_squared_error": np.mean((ONE_HOT - probabilities) ** 2),
        "categorical_crossentropy": log_loss(Y, probabilities, labels=range(10)),
        "f1_score": f1_score(Y, probabilities.argmax(axis=1), average="macro", zero_division=0),
    }
    assert set(history) == {"loss", *expected}
    for name, value in expected.items():
        np.testing.assert_allclose(history[name], [value], rtol=1e-4, err_msg=name)


def test_wrong_number_of_classes_of_a_metric():
    metric = keras.metrics.OneHotMeanIoU(num_classes=5)
    with pytest.raises(ValueError, match="num_classes=10"):
        estimator(metrics=[metric]).fit(X, Y)
    with pytest.raises(ValueError, match="sparse_y_pred=False"):
        estimator(metrics=[keras.metrics.MeanIoU(num_classes=10)]).fit(X, Y)


def single(from_logits):
    def build(image_shape):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Flatten(),
                keras.layers.Dense(1, activation=None if from_logits else "sigmoid"),
            ]
        )

    return build


@pytest.mark.slow("trains with metrics anew for every case")
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("classes", [None, ["b", "a"]])
def test_metrics_of_a_single_output(from_logits, classes):
    """One unit tells two classes apart, and every metric sees both."""
    from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss

    y = np.array(["a", "b"])[Y % 2]
    metrics = [
        "accuracy",
        "mse",
        "categorical_accuracy",
        "sparse_categorical_crossentropy",
        keras.metrics.F1Score(average="macro"),
        "binary_crossentropy",
    ]
    classifier = KerasClassifier(
        single(from_logits),
        classes=classes,
        loss=keras.losses.BinaryCrossentropy(from_logits=from_logits),
        metrics=metrics,
        optimizer="sgd",
        learning_rate=1e-30,
        epochs=1,
        batch_size=7,
        random_state=1,
    ).fit(X, y)
    proba, predicted = classifier.predict_proba(X), classifier.predict(X)
    expected = {
        "accuracy": accuracy_score(y, predicted),
        "mean_squared_error": brier_score_loss(y, proba[:, 1], pos_label="b"),
        "categorical_accuracy": accuracy_score(y, predicted),
        "sparse_categorical_crossentropy": log_loss(y, proba),
        "f1_score": f1_score(y, predicted, average="macro", zero_division=0),
        "binary_crossentropy": log_loss(y, proba),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(classifier.history_[name], [value], rtol=1e-4, err_msg=name)


def test_metrics_of_logits_see_probabilities():
    from sklearn.metrics import log_loss

    def build(image_shape):
        layers = keras.layers
        return keras.Sequential([keras.Input(image_shape), layers.Flatten(), layers.Dense(10)])

    classifier = KerasClassifier(
        build,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            "mse",
            "categorical_crossentropy",
            keras.metrics.SparseCategoricalCrossentropy(from_logits=True),
        ],
        optimizer="sgd",
        learning_rate=1e-30,
        epochs=1,
        random_state=0,
    ).fit(X, Y)
    proba = classifier.predict_proba(X)
    expected = {
        "mean_squared_error": np.mean((ONE_HOT - proba) ** 2),
        "categorical_crossentropy": log_loss(Y, proba),
        "sparse_categorical_crossentropy": log_loss(Y, proba),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(classifier.history_[name], [value], rtol=1e-4, err_msg=name)
    with pytest.raises(ValueError, match=r"from_logits=False"):
        estimator(metrics=[keras.metrics.AUC(from_logits=True)]).fit(X, Y)


@pytest.mark.slow("trains with metrics anew for every case")
@pytest.mark.parametrize("form", LOSS_OF_FORM)
def test_metrics_of_the_users_own(form, probabilities):
    """Functions and classes that want what the loss does not: they are tried."""
    ops = keras.ops

    def brier(y_true, y_pred):
        return ops.sum(ops.square(y_true - y_pred), axis=-1)

    def hits(y_true, y_pred):
        return ops.cast(ops.cast(y_true, "int32") == ops.argmax(y_pred, axis=-1), "float32")

    class Top3(keras.metrics.SparseTopKCategoricalAccuracy):
        def __init__(self):
            super().__init__(k=3)

    class Briers(keras.metrics.Mean):
        def update_state(self, y_true, y_pred, sample_weight=None):
            return super().update_state(brier(y_true, y_pred), sample_weight)

    metrics = [brier, hits, Top3(), Briers()]
    history = estimator(loss=LOSS_OF_FORM[form], metrics=metrics, batch_size=10).fit(X, Y).history_
    errors = np.sum((ONE_HOT - probabilities) ** 2, axis=1).mean()
    top = np.argsort(-probabilities, axis=1)[:, :3]
    expected = {
        "brier": errors,
        "hits": np.mean(probabilities.argmax(axis=1) == Y),
        "sparse_top_k_categorical_accuracy": np.mean((top == Y[:, np.newaxis]).any(axis=1)),
        "mean": errors,
    }
    assert set(expected) == set(history) - {"loss"}
    for name, value in expected.items():
        np.testing.assert_allclose(history[name], [value], rtol=1e-4, err_msg=name)


def test_metrics_of_a_compiled_model(tmp_path):
    """A model keeps its metrics, gets the right values, and needs Keras alone once saved."""
    from skmnist import networks

    model = networks.mlp((4, 4, 1), 10, hidden_layer_sizes=(8,), dropout=0.0, seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["mse", "accuracy"])
    classifier = KerasClassifier(model, learning_rate=1e-30, epochs=1, batch_size=10).fit(X, Y)
    expected = np.mean((ONE_HOT - classifier.predict_proba(X)) ** 2)
    np.testing.assert_allclose(classifier.history_["mean_squared_error"], [expected], rtol=1e-4)
    classifier.model_.save(tmp_path / "saved.keras")
    keras.saving.load_model(tmp_path / "saved.keras")
    metrics = classifier.model_._compile_metrics.metrics
    assert any(type(metric) is keras.metrics.MeanSquaredError for metric in metrics)
    assert not any("update_state" in vars(metric) for metric in metrics)


@pytest.mark.slow("traces graphs anew for every case")
def test_going_on_keeps_the_values(probabilities):
    import pickle

    classifier = estimator(metrics=["mse"], batch_size=10)
    classifier.partial_fit(X, Y)
    classifier = pickle.loads(pickle.dumps(classifier)).partial_fit(X, Y)
    expected = np.mean((ONE_HOT - probabilities) ** 2)
    np.testing.assert_allclose(classifier.history_["mean_squared_error"], [expected] * 2, rtol=1e-4)
    assert clone(classifier).fit(X, Y).history_["mean_squared_error"] == pytest.approx([expected])
