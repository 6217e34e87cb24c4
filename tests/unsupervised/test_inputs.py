"""Rows and images, units and dtypes, shapes and names: what comes in, and in which form it leaves.

Also that a result depends on its own row alone, and on nothing outside of the estimator.
"""

import random

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.exceptions import NotFittedError

from skmnist import Autoencoder, GANGenerator
from skmnist._bridge.data.pixels import PixelScale, PixelStats
from tests.unsupervised.cases import (
    AUTOENCODERS,
    CASES,
    CLASSES,
    GANS,
    assert_same_outputs,
    outputs,
    weights,
)


@pytest.fixture(scope="module")
def grey(X):
    """The images as bytes from 0 to 255."""
    return np.rint(X * 255).astype(np.uint8)


def images_of(estimator, X):
    """Return images that an estimator makes: rebuilt ones, or new ones."""
    if isinstance(estimator, GANGenerator):
        made = estimator.sample(5)
        return made[0] if isinstance(made, tuple) else made
    return estimator.reconstruct(X[:5])


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", CLASSES)
def test_forms_of_the_same_images(name, fitted_once, X, y):
    """Whatever holds the same rows gives the same network."""
    expected = fitted_once(name)
    forms = [
        X.reshape(-1, 8, 8),
        X.astype(float),
        X.tolist(),
        pd.DataFrame(X),
        np.asfortranarray(X),
    ]
    if name == "dense":
        forms += [X.reshape(-1, 8, 8, 1), list(X.reshape(-1, 8, 8)), pl.DataFrame(X)]
        forms += [np.asfortranarray(X)]
        forms += [pd.DataFrame(X, columns=[f"p{i}" for i in range(64)])]
    for form in forms:
        estimator = CASES[name].make().fit(form, y)
        np.testing.assert_array_equal(weights(estimator), weights(expected))
        assert estimator.image_shape_ == (8, 8, 1)
        assert estimator.n_features_in_ == 64
        if name in AUTOENCODERS:
            found, same = (e.score_samples(form) for e in (estimator, expected))
            np.testing.assert_array_equal(found, same)


@pytest.mark.slow("a fit for every form of the same images")
@pytest.mark.parametrize("name", ["convolutional", "conditional"])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (4, 4, 4), (5, 7), (35,)])
def test_images_leave_in_the_form_they_came(name, shape, X, y):
    n_features = int(np.prod(shape))
    given = X[:40, :n_features].reshape(40, *shape)
    estimator = CASES[name].make(epochs=1).fit(given, y[:40])
    made = images_of(estimator, given)
    assert made.shape == (5, *shape)
    assert made.dtype == np.float32
    if name not in GANS:
        codes = estimator.transform(given)
        assert codes.shape == (40, 4)
        assert codes.dtype == np.float32
        np.testing.assert_array_equal(
            estimator.inverse_transform(codes), estimator.reconstruct(given)
        )
        np.testing.assert_array_equal(estimator.transform(given.reshape(40, -1)), codes)
    expected = {1: (6, 6, 1) if n_features == 35 else (8, 8, 1), 2: (*shape, 1), 3: shape}
    assert estimator.image_shape_ == expected[len(shape)]


@pytest.mark.parametrize("name", ["convolutional", "gan"])
def test_image_shape_of_rows(name, X, y):
    estimator = CASES[name].make(epochs=1, image_shape=(4, 16)).fit(X, y)
    assert estimator.image_shape_ == (4, 16, 1)
    assert images_of(estimator, X).shape == (5, 64)
    assert images_of(estimator, X.reshape(-1, 4, 16)).shape == (5, 64)
    if name in AUTOENCODERS:
        with pytest.raises(ValueError, match="images of shape"):
            estimator.transform(X.reshape(-1, 8, 8))


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", CLASSES)
def test_bytes(name, grey, y):
    """Bytes, and the same divided by 255, are the same images, fitted on either."""
    by_bytes = CASES[name].make().fit(grey, y)
    by_fractions = CASES[name].make().fit(grey / np.float32(255), y)
    np.testing.assert_array_equal(weights(by_bytes), weights(by_fractions))
    if name in AUTOENCODERS:
        for estimator in (by_bytes, by_fractions):
            expected = by_bytes.score_samples(grey)
            for form in (grey / np.float32(255), grey.astype(int)):
                np.testing.assert_array_equal(estimator.score_samples(form), expected)
    if name == "detector":
        return
    made, fractions = images_of(by_bytes, grey), images_of(by_fractions, grey)
    assert (made.dtype, fractions.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(made, np.clip(np.rint(fractions * 255), 0, 255).astype(np.uint8))
    assert made.max() > 20  # in units of bytes
    as_images = CASES[name].make().fit(grey.reshape(-1, 8, 8), y)
    again = images_of(as_images, grey)
    assert (again.shape, again.dtype) == ((5, 8, 8), np.uint8)
    np.testing.assert_array_equal(again.reshape(5, 64), made)


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["dense", "conditional"])
@pytest.mark.parametrize("dtype", [bool, np.int64, np.float16])
def test_dtypes(name, dtype, X, y):
    given = (X * (16 if np.dtype(dtype).kind in "if" else 1)).round().astype(dtype)
    estimator = CASES[name].make(epochs=1).fit(given, y)
    made = images_of(estimator, given)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    same = CASES[name].make(epochs=1).fit(given.astype(np.float32), y)
    np.testing.assert_array_equal(images_of(same, given), made)


