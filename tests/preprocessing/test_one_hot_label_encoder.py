import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmnist.preprocessing import OneHotLabelEncoder


@parametrize_with_checks([OneHotLabelEncoder(), OneHotLabelEncoder(dtype="int8")])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# scikit-learn runs no further checks on transformers of `y`, its own included; these apply.
@pytest.mark.parametrize(
    "check",
    [
        "check_estimator_tags_renamed",
        "check_valid_tag_types",
        "check_estimator_repr",
        "check_no_attributes_set_in_init",
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_mixin_order",
        "check_parameters_default_constructible",
        "check_get_params_invariance",
        "check_set_params",
    ],
)
def test_scikit_learn_checks_for_transformers_of_labels(check):
    getattr(estimator_checks, check)("OneHotLabelEncoder", OneHotLabelEncoder())


label_lists = st.one_of(
    st.lists(labels, min_size=1, max_size=20)
    for labels in (
        st.integers(-(2**60), 2**60),
        st.booleans(),
        st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1),
        st.integers(-9, 9).map(float),
        st.sampled_from([b"a", b"bc"]),
    )
)


def containers(labels):
    yield labels
    yield tuple(labels)
    yield np.array(labels)
    yield np.array(labels, dtype=object)
    yield pd.Series(labels)
    if not isinstance(labels[0], bytes):
        yield pl.Series(labels)


@settings(deadline=None)
@given(labels=label_lists)
def test_labels_round_trip_in_every_container(labels):
    classes = sorted(set(labels))
    for y in containers(labels):
        encoder = OneHotLabelEncoder()
        rows = encoder.fit_transform(y)
        assert encoder.classes_.tolist() == classes
        assert rows.shape == (len(labels), len(classes))
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows.sum(axis=1), 1)
        assert rows.argmax(axis=1).tolist() == [classes.index(label) for label in labels]
        assert encoder.inverse_transform(rows).tolist() == labels
        if isinstance(y, np.ndarray):
            assert encoder.inverse_transform(rows).dtype == y.dtype


