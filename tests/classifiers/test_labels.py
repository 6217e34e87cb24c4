"""Labels of any container and dtype, in ensembles, and one-hot columns without samples."""

import datetime
import warnings

import keras
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tensorflow as tf
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.semi_supervised import SelfTrainingClassifier

from skmnist import GANGenerator, KerasClassifier, MLPClassifier, compare
from tests.classifiers.cases import NETWORKS, mlp, network
from tests.marks import slow_but
from tests.processes import check_ran, run_python

TEXTS = np.array(["zero", "one", "two"])
DAYS = np.array(["2026-01-03", "2025-01-02", "2027-01-01"], dtype="datetime64[D]")


class OnlyDLPack:
    """What has nothing but ``__dlpack__``."""

    def __init__(self, array):
        self._array = array

    def __len__(self):
        return len(self._array)

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


def torch_tensor(y):
    return pytest.importorskip("torch").from_numpy(y)


def torch_gradients(y):
    return torch_tensor(y.astype(np.float32)).requires_grad_()


def xarray_array(y):
    return pytest.importorskip("xarray").DataArray(y)


CONTAINERS = {
    "torch": torch_tensor,
    "torch with gradients": torch_gradients,
    "tensorflow": tf.constant,
    "bfloat16": lambda y: tf.constant(y, tf.bfloat16),
    "keras variable": keras.Variable,
    "keras tensor": keras.ops.convert_to_tensor,
    "memoryview": memoryview,
    "polars": pl.Series,
    "polars frame": lambda y: pl.DataFrame({"y": y}),
    "pyarrow": pa.array,
    "pyarrow chunks": lambda y: pa.chunked_array([y]),
    "pyarrow table": lambda y: pa.table({"y": y}),
    "xarray": xarray_array,
    "pandas index": pd.Index,
    "pandas nullable": lambda y: pd.array(y, "Int64"),
    "pandas category": lambda y: pd.Series(y).astype("category"),
    "dlpack": OnlyDLPack,
    "list of tensors": lambda y: list(tf.constant(y)),
}


def quick(**params):
    return MLPClassifier(**{"hidden_layer_sizes": (12,), "epochs": 2, "random_state": 0, **params})


@pytest.mark.slow("fits for every container")
@pytest.mark.parametrize("name", CONTAINERS)
def test_labels_in_any_container(name, three):
    X, y = three
    expected = quick(epochs=1).fit(X, y)
    given = CONTAINERS[name](y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataConversionWarning)  # a column of a frame
        found = quick(epochs=1).fit(X, given)
        assert found.score(X, given) == expected.score(X, y)
    assert found.classes_.tolist() == [0, 1, 2]
    assert type(found.predict(X[:2])) is np.ndarray
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize(
    "make",
    [
        tf.constant,
        pl.Series,
        lambda y: pl.Series(y).cast(pl.Categorical),
        pa.array,
        lambda y: pa.array(y).dictionary_encode(),
        lambda y: y.astype(np.dtypes.StringDType()),
    ],
    ids=["tensorflow", "polars", "polars category", "pyarrow", "pyarrow dictionary", "StringDType"],
)
def test_texts_in_any_container(make, three):
    X, y = three
    expected = quick(epochs=1).fit(X, TEXTS[y])
    found = quick(epochs=1).fit(X, make(TEXTS[y]))
    assert found.classes_.tolist() == expected.classes_.tolist()
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize("make", [torch_tensor, tf.constant, pl.DataFrame, pd.DataFrame, pa.array])
def test_one_hot_rows_in_any_container(make, three):
    X, y = three
    if make is pa.array:
        columns = np.eye(3, dtype=np.float32)[y].T
        given = pa.table({str(i): column for i, column in enumerate(columns)})
    else:
        given = make(np.eye(3, dtype=np.float32)[y])
    found = quick(epochs=1).fit(X, given).predict(X)
    assert found.shape == (len(X), 3)
    np.testing.assert_array_equal(found.argmax(axis=1), quick(epochs=1).fit(X, y).predict(X))