@pytest.mark.slow("a fit for every form of the same images")
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("scale, shift", [(16, 0), (1e4, 5e3), (0.25, -3)])
def test_units_are_scaled_away(name, scale, shift, fitted_once, X, y):
    """In any units it is the same network, and images leave in those units."""
    given = X.astype(float) * scale + shift
    estimator = CASES[name].make().fit(given, y)
    expected = fitted_once(name)
    np.testing.assert_allclose(weights(estimator), weights(expected), rtol=0, atol=1e-3)
    if name in AUTOENCODERS:
        scores = expected.score_samples(X)
        np.testing.assert_allclose(estimator.score_samples(given), scores, rtol=1e-2)
    if name != "detector":
        made = images_of(estimator, given)
        same = images_of(expected, X) * scale + shift
        np.testing.assert_allclose(made, same, rtol=0, atol=1e-2 * scale)


@pytest.mark.slow("many fits")
def test_standardised_data(X):
    """Negative values come back negative, and better than by guessing the mean."""
    spread = (X - X.mean(axis=0)) / (X.std(axis=0) + 0.5)
    estimator = Autoencoder(
        16, hidden_layer_sizes=(), epochs=60, learning_rate=0.01, random_state=0
    ).fit(spread)
    rebuilt = estimator.reconstruct(spread)
    assert rebuilt.min() < -0.2
    assert np.square(rebuilt - spread).mean() < 0.5 * spread.var()
    low, high = spread.min(), spread.max()
    error = np.square((rebuilt - spread) / (high - low)).mean(axis=1)
    np.testing.assert_allclose(-estimator.score_samples(spread), error, rtol=1e-3)


@pytest.mark.slow("many fits")
def test_one_value_only(y):
    """Constant images have no scale; they are rebuilt all the same."""
    for value in (0.0, 0.5, 7.0, -3.0):
        given = np.full((40, 16), value)
        estimator = Autoencoder(2, hidden_layer_sizes=(), epochs=2, random_state=0).fit(given)
        assert np.isfinite(estimator.reconstruct(given)).all()
        made, _ = CASES["conditional"].make(epochs=1).fit(given, y[:40]).sample(3)
        assert np.isfinite(made).all()


@pytest.mark.parametrize("name", CLASSES)
def test_input_is_not_changed(name, case, grey, y):
    forms = [grey, grey.astype(np.float32), grey.astype(np.float32) - 100]
    for form in forms[1:] if name == "detector" else forms:
        before = form.copy()
        outputs(case.make(epochs=1).fit(form, y), form)
        np.testing.assert_array_equal(form, before)


def test_feature_names(X):
    frame = pd.DataFrame(X, columns=[f"p{i}" for i in range(64)], index=np.arange(120) + 1000)
    for name in ("dense", "detector"):
        estimator = CASES[name].make(epochs=1).fit(frame)
        assert list(estimator.feature_names_in_) == list(frame.columns)
        with pytest.warns(UserWarning, match="valid feature names"):
            estimator.score_samples(X)
        with pytest.raises(ValueError, match="feature names"):
            estimator.score_samples(frame[frame.columns[::-1]])
    encoder = CASES["dense"].make(epochs=1).fit(frame)
    names = encoder.get_feature_names_out()
    assert list(names) == [f"autoencoder{i}" for i in range(4)]
    plain = encoder.transform(frame)
    for kind, module in (("pandas", pd), ("polars", pl)):
        codes = encoder.set_output(transform=kind).transform(frame)
        assert isinstance(codes, module.DataFrame)
        assert list(codes.columns) == list(names)
        np.testing.assert_array_equal(codes.to_numpy(), plain)
    codes = encoder.set_output(transform="pandas").fit_transform(frame)
    assert list(codes.index) == list(frame.index)
    np.testing.assert_array_equal(encoder.inverse_transform(codes), encoder.reconstruct(frame))
    with pytest.raises(NotFittedError):
        CASES["dense"].make().get_feature_names_out()


