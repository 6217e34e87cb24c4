import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmnist.preprocessing import MnistScaler

pytestmark = pytest.mark.filterwarnings("ignore:X is uint8 but holds no value above")

side = st.integers(1, 6)
shapes = st.one_of(
    st.tuples(side, side, side),
    st.tuples(side, side, side, st.just(1)),
    st.tuples(side, st.integers(1, 30)),
)
uint8_images = shapes.flatmap(lambda shape: hnp.arrays(np.uint8, shape))


@pytest.mark.filterwarnings("ignore:X (goes beyond|looks scaled|holds negative)")
@parametrize_with_checks([MnistScaler(), MnistScaler(scale=2.5, dtype="float64")])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 3, 5), dtype=np.uint8)


# Round trip and range


@settings(deadline=None)
@given(X=uint8_images, dtype=st.sampled_from(["float16", "float32", "float64"]))
def test_uint8_round_trip_is_exact_and_in_the_unit_range(X, dtype):
    scaler = MnistScaler(dtype=dtype)
    scaled = scaler.fit_transform(X)
    assert scaled.dtype == dtype
    assert scaled.shape == (len(X), scaler.n_features_in_)
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    assert scaler.scale_ == (1 if X.max() == 1 else 255)  # 1 is white among 0 and 1
    back = scaler.inverse_transform(scaled)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, X, strict=True)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_uint8_value_is_divided_by_255_and_comes_back(dtype):
    X = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaler = MnistScaler(dtype=dtype).fit(X)
    expected = (np.arange(256) / 255).astype(dtype)
    tolerance = np.finfo(dtype).eps
    np.testing.assert_allclose(scaler.transform(X)[0], expected, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(scaler.inverse_transform(scaler.transform(X)), X)


@settings(deadline=None)
@given(
    X=st.tuples(
        st.sampled_from([np.int8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]),
        shapes,
    ).flatmap(
        lambda pair: hnp.arrays(*pair, elements=st.integers(0, min(np.iinfo(pair[0]).max, 2**20)))
    )
)
def test_integers_round_trip_exactly(X):
    scaler = MnistScaler()
    scaled = scaler.fit_transform(X)
    assert scaled.dtype == np.float32
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), X, strict=True)


@settings(deadline=None)
@given(X=shapes.flatmap(lambda shape: hnp.arrays(np.bool_, shape)))
def test_booleans_round_trip(X):
    scaler = MnistScaler().fit(X)
    assert scaler.scale_ == 1
    np.testing.assert_array_equal(scaler.inverse_transform(scaler.transform(X)), X, strict=True)


@settings(deadline=None)
@given(
    X=st.tuples(st.sampled_from([np.float16, np.float32, np.float64]), shapes).flatmap(
        lambda pair: hnp.arrays(*pair, elements=st.floats(0, 60000, width=16))
    )
)
def test_floats_round_trip_to_the_precision_of_the_output(X):
    scaler = MnistScaler()
    scaled = scaler.fit_transform(X)
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    back = scaler.inverse_transform(scaled)
    assert (back.shape, back.dtype) == (X.shape, X.dtype)
    np.testing.assert_allclose(back, X, rtol=2 * max(np.finfo(X.dtype).eps, 1e-7), atol=1e-30)


def test_widest_integers_come_back_within_their_type():
    top = np.iinfo(np.int64).max
    scaler = MnistScaler(dtype="float64").fit([[0, top]])
    low, high = scaler.inverse_transform([[0.0, 1.5]])[0]
    assert low == 0
    assert 0.999 * top < high <= top


def test_inverse_rounds_and_clips_integers(images):
    scaler = MnistScaler().fit(images)
    flat = np.zeros((1, 15))
    flat[0, :4] = [-0.5, 1.5, 100.4 / 255, 100.6 / 255]
    pixels = scaler.inverse_transform(flat)
    assert pixels.shape == (1, 3, 5)
    assert pixels.ravel()[:4].tolist() == [0, 255, 100, 101]


def test_inverse_refuses_raw_pixels(images):
    scaler = MnistScaler().fit(images)
    message = r"expects scaled images\. Got uint8 values up to 248 instead, which are raw"
    with pytest.raises(ValueError, match=message):
        scaler.inverse_transform(images)


