"""Data that do not fit in memory: memory-mapped files, and data sets of batches."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.class_weight import compute_sample_weight

from skmnist import Augmentation, LeNetClassifier
from skmnist._bridge.data import memmap
from skmnist._bridge.data.seeds import epoch_order
from tests.classifiers.cases import CASES, weights
from tests.marks import slow_but
from tests.processes import check_ran, run_forked, run_python


@pytest.fixture
def small_blocks(monkeypatch):
    """Stream every memory-mapped array, in blocks of 48 rows of 64 pixels."""
    monkeypatch.setattr(memmap, "STREAMED_FROM_BYTES", 1)
    monkeypatch.setattr(memmap, "BLOCK_BYTES", 48 * 64 * 4)


@pytest.fixture
def mapped(tmp_path, small_blocks):
    """Return a function that writes an array to a file, and maps it."""

    def mapped(array):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
        np.save(path, array)
        return np.load(path, mmap_mode="r")

    return mapped


def as_bytes(X):
    return np.rint(X * 255).astype(np.uint8)


def assert_same_fit(first, second, X):
    """Check that two classifiers were trained to the same bits, and predict the same."""
    assert first.history_ == second.history_
    np.testing.assert_array_equal(weights(first), weights(second))
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert first.image_shape_ == second.image_shape_
    assert first.n_features_in_ == second.n_features_in_


# Files.


FORMS = {
    "float32 rows": lambda X: X,
    "float64 rows": lambda X: X.astype(np.float64),
    "float16 images": lambda X: X.astype(np.float16).reshape(-1, 8, 8),
    "own units": lambda X: X * 7 - 2,
    "bytes": as_bytes,
    "images of bytes": lambda X: as_bytes(X).reshape(-1, 8, 8),
    "images with a channel": lambda X: as_bytes(X).reshape(-1, 8, 8, 1),
    "binary bytes": lambda X: (X > 0.5).astype(np.uint8),
    "columns first": lambda X: np.asfortranarray(X),
    "integers": lambda X: as_bytes(X).astype(np.int64),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_what_it_holds(form, digits, mapped):
    array = FORMS[form](digits[0])
    X, y = mapped(array), digits[1]
    assert isinstance(X, np.memmap)
    case = CASES["mlp"]
    in_memory = case.make().fit(array, y)
    in_file = case.make().fit(X, y)
    assert_same_fit(in_memory, in_file, array)
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_array_equal(
            getattr(in_file, method)(X), getattr(in_memory, method)(array)
        )
    assert in_file.score(X, y) == in_memory.score(array, y)


@pytest.mark.slow("many fits")
@pytest.mark.parametrize(
    "view",
    [lambda X: X[10:250], lambda X: X[::2], lambda X: np.asarray(X), lambda X: X.reshape(-1, 64)],
    ids=["rows", "steps", "array", "flat"],
)
def test_views_of_files(view, digits, mapped):
    array = as_bytes(digits[0]).reshape(-1, 8, 8)
    X, y = view(mapped(array)), view(np.repeat(digits[1], 64).reshape(-1, 8, 8))
    y = y.reshape(len(y), -1)[:, 0].copy()
    assert memmap.is_streamed(X)
    in_file = CASES["mlp"].make().fit(X, y)
    assert_same_fit(CASES["mlp"].make().fit(np.array(X), y), in_file, np.array(X))


PARAMS = {
    "full batches": {"batch_size": None},
    "odd batches": {"batch_size": 7},
    "batches larger than blocks": {"batch_size": 100},
    "class_weight": {"class_weight": {0: 3.0, 1: 0.0}},
    "balanced": {"class_weight": "balanced"},
    "holding out": {"validation_fraction": 0.2},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 1, "epochs": 4},
    "one-hot": {"loss": "categorical_crossentropy"},
    "augmentation": {"augmentation": Augmentation(rotation=10)},
    "schedule": {"learning_rate_schedule": "cosine"},
}


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize(
    "params",
    slow_but(
        [PARAMS["full batches"], PARAMS["class_weight"], PARAMS["holding out"]],
        PARAMS.values(),
        "traces the network for most parameters",
    ),
    ids=PARAMS,
)
def test_parameters_mean_the_same_for_files(params, weighted, case, digits, mapped):
    array, y = as_bytes(digits[0]).reshape(-1, 8, 8), digits[1]
    # Zeros, whose samples are left out, too.
    weight = np.random.default_rng(0).integers(0, 3, len(y)) if weighted else None
    in_memory = case.make(**params).fit(array, y, sample_weight=weight)
    in_file = case.make(**params).fit(mapped(array), y, sample_weight=weight)
    assert_same_fit(in_memory, in_file, array)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_files_to_validate_on(dtype, digits, mapped):
    """Also in other units than those of the training data, which is seen in all of them."""
    X, y = digits
    X, X_val = as_bytes(X[:200]), as_bytes(X[200:]).astype(dtype)
    weight = 1 + np.arange(100) % 3
    fits = [
        CASES["mlp"].make().fit(X, y[:200], X_val=val, y_val=y[200:], sample_weight_val=weight)
        for val in (X_val, mapped(X_val))
    ]
    assert_same_fit(*fits, X)
    assert "val_loss" in fits[1].history_


@pytest.mark.slow("many fits")
def test_going_on_with_files(case, digits, mapped):
    array, y = digits
    X = mapped(array)
    whole = case.make(epochs=3).fit(array, y)
    partly = case.make()
    for _ in range(3):
        partly.partial_fit(X, y)
    assert_same_fit(whole, partly, array)
    warm = case.make(epochs=1, warm_start=True).fit(X, y)
    assert_same_fit(whole, warm.fit(array, y).fit(X, y), array)


def test_batch_hooks_with_files(digits, mapped):
    import keras

    array, y = digits
    seen = []
    hook = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append((batch, logs["loss"]))
    )
    fits = []
    for X in (array, mapped(array)):
        fits.append(CASES["mlp"].make(callbacks=[hook]).fit(X, y))
    assert [batch for batch, _ in seen] == 4 * list(range(10))
    assert seen[:20] == seen[20:]
    assert_same_fit(*fits, array)


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda X: X.__setitem__((-1, -1), np.nan), "contains NaN"),
        (lambda X: X.__setitem__((150, 3), np.inf), "contains infinity"),
    ],
)
def test_wrong_files_are_errors_before_training(spoil, message, digits, mapped, monkeypatch):
    from skmnist._bridge.engine import training

    monkeypatch.setattr(training, "train", None)
    array, y = digits[0].copy(), digits[1]
    spoil(array)
    with pytest.raises(ValueError, match=message):
        CASES["mlp"].make().fit(mapped(array), y)


def test_other_errors_about_files(fitted, three, mapped):
    X, y = three
    case = CASES["mlp"]
    with pytest.raises(ValueError, match="has 63 features"):
        fitted.predict(mapped(X[:, :63]))
    with pytest.raises(ValueError, match=r"images of shape \(4, 16, 1\)"):
        case.make().fit(X.reshape(-1, 8, 8), y).predict(mapped(X.reshape(-1, 4, 16)))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        case.make().fit(mapped(X), y[1:])
    with pytest.raises(ValueError, match="sample_weight"):
        case.make().fit(mapped(X), y, sample_weight=[1.0, 2.0])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
        case.make().fit(mapped(X.ravel()), y)
    binary = case.make().fit((X > 0.5).astype(np.uint8), y)
    with pytest.raises(ValueError, match="black and white"):
        binary.predict(mapped(as_bytes(X)))


def test_small_files_are_loaded(three, tmp_path):
    np.save(tmp_path / "X.npy", three[0])
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert not memmap.is_streamed(X)
    assert memmap.STREAMED_FROM_BYTES == 64 * 2**20
    assert_same_fit(CASES["mlp"].make().fit(X, three[1]), CASES["mlp"].make().fit(*three), three[0])


def test_what_was_read_is_no_file(mapped, three):
    X = mapped(three[0])
    assert memmap.is_streamed(X)
    assert not memmap.is_streamed(X[[1, 2]])
    assert not memmap.is_streamed(X + 1)
    assert not memmap.is_streamed(three[0])


# Data sets.


def py_dataset(parts, hooks=None):
    """Return a PyDataset of batches as they are."""
    import keras

    class Parts(keras.utils.PyDataset):
        def __len__(self):
            return len(parts)

        def __getitem__(self, index):
            return parts[index]

        def on_epoch_begin(self):
            if hooks is not None:
                hooks.append("begin")

        def on_epoch_end(self):
            if hooks is not None:
                hooks.append("end")

    return Parts()


def epochs_of(arrays, batch_size, seed=0, first=0):
    """Return a PyDataset that gives arrays in the order of the epochs of a fit in memory.

    Epochs begin with the hook, and the reading before the training comes in the order they have.
    """
    import keras

    class Epochs(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.epoch, self.order = first, np.arange(len(arrays[0]))

        def __len__(self):
            return -(-len(self.order) // batch_size)

        def __getitem__(self, index):
            rows = self.order[index * batch_size :][:batch_size]
            return tuple(array[rows] for array in arrays)

        def on_epoch_begin(self):
            self.order = epoch_order(seed, self.epoch, len(self.order))
            self.epoch += 1

    return Epochs()


def tf_dataset(parts, batch_size=None):
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(parts)
    return data if batch_size is None else data.batch(batch_size)


@pytest.mark.parametrize(
    "form", ["float32 rows", "own units", "images of bytes", "images with a channel"]
)
@pytest.mark.parametrize("batch_size", slow_but([32], [7, 32, 300], "many fits"))
def test_a_data_set_of_the_same_batches_is_the_same_fit(form, batch_size, case, digits):
    X, y = FORMS[form](digits[0]), digits[1]
    in_memory = case.make(batch_size=batch_size).fit(X, y)
    by_batch = case.make().fit(epochs_of((X, y), batch_size))
    assert_same_fit(in_memory, by_batch, X)
    np.testing.assert_array_equal(by_batch.classes_, in_memory.classes_)


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("given", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 3.0, 1: 0.5}])
def test_weights_of_a_data_set(given, class_weight, digits):
    X, y = digits[0][10:], np.minimum(digits[1][10:], 2)
    weight = np.random.default_rng(0).random(len(y)) + 0.1 if given else None
    params = {"class_weight": class_weight}
    in_memory = CASES["mlp"].make(**params).fit(X, y, sample_weight=weight)
    arrays = (X, y) if weight is None else (X, y, weight)
    by_batch = CASES["mlp"].make(**params).fit(epochs_of(arrays, 32))
    np.testing.assert_allclose(weights(by_batch), weights(in_memory), rtol=0, atol=1e-6)
    np.testing.assert_allclose(by_batch.history_["loss"], in_memory.history_["loss"], rtol=1e-6)


def test_samples_that_weigh_nothing_are_left_out_of_their_batches(three):
    X, y = three
    keep = np.arange(len(y)) % 3 > 0
    keep[:20] = False  # a whole batch
    batches = [slice(start, start + 10) for start in range(0, 90, 10)]
    weighted = py_dataset([(X[b], y[b], keep[b].astype(float)) for b in batches])
    left_out = py_dataset([(X[b][keep[b]], y[b][keep[b]]) for b in batches[2:]])
    first, second = CASES["mlp"].make().fit(weighted), CASES["mlp"].make().fit(left_out)
    np.testing.assert_allclose(weights(first), weights(second), rtol=0, atol=1e-6)
    zero = {0: 0.0}
    by_class = CASES["mlp"].make(class_weight=zero).fit(py_dataset([(X, y), (X, y)]))
    assert np.isfinite(weights(by_class)).all()


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("kind", ["py", "tf"])
def test_every_kind_of_labels(kind, three):
    X, y = three
    names = np.array(["zero", "one", "two"])[y]
    batch = [slice(start, start + 40) for start in (0, 40, 80)]
    for labels in (y, names, y.astype(float), np.eye(3)[y], y[:, np.newaxis], y > 0):
        in_order = [(X[b], labels[b]) for b in batch]
        data = tf_dataset((X, labels), 40) if kind == "tf" else py_dataset(in_order)
        classifier = CASES["mlp"].make(epochs=6, learning_rate=0.02).fit(data)
        given = labels.ravel() if labels.shape[1:] == (1,) else labels
        assert classifier.score(X, given) > 0.8
        predicted = classifier.predict(X)
        assert predicted.dtype.kind == labels.dtype.kind
        assert predicted.shape == given.shape
    assert classifier.predict_proba(data).shape == (90, 2)


@pytest.mark.slow("many fits")
def test_labels_that_differ_in_width(three):
    """The first batches need not have all of the classes, nor the longest names."""
    X, y = three
    order = np.argsort(y, kind="stable")
    X, names = X[order], np.array(["a", "bb", "cccc"])[y[order]]
    parts = [(X[b], names[b].tolist()) for b in (slice(30), slice(30, 60), slice(60, 90))]
    classifier = CASES["mlp"].make().fit(py_dataset(parts))
    assert classifier.classes_.tolist() == ["a", "bb", "cccc"]
    assert classifier.classes_.dtype == "<U4"


@pytest.mark.slow("many fits")
def test_batches_of_any_sizes(three):
    """Each is a step, as a data set of them in Keras is."""
    X, y = three
    sizes = [3, 20, 20, 7, 7, 20, 13]
    ends = np.cumsum(sizes)
    parts = [(X[end - n : end], y[end - n : end]) for end, n in zip(ends, sizes, strict=True)]
    in_one, seen = CASES["mlp"].make().fit(py_dataset(parts)), []
    import keras

    hook = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append((batch, logs["loss"]))
    )
    with_hook = CASES["mlp"].make(callbacks=[hook]).fit(py_dataset(parts))
    assert [batch for batch, _ in seen] == 2 * list(range(7))
    assert_same_fit(in_one, with_hook, X)
    assert int(in_one.model_.optimizer.iterations.numpy()) == 14


@pytest.mark.slow("many fits")
def test_keras_trains_the_same(three):
    """On the same batches, the last of them smaller, Keras's own fit gives the same losses."""
    X, y = three[0].reshape(-1, 8, 8, 1), three[1]
    data = py_dataset([(X[start : start + 32], y[start : start + 32]) for start in (0, 32, 64)])
    classifier = CASES["mlp"].make(epochs=1, warm_start=True, dropout=0.0).fit(data)
    model = clone(classifier).fit(data).model_
    expected = model.fit(data, epochs=2, shuffle=False, verbose=0).history
    classifier.fit(data).fit(data)
    np.testing.assert_allclose(classifier.history_["loss"][1:], expected["loss"], rtol=1e-5)