def test_codes_that_are_none(fitted_once):
    encoder = fitted_once("dense")
    for wrong in (np.zeros((3, 5)), np.zeros((3, 64))):
        with pytest.raises(ValueError, match="is expecting 4 codes per sample"):
            encoder.inverse_transform(wrong)
    with pytest.raises(ValueError, match="NaN"):
        encoder.inverse_transform(np.full((3, 4), np.nan))
    with pytest.raises(ValueError, match="Expected 2D"):
        encoder.inverse_transform(np.zeros(4))
    expected = encoder.inverse_transform(np.ones((1, 4)))
    np.testing.assert_array_equal(encoder.inverse_transform([[1, 1, 1, 1]]), expected)


METHODS = ["transform", "inverse_transform", "reconstruct", "score_samples", "score"]
METHODS += ["decision_function", "predict", "sample", "model_", "loss_curve_"]


def test_unfitted(case, X):
    """NotFittedError, or for attributes no such attribute."""
    estimator = case.make()
    tried = 0
    for method in METHODS:
        if hasattr(type(estimator), method) and not method.endswith("_"):
            if method == "sample" and not hasattr(estimator, method):
                continue
            tried += 1
            with pytest.raises(NotFittedError):
                getattr(estimator, method)(*([] if method == "sample" else [X]))
        else:
            assert not hasattr(estimator, method)
    assert tried >= 1


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_bad_data_to_predict(name, fitted_once, X):
    fitted = fitted_once(name)
    for bad, message in [
        (X[:, :63], "X has 63 features"),
        (X * np.nan, "NaN"),
        (X[:0], "0 sample"),
        (X[0], "Expected 2D|Reshape"),
        (np.zeros((3, 4, 16)), "images of shape"),
    ]:
        with pytest.raises(ValueError, match=message):
            fitted.score_samples(bad)


# Alone and beside others.


@pytest.fixture(scope="module")
def wide():
    """Wide enough for the matrix kernels to work in blocks: estimators, rows, and their results."""
    rows = np.random.default_rng(0).random((1040, 28, 28), dtype=np.float32)
    params = {"epochs": 1, "random_state": 0, "latent_dim": 10}
    dense = Autoencoder(hidden_layer_sizes=(96,), **params).fit(rows[:100])
    convolutional = Autoencoder(convolutional=True, filters=(5, 9), **params).fit(rows[:100])
    return [(e, rows, outputs(e, rows)) for e in (dense, convolutional)]


@pytest.mark.slow("many fits")
def test_alone_and_in_a_batch(wide):
    for estimator, rows, expected in wide:
        codes = expected["transform"]
        for chosen in [[0], [17], [1039], [1023, 1024], [*range(40)], [3, 3, 1030, 4]]:
            for what, values in outputs(estimator, rows[chosen]).items():
                np.testing.assert_array_equal(values, expected[what][chosen])
            found = estimator.inverse_transform(codes[chosen])
            np.testing.assert_array_equal(found, expected["reconstruct"][chosen])


@pytest.mark.slow("many fits")
@settings(max_examples=15, deadline=None, database=None)
@given(chosen=st.lists(st.integers(0, 119), min_size=1, max_size=50))
def test_any_rows_in_any_order(fitted_once, X, chosen):
    for name in ("variational", "detector"):
        estimator, expected = fitted_once(name), outputs(fitted_once(name), X)
        for what, values in outputs(estimator, X[chosen]).items():
            np.testing.assert_array_equal(values, expected[what][chosen])


@pytest.mark.slow("traces graphs anew for every case")
def test_noise_and_draws_are_off_after_training(fitted_once, X):
    for name in AUTOENCODERS:
        estimator = fitted_once(name)
        assert_same_outputs(estimator, estimator, X)


@pytest.mark.slow("many fits")
def test_the_network_itself(fitted_once, X):
    """What the methods say is what Keras computes."""
    import keras

    pictures = X.reshape(-1, 8, 8, 1)
    for name in AUTOENCODERS:
        estimator = fitted_once(name)
        model = estimator.model_
        rebuilt = model.predict(pictures, verbose=0)
        errors = np.square(rebuilt - pictures).mean(axis=(1, 2, 3))
        np.testing.assert_allclose(estimator.score_samples(X), -errors, rtol=1e-5)
        if name == "detector":
            continue
        np.testing.assert_allclose(estimator.reconstruct(X), rebuilt.reshape(120, 64), atol=1e-6)
        encoder = keras.Model(model.inputs, model.get_layer("codes").output)
        codes = encoder.predict(pictures, verbose=0)
        np.testing.assert_allclose(estimator.transform(X), codes, rtol=1e-5, atol=1e-5)
        assert estimator.score(X) == pytest.approx(-errors.mean())


# Random numbers.