# The divisor


@pytest.mark.parametrize(
    ("dtype", "top", "scale"),
    [
        ("uint8", 0, 255),
        ("uint8", 3, 255),
        ("uint8", 255, 255),
        ("bool", 1, 1),
        ("int64", 0, 1),
        ("int64", 1, 1),
        ("int64", 16, 16),
        ("int64", 17, 255),
        ("int32", 255, 255),
        ("uint16", 200, 255),
        ("uint16", 256, 65535),
        ("uint16", 65535, 65535),
        ("int32", 70000, 70000),
        ("float64", 0, 1),
        ("float32", 1, 1),
        ("float64", 0.25, 1),
        ("float64", 1.25, 1.25),
        ("float64", 2, 16),
        ("float32", 15.5, 16),
        ("float64", 254.5, 255),
        ("float64", 1e6, 1e6),
        ("float64", 1e300, 1e300),
    ],
)
def test_auto_takes_the_full_scale_of_dtype_and_range(dtype, top, scale):
    X = np.array([[0, top], [0, 0]]).astype(dtype)
    scaler = MnistScaler().fit(X)
    assert scaler.scale_ == scale
    assert scaler.data_max_ == top
    scaled = scaler.transform(X)
    assert scaled[0, 1] == np.float32(top / scale)
    assert np.isfinite(scaled).all()


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "bool"])
def test_all_zero_images_stay_zero(dtype):
    X = np.zeros((2, 3, 3), dtype)
    scaler = MnistScaler()
    np.testing.assert_array_equal(scaler.fit_transform(X), np.zeros((2, 9), np.float32))
    np.testing.assert_array_equal(scaler.inverse_transform(np.zeros((2, 9))), X, strict=True)


@settings(deadline=None)
@given(X=uint8_images, scale=st.floats(1e-3, 1e6))
def test_explicit_scale_is_the_divisor(X, scale):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scaler = MnistScaler(scale=scale, dtype=np.float64).fit(X)
        scaled = scaler.transform(X)
    assert scaler.scale_ == scale
    np.testing.assert_allclose(scaled, X.reshape(len(X), -1) / scale, rtol=1e-12)
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), X, strict=True)


def test_divisor_is_not_decided_anew_in_transform(images):
    scaler = MnistScaler().fit(images)
    dark = images // 64
    np.testing.assert_allclose(scaler.transform(dark), dark.reshape(7, -1) / 255, rtol=1e-6)
    as_floats = dark.astype(float)
    np.testing.assert_array_equal(scaler.transform(as_floats), scaler.transform(dark))
    assert scaler.scale_ == 255


def test_negative_values_are_announced_and_give_minus_one_to_one():
    X = np.array([[-128, 64]], dtype=np.int8)
    with pytest.warns(UserWarning, match=r"negative values, down to -128\. .* in \[-1, 1\]"):
        scaler = MnistScaler().fit(X)
    assert scaler.scale_ == 255
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaled = scaler.transform(X)
    np.testing.assert_allclose(scaled, [[-128 / 255, 64 / 255]], rtol=1e-6)
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), X, strict=True)