def test_weights_in_other_containers(three):
    X, y = three
    weights = np.linspace(1, 2, len(y))
    expected = quick(epochs=1).fit(X, y, sample_weight=weights)
    found = quick(epochs=1).fit(X, y, sample_weight=tf.constant(weights))
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))
    scores = [expected.score(X, y, sample_weight=w) for w in (weights, tf.constant(weights))]
    assert scores[0] == scores[1]


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_array_api_dispatch(tmp_path):
    code = """
    import numpy as np, sklearn, torch
    from skmnist import LeNetClassifier, MLPClassifier
    from skmnist.preprocessing import OneHotLabelEncoder
    X, y = np.random.default_rng(0).random((40, 64), dtype=np.float32), np.arange(40) % 2
    names = np.array(["b", "a"])[y]
    for classifier in (MLPClassifier(epochs=1, random_state=0),
                       LeNetClassifier(filters=(2,), epochs=1, random_state=0)):
        plain = classifier.fit(X, y)
        expected, score = plain.predict_proba(X), plain.score(X, y)
        with sklearn.config_context(array_api_dispatch=True):
            for labels in (y, torch.from_numpy(y)):
                weights = torch.ones(40)
                found = classifier.fit(X, labels, sample_weight=weights)
                assert type(found.predict(X)) is np.ndarray
                assert found.score(X, labels, sample_weight=weights) == score
                np.testing.assert_array_equal(found.predict_proba(X), expected)
                assert type(OneHotLabelEncoder().fit_transform(labels)) is np.ndarray
            assert classifier.fit(X, torch.eye(2)[torch.from_numpy(y)]).predict(X).shape == (40, 2)
            assert set(classifier.fit(X, names).predict(X)) <= {"a", "b"}
    """
    pytest.importorskip("torch")
    check_ran(run_python(code, cwd=tmp_path, SCIPY_ARRAY_API="1"))


@pytest.mark.parametrize("name", slow_but(["mlp"], NETWORKS, "fits every family"))
def test_string_dtype(name, three):
    X, y = three
    labels = TEXTS.astype(np.dtypes.StringDType())[y]
    classifier = NETWORKS[name].make(epochs=1).fit(X, labels)
    assert classifier.classes_.dtype == labels.dtype
    found = classifier.predict(X)
    assert found.dtype == labels.dtype
    assert classifier.score(X, labels) == np.mean(found == labels)


@pytest.mark.slow("fits in every kind of ensemble")
def test_string_dtype_elsewhere(three):
    X, y = three
    labels = TEXTS.astype(np.dtypes.StringDType())[y]
    weighed = quick(class_weight={"one": 2.0}, validation_fraction=0.2).fit(X, labels)
    expected = quick(class_weight={"one": 2.0}, validation_fraction=0.2).fit(X, TEXTS[y])
    np.testing.assert_array_equal(weighed.predict_proba(X), expected.predict_proba(X))
    # Folds of labels are scikit-learn's, which knows no StringDType; others work.
    scores = cross_val_score(quick(), X, labels, cv=KFold(3))
    assert scores.tolist() == cross_val_score(quick(), X, TEXTS[y], cv=KFold(3)).tolist()
    assert compare([quick()], X, labels, cv=2).rows[0].error is None
    missing = np.array(["a", None] * 45, dtype=np.dtypes.StringDType(na_object=None))
    with pytest.raises(ValueError, match="missing labels"):
        quick().fit(X, missing)
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        quick().fit(X[:0], labels[:0])


@pytest.mark.slow("fits for every container")
@pytest.mark.parametrize(
    "labels",
    [
        DAYS,
        DAYS.astype("datetime64[ns]"),
        np.array([3, 1, 2], dtype="timedelta64[s]"),
        np.array([3, 1, 2], dtype="timedelta64[s]").astype("timedelta64[ns]"),
    ],
    ids=lambda labels: str(labels.dtype),
)
def test_dates_and_durations(labels, three):
    X, y = three
    classifier = quick(epochs=10, learning_rate=0.01).fit(X, labels[y])
    assert classifier.classes_.dtype == labels.dtype
    assert classifier.classes_.tolist() == np.sort(labels).tolist()
    assert classifier.predict(X).dtype == labels.dtype
    assert classifier.score(X, labels[y]) > 0.9
    wide = labels.astype(f"{labels.dtype.kind}8[ms]")
    assert classifier.score(X, wide[y]) > 0.9  # the same in other units
    assert cross_val_score(quick(epochs=10, learning_rate=0.01), X, labels[y], cv=3).min() > 0.8
    assert cross_val_predict(quick(), X, labels[y], cv=2).dtype == labels.dtype
    search = GridSearchCV(quick(), {"epochs": [1]}, cv=2).fit(X, labels[y])
    assert search.predict(X).dtype == labels.dtype
    with pytest.raises(ValueError, match="not among the classes"):
        classifier.partial_fit(X, labels[y] + np.timedelta64(9, np.datetime_data(labels.dtype)[0]))