def draws():
    """Draw from the global generators of Python, NumPy and Keras."""
    import keras

    return (
        random.random(),
        np.random.rand(3).tolist(),
        keras.random.normal((3,)).numpy().tolist(),
        keras.layers.Dense(2).kernel_initializer((3, 2)).numpy().tolist(),
    )


@pytest.mark.parametrize(
    "name, seed", [("variational", 0), ("convolutional", None), ("detector", None), ("gan", 0)]
)
def test_global_generators_unchanged(case, seed, X, y):
    import keras

    keras.utils.set_random_seed(11)
    expected = draws(), draws()
    keras.utils.set_random_seed(11)
    assert draws() == expected[0]
    estimator = case.make(random_state=seed, epochs=1).fit(X, y)
    outputs(estimator, X)
    if hasattr(estimator, "sample"):
        estimator.sample(3)
    if hasattr(estimator, "partial_fit"):
        estimator.partial_fit(X, y)
    assert draws() == expected[1]


@pytest.mark.parametrize("name", ["variational", "convolutional", "gan"])
def test_seeds(case, fitted, X, y):
    assert_same_outputs(case.make().fit(X, y), fitted, X)
    for other in (None, None):
        changed = case.make(random_state=other).fit(X, y)
        assert np.abs(weights(changed) - weights(fitted)).max() > 1e-3
        fitted = changed


@pytest.mark.parametrize("name", ["denoising", "conditional"])
def test_random_state_instance(case, X, y):
    one, same, other = (
        case.make(epochs=1, random_state=np.random.RandomState(seed)).fit(X, y)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(weights(one), weights(same))
    assert np.abs(weights(one) - weights(other)).max() > 1e-3
    assert np.abs(weights(one.fit(X, y)) - weights(same)).max() > 1e-3


# Units, for any numbers.

_DTYPES = st.sampled_from([np.uint8, np.int16, np.int64, np.float32, np.float64, np.bool_])


@st.composite
def tables(draw):
    dtype = draw(_DTYPES)
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
    kind = np.dtype(dtype).kind
    elements = None
    if kind == "i":
        elements = st.integers(-30000, 30000)
    elif kind == "f":
        low = draw(st.sampled_from([0, -1, -1000]))
        elements = st.floats(low, draw(st.sampled_from([1, 2, 255, 1e6])), width=32)
    return draw(hnp.arrays(dtype, shape, elements=elements))


@pytest.mark.filterwarnings("ignore:X holds")
@settings(database=None)
@given(X=tables())
@example(X=np.zeros((2, 2), np.uint8))
@example(X=np.full((2, 2), 255, np.uint8))
def test_scaling_and_back_is_the_identity(X):
    if X.dtype.kind == "f" and X.min() >= 0 and X.max() >= 2:
        # Rows of fractions beside rows of levels are read as fractions, with a warning.
        X = X[X.max(axis=1) >= 2]
    rows = X.astype(np.float32)
    scale = PixelScale.learn(PixelStats.of(rows, X.dtype), X.dtype, unit=True)
    pixels = scale.apply(rows.copy(), X.dtype)
    assert pixels.dtype == np.float32
    assert pixels.min() >= -1e-6
    assert pixels.max() <= 1 + 1e-6
    back = scale.restore(pixels)
    if X.dtype == np.uint8 and X.max() > 1:
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back, X)
    else:
        assert back.dtype == np.float32
        np.testing.assert_allclose(back, rows, rtol=1e-5, atol=1e-5 * np.abs(rows).max())


@pytest.mark.slow("a fit for every form of the same images")
@pytest.mark.filterwarnings("ignore:X holds bytes")
@settings(max_examples=12, deadline=None, database=None)
@given(data=st.data())
def test_any_shape_and_dtype_keeps_its_form(data):
    """inverse_transform of transform has the shape, the units and the kind of what was fitted."""
    shape = data.draw(
        st.one_of(
            st.tuples(st.integers(1, 20)),
            st.tuples(st.integers(1, 6), st.integers(1, 6)),
            st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)),
        ),
        label="shape",
    )
    dtype = data.draw(_DTYPES, label="dtype")
    n_samples = data.draw(st.integers(1, 9), label="n_samples")
    rng = np.random.default_rng(data.draw(st.integers(0, 9), label="seed"))
    high = 2 if dtype is np.bool_ else 200
    X = rng.integers(0, high, size=(n_samples, *shape)).astype(dtype)
    encoder = Autoencoder(2, hidden_layer_sizes=(3,), epochs=1, random_state=0).fit(X)
    back = encoder.inverse_transform(encoder.transform(X))
    assert back.shape == X.shape
    grey = X.dtype == np.uint8 and X.max() > 1
    assert back.dtype == (np.uint8 if grey else np.float32)
    np.testing.assert_array_equal(back, encoder.reconstruct(X))
