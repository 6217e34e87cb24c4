"""Bytes, grey levels and fractions: the same images, and the same probabilities."""

import numpy as np
import pandas as pd
import pytest

from tests.classifiers.cases import assert_near, by_model, linear, mlp, own


@pytest.fixture(scope="module")
def grey(three):
    """The images of `three` as bytes."""
    return np.rint(three[0] * 255).astype(np.uint8)


def forms(grey):
    """Return the same images in every form that grey levels come in."""
    mixed = pd.DataFrame(grey)
    mixed[3] = mixed[3].astype(np.int64)
    return {
        "uint8": grey,
        "int64": grey.astype(np.int64),
        "nested list": grey.tolist(),
        "float 0..1": grey / 255,
        "float32 0..1": (grey / 255).astype(np.float32),
        "float 0..255": grey.astype(float),
        "int64 images": grey.reshape(-1, 8, 8).astype(np.int64),
        "frame": pd.DataFrame(grey),
        "frame with an int64 column": mixed,
        "object frame": pd.DataFrame(grey).astype(object),
    }


@pytest.mark.parametrize("form", ["uint8", "frame"])
def test_fitted_on_bytes(form, grey, three):
    estimator = mlp().fit(forms(grey)[form], three[1])
    expected = by_model(estimator, grey / 255)
    assert np.abs(expected - by_model(estimator, grey)).max() > 0.01
    for name, X in forms(grey).items():
        assert_near(estimator.predict_proba(X), expected, name)
    # Integers are bytes, however dark; the rest of a batch does not matter.
    dark = np.minimum(grey, 1)
    for X in (dark, dark.astype(np.int64), dark.tolist()):
        assert_near(estimator.predict_proba(X), by_model(estimator, dark / 255))


@pytest.mark.slow("traces graphs anew for every case")
def test_fitted_on_fractions(grey, three):
    X, y = grey / 255, three[1]
    estimator = mlp().fit(X, y, X_val=grey, y_val=y)
    same = mlp().fit(X, y, X_val=X, y_val=y)
    assert estimator.history_["val_loss"] == pytest.approx(same.history_["val_loss"], rel=1e-5)
    for name in ("uint8", "int64", "int64 images", "float 0..1", "float32 0..1", "frame"):
        assert_near(estimator.predict_proba(forms(grey)[name]), by_model(estimator, X), name)
    estimator.partial_fit(grey, y)
    assert_near(estimator.predict_proba(X), same.partial_fit(X, y).predict_proba(X), atol=1e-5)


def test_fitted_on_binary_bytes(three):
    binary, y = (three[0] > 0.5).astype(np.uint8), three[1]
    on_bytes, on_floats = mlp().fit(binary, y), mlp().fit(binary.astype(float), y)
    expected = by_model(on_floats, binary)
    assert_near(on_bytes.predict_proba(binary), expected)
    assert_near(on_bytes.predict_proba(binary.astype(float)), expected)


@pytest.mark.parametrize("most", [2, 16])
def test_bytes_of_few_levels_warn(most, three):
    X = np.rint(three[0] * most).astype(np.uint8)
    with pytest.warns(UserWarning, match="255"):
        mlp().fit(X, three[1])


@pytest.mark.slow("a network for every kind")
@pytest.mark.parametrize("kind", ["function", "nested", "model"])
def test_network_that_rescales_gets_bytes(kind, grey, three):
    import keras

    def build():
        rescaling = keras.layers.Rescaling(1 / 255)
        nested = keras.Sequential([keras.Input((8, 8, 1)), rescaling])
        return linear(3, nested if kind == "nested" else rescaling)

    estimator = own(build() if kind == "model" else build).fit(grey, three[1])
    expected = by_model(estimator, grey)
    assert np.abs(expected - by_model(estimator, grey / 255)).max() > 0.01
    for X in (grey, grey.astype(np.int64), grey.astype(float), pd.DataFrame(grey)):
        assert_near(estimator.predict_proba(X), expected)


@pytest.mark.slow("traces graphs anew for every case")
def test_fitted_on_other_numbers(grey, three):
    for X in (three[0] * 14.4, three[0] - 0.5):  # neither whole nor from 0 to 1
        estimator = mlp().fit(X, three[1])
        for given in (X, grey, grey.astype(np.int64), three[0]):
            assert_near(estimator.predict_proba(given), by_model(estimator, given), atol=1e-5)


def test_grey_bytes_after_black_and_white_ones(three):
    X, y = three
    fitted = mlp().partial_fit((X > 0.5).astype("u1"), y)
    with pytest.raises(ValueError, match="bytes that are all 0 and 1"):
        fitted.predict((X * 255).astype("u1"))
