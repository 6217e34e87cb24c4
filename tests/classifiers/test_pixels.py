"""One contract for pixels: the same picture gives the same answer, however it is stored."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_digits

from skmnist import (
    Autoencoder,
    AutoencoderOutlierDetector,
    CNNClassifier,
    GANGenerator,
    KerasClassifier,
    LeNetClassifier,
    LSTMClassifier,
    MLPClassifier,
    MnistScaler,
    ResNetClassifier,
    TransformerClassifier,
)
from skmnist.datasets import load_mnist_sample
from tests.marks import slow_but

SAMPLE = load_mnist_sample()
CHOSEN = np.random.default_rng(0).permutation(len(SAMPLE.target))
IMAGES, LABELS = SAMPLE.images[CHOSEN[:300]], SAMPLE.target[CHOSEN[:300]]
OTHERS, OTHER_LABELS = SAMPLE.images[CHOSEN[300:500]], SAMPLE.target[CHOSEN[300:500]]
ROWS, OTHER_ROWS = IMAGES.reshape(300, -1), OTHERS.reshape(200, -1)


def quick(**params):
    return MLPClassifier((16,), epochs=2, random_state=0, **params)


@pytest.fixture(scope="module")
def on_bytes():
    return quick().fit(ROWS, LABELS)


def shallow():
    """Build a network of the user's own."""
    import keras

    flatten, last = keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input((28, 28, 1)), flatten, last])


SMALL = {"epochs": 1, "random_state": 0}
DENSE = {"hidden_layer_sizes": (8,), **SMALL}
# Every estimator that reads pixels, and what it says of them.
EVERY = {
    "mlp": (MLPClassifier((16,), **SMALL), "predict_proba"),
    "lenet": (LeNetClassifier((2, 3), dense_units=8, **SMALL), "predict_proba"),
    "cnn": (CNNClassifier((2,), convs_per_block=1, dense_units=8, **SMALL), "predict_proba"),
    "resnet": (ResNetClassifier((2,), **SMALL), "predict_proba"),
    "lstm": (LSTMClassifier(4, **SMALL), "predict_proba"),
    "transformer": (
        TransformerClassifier(n_layers=1, n_heads=2, d_model=4, **SMALL),
        "predict_proba",
    ),
    "keras": (KerasClassifier(shallow, **SMALL), "predict_proba"),
    "autoencoder": (Autoencoder(4, **DENSE), "transform"),
    "detector": (AutoencoderOutlierDetector(4, **DENSE), "score_samples"),
}


@pytest.fixture(scope="module")
def every_estimator():
    """Return a method for each estimator, fitted on bytes and on fractions."""
    fitted = {}
    for name, (estimator, method) in EVERY.items():
        for unit, X in (("bytes", IMAGES), ("fractions", IMAGES / 255)):
            fitted[name, unit] = getattr(clone(estimator).fit(X[:100], LABELS[:100]), method)
    return fitted


def torch_tensor(X):
    return pytest.importorskip("torch").from_numpy(np.array(X))


def tensorflow_tensor(X):
    import tensorflow as tf

    return tf.constant(X)


def keras_tensor(X):
    import keras

    return keras.ops.convert_to_tensor(X)


def xarray_array(X):
    return pytest.importorskip("xarray").DataArray(X)


def jax_array(X):
    return pytest.importorskip("jax").numpy.asarray(X)


def objects(X):
    return X.astype(object)


def sparse_columns(X):
    return pd.DataFrame(X).astype(pd.SparseDtype(X.dtype, 0))


def categories(X):
    return pd.DataFrame(X).astype("category")


def one_arrow_column(X):
    frame = pd.DataFrame(X)
    return frame.astype({0: f"{X.dtype}[pyarrow]"})


class OnlyDLPack:
    """Nothing but the protocol."""

    def __init__(self, X):
        self._array = np.array(X)
        self.shape, self.ndim = X.shape, X.ndim

    def __len__(self):
        return len(self._array)

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


