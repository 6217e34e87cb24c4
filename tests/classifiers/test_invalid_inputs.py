"""Data that cannot be learnt from: scikit-learn's kind of error, before any training."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.exceptions import NotFittedError

from tests.classifiers.cases import mlp, own


def X_y(**changes):
    rng = np.random.default_rng(0)
    X = rng.random((20, 16))
    y = np.arange(20) % 3
    return {"X": X, "y": y} | changes


def with_value(value, dtype=float):
    X = X_y()["X"].astype(dtype)
    X[3, 4] = value
    return X


BAD = {
    "one class": (X_y(y=np.ones(20, dtype=int)), ValueError, "class"),
    "one class of strings": (X_y(y=np.array(["a"] * 20)), ValueError, "class"),
    "NaN": (X_y(X=with_value(np.nan)), ValueError, "NaN"),
    "infinity": (X_y(X=with_value(np.inf)), ValueError, "infinity"),
    "minus infinity": (X_y(X=with_value(-np.inf)), ValueError, "infinity"),
    "too large for float32": (X_y(X=with_value(1e300)), ValueError, "infinity|too large"),
    "NaN in images": (X_y(X=with_value(np.nan).reshape(20, 4, 4)), ValueError, "NaN"),
    "no samples": ({"X": np.empty((0, 16)), "y": np.empty(0)}, ValueError, "0 sample"),
    "no images": ({"X": np.empty((0, 4, 4)), "y": np.empty(0)}, ValueError, "0 sample"),
    "no features": (X_y(X=np.empty((20, 0))), ValueError, "0 feature"),
    "no pixels": (X_y(X=np.empty((20, 0, 4))), ValueError, "0 feature"),
    "sparse": (X_y(X=sp.csr_array(X_y()["X"])), TypeError, "[Ss]parse"),
    "sparse matrix": (X_y(X=sp.csc_matrix(X_y()["X"])), TypeError, "[Ss]parse"),
    "complex": (X_y(X=X_y()["X"] * 1j), ValueError, "[Cc]omplex"),
    "complex images": (X_y(X=(X_y()["X"] * 1j).reshape(20, 4, 4)), ValueError, "[Cc]omplex"),
    "objects": (X_y(X=np.full((20, 16), {"a": 1}, dtype=object)), TypeError, "argument must be"),
    "words": (X_y(X=np.full((20, 16), "word")), ValueError, "could not convert"),
    "words as objects": (X_y(X=with_value("word", object)), ValueError, "could not convert"),
    "one dimension": (X_y(X=np.arange(20.0)), ValueError, "Expected 2D array"),
    "five dimensions": (X_y(X=np.zeros((20, 2, 2, 2, 2))), ValueError, "dim"),
    "scalar": (X_y(X=3.0), (TypeError, ValueError), "array"),
    "None": (X_y(X=None), (TypeError, ValueError), "."),
    "ragged": (X_y(X=[[1, 2], [3]] * 10), ValueError, "inhomogeneous"),
    "lengths": (X_y(y=np.arange(19) % 3), ValueError, "inconsistent numbers of samples"),
    "y None": (X_y(y=None), ValueError, "y"),
    "y NaN": (X_y(y=np.where(np.arange(20) == 3, np.nan, 1.0)), ValueError, "NaN"),
    "y None inside": (
        X_y(y=np.array(["a", None] * 10, dtype=object)),
        (TypeError, ValueError),
        ".",
    ),
    "y continuous": (X_y(y=np.linspace(0, 1, 20)), ValueError, "[Uu]nknown label type"),
    "y multilabel": (X_y(y=np.ones((20, 3), dtype=int)), ValueError, "one-hot"),
    "y two columns": (X_y(y=np.arange(40).reshape(20, 2)), ValueError, "one-hot"),
    "y one-hot with an empty row": (X_y(y=np.zeros((20, 3), dtype=int)), ValueError, "one-hot"),
    "y mixed types": (X_y(y=np.array(["a", 1] * 10, dtype=object)), (TypeError, ValueError), "."),
    "weights negative": (X_y(sample_weight=-np.ones(20)), ValueError, "[Nn]egative"),
    "weights NaN": (X_y(sample_weight=np.full(20, np.nan)), ValueError, "NaN"),
    "weights short": (X_y(sample_weight=np.ones(19)), ValueError, "sample_weight.shape"),
    "weights square": (X_y(sample_weight=np.ones((20, 20))), ValueError, "1D|2D|[Ss]ample weights"),
    "weights all zero": (X_y(sample_weight=np.zeros(20)), ValueError, "zero"),
    "weights leave one class": (
        X_y(sample_weight=(np.arange(20) % 3 == 1).astype(float)),
        ValueError,
        "class",
    ),
}


@pytest.fixture
def no_training(monkeypatch):
    """Fail if any epoch is trained."""
    from skmnist._bridge.engine import training

    def train(*args, **kwargs):
        raise AssertionError("training was begun on invalid data")

    monkeypatch.setattr(training, "train", train)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", BAD)
def test_invalid_training_data(case, name):
    params, error, message = BAD[name]
    for method in ("fit", "partial_fit"):
        estimator = case.make()
        with pytest.raises(error, match=message):
            getattr(estimator, method)(**params)
        assert not estimator.__sklearn_is_fitted__()
        assert not hasattr(estimator, "n_features_in_")
        assert not hasattr(estimator, "classes_")


def test_the_same_data_without_fault(case):
    estimator = case.make(epochs=1).fit(**X_y())
    assert estimator.predict(X_y()["X"]).shape == (20,)


PREDICT_BAD = {name: v for name, v in BAD.items() if not name.startswith(("y", "w", "one c", "l"))}
METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("method", METHODS)
def test_invalid_data_to_predict(case, method):
    estimator = case.make(epochs=1).fit(**X_y())
    for name, (params, error, message) in PREDICT_BAD.items():
        if name in ("no features", "no pixels", "ragged"):
            message = "feature|inhomogeneous"
        with pytest.raises(error, match=message):
            getattr(estimator, method)(params["X"])
    with pytest.raises(ValueError, match=r"X has 15 features, but .* is expecting 16 features"):
        getattr(estimator, method)(X_y()["X"][:, :15])
    with pytest.raises(ValueError, match=r"X has 25 features, but .* is expecting 16 features"):
        getattr(estimator, method)(np.zeros((20, 5, 5)))
    with pytest.raises(ValueError, match="Reshape your data"):
        getattr(estimator, method)(X_y()["X"][0])


@pytest.mark.parametrize("method", METHODS)
def test_unfitted(case, method):
    with pytest.raises(NotFittedError):
        getattr(case.make(), method)(X_y()["X"])
    with pytest.raises(NotFittedError):
        case.make().score(X_y()["X"], X_y()["y"])


def test_sparse_error_names_the_way_out(case):
    with pytest.raises(TypeError, match="toarray"):
        case.make().fit(**BAD["sparse"][0])


def test_partial_fit_with_another_width(case):
    estimator = case.make().partial_fit(**X_y())
    with pytest.raises(ValueError, match=r"X has 9 features"):
        estimator.partial_fit(X_y()["X"][:, :9], X_y()["y"])
    assert estimator.n_features_in_ == 16


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    "class_weight, message",
    [
        ({7: 1.0}, r"must be among the classes .* Got \[7\]"),
        ({0: -1.0}, ">= 0"),
        ({0: np.nan}, "finite"),
        ({0: 0.0, 1: 0.0, 2: 0.0}, "zero"),
    ],
)
def test_invalid_class_weight(case, class_weight, message):
    with pytest.raises(ValueError, match=message):
        case.make(class_weight=class_weight).fit(**X_y())


def several(n_inputs, n_outputs):
    import keras

    inputs = [keras.Input((8, 8, 1)) for _ in range(n_inputs)]
    x = keras.layers.Flatten()(inputs[0] if n_inputs == 1 else keras.layers.Add()(inputs))
    outputs = [keras.layers.Dense(3, activation="softmax")(x) for _ in range(n_outputs)]
    return keras.Model(inputs, outputs if n_outputs > 1 else outputs[0])


MESSAGES = [
    (lambda X, y: own(lambda: several(2, 1)).fit(X, y), "single input"),
    (lambda X, y: own(several(2, 1)).fit(X, y), "single input"),
    (lambda X, y: own(lambda: several(1, 2)).fit(X, y), "single output"),
    (lambda X, y: own(several(1, 2)).fit(X, y), "single output"),
    (lambda X, y: mlp().fit(X, y, X_val=X * np.nan, y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X[:, :9], y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X.reshape(-1, 4, 16), y_val=y), "X_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y[:9]), "X_val|y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y + 7), "y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=y / 0.3), "y_val"),
    (lambda X, y: mlp().fit(X, y, X_val=X, y_val=np.eye(4)[y]), "y_val"),
    (lambda X, y: mlp().fit(X, pd.Series(["a", "b", pd.NA] * 30, dtype="string")), "missing"),
    (lambda X, y: mlp().fit(X, pd.Series(["a", "b", None] * 30, dtype=object)), "missing"),
    (lambda X, y: mlp(class_weight={1: "a"}).fit(X, y), "class_weight"),
    (lambda X, y: mlp(class_weight="balanced").partial_fit(X, y), "class_weight"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[0, 1]), "classes"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[0, 1, 2, 3]), "classes"),
    (lambda X, y: mlp().partial_fit(X, np.eye(3)[y], classes=[1, 2, 3]), "classes"),
]


@pytest.mark.parametrize("call, message", MESSAGES)
def test_message(call, message, three):
    with pytest.raises(ValueError, match=f"(?i){message}"):
        call(*three)