@pytest.mark.parametrize("white", [2, 16])
def test_uint8_of_few_levels_is_announced(white):
    X = np.array([[0, white]], dtype=np.uint8)
    with pytest.warns(UserWarning, match=f"X is uint8 but holds no value above {white}") as record:
        assert MnistScaler().fit(X).scale_ == 255
    assert record[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert MnistScaler(scale=white).fit_transform(X).tolist() == [[0, 1]]


# The second pass and other units


@settings(deadline=None)
@given(X=uint8_images.filter(lambda X: X.max() > 1), flatten=st.booleans())
def test_scaling_twice_is_an_error(X, flatten):
    flatten = flatten or X.ndim == 2
    scaler = MnistScaler(flatten=flatten).fit(X)
    once = scaler.transform(X)
    with pytest.raises(ValueError, match=r"X looks scaled already: .* fitted on uint8"):
        scaler.transform(once)


@settings(deadline=None)
@given(X=uint8_images)
def test_a_scaler_fitted_on_scaled_data_changes_nothing(X):
    once = MnistScaler().fit_transform(X)
    second = MnistScaler().fit(once)
    assert second.scale_ == 1
    np.testing.assert_array_equal(second.transform(once), once, strict=True)


def test_scaled_floats_that_overshoot_are_recognised(images):
    scaler = MnistScaler().fit(images)
    blurred = scaler.transform(images) * 1.3 - 0.1
    with pytest.raises(ValueError, match="looks scaled already"):
        scaler.transform(blurred)


def test_second_pass_after_a_fit_on_floats(images):
    scaler = MnistScaler().fit(images.astype(float))
    with pytest.raises(ValueError, match=r"fitted on float64 values in \[0, 248\]"):
        scaler.transform(images / 255)
    digits = load_digits().images
    scaler = MnistScaler().fit(digits)
    with pytest.warns(UserWarning, match="looks scaled already"):
        np.testing.assert_allclose(
            scaler.transform(digits / 16), digits.reshape(-1, 64) / 256, rtol=1e-6
        )


def test_raw_integers_after_a_fit_on_scaled_floats_are_an_error(images):
    scaler = MnistScaler().fit(images / 255)
    with pytest.raises(ValueError, match="X looks raw: it holds uint8 values"):
        scaler.transform(images)


@pytest.mark.parametrize("value", [300, -1, 256.5])
def test_values_out_of_range_are_divided_with_a_warning(images, value):
    scaler = MnistScaler().fit(images)
    X = images.astype(float)
    X[0, 0, 0] = value
    with pytest.warns(UserWarning, match="beyond the range of MnistScaler") as record:
        scaled = scaler.transform(X)
    assert record[0].filename == __file__
    assert scaled[0, 0] == np.float32(value / 255)


def test_ordinary_use_does_not_warn(images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaler = MnistScaler().fit(images)
        scaler.transform(images[:1])
        scaler.transform(images.astype(float))
        scaler.transform(np.zeros((1, 3, 5)))
        MnistScaler().fit_transform(load_digits().data)


# Shapes


@settings(deadline=None)
@given(X=uint8_images.filter(lambda X: X.ndim > 2))
def test_flatten_false_gives_the_channel_axis(X):
    scaler = MnistScaler(flatten=False).fit(X)
    scaled = scaler.transform(X)
    assert scaled.shape == (*X.shape[:3], 1)
    np.testing.assert_array_equal(
        scaled.reshape(len(X), -1), MnistScaler().fit_transform(X), strict=True
    )
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), X, strict=True)
    assert scaler.image_shape_ == X.shape[1:3]


def test_flat_squares_become_images():
    X = load_digits().data
    scaled = MnistScaler(flatten=False).fit_transform(X)
    np.testing.assert_array_equal(scaled[..., 0], (load_digits().images / 16).astype(np.float32))


def test_every_layout_of_the_same_images_is_accepted(images):
    scaler = MnistScaler().fit(images)
    expected = scaler.transform(images)
    for X in (images[..., np.newaxis], images.reshape(7, -1), images.tolist()):
        np.testing.assert_array_equal(scaler.transform(X), expected)
    for X in (expected, expected.reshape(7, 3, 5), expected.reshape(7, 3, 5, 1)):
        np.testing.assert_array_equal(scaler.inverse_transform(X), images, strict=True)


def test_memory_layout_does_not_matter(images):
    expected = MnistScaler().fit_transform(images)
    np.testing.assert_array_equal(MnistScaler().fit_transform(np.asfortranarray(images)), expected)
    np.testing.assert_array_equal(MnistScaler().fit_transform(images[::-1])[::-1], expected)
    big_endian = images.astype(">i4")
    scaler = MnistScaler(scale=255)
    np.testing.assert_array_equal(scaler.fit_transform(big_endian), expected)
    assert scaler.inverse_transform(expected).dtype == big_endian.dtype