@settings(deadline=None)
@given(labels=label_lists, seed=st.integers(0, 99))
def test_transform_commutes_with_the_order_of_samples(labels, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    encoder = OneHotLabelEncoder().fit(labels)
    shuffled = [labels[i] for i in order]
    np.testing.assert_array_equal(encoder.transform(shuffled), encoder.transform(labels)[order])
    np.testing.assert_array_equal(OneHotLabelEncoder().fit(shuffled).classes_, encoder.classes_)


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        (pd.Series([3, 1], dtype="Int64"), "int64"),
        (pd.Series([True, False], dtype="boolean"), "bool"),
        (pd.Series(["b", "a"], dtype="category"), "object"),
        (pd.Series(["b", "a"], dtype="string"), "object"),
        (pd.DataFrame({"y": [3, 1]}), "int64"),
        (np.array([3, 1], dtype=np.uint8), "uint8"),
        (np.array(["b", "a"], dtype=np.dtypes.StringDType()), np.dtypes.StringDType()),
        (pl.Series(["b", "a"], dtype=pl.Categorical), "object"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_label_types_are_kept(y, dtype):
    encoder = OneHotLabelEncoder().fit(y)
    back = encoder.inverse_transform(encoder.transform(y))
    assert encoder.classes_.dtype == dtype
    assert back.dtype == dtype
    assert back.tolist() == np.asarray(y).ravel().tolist()


def test_one_column_for_every_class():
    assert OneHotLabelEncoder().fit_transform([0, 1, 0]).tolist() == [[1, 0], [0, 1], [1, 0]]
    assert OneHotLabelEncoder().fit_transform(["x", "x"]).tolist() == [[1], [1]]


def test_probabilities_and_scores_give_the_largest():
    encoder = OneHotLabelEncoder().fit([-5, 7, 9])
    Y = [[0.2, 0.5, 0.3], [-1.0, -2.0, -3.0], [0.1, 0.1, 0.8]]
    assert encoder.inverse_transform(Y).tolist() == [7, -5, 9]
    assert encoder.inverse_transform([[0.5, 0.5, 0.0]]).tolist() == [-5]
    assert encoder.inverse_transform(pd.DataFrame(Y)).tolist() == [7, -5, 9]


def test_empty_input_of_transform_gives_empty_output():
    encoder = OneHotLabelEncoder().fit(["a", "b"])
    assert encoder.transform([]).shape == (0, 2)
    assert encoder.inverse_transform(encoder.transform([])).tolist() == []


def test_column_vector_warns_as_in_scikit_learn():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        encoder = OneHotLabelEncoder().fit([[1], [2]])
    assert encoder.classes_.tolist() == [1, 2]


nan = float("nan")
missing = [
    [1, None],
    ["a", None],
    [1.0, nan],
    ["a", nan],
    [pd.NA, 1],
    [pd.NaT, 1],
    pd.Series([1, None], dtype="Int64"),
    pd.Series([True, None], dtype="boolean"),
    pd.Series(["a", None]),
    pd.Series(["a", None], dtype="category"),
    pd.Series(["a", pd.NA], dtype="string"),
    pl.Series([1, None]),
    pl.Series(["a", None]),
    pl.Series([True, None]),
    np.array([1, nan], dtype=object),
    np.array(["a", nan], dtype=np.dtypes.StringDType(na_object=nan)),
]


@pytest.mark.parametrize("y", missing)
def test_missing_labels_are_errors(y):
    with pytest.raises(ValueError, match=r"Input y contains NaN: .* missing labels"):
        OneHotLabelEncoder().fit(y)
    for classes in ([0, 1], ["a", "nan"]):
        with pytest.raises(ValueError, match=r"Input y contains NaN: .* missing labels"):
            OneHotLabelEncoder().fit(classes).transform(y)


@pytest.mark.parametrize(
    ("classes", "y", "message"),
    [
        ([1, 2], [1, 3, 4], r"unseen labels: \[3, 4\]\. .* on the labels \[1, 2\]"),
        (["1", "2"], [1], r"unseen labels: \[1\]\. .* \['1', '2'\]"),
        ([1, 2], ["1"], r"unseen labels: \['1'\]"),
        (["a"], ["A"], r"unseen labels: \['A'\]"),
        ([1, 2], [1.5], r"unseen labels: \[1\.5\]"),
        (["a"], ["a", 1], r"unseen labels: \[1\]"),
        (range(30), range(30, 60), r"unseen labels: \[30, .*, \.\.\.\]\. .* 9, \.\.\.\]"),
    ],
)
def test_unknown_labels_are_errors(classes, y, message):
    with pytest.raises(ValueError, match=message):
        OneHotLabelEncoder().fit(list(classes)).transform(list(y))


def test_numbers_that_are_equal_are_the_same_label():
    assert OneHotLabelEncoder().fit([0, 1]).transform([1.0, False]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([], ValueError, r"Found array with 0 sample\(s\) .* required by OneHotLabelEncoder"),
        (None, ValueError, "y should be a 1d array"),
        (3, ValueError, "y should be a 1d array"),
        ([[1, 0], [0, 1]], ValueError, r"y should be a 1d array, got an array of shape \(2, 2\)"),
        ([0.5, 1.0], ValueError, r"continuous\. OneHotLabelEncoder .* Got \[0\.5\] in y"),
        ([np.inf, 1.0], ValueError, r"continuous\. .* Got \[inf\] in y"),
        ([1j], ValueError, "Complex data not supported"),
        (["a", 1], TypeError, r"uniformly strings or numbers\. Got \['int', 'str'\] in y"),
        (np.array([[1], [2, 3]], dtype=object), TypeError, r"Got \['list'\] in y"),
        (np.array(["NaT"], "M8[D]"), ValueError, "missing labels"),
        (csr_array(np.eye(2)), TypeError, "Sparse data was passed for y"),
    ],
)
def test_bad_labels_are_errors_that_say_why(y, error, message):
    encoder = OneHotLabelEncoder()
    with pytest.raises(error, match=message):
        encoder.fit(y)
    with pytest.raises(NotFittedError):
        encoder.transform([1])


@pytest.mark.parametrize(
    ("Y", "error", "message"),
    [
        ([[1, 0]], ValueError, r"Y has 2 columns, .* expecting 3 columns, .* \['a', 'b', 'c'\]"),
        ([[1, 0, 0, 0]], ValueError, "Y has 4 columns"),
        ([1, 0, 0], ValueError, "Expected 2D array, got 1D array"),
        ([[1, 0, nan]], ValueError, "Input Y contains NaN"),
        ([[1, 0, np.inf]], ValueError, "Input Y contains infinity"),
        ([["a", "b", "c"]], ValueError, "bytes/strings"),
        (csr_array(np.eye(3)), TypeError, "Sparse data was passed for Y"),
    ],
)
def test_bad_rows_are_errors_that_say_why(Y, error, message):
    with pytest.raises(error, match=message):
        OneHotLabelEncoder().fit(["a", "b", "c"]).inverse_transform(Y)


def test_set_output_and_names():
    y = pd.Series(["dog", "cat"], index=[5, 6])
    encoder = OneHotLabelEncoder().set_output(transform="pandas")
    frame = encoder.fit_transform(y)
    assert encoder.get_feature_names_out().tolist() == ["class_cat", "class_dog"]
    assert frame.columns.tolist() == ["class_cat", "class_dog"]
    assert frame.index.tolist() == [5, 6]
    assert encoder.inverse_transform(frame).tolist() == ["dog", "cat"]
    with pytest.raises(ValueError, match="must be in the order of the classes"):
        encoder.inverse_transform(frame[["class_dog", "class_cat"]])
    polars = encoder.set_output(transform="polars").transform(y)
    assert isinstance(polars, pl.DataFrame)
    assert polars.columns == ["class_cat", "class_dog"]
    assert encoder.inverse_transform(polars).tolist() == ["dog", "cat"]


@pytest.mark.parametrize("dtype", ["int8", np.int8, np.dtype("int8")])
def test_dtype_is_a_name_a_type_or_a_dtype(dtype):
    assert OneHotLabelEncoder(dtype).fit_transform([1, 2]).dtype == np.int8


@pytest.mark.parametrize("name", ["float16", "float64", "uint8", "int32", "int64", "bool"])
def test_every_dtype_marks_the_class(name):
    rows = OneHotLabelEncoder(dtype=name).fit_transform(["a", "b"])
    np.testing.assert_array_equal(rows, np.eye(2, dtype=name), strict=True)


@pytest.mark.parametrize("dtype", ["float", "complex128", None, str, object])
def test_invalid_dtype_is_named(dtype):
    with pytest.raises(ValueError, match="The 'dtype' parameter of OneHotLabelEncoder must be"):
        OneHotLabelEncoder(dtype=dtype).fit([1, 2])


def test_estimator_conventions():
    encoder = OneHotLabelEncoder(dtype="float64").fit(["a", "b"])
    assert clone(encoder).get_params() == {"dtype": "float64"}
    assert repr(encoder) == "OneHotLabelEncoder(dtype='float64')"
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.transform(["b"]), [[0, 1]])
    tags = get_tags(encoder)
    assert tags.target_tags.one_d_labels
    assert tags.target_tags.required
    assert not tags.input_tags.two_d_array
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(OneHotLabelEncoder(), method)([[1]])
    with pytest.raises(NotFittedError):
        OneHotLabelEncoder().get_feature_names_out()
    with pytest.raises(ValueError, match="Did you mean 'dtype'"):
        encoder.set_params(dtyp="int8")