CONTAINERS = {
    "array": np.asarray,
    "Fortran order": np.asfortranarray,
    "list": lambda X: X.tolist(),
    "memoryview": lambda X: memoryview(np.ascontiguousarray(X)),
    "objects": objects,
    "torch": torch_tensor,
    "TensorFlow": tensorflow_tensor,
    "Keras": keras_tensor,
    "DLPack": OnlyDLPack,
    "xarray": xarray_array,
    "JAX": jax_array,
    "pandas": pd.DataFrame,
    "pandas, Arrow": lambda X: pd.DataFrame(X).astype(f"{X.dtype}[pyarrow]"),
    "pandas, one Arrow column": one_arrow_column,
    "pandas, nullable": lambda X: pd.DataFrame(X).convert_dtypes(),
    "pandas, objects": lambda X: pd.DataFrame(objects(X)),
    "pandas, sparse": sparse_columns,
    "pandas, categories": categories,
    "polars": lambda X: pl.DataFrame(X, schema=[str(i) for i in range(X.shape[1])]),
    "pyarrow": lambda X: pa.table({str(i): X[:, i] for i in range(X.shape[1])}),
}


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("container", CONTAINERS)
def test_containers(container, on_bytes):
    stored = CONTAINERS[container](OTHER_ROWS)
    np.testing.assert_array_equal(
        on_bytes.predict_proba(stored), on_bytes.predict_proba(OTHER_ROWS)
    )
    fractions = quick().fit(ROWS / 255, LABELS)
    np.testing.assert_array_equal(
        fractions.predict_proba(stored), fractions.predict_proba(OTHER_ROWS)
    )


@pytest.mark.slow("fits for every container")
@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize(
    "container", ["torch", "TensorFlow", "objects", "pandas, Arrow", "pandas, objects", "pyarrow"]
)
def test_fitting_on_containers(container, on_bytes):
    make = CONTAINERS[container]
    fitted = quick().fit(make(ROWS), LABELS, X_val=make(OTHER_ROWS), y_val=OTHER_LABELS)
    np.testing.assert_array_equal(
        fitted.predict_proba(OTHER_ROWS), on_bytes.predict_proba(OTHER_ROWS)
    )
    wanted = quick().fit(ROWS, LABELS, X_val=OTHER_ROWS, y_val=OTHER_LABELS).history_
    assert fitted.history_ == wanted
    assert fitted.pixel_range_ == (0, 255)
    scaler = MnistScaler().fit(ROWS)
    np.testing.assert_array_equal(scaler.transform(make(OTHER_ROWS)), scaler.transform(OTHER_ROWS))
    if "objects" not in container:  # which hold Python's integers, of no size
        assert MnistScaler().fit(make(ROWS)).input_dtype_ == np.uint8


@pytest.mark.slow("fits for every container")
@pytest.mark.parametrize("container", ["torch", "TensorFlow", "objects"])
def test_other_estimators_on_containers(container):
    make = CONTAINERS[container]
    detector = AutoencoderOutlierDetector(hidden_layer_sizes=(8,), epochs=1, random_state=0)
    autoencoder = Autoencoder(4, hidden_layer_sizes=(8,), epochs=1, random_state=0)
    gan = GANGenerator(
        4, convolutional=False, hidden_layer_sizes=(8,), epochs=1, random_state=0, conditional=True
    )
    for X in (IMAGES / 255, IMAGES):
        detector.fit(X)
        np.testing.assert_array_equal(
            detector.score_samples(make(OTHERS)), detector.score_samples(OTHERS)
        )
        autoencoder.fit(X)
        np.testing.assert_array_equal(
            autoencoder.transform(make(OTHERS)), autoencoder.transform(OTHERS)
        )
    gan.fit(make(IMAGES), LABELS)
    assert gan.sample(3)[0].dtype == (np.float32 if container == "objects" else np.uint8)
    wanted = clone(gan).fit(IMAGES, LABELS).sample(3)[0]
    np.testing.assert_allclose(gan.sample(3)[0], wanted, atol=0.5 if container == "objects" else 0)