@settings(deadline=None)
@given(X=uint8_images, seed=st.integers(0, 99))
def test_transform_commutes_with_the_order_of_samples(X, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    scaler = MnistScaler().fit(X)
    np.testing.assert_array_equal(scaler.transform(X[order]), scaler.transform(X)[order])


def test_input_is_left_alone(images):
    before = images.copy()
    images.setflags(write=False)
    scaled = MnistScaler().fit_transform(images)
    scaled[:] = 7
    np.testing.assert_array_equal(images, before)
    floats = before / 255
    MnistScaler(dtype="float64").fit_transform(floats)[:] = 7
    np.testing.assert_array_equal(floats, before / 255)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 5, 3), r"images of shape \(5, 3\), .* fitted on samples of shape \(3, 5\)"),
        ((2, 1, 15), r"images of shape \(1, 15\)"),
        ((2, 14), "X has 14 features, but MnistScaler is expecting 15 features as input"),
        ((3, 5), r"expecting 15 .* A single image must be passed as X\[np\.newaxis\]"),
        ((2, 3, 5, 3), r"expects X of shape .* Got an array of shape \(2, 3, 5, 3\)"),
        ((15,), "Expected 2D array, got 1D array"),
        ((0, 3, 5), "Found array with 0 sample"),
    ],
)
@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_other_shapes_than_in_fit_are_errors(images, shape, message, method):
    scaler = MnistScaler().fit(images)
    with pytest.raises(ValueError, match=message):
        getattr(scaler, method)(np.zeros(shape))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.zeros((2, 3, 3, 3)), ValueError, r"expects X of shape .* \(2, 3, 3, 3\)"),
        (np.zeros((2, 1, 3, 3)), ValueError, r"expects X of shape .* \(2, 1, 3, 3\)"),
        (np.zeros((1, 2, 3, 3, 1)), ValueError, r"expects X of shape"),
        (np.zeros((2, 0, 3)), ValueError, r"0 pixel\(s\) \(shape=\(2, 0, 3\)\)"),
        (np.zeros((2, 0)), ValueError, r"0 feature\(s\)"),
        (np.zeros((0, 3, 3)), ValueError, r"0 sample\(s\)"),
        (np.zeros(3), ValueError, "Expected 2D array, got 1D array"),
        (3.0, ValueError, "got scalar array"),
        (np.full((2, 3, 3), np.nan), ValueError, "Input X contains NaN"),
        (np.full((2, 3, 3), np.inf), ValueError, "Input X contains infinity"),
        (np.zeros((2, 3, 3), complex), ValueError, "Complex data not supported"),
        ([["a", "b"]], ValueError, "bytes/strings"),
        (np.array([["a"]], dtype=object), ValueError, "could not convert string to float"),
        (np.zeros((2, 3), "M8[D]"), ValueError, r"expects numbers\. Got X of dtype datetime64"),
        (csr_array(np.eye(3)), TypeError, "Sparse data was passed for X"),
        (pl.DataFrame({"a": [1, None]}), ValueError, "Input X contains NaN"),
    ],
)
def test_bad_input_is_an_error_that_says_why(X, error, message):
    with pytest.raises(error, match=message):
        MnistScaler().fit(X)


def test_flat_rows_that_are_no_square_are_no_images():
    with pytest.raises(ValueError, match=r"square number of features\. Got rows of 30"):
        MnistScaler(flatten=False).fit(np.zeros((2, 30)))
    scaler = MnistScaler().fit(np.zeros((2, 30)))
    with pytest.raises(ValueError, match=r"images of shape \(5, 6\), .* samples of shape \(30,\)"):
        scaler.transform(np.zeros((2, 5, 6)))
    with pytest.raises(ValueError, match="Got rows of 30"):
        scaler.set_params(flatten=False).transform(np.zeros((2, 30)))


# Containers and names


@settings(deadline=None, max_examples=25)
@given(X=hnp.arrays(np.uint8, st.tuples(side, st.integers(1, 9))))
def test_containers_agree(X):
    expected = MnistScaler().fit_transform(X)
    names = [f"c{i}" for i in range(X.shape[1])]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        scaler = MnistScaler().fit(frame)
        np.testing.assert_array_equal(scaler.transform(frame), expected, strict=True)
        assert scaler.feature_names_in_.tolist() == names
        assert scaler.get_feature_names_out().tolist() == names
        np.testing.assert_array_equal(
            scaler.inverse_transform(scaler.transform(frame)), X, strict=True
        )
    white = 1 if X.max() == 1 else 255
    np.testing.assert_array_equal(MnistScaler(scale=white).fit_transform(X.tolist()), expected)