def test_hooks_of_a_py_dataset(three):
    hooks, val_hooks = [], []
    data, val = py_dataset([three, three], hooks), py_dataset([three], val_hooks)
    CASES["mlp"].make(epochs=3).fit(data, X_val=val)
    assert hooks == val_hooks == 3 * ["begin", "end"]


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("kind", ["py", "tf", "file"])
def test_validating_on_what_does_not_fit(kind, digits, mapped):
    X, y = digits
    train = (X[:200], y[:200])
    X_val, y_val = X[200:], y[200:]
    in_memory = CASES["mlp"].make(epochs=4, early_stopping=True, n_iter_no_change=1)
    streamed = clone(in_memory)
    in_memory.fit(*train, X_val=X_val, y_val=y_val)
    if kind == "file":
        streamed.fit(epochs_of(train, 32), X_val=mapped(X_val), y_val=y_val)
    elif kind == "tf":
        streamed.fit(epochs_of(train, 32), X_val=tf_dataset((X_val, y_val), 1024))
    else:
        streamed.fit(epochs_of(train, 32), X_val=py_dataset([(X_val, y_val)]))
    assert_same_fit(in_memory, streamed, X)


@pytest.mark.slow("many fits")
def test_going_on_with_data_sets(digits):
    X, y = digits
    whole = CASES["mlp"].make(epochs=3).fit(X, y)
    warm = CASES["mlp"].make(epochs=1, warm_start=True)
    for epoch in range(3):
        warm.fit(epochs_of((X, y), 32, first=epoch))
    partly = CASES["mlp"].make(epochs=1)
    partly.partial_fit(epochs_of((X, y), 32), classes=range(10))
    partly.partial_fit(X, y)
    partly.partial_fit(epochs_of((X, y), 32, first=2))
    assert_same_fit(whole, warm, X)
    assert_same_fit(whole, partly, X)
    with pytest.raises(ValueError, match="not among the classes: \\[77\\]"):
        partly.partial_fit(py_dataset([(X, np.full(len(y), 77))]))