def test_refit_forgets_the_old_classes():
    encoder = OneHotLabelEncoder().fit(["a", "b"]).fit([3])
    assert encoder.classes_.tolist() == [3]
    with pytest.raises(ValueError, match="previously unseen labels"):
        encoder.transform(["a"])


def test_probabilities_of_a_classifier_on_real_digits():
    X, y = load_digits(return_X_y=True)
    names = np.array([f"digit {label}" for label in y])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder = OneHotLabelEncoder().fit(names)
    model = LogisticRegression(max_iter=300).fit(X[:500] / 16, names[:500])
    np.testing.assert_array_equal(encoder.classes_, model.classes_)
    decoded = encoder.inverse_transform(model.predict_proba(X / 16))
    np.testing.assert_array_equal(decoded, model.predict(X / 16), strict=True)


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_labels_by_keyword(output):
    encoder = OneHotLabelEncoder().set_output(transform=output)
    rows = np.asarray(encoder.fit(y=["b", "a"]).transform(y=["a", "b", "b"]))
    assert rows.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert np.asarray(encoder.fit_transform(y=["b", "a"])).tolist() == [[0, 1], [1, 0]]
    assert np.asarray(encoder.fit_transform(["b", "a"])).tolist() == [[0, 1], [1, 0]]
    with pytest.raises(TypeError):
        encoder.transform()


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["2026-01-03", "2025-01-02"], dtype="datetime64[D]"),
        np.array(["2026-01-03", "2025-01-02"], dtype="datetime64[ns]"),
        np.array([3, 1], dtype="timedelta64[s]"),
        np.array(["b", "a"], dtype=np.dtypes.StringDType()),
    ],
    ids=lambda labels: str(labels.dtype),
)
def test_dates_and_texts(labels):
    encoder = OneHotLabelEncoder().fit(labels)
    assert encoder.classes_.dtype == labels.dtype
    rows = encoder.transform(labels)
    assert rows.tolist() == [[0, 1], [1, 0]]
    assert encoder.inverse_transform(rows).tolist() == labels.tolist()
    if labels.dtype.kind in "Mm":
        wide = labels.astype(f"{labels.dtype.kind}8[ms]")
        assert encoder.transform(wide).tolist() == [[0, 1], [1, 0]]