def test_dates_of_pandas(three):
    X, y = three
    series = pd.Series(DAYS[y])
    assert quick().fit(X, series).classes_.dtype == series.dtype
    with pytest.raises(ValueError, match="missing labels"):
        quick().fit(X, series.mask(series.index == 3))
    with pytest.raises(ValueError, match="missing labels"):
        quick().fit(X, np.array(["2026-01-01", "NaT"] * 45, dtype="datetime64[D]"))
    with pytest.raises(ValueError, match="Unknown label type"):  # as scikit-learn's own has it
        quick().fit(X, series.dt.tz_localize("UTC"))


@pytest.mark.parametrize("unit", ["D", "ns"])
def test_class_weight_of_dates(unit, three):
    X, y = three
    labels = DAYS.astype(f"datetime64[{unit}]")[y]
    for key in (DAYS[0], datetime.datetime(2026, 1, 3)):
        weighed = quick(class_weight={key: 3.0}).fit(X, labels)
        balance = quick(class_weight={1: 3.0}).fit(X, np.searchsorted(np.sort(DAYS), DAYS[y]))
        np.testing.assert_array_equal(weighed.predict_proba(X), balance.predict_proba(X))
    with pytest.raises(ValueError, match=r"must be among the classes .* Got .*2030-01-01"):
        quick(class_weight={np.datetime64("2030-01-01"): 3.0}).fit(X, DAYS[y])


@pytest.mark.slow("compares, or fits in ensembles")
def test_compare_dates(three):
    X, y = three
    comparison = compare(["naive-bayes", quick()], X, DAYS.astype("datetime64[ns]")[y], cv=2)
    assert [row.error for row in comparison.rows] == [None, None]
    assert comparison.classes.tolist() == np.sort(DAYS).astype("datetime64[ns]").tolist()


# Integers in ensembles.

ENSEMBLES = {
    "voting": lambda model: VotingClassifier([("a", model)], voting="soft"),
    "bagging": lambda model: BaggingClassifier(model, n_estimators=1, random_state=0),
    "stacking": lambda model: StackingClassifier([("a", model)], LogisticRegression(), cv=2),
    "one against the rest": OneVsRestClassifier,
}


def named(classes, **params):
    return KerasClassifier(network, classes=classes, epochs=15, random_state=0, **params)


@pytest.mark.slow("compares, or fits in ensembles")
@pytest.mark.parametrize("name", ENSEMBLES)
@pytest.mark.parametrize("classes", [["zero", "one", "two"], [7, 5, 9]], ids=str)
def test_names_in_ensembles(name, classes, three):
    X, y = three
    labels = np.array(classes)[y]
    with pytest.raises(ValueError, match="Ensembles such as VotingClassifier pass integers") as e:
        ENSEMBLES[name](named(classes)).fit(X, labels)
    order = np.argsort(classes)  # of the labels
    numbered = ", ".join(f"{i} for {classes[j]!r}" for i, j in enumerate(order))
    assert numbered in str(e.value)
    codes = np.searchsorted(np.array(classes)[order], classes).tolist()
    assert f"must be {codes}, the integer for each output" in str(e.value)
    if name != "one against the rest":  # what the message says helps
        ensemble = ENSEMBLES[name](named(codes, learning_rate=0.01)).fit(X, labels)
        assert np.mean(ensemble.predict(X) == labels) > 0.8