def test_a_part_with_few_classes(three):
    X, y = three
    classifier = CASES["mlp"].make().partial_fit(py_dataset([(X[:9], 0 * y[:9])]), classes=range(3))
    assert classifier.classes_.tolist() == [0, 1, 2]


def test_predicting_a_data_set(fitted, three):
    X, y = three
    for data in (tf_dataset((X, y), 40), tf_dataset(X, 7), py_dataset([(X[:50],), (X[50:],)])):
        np.testing.assert_array_equal(fitted.predict_proba(data), fitted.predict_proba(X))
        np.testing.assert_array_equal(fitted.predict(data), fitted.predict(X))
    with pytest.raises(ValueError, match="63 features"):
        fitted.predict(tf_dataset(X[:, :63], 7))


def infinite_py():
    import keras

    class Infinite(keras.utils.PyDataset):
        num_batches = None

    return Infinite()


def without_length():
    import keras

    return keras.utils.PyDataset()


def bad(make, message):
    return pytest.param(make, message, id=message)


@pytest.mark.parametrize(
    "make, message",
    [
        bad(lambda X, y: py_dataset([]), "is empty"),
        bad(lambda X, y: tf_dataset((X, y), 8).take(0), "is empty"),
        bad(lambda X, y: tf_dataset((X, y), 8).repeat(), r"is infinite.*Leave out repeat\(\)"),
        bad(lambda X, y: infinite_py(), "is infinite"),
        bad(lambda X, y: without_length(), "num_batches"),
        bad(
            lambda X, y: tf_dataset((X, y)), r"shape \(64,\) and labels of shape \(\).*batch\(32\)"
        ),
        bad(lambda X, y: tf_dataset((X.reshape(-1, 8, 8), y)), r"\(8, 8\) and labels.*batch\(32\)"),
        bad(
            lambda X, y: tf_dataset((X.reshape(-1, 8, 8), np.eye(3)[y])),
            r"shape \(8, 8\), but labels of shape \(3,\).*batch\(32\)",
        ),
        bad(lambda X, y: tf_dataset(X, 8), "images without labels"),
        bad(lambda X, y: py_dataset([(X, None)]), "images without labels"),
        bad(lambda X, y: py_dataset([(X, y), (X[:, :9], y)]), r"shape \(9,\), but the first"),
        bad(lambda X, y: py_dataset([(X, y), (as_bytes(X), y)]), "dtype uint8, but the first"),
        bad(lambda X, y: py_dataset([(X, y), (X * np.nan, y)]), "Batch 1 .*contains NaN"),
        bad(lambda X, y: py_dataset([(X, 0 * y), (X, 0 * y)]), "only one class: .*0"),
        bad(lambda X, y: py_dataset([(X, y), (X, y[:9])]), r"labels of shape \(9,\)"),
        bad(lambda X, y: py_dataset([(X, y, y[:9])]), r"weights of shape \(9,\)"),
        bad(lambda X, y: py_dataset([(X, y, -1.0 - y)]), "Negative values"),
        bad(lambda X, y: py_dataset([(X, y, 0.0 * y)]), "a weight of zero for every sample"),
        bad(lambda X, y: py_dataset([(X, y), (X, y, y)]), "in having weights or not"),
        bad(lambda X, y: py_dataset([(X, y), (X, y.astype(str))]), "numbers.* and as .*text"),
        bad(lambda X, y: py_dataset([(X, y), (X, np.eye(3)[y])]), "and as one-hot rows of 3"),
        bad(lambda X, y: py_dataset([(X, y + 0.5)]), "Unknown label type"),
        bad(lambda X, y: py_dataset([(X, y * np.nan)]), "contains NaN: .* missing labels"),
        bad(lambda X, y: py_dataset([(X, y, y, y)]), "a tuple of 4"),
        bad(lambda X, y: py_dataset([{"x": X, "y": y}]), "a dict of 2"),
        bad(lambda X, y: py_dataset([(X.astype(str), y)]), "dtype <U"),
        bad(lambda X, y: tf_dataset({"x": X, "y": y}, 9), "a dict of 2"),
    ],
)
def test_wrong_data_sets_are_errors_before_training(make, message, three, monkeypatch):
    from skmnist._bridge.engine import training

    monkeypatch.setattr(training, "train", None)
    classifier = CASES["mlp"].make()
    with pytest.raises(ValueError, match=f"(?s){message}"):
        classifier.fit(make(*three))
    assert not hasattr(classifier, "classes_")