def test_lists_of_eight_bit_integers_are_divided_by_255():
    scaler = MnistScaler().fit([[[0, 51], [102, 255]]])
    np.testing.assert_allclose(scaler.transform([[0, 51, 102, 255]]), [[0, 0.2, 0.4, 1]], 1e-6)


def test_set_output_pandas_keeps_index_and_names(images):
    scaler = MnistScaler().set_output(transform="pandas")
    frame = scaler.fit_transform(images)
    assert frame.columns[:6].tolist() == [
        "pixel_0_0",
        "pixel_0_1",
        "pixel_0_2",
        "pixel_0_3",
        "pixel_0_4",
        "pixel_1_0",
    ]
    assert (frame.dtypes == np.float32).all()
    np.testing.assert_array_equal(scaler.inverse_transform(frame), images, strict=True)
    named = pd.DataFrame(images.reshape(7, -1)[:, :2], columns=["a", "b"], index=range(10, 17))
    output = scaler.fit_transform(named)
    assert output.index.tolist() == list(range(10, 17))
    assert output.columns.tolist() == ["a", "b"]


def test_set_output_polars(images):
    frame = MnistScaler().set_output(transform="polars").fit_transform(images)
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns[-1] == "pixel_2_4"
    np.testing.assert_array_equal(frame.to_numpy(), MnistScaler().fit_transform(images))


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_images_do_not_fit_in_a_data_frame(images, container):
    scaler = MnistScaler(flatten=False).set_output(transform=container)
    with pytest.raises(ValueError, match=r"do not fit in a data frame\. Use flatten=True or"):
        scaler.fit_transform(images)
    scaler.set_output(transform="default")
    assert scaler.fit_transform(images).shape == (7, 3, 5, 1)
    with pytest.raises(ValueError, match="do not have feature names"):
        scaler.get_feature_names_out()


def test_feature_names():
    square = MnistScaler().fit(np.zeros((2, 4)))
    assert square.get_feature_names_out().tolist() == [
        "pixel_0_0",
        "pixel_0_1",
        "pixel_1_0",
        "pixel_1_1",
    ]
    assert square.get_feature_names_out(list("abcd")).tolist() == list("abcd")
    with pytest.raises(ValueError, match="input_features should have length equal"):
        square.get_feature_names_out(["a"])
    flat = MnistScaler().fit(np.zeros((2, 3)))
    assert flat.get_feature_names_out().tolist() == ["pixel_0", "pixel_1", "pixel_2"]
    assert len(set(MnistScaler().fit(np.zeros((1, 28, 28))).get_feature_names_out())) == 784
    with pytest.raises(NotFittedError):
        MnistScaler().get_feature_names_out()


def test_reordered_columns_are_an_error():
    frame = pd.DataFrame({"a": [0, 255], "b": [1, 2]}, dtype=np.uint8)
    with pytest.raises(ValueError, match="must be in the same order"):
        MnistScaler().fit(frame).transform(frame[["b", "a"]])


# Estimator conventions


def test_fitted_attributes(images):
    scaler = MnistScaler().fit(images, y="ignored")
    assert scaler.n_features_in_ == 15
    assert scaler.input_shape_ == (3, 5)
    assert scaler.input_dtype_ == np.uint8
    assert (scaler.data_min_, scaler.data_max_) == (images.min(), images.max())
    refitted = scaler.fit(np.zeros((1, 2, 2)))
    assert refitted.n_features_in_ == 4
    assert refitted.image_shape_ == (2, 2)


def test_clone_pickle_and_repr(images):
    scaler = MnistScaler(False, 255, np.float64).fit(images)
    assert clone(scaler).get_params() == {"flatten": False, "scale": 255, "dtype": np.float64}
    assert not hasattr(clone(scaler), "scale_")
    copy = pickle.loads(pickle.dumps(scaler))
    np.testing.assert_array_equal(copy.transform(images), scaler.transform(images), strict=True)
    assert repr(MnistScaler(scale=16)) == "MnistScaler(scale=16)"