@pytest.mark.slow("compares, or fits in ensembles")
@pytest.mark.parametrize(
    "make",
    [
        lambda model: CalibratedClassifierCV(model, cv=2, ensemble=False),
        SelfTrainingClassifier,
        *list(ENSEMBLES.values())[:3],
    ],
    ids=["calibrated", "self-training", "voting", "bagging", "stacking"],
)
def test_ensembles_never_permute(make, three):
    X, y = three
    ensemble = make(named([2, 0, 1], learning_rate=0.01)).fit(X, y)
    assert ensemble.score(X, y) > 0.8


def test_names_without_ensembles(three):
    X, _ = three
    names = ["zero", "one", "two"]
    with pytest.raises(ValueError, match="not among the classes") as error:
        named(names).fit(X, TEXTS[[0, 1, 2] * 29 + [0, 1, 1]].astype("U9") + "s")
    assert "Ensembles" not in str(error.value)


def test_class_weight_in_ensembles(three):
    X, y = three
    weighed = quick(class_weight={"one": 2.0})
    with pytest.raises(ValueError, match="Ensembles such as VotingClassifier pass integers"):
        VotingClassifier([("a", weighed)]).fit(X, TEXTS[y])
    with pytest.raises(ValueError, match=r"must be among the classes .* Got \['one'\]") as error:
        weighed.fit(X, np.array(["a", "b", "c"])[y])
    assert "Ensembles" not in str(error.value)


# One-hot columns without samples.


def test_empty_columns_warn(case, three):
    X, y = three
    rows = np.eye(5)[y]
    with pytest.warns(
        UserWarning, match="no training sample .* has its one in columns 3, 4"
    ) as caught:
        case.make(epochs=1).fit(X, rows)
    assert [w.filename for w in caught if "one-hot" in str(w.message)] == [__file__]


def test_empty_columns_of_folds(three):
    X, y = three
    order = y.argsort(kind="stable")
    with pytest.warns(UserWarning, match=r"column 0, .* Pass labels, y.argmax\(axis=1\)"):
        cross_val_score(quick(epochs=1), X[order], np.eye(3)[y[order]], cv=3)


@pytest.mark.parametrize("weights", [[1.0, 0.0, 1.0], None])
def test_columns_without_weight(weights, three):
    X, y = three
    class_weight = {1: 0.0} if weights is None else None
    sample_weight = None if weights is None else np.array(weights)[y]
    with pytest.warns(UserWarning, match="in column 1, so"):
        quick(class_weight=class_weight).fit(X, np.eye(3)[y], sample_weight)


def test_empty_columns_of_data_sets(three):
    X, y = three
    data_set = tf.data.Dataset.from_tensor_slices((X, np.eye(4, dtype="f4")[y])).batch(30)
    with pytest.warns(UserWarning, match="in column 3, so"):
        quick(epochs=1).fit(data_set)


@pytest.mark.slow("compares, or fits in ensembles")
def test_empty_columns_of_others(three):
    X, y = three
    with pytest.warns(UserWarning, match="in column 3, so"):
        named([3, 1, 0, 2]).set_params(epochs=1).fit(X, np.eye(4)[y])
    with pytest.warns(UserWarning, match="in column 3, so"):
        GANGenerator(conditional=True, epochs=1, random_state=0).fit(X, np.eye(4)[y])


def test_full_columns_do_not_warn(three):
    X, y = three
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quick().fit(X, np.eye(3)[y])
        quick().partial_fit(X, np.eye(4)[y], classes=range(4))
        quick().partial_fit(X, y, classes=range(4))
    with pytest.warns(UserWarning, match="In the first call of partial_fit, pass classes="):
        quick().partial_fit(X, np.eye(4)[y])


@pytest.mark.parametrize("dtype, kind", [("Int64", "i"), ("boolean", "b")])
def test_nullable_labels(dtype, kind, two):
    y = pd.Series(two[1]).astype(dtype)
    fitted = mlp().fit(two[0], y)
    assert fitted.classes_.dtype.kind == fitted.predict(two[0]).dtype.kind == kind
    assert fitted.classes_.tolist() == [0, 1]
    assert 0 <= fitted.score(two[0], y) <= 1