def test_what_a_data_set_brings_must_not_be_given(three):
    X, y = three
    data = py_dataset([(X, y)])
    with pytest.raises(ValueError, match=r"y must be None, because .* Got a ndarray"):
        CASES["mlp"].make().fit(data, y)
    with pytest.raises(ValueError, match="sample_weight must be None, because X is a data set"):
        CASES["mlp"].make().fit(data, sample_weight=y)
    with pytest.raises(ValueError, match=r"X_val, y_val, .* y must be None, because"):
        CASES["mlp"].make().fit(X, y, X_val=data, y_val=y)


@pytest.mark.parametrize("params", [{"early_stopping": True}, {"validation_fraction": 0.3}])
def test_nothing_can_be_held_out_of_a_data_set(params, three):
    with pytest.raises(ValueError, match=r"cannot hold out.*Pass X_val"):
        CASES["mlp"].make(**params).fit(py_dataset([three]))
    fitted = CASES["mlp"].make(**params).fit(py_dataset([three]), X_val=py_dataset([three]))
    assert len(fitted.validation_loss_curve_) == 2


def test_a_data_set_that_is_used_up(three):
    import tensorflow as tf

    once = iter([three, three])
    signature = (tf.TensorSpec((None, 64)), tf.TensorSpec((None,), tf.int64))
    data = tf.data.Dataset.from_generator(lambda: once, output_signature=signature)
    classifier = CASES["mlp"].make()
    with pytest.raises(ValueError, match="no batches when it was read again"):
        classifier.fit(data)
    assert not hasattr(classifier, "classes_")