@pytest.mark.parametrize("dtype", ["float16", np.float16, np.dtype("float16")])
def test_dtype_is_a_name_a_type_or_a_dtype(images, dtype):
    scaler = MnistScaler(dtype=dtype)
    assert scaler.fit_transform(images).dtype == np.float16
    assert get_tags(scaler).transformer_tags.preserves_dtype == ["float16"]


def test_tags():
    tags = get_tags(MnistScaler())
    assert tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array
    assert not tags.input_tags.sparse
    assert tags.requires_fit


@pytest.mark.parametrize(
    "params",
    [
        {"flatten": "yes"},
        {"scale": 0},
        {"scale": -1.0},
        {"scale": float("inf")},
        {"scale": float("nan")},
        {"scale": "max"},
        {"scale": None},
        {"dtype": "float8"},
        {"dtype": "int32"},
        {"dtype": int},
        {"dtype": None},
    ],
)
def test_invalid_parameters_are_named(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of MnistScaler must be .* Got"):
        MnistScaler(**params).fit(np.zeros((2, 4)))


def test_misspelt_parameter_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'flatten'"):
        MnistScaler().set_params(flaten=False)
    with pytest.raises(TypeError, match="flaten"):
        MnistScaler(flaten=False)


def test_failed_fit_leaves_no_fitted_scaler():
    scaler = MnistScaler(flatten=False)
    with pytest.raises(ValueError, match="Got rows of 3 features"):
        scaler.fit(np.zeros((2, 3)))
    with pytest.raises(NotFittedError):
        scaler.transform(np.zeros((2, 3)))


@pytest.mark.slow("many fits")
def test_every_parameter_in_a_grid_search_on_real_digits():
    X, y = load_digits(return_X_y=True)
    X, y = X[:300].reshape(-1, 8, 8), y[:300]
    pipeline = make_pipeline(MnistScaler(), LogisticRegression(max_iter=300))
    grid = {
        "mnistscaler__scale": ["auto", 16, 20.0],
        "mnistscaler__dtype": ["float32", np.float64],
        "mnistscaler__flatten": [True, False],
    }
    # Images with a channel axis are nothing for logistic regression: those candidates score NaN.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    flat = np.array([params["mnistscaler__flatten"] for params in search.cv_results_["params"]])
    assert np.isnan(scores[~flat]).all()
    assert (scores[flat] > 0.8).all()
    assert search.best_estimator_.predict(X).shape == (300,)
    best = search.best_estimator_[0]
    np.testing.assert_allclose(best.inverse_transform(best.transform(X)), X, atol=1e-5)


def test_real_digits_fill_the_unit_range():
    digits = load_digits()
    scaler = MnistScaler()
    scaled = scaler.fit_transform(digits.images)
    assert scaler.scale_ == 16
    assert (scaled.min(), scaled.max()) == (0, 1)
    np.testing.assert_array_equal(scaled, (digits.data / 16).astype(np.float32))
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), digits.images, strict=True)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_images_under_the_setting_for_all(images, container):
    expected = MnistScaler(flatten=False).fit_transform(images)
    with sklearn.config_context(transform_output=container):
        scaler = MnistScaler(flatten=False)
        for found in (scaler.fit_transform(images), scaler.transform(images)):
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, expected)
        flat = MnistScaler().fit_transform(images)
        assert hasattr(flat, "columns")
        np.testing.assert_array_equal(np.asarray(flat).ravel(), expected.ravel())
        # What is set on the step, or on its pipeline, is the user's request.
        for asked in (MnistScaler(flatten=False), make_pipeline(MnistScaler(flatten=False))):
            asked.set_output(transform=container)
            with pytest.raises(ValueError, match="do not fit in a data frame"):
                asked.fit_transform(images)
            asked.set_output(transform="default")
            assert type(asked.fit_transform(images)) is np.ndarray


def test_subclass_under_the_setting_for_all(images):
    class Inverted(MnistScaler):
        def transform(self, X):
            return 1 - super().transform(X)

    with sklearn.config_context(transform_output="pandas"):
        found = Inverted(flatten=False).fit_transform(images)
        assert hasattr(Inverted().fit_transform(images), "columns")
    np.testing.assert_array_equal(found, 1 - MnistScaler(flatten=False).fit_transform(images))