UNITS = {
    "bytes": lambda X: X,
    "int64": lambda X: X.astype(np.int64),
    "uint16": lambda X: X.astype(np.uint16),
    "int32": lambda X: X.astype(np.int32),
    "float64": lambda X: X.astype(np.float64),
    "float32": lambda X: X.astype(np.float32),
    "fractions": lambda X: X / 255,
    "float32 fractions": lambda X: X / np.float32(255),
}


@pytest.mark.parametrize("unit", UNITS)
def test_units(unit, on_bytes):
    stored = UNITS[unit](ROWS)
    fitted = quick().fit(stored, LABELS)
    assert fitted.pixel_range_ == ((0, 1) if "fractions" in unit else (0, 255))
    wanted = on_bytes.predict_proba(OTHER_ROWS)
    for other in UNITS.values():
        np.testing.assert_allclose(fitted.predict_proba(other(OTHER_ROWS)), wanted, atol=1e-5)
        np.testing.assert_allclose(on_bytes.predict_proba(other(OTHER_ROWS)), wanted, atol=1e-5)


@pytest.mark.slow("fits for every form of the same images")
@settings(max_examples=25, deadline=None, database=None)
@given(st.data())
def test_same_picture_same_answer(every_estimator, data):
    """A picture of any pixels, in any container and unit, alone or beside others."""
    pixels = data.draw(st.binary(min_size=784, max_size=784))
    picture = np.frombuffer(pixels, np.uint8).reshape(1, 784).copy()
    picture[0, 0] = 255
    answer = every_estimator[data.draw(st.sampled_from(sorted(every_estimator)))]
    make = CONTAINERS[
        data.draw(st.sampled_from(["array", "list", "torch", "TensorFlow", "objects"]))
    ]
    unit = UNITS[data.draw(st.sampled_from(list(UNITS)))]
    neighbours = OTHER_ROWS[: data.draw(st.integers(0, 20))]
    together = make(unit(np.concatenate([picture, neighbours])))
    wanted = answer(picture)
    np.testing.assert_allclose(answer(together)[:1], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore:Some images of X")
@pytest.mark.parametrize("dtype", [float, np.float32, int, np.uint8])
def test_a_row_does_not_depend_on_its_neighbours(dtype):
    fits = [ROWS, ROWS / 255, ROWS.astype(float)]
    X = OTHER_ROWS[:20].astype(dtype)
    X[3] = np.minimum(X[3], 1)
    for training in fits:
        fitted = quick().fit(training, LABELS)
        together, alone = fitted.predict_proba(X), [fitted.predict_proba(x[None]) for x in X]
        np.testing.assert_array_equal(together, np.concatenate(alone))


def test_black_and_white():
    white = ROWS > 127
    fitted = quick().fit(white.astype(float), LABELS)
    assert fitted.pixel_range_ == (0, 1)
    wanted = fitted.predict_proba((OTHER_ROWS > 127).astype(float))
    for stored in ((OTHER_ROWS > 127) * np.uint8(255), OTHER_ROWS > 127):
        for dtype in (stored.dtype, float, int, np.uint8):
            np.testing.assert_allclose(
                fitted.predict_proba(stored.astype(dtype)), wanted, atol=1e-6
            )
    bytes_ = white.astype(np.uint8)
    assert MnistScaler().fit(bytes_).scale_ == 1
    np.testing.assert_array_equal(
        quick().fit(bytes_, LABELS).predict_proba(bytes_),
        quick().fit(white, LABELS).predict_proba(white),
    )


@pytest.mark.slow("trains until it has learned")
def test_digits_of_sixteen_levels():
    X, y = load_digits(return_X_y=True)
    fitted = quick().fit(X, y)
    assert fitted.pixel_range_ == (0, 16)
    np.testing.assert_allclose(fitted.predict_proba(X / 16), fitted.predict_proba(X), atol=1e-5)
    scaled = quick().fit(X / 16, y)
    np.testing.assert_allclose(scaled.predict_proba(X / 16), fitted.predict_proba(X), atol=1e-5)


def test_signed_bytes_warn():
    with pytest.warns(UserWarning, match=r"negative integers \(int8.*view\('uint8'\)"):
        quick().fit(ROWS.view(np.int8), LABELS)
    fitted = quick().fit(ROWS, LABELS)
    with pytest.warns(UserWarning, match="Negative integers"):
        fitted.predict(ROWS.view(np.int8))


def test_sixteen_bits_after_bytes_warn(on_bytes):
    with pytest.warns(UserWarning, match=r"up to 65535|to 65535, but the network"):
        on_bytes.predict(ROWS.astype(np.uint16) * 257)
    fitted = quick().fit(ROWS.astype(np.uint16) * 257, LABELS)
    assert fitted.pixel_range_ == (0, 65535)
    np.testing.assert_allclose(
        fitted.predict_proba(OTHER_ROWS / 255), on_bytes.predict_proba(OTHER_ROWS), atol=1e-5
    )


def test_floats_that_are_not_whole_warn():
    grey = ROWS * 0.99
    with pytest.warns(UserWarning, match="treated as levels of grey and divided by 255"):
        assert quick().fit(grey, LABELS).pixel_range_ == (0, 255)
    fitted = quick().fit(ROWS / 255, LABELS)
    with pytest.warns(UserWarning, match=r"not whole numbers.*They are not scaled"):
        fitted.predict(grey)


def test_stated_range(recwarn):
    stated = quick(pixel_range=(0, 510)).fit(ROWS, LABELS)
    assert stated.pixel_range_ == (0, 510)
    as_is = quick(pixel_range="as-is").fit(ROWS / np.float32(510), LABELS)
    assert as_is.pixel_range_ == "as-is"
    np.testing.assert_allclose(
        stated.predict_proba(OTHER_ROWS),
        as_is.predict_proba(OTHER_ROWS / np.float32(510)),
        atol=1e-6,
    )
    # Nothing is guessed: a dark row is dark.
    dark = np.minimum(OTHER_ROWS[:5], 1)
    np.testing.assert_allclose(
        stated.predict_proba(np.concatenate([OTHER_ROWS, dark]))[-5:],
        as_is.predict_proba(dark / np.float32(510)),
        atol=1e-6,
    )
    black_on_white = quick(pixel_range=(-1, 1)).fit(ROWS / 127.5 - 1, LABELS)
    plain = quick().fit(ROWS / 255, LABELS)
    np.testing.assert_allclose(
        black_on_white.predict_proba(OTHER_ROWS / 127.5 - 1),
        plain.predict_proba(OTHER_ROWS / 255),
        atol=1e-4,
    )
    assert not recwarn.list
    for copied in (clone(stated), pickle.loads(pickle.dumps(stated))):
        assert copied.pixel_range == (0, 510)
    with pytest.warns(UserWarning, match="looks scaled already"):
        stated.predict(OTHER_ROWS / 255)


@pytest.mark.parametrize("value", ["bytes", (1, 0), (0, np.nan), 255, (0, 1, 2), (True, False)])
def test_wrong_range(value):
    with pytest.raises(ValueError, match="'pixel_range' parameter of MLPClassifier must be"):
        quick(pixel_range=value).fit(ROWS, LABELS)


def test_range_cannot_change_while_training_goes_on():
    fitted = quick(warm_start=True).fit(ROWS, LABELS)
    fitted.set_params(pixel_range=(0, 16))
    with pytest.raises(ValueError, match="pixel_range='auto'"):
        fitted.fit(ROWS, LABELS)


def test_channels_first_is_refused():
    for shape in ((300, 1, 28, 28), (300, 3, 28, 28)):
        X = np.zeros(shape, np.uint8)
        with pytest.raises(ValueError, match=r"channels first.*moveaxis"):
            LeNetClassifier().fit(X, LABELS)


def rescaling(kind):
    """Return a function that builds a network which brings bytes to a scale of its own."""

    def build():
        import keras
        from keras import layers

        inputs = layers.Input((28, 28, 1))
        scaled = {
            "operation": lambda x: x / 255.0,
            "operations": lambda x: x / 127.5 - 1.0,
            "lambda": layers.Lambda(lambda x: x / 255.0),
            "layer": layers.Rescaling(1 / 255),
            "nested": keras.Sequential([layers.Rescaling(1 / 127.5, -1)]),
            "time-distributed": layers.TimeDistributed(layers.Rescaling(1 / 255)),
            "pipeline": layers.Pipeline([layers.Rescaling(1 / 255)]),
            "after others": lambda x: layers.Rescaling(1 / 255)(layers.ZeroPadding2D(1)(x)),
        }[kind](inputs)
        outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(scaled))
        return keras.Model(inputs, outputs)

    return build