def test_an_error_inside_a_data_set_leaves_all_as_it_was(fitted, three):
    import keras

    class Broken(keras.utils.PyDataset):
        n_read = 0

        def __len__(self):
            return 3

        def __getitem__(self, index):
            self.n_read += 1
            if self.n_read > 4:
                raise OSError("the disk is gone")
            return three

    before, expected = weights(fitted), fitted.predict_proba(three[0])
    with pytest.raises(OSError, match="the disk is gone"):
        fitted.set_params(warm_start=True).fit(Broken())
    np.testing.assert_array_equal(weights(fitted), before)
    np.testing.assert_array_equal(fitted.predict_proba(three[0]), expected)


@pytest.mark.slow("many fits")
def test_ctrl_c_inside_a_data_set_keeps_whole_epochs(three):
    import keras

    class Interrupted(keras.utils.PyDataset):
        n_read = 0

        def __len__(self):
            return 2

        def __getitem__(self, index):
            self.n_read += 1
            if self.n_read > 7:  # in the third epoch, after a pass before the first
                raise KeyboardInterrupt
            return three

    classifier = CASES["mlp"].make(epochs=5)
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(Interrupted())
    assert classifier.n_iter_ == 2
    expected = CASES["mlp"].make(epochs=2).fit(py_dataset([three, three]))
    assert_same_fit(classifier, expected, three[0])


