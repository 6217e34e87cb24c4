"""Every form that images and labels come in."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skmnist import LeNetClassifier, MLPClassifier, MnistScaler
from tests.classifiers.cases import CASES, weights

X_DTYPES = ["u1", "i4", "i8", "f2", "f4", "f8", "?"]
LABELS = {
    "int": np.array([0, 1, 2]),
    "gaps": np.array([3, 7, 40]),
    "negative": np.array([-5, -1, 0]),
    "str": np.array(["bag", "coat", "a longer name"]),
    "object": np.array(["b", "a", "ccc"], dtype=object),
    "bool": np.array([False, True, True]),
}


@pytest.mark.slow("a fit for every pair of dtypes")
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("dtype", X_DTYPES)
def test_dtypes_and_labels(dtype, kind, early_stopping, three):
    X, y = np.rint(three[0] * 16), LABELS[kind][three[1]]
    X = (X > 8 if dtype == "?" else X).astype(dtype)
    # One class of classifier; what is tested here is the same code in all of them.
    estimator = MLPClassifier(
        hidden_layer_sizes=(4,), epochs=1, early_stopping=early_stopping, random_state=0
    ).fit(X, y)
    np.testing.assert_array_equal(estimator.classes_, np.unique(y))
    assert estimator.classes_.dtype == y.dtype
    predicted = estimator.predict(X)
    assert predicted.dtype == y.dtype
    assert set(predicted.tolist()) <= set(y.tolist())
    assert estimator.predict_proba(X).dtype == np.float32


def containers(X, y):
    """Return the same 90 images in every container, with labels."""
    names = [f"pixel_{i}" for i in range(64)]
    return {
        "rows": X,
        "images": X.reshape(-1, 8, 8),
        "images with channel": X.reshape(-1, 8, 8, 1),
        "float64": X.astype(np.float64),
        "float16": X.astype(np.float16),  # sixteenths are exact
        "pandas": pd.DataFrame(X, columns=names),
        "pandas float64": pd.DataFrame(X.astype(float), columns=names),
        "polars": pl.DataFrame(X, schema=names),
        "nested lists": X.tolist(),
        "nested lists of images": X.reshape(-1, 8, 8).tolist(),
        "tuple of images": tuple(X.reshape(-1, 8, 8)),
        "list of rows": list(X),
        "fortran": np.asfortranarray(X),
        "strided": np.repeat(X, 2, axis=1)[:, ::2],
        "backwards": X[::-1].copy()[::-1],
        "big endian": X.astype(">f4"),
    }


def test_containers_predict_the_same(case, three):
    X, y = three
    estimator = case.make().fit(X, y)
    expected = estimator.predict_proba(X)
    for name, container in containers(X, y).items():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="X has feature names")
            np.testing.assert_array_equal(estimator.predict_proba(container), expected, name)


@pytest.mark.parametrize(
    "name", ["images", "images with channel", "pandas", "polars", "tuple of images", "strided"]
)
def test_containers_fit_the_same(case, name, three):
    X, y = three
    container = containers(X, y)[name]
    estimator = case.make().fit(container, y)
    np.testing.assert_array_equal(
        estimator.predict_proba(container), case.make().fit(X, y).predict_proba(X)
    )
    assert estimator.score(container, y) >= 0
    assert estimator.n_features_in_ == 64


def test_input_is_not_changed(case, three):
    for X in (three[0].copy(), np.rint(three[0] * 16).astype(np.uint8)):
        before, y = X.copy(), three[1].copy()
        case.make().fit(X, y, X_val=X, y_val=y).predict(X)
        np.testing.assert_array_equal(X, before)
        np.testing.assert_array_equal(y, three[1])


def test_readonly_input(case, three):
    X, y = three[0].copy(), three[1].copy()
    X.flags.writeable = y.flags.writeable = False
    case.make().fit(X, y).predict(X)


def as_bytes(X):
    return np.rint(X * 255).astype(np.uint8)


@pytest.mark.parametrize("fitted_on", ["bytes", "floats"])
def test_bytes_and_floats_are_the_same_images(case, fitted_on, three):
    """uint8 0-255 and floats in [0, 1] give the same predictions, whichever was fitted on."""
    grey, y = as_bytes(three[0]), three[1]
    floats = grey / 255
    estimator = case.make().fit(grey if fitted_on == "bytes" else floats, y)
    expected = estimator.predict_proba(floats)
    names = [f"p{i}" for i in range(64)]
    forms = {
        "bytes": grey,
        "images": grey.reshape(-1, 8, 8),
        "images with channel": grey.reshape(-1, 8, 8, 1),
        "list of arrays": list(grey),
        "pandas": pd.DataFrame(grey, columns=names),
        "polars": pl.DataFrame(grey, schema=names),
        "float32": floats.astype(np.float32),
    }
    for name, form in forms.items():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="X has feature names")
            proba = estimator.predict_proba(form)
        np.testing.assert_allclose(proba, expected, rtol=0, atol=1e-6, err_msg=name)
    other = case.make().fit(floats if fitted_on == "bytes" else grey, y)
    np.testing.assert_allclose(other.predict_proba(floats), expected, rtol=0, atol=1e-6)


def test_large_numbers_are_taken_as_they_are(three):
    """Numbers that are neither whole nor fractions reach the network undivided."""
    X, y = (three[0] * 1000.3).astype(np.float32), three[1]
    estimator = MLPClassifier(hidden_layer_sizes=(), epochs=1, random_state=0).fit(X, y)
    images = X.reshape(-1, 8, 8, 1)
    np.testing.assert_allclose(
        estimator.predict_proba(X), estimator.model_(images).numpy(), atol=1e-5
    )


def test_validation_bytes_are_scaled_as_training_floats(case, three):
    X, y = three
    grey = as_bytes(X)
    first = case.make().fit(grey / 255, y, X_val=grey, y_val=y)
    second = case.make().fit(grey / 255, y, X_val=grey / 255, y_val=y)
    np.testing.assert_allclose(
        first.validation_loss_curve_, second.validation_loss_curve_, rtol=1e-5
    )


def test_scaler_before_classifier_equals_bytes(case, three):
    grey, y = as_bytes(three[0]), three[1]
    scaled = MnistScaler().fit_transform(grey)
    by_bytes, by_scaler = case.make().fit(grey, y), case.make().fit(scaled, y)
    np.testing.assert_allclose(
        by_bytes.predict_proba(grey), by_scaler.predict_proba(scaled), atol=1e-6
    )


def test_colour_images(case, three):
    X, y = three
    colour = np.stack([X.reshape(-1, 8, 8)] * 3, axis=-1)
    estimator = case.make().fit(colour, y)
    assert estimator.image_shape_ == (8, 8, 3)
    assert estimator.n_features_in_ == 192
    assert estimator.model_.input_shape == (None, 8, 8, 3)
    flat = colour.reshape(90, -1)
    np.testing.assert_array_equal(estimator.predict_proba(flat), estimator.predict_proba(colour))
    from_rows = case.make(image_shape=(8, 8, 3)).fit(flat, y)
    np.testing.assert_array_equal(from_rows.predict_proba(flat), estimator.predict_proba(colour))


def test_images_of_another_shape(case, three):
    X, y = three
    wide = X.reshape(-1, 4, 16)
    estimator = case.make().fit(wide, y)
    assert estimator.image_shape_ == (4, 16, 1)
    np.testing.assert_array_equal(estimator.predict_proba(X), estimator.predict_proba(wide))
    with pytest.raises(ValueError, match=r"\(8, 8, 1\).*\(4, 16, 1\)"):
        estimator.predict(X.reshape(-1, 8, 8))
    from_rows = case.make(image_shape=(4, 16)).fit(X, y)
    np.testing.assert_array_equal(from_rows.predict_proba(X), estimator.predict_proba(X))
    assert from_rows.image_shape_ == (4, 16, 1)
    with pytest.raises(ValueError, match="shape"):
        from_rows.predict(X.reshape(-1, 2, 32))


@pytest.mark.slow("traces a network for every shape")
@pytest.mark.parametrize("n_features, side", [(1, 1), (2, 2), (10, 4), (63, 8), (65, 9)])
def test_rows_that_are_no_square_are_padded(case, n_features, side, digits):
    X = (
        digits[0][:60, :n_features]
        if n_features <= 64
        else np.pad(digits[0][:60], ((0, 0), (0, 1)))
    )
    estimator = case.make(epochs=1).fit(X, digits[1][:60])
    assert estimator.image_shape_ == (side, side, 1)
    assert estimator.n_features_in_ == n_features
    padded = np.pad(X, ((0, 0), (0, side**2 - n_features)))
    network = estimator.model_(padded.reshape(-1, side, side, 1)).numpy()
    np.testing.assert_allclose(estimator.predict_proba(X), network, atol=1e-5)
    assert np.isfinite(network).all()


@pytest.mark.parametrize("image_shape", [(8, 9), (8,), (8, 8, 1, 1), (8.0, 8.0), (-8, -8), "88"])
def test_wrong_image_shape(case, image_shape, three):
    with pytest.raises(ValueError, match="'image_shape' parameter of"):
        case.make(image_shape=image_shape).fit(*three)


@pytest.mark.parametrize("dtype", ["i8", "f4", "?", "u1"])
def test_one_hot_in_one_hot_out(case, dtype, three):
    X, y = three
    one_hot = np.eye(3, dtype=dtype)[y]
    estimator = case.make(epochs=15, learning_rate=0.01).fit(X, one_hot)
    predicted = estimator.predict(X)
    assert predicted.shape == (90, 3)
    assert predicted.dtype == one_hot.dtype
    assert (predicted.sum(axis=1) == 1).all()
    assert estimator.score(X, one_hot) > 0.8
    np.testing.assert_array_equal(estimator.classes_, [0, 1, 2])
    by_label = case.make(epochs=15, learning_rate=0.01).fit(X, y)
    np.testing.assert_array_equal(by_label.predict_proba(X), estimator.predict_proba(X))


def test_one_hot_frames_and_partial_fit(case, three):
    X, y = three
    one_hot = pd.get_dummies(pd.Series(y))
    estimator = case.make().fit(X, one_hot, X_val=X, y_val=one_hot)
    np.testing.assert_array_equal(estimator.predict(X).sum(axis=1), 1)
    estimator.partial_fit(X, one_hot)
    with pytest.raises(ValueError, match="fitted on labels"):
        case.make().fit(X, y).partial_fit(X, np.eye(3)[y])


LABEL_CONTAINERS = {
    "list": lambda y: y.tolist(),
    "pandas": pd.Series,
    "polars": pl.Series,
    "categorical": lambda y: pd.Series(y).astype("category"),
    "column": lambda y: y[:, np.newaxis],
    "frame": lambda y: pd.DataFrame({"y": y}),
}


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize("container", LABEL_CONTAINERS)
@pytest.mark.parametrize("labels", ["int", "str"])
def test_label_containers(container, labels, three):
    X, y = three
    y = LABELS[labels][y]
    estimator = MLPClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0)
    expected = weights(estimator.fit(X, y))
    estimator.fit(X, LABEL_CONTAINERS[container](y))
    np.testing.assert_array_equal(weights(estimator), expected)
    assert estimator.classes_.tolist() == np.unique(y).tolist()
    assert estimator.predict(X).shape == (90,)
    assert 0 <= estimator.score(X, LABEL_CONTAINERS[container](y)) <= 1


def test_feature_names(case, three):
    X, y = three
    frame = pd.DataFrame(X, columns=[f"pixel_{i}" for i in range(64)])
    estimator = case.make().fit(frame, y)
    assert list(estimator.feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(frame[frame.columns[::-1]])
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(pl.DataFrame(frame[frame.columns[::-1]]))
    with pytest.raises(ValueError, match="feature names"):
        estimator.partial_fit(frame.rename(columns={"pixel_0": "other"}), y)
    with pytest.raises(ValueError, match="feature names"):
        case.make().fit(frame, y, X_val=frame[frame.columns[::-1]], y_val=y)
    estimator.fit(X, y)
    assert not hasattr(estimator, "feature_names_in_")


def test_repeated_column_names(three):
    """What scikit-learn says of them, a classifier says too."""
    X, y = three
    frame = pd.DataFrame(X[:, :4], columns=["a", "a", "b", "c"])
    with pytest.raises(Exception, match="column names") as expected:
        LogisticRegression().fit(frame, y)
    with pytest.raises(expected.type, match="column names"):
        MLPClassifier(epochs=1).fit(frame, y)


@pytest.mark.slow("traces a network for every shape")
@settings(max_examples=12, deadline=None, database=None)
@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    channels=st.integers(1, 3),
    n_classes=st.integers(2, 4),
    seed=st.integers(0, 2**31),
)
def test_any_image_size(height, width, channels, n_classes, seed):
    rng = np.random.default_rng(seed)
    y = np.arange(12) % n_classes
    X = rng.random((12, height, width, channels)).astype(np.float32)
    for name in ("mlp", "lenet"):
        estimator = CASES[name].make(epochs=1).fit(X, y)
        proba = estimator.predict_proba(X)
        assert proba.shape == (12, n_classes)
        np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
        assert estimator.image_shape_ == (height, width, channels)
        np.testing.assert_array_equal(estimator.predict_proba(X.reshape(12, -1)), proba)


@pytest.mark.slow("trains until it has learned")
def test_lenet_on_digits():
    """The requirement's number: at least 0.96 on scikit-learn's 8 x 8 digits."""
    X, y = load_digits(return_X_y=True)
    for seed in range(2):
        X_train, X_test, y_train, y_test = train_test_split(
            X / 16, y, stratify=y, random_state=seed
        )
        estimator = LeNetClassifier(random_state=seed).fit(X_train, y_train)
        assert estimator.score(X_test, y_test) >= 0.96