RESCALING = ["operation", "operations", "lambda", "layer", "nested", "time-distributed"]
RESCALING += ["pipeline", "after others"]


@pytest.mark.parametrize(
    "kind", slow_but(["operation", "nested"], RESCALING, "traces graphs anew for every case")
)
def test_networks_that_rescale_inside(kind):
    def fit(X, **params):
        return KerasClassifier(rescaling(kind), epochs=2, random_state=0, **params).fit(X, LABELS)

    fitted = fit(IMAGES)
    wanted = fit(IMAGES, pixel_range="as-is").predict_proba(OTHERS)
    np.testing.assert_array_equal(fitted.predict_proba(OTHERS), wanted)
    np.testing.assert_allclose(fitted.predict_proba(OTHERS / 255), wanted, atol=1e-4)
    np.testing.assert_allclose(fit(IMAGES / 255).predict_proba(OTHERS), wanted, atol=1e-3)


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("place", ["for fractions", "in the middle", "adapted to fractions"])
def test_rescaling_that_is_not_for_bytes(place):
    """Not every Rescaling or Normalization says that the network takes bytes."""

    def build():
        import keras
        from keras import layers

        adapted = layers.Normalization(axis=None)
        adapted.adapt((IMAGES / 255)[..., None])
        inner = {
            "for fractions": [layers.Rescaling(2.0, -1), layers.Flatten()],
            "in the middle": [layers.Flatten(), layers.Dense(32), layers.Rescaling(0.5)],
            "adapted to fractions": [adapted, layers.Flatten()],
        }[place]
        end = layers.Dense(10, activation="softmax")
        return keras.Sequential([layers.Input((28, 28, 1)), *inner, end])

    def fit(X, **params):
        return KerasClassifier(build, epochs=2, random_state=0, **params).fit(X, LABELS)

    wanted = fit(IMAGES / 255, pixel_range="as-is").predict_proba(OTHERS / 255)
    for X in (IMAGES, IMAGES / 255):
        np.testing.assert_allclose(fit(X).predict_proba(OTHERS), wanted, atol=1e-4)


@pytest.mark.slow("traces graphs anew for every case")
def test_units_of_a_trained_model_are_kept():
    import keras

    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(IMAGES, LABELS, epochs=4, verbose=0)
    for params in ({}, {"pixel_range": "auto"}):
        trained = KerasClassifier.from_keras(model, epochs=1, random_state=0, **params)
        before = trained.score(OTHERS, OTHER_LABELS)
        again = clone(trained).fit(IMAGES, LABELS)
        assert again.score(OTHERS, OTHER_LABELS) > before - 0.1
        assert again.history_["loss"][0] < 2
    unit = KerasClassifier.from_keras(model, unit_pixels=True)
    assert unit.get_params()["pixel_range"] == clone(unit).pixel_range == "unit"
    with pytest.raises(ValueError, match="given twice"):
        KerasClassifier.from_keras(model, unit_pixels=True, pixel_range="auto")