@pytest.mark.slow("a fit for every kind of tensor")
def test_tensors_that_are_not_dense(three):
    """TensorFlow makes dense arrays of sparse tensors; of ragged ones there are none."""
    import tensorflow as tf

    X, y = three
    sparse = tf.data.Dataset.from_tensor_slices((tf.sparse.from_dense(X), y)).batch(30)
    first = CASES["mlp"].make().fit(sparse)
    assert_same_fit(first, CASES["mlp"].make().fit(tf_dataset((X, y), 30)), X)
    ragged = tf.RaggedTensor.from_row_lengths(X.ravel()[:90], np.arange(90) % 2 * 2)
    data = tf.data.Dataset.from_tensor_slices((ragged, y)).batch(30)
    with pytest.raises(ValueError, match="images of dtype object"):
        CASES["mlp"].make().fit(data)


def test_ensures_y_of_arrays(three):
    with pytest.raises(ValueError, match="requires y to be passed"):
        CASES["mlp"].make().fit(three[0])


def test_balanced_weights_of_a_data_set_are_sklearns(digits):
    X, y = digits[0][10:], np.minimum(digits[1][10:], 1)
    by_hand = compute_sample_weight("balanced", y)
    first = CASES["mlp"].make(class_weight="balanced").fit(epochs_of((X, y), 32))
    second = CASES["mlp"].make().fit(epochs_of((X, y, by_hand), 32))
    np.testing.assert_allclose(weights(first), weights(second), rtol=0, atol=1e-6)


def test_images_of_one_batch_for_a_network_of_images(three):
    X, y = three
    images = X.reshape(-1, 8, 8)
    classifier = LeNetClassifier(filters=(4,), epochs=1, random_state=0)
    classifier.fit(tf_dataset((images, y), 30))
    assert classifier.image_shape_ == (8, 8, 1)
    assert classifier.predict(X).shape == y.shape


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_telling_data_sets_apart_does_not_start_tensorflow(tmp_path):
    code = """
        import sys
        import numpy as np
        from skmnist._bridge.data.dataset import is_data_set
        print(is_data_set([[1.0]]), is_data_set(np.ones(3)), "tensorflow" in sys.modules)
        """
    assert check_ran(run_python(code, cwd=tmp_path)).split() == ["False", "False", "False"]


MEMORY = """
    import contextlib
    import re
    import threading
    import numpy as np
    from pathlib import Path
    from skmnist import MLPClassifier

    def anonymous():
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"RssAnon:\\s+(\\d+) kB", status)[1]) / 1024

    @contextlib.contextmanager
    def most(what):
        seen, ended = [anonymous()], threading.Event()

        def watch():
            while not ended.wait(0.01):
                seen.append(anonymous())

        thread = threading.Thread(target=watch)
        thread.start()
        yield
        ended.set()
        thread.join()
        print(what, round(max(seen) - seen[0]))

    n = 390_000  # 300 MB of bytes; 1.2 GB as float32
    X = np.lib.format.open_memmap("X.npy", "w+", np.uint8, (n, 28, 28))
    rng = np.random.default_rng(0)
    block = rng.integers(0, 256, (10_000, 28, 28), dtype=np.uint8)
    for start in range(0, n, 10_000):
        X[start : start + 10_000] = block
    X.flush()
    X = np.load("X.npy", mmap_mode="r")
    y = np.arange(n) % 2

    classifier = MLPClassifier((4,), epochs=1, batch_size=512, random_state=0, dropout=0.0)
    classifier.fit(block[:1000], y[:1000]).predict(block[:1000])  # TensorFlow's own memory

    with most("file"):
        classifier.fit(X, y)
    with most("prediction"):
        classifier.predict(X)

    import keras

    class Made(keras.utils.PyDataset):
        def __len__(self):
            return n // 512

        def __getitem__(self, index):
            start = index * 16 % 9000
            return block[start : start + 512], y[:512]

    with most("data_set"):
        classifier.fit(Made())
    """


@pytest.mark.slow("measures the memory of a fresh process")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_stays_constant(tmp_path):
    out = check_ran(run_forked(MEMORY, cwd=tmp_path))
    grown = dict(line.split() for line in out.splitlines())
    assert set(grown) == {"file", "prediction", "data_set"}
    assert max(map(int, grown.values())) < 100, grown  # MB
