"""Data that do not fit in memory: memory-mapped files, and data sets of batches."""

import numpy as np
import pytest

from skmnist._bridge.data import memmap
from skmnist._bridge.data.seeds import epoch_order
from tests.unsupervised.cases import AUTOENCODERS, GANS, assert_same_outputs, outputs, weights

pytestmark = pytest.mark.slow("many fits, which the same tests of classifiers have too")


@pytest.fixture
def mapped(tmp_path, monkeypatch):
    """Return a function that writes an array to a file, maps it, and has it streamed."""
    monkeypatch.setattr(memmap, "STREAMED_FROM_BYTES", 1)
    monkeypatch.setattr(memmap, "BLOCK_BYTES", 48 * 64 * 4)  # 48 rows

    def mapped(array):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
        np.save(path, array)
        return np.load(path, mmap_mode="r")

    return mapped


def assert_same_fit(first, second, X):
    """Check that two estimators were trained to the same bits, and compute the same."""
    assert first.history_ == second.history_
    np.testing.assert_array_equal(weights(first), weights(second))
    assert_same_outputs(first, second, X)
    assert getattr(first, "offset_", None) == getattr(second, "offset_", None)


def py_dataset(parts):
    """Return a PyDataset of batches as they are."""
    import keras

    class Parts(keras.utils.PyDataset):
        def __len__(self):
            return len(parts)

        def __getitem__(self, index):
            return parts[index]

    return Parts()


def epochs_of(arrays, batch_size=32):
    """Return a PyDataset that gives arrays in the order of the epochs of a fit with seed 0."""
    import keras

    class Epochs(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.epoch, self.order = 0, np.arange(len(arrays[0]))

        def __len__(self):
            return -(-len(self.order) // batch_size)

        def __getitem__(self, index):
            rows = self.order[index * batch_size :][:batch_size]
            batch = tuple(array[rows] for array in arrays)
            return batch if len(batch) > 1 else batch[0]

        def on_epoch_begin(self):
            self.order = epoch_order(0, self.epoch, len(self.order))
            self.epoch += 1

    return Epochs()


FORMS = {
    "rows": lambda X: X,
    "own units": lambda X: X * 7 - 2,
    "images of bytes": lambda X: np.rint(X * 255).astype(np.uint8).reshape(-1, 8, 8),
}


@pytest.mark.parametrize(
    "form, weighted", [("rows", True), ("own units", False), ("images of bytes", True)]
)
def test_a_file_is_what_it_holds(form, weighted, case, digits, mapped):
    X, y = FORMS[form](digits[0]), digits[1]
    weight = np.arange(120) % 3 if weighted else None
    in_memory = case.make().fit(X, y, sample_weight=weight)
    in_file = case.make().fit(mapped(X), y, sample_weight=weight)
    assert_same_fit(in_memory, in_file, X)


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_results_for_a_file(fitted, X, mapped):
    """Made of blocks, they are those of the whole."""
    expected, got = outputs(fitted, X), outputs(fitted, mapped(X))
    for what, values in expected.items():
        np.testing.assert_array_equal(values, got[what], err_msg=what)
        assert values.dtype == got[what].dtype


@pytest.mark.parametrize("name", ["dense", "detector"])
def test_validating_with_files(case, X, mapped):
    for params in ({"early_stopping": True}, {"validation_fraction": 0.3}):
        in_file = case.make(**params).fit(mapped(X))
        assert_same_fit(case.make(**params).fit(X), in_file, X)
    in_file = case.make().fit(X[:90], X_val=mapped(X[90:]))
    assert_same_fit(case.make().fit(X[:90], X_val=X[90:]), in_file, X)


@pytest.mark.parametrize("name", ["dense", "conditional"])
def test_going_on_with_files(case, digits, mapped):
    X, y = digits
    partly = case.make()
    for _ in range(2):
        partly.partial_fit(mapped(X), y)
    assert_same_fit(case.make().fit(X, y), partly, X)


@pytest.mark.parametrize("form", FORMS)
def test_a_data_set_of_the_same_batches_is_the_same_fit(form, name, case, digits):
    X, y = FORMS[form](digits[0]), digits[1]
    arrays = (X, y) if name == "conditional" else (X,)
    in_memory, by_batch = case.make().fit(X, y), case.make().fit(epochs_of(arrays))
    assert_same_fit(in_memory, by_batch, X)
    if name == "conditional":
        np.testing.assert_array_equal(by_batch.classes_, in_memory.classes_)


def test_weights_of_a_data_set(case, digits):
    X, y = digits
    weight = 1.0 + np.arange(120) % 3
    in_memory = case.make().fit(X, y, sample_weight=weight)
    by_batch = case.make().fit(epochs_of((X, y, weight)))
    np.testing.assert_allclose(weights(by_batch), weights(in_memory), rtol=0, atol=1e-5)
    if hasattr(in_memory, "offset_"):
        assert by_batch.offset_ == pytest.approx(in_memory.offset_, rel=1e-4)


@pytest.mark.parametrize("name", ["dense", "detector", "gan"])
def test_labels_are_left_unread(case, digits):
    X, y = digits
    plain = case.make().fit(py_dataset([X[:60], X[60:]]))
    # Of any type, or missing; as one-tuples; by TensorFlow.
    labelled = case.make().fit(py_dataset([(X[:60], None), (X[60:], np.full(60, None))]))
    tupled = case.make().fit(py_dataset([(X[:60],), [X[60:]]]))
    import tensorflow as tf

    tensors = case.make().fit(tf.data.Dataset.from_tensor_slices((X, y)).batch(60))
    for other in (labelled, tupled, tensors):
        assert_same_fit(plain, other, X)


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_results_for_a_data_set(fitted, X):
    expected, got = outputs(fitted, X), outputs(fitted, py_dataset([X[:50], X[50:]]))
    for what, values in expected.items():
        np.testing.assert_array_equal(values, got[what], err_msg=what)


@pytest.mark.parametrize("name", ["dense", "detector"])
def test_validating_with_data_sets(case, X):
    data = epochs_of((X[:90],))
    streamed = case.make(early_stopping=True).fit(data, X_val=py_dataset([X[90:]]))
    in_memory = case.make(early_stopping=True).fit(X[:90], X_val=X[90:])
    assert_same_fit(in_memory, streamed, X)
    with pytest.raises(ValueError, match=r"cannot hold out.*Pass X_val"):
        case.make(early_stopping=True).fit(data)


@pytest.mark.parametrize("name", ["dense", "conditional"])
def test_going_on_with_data_sets(case, digits):
    whole, data = case.make().fit(*digits), epochs_of(digits)
    assert_same_fit(whole, case.make().partial_fit(data).partial_fit(data), digits[0])
    data = epochs_of(digits)
    warm = case.make(warm_start=True, epochs=1).fit(data).fit(data)
    assert_same_fit(whole, warm, digits[0])


def test_what_a_data_set_brings_must_not_be_given(case, digits):
    X, y = digits
    data = py_dataset([(X, y)])
    with pytest.raises(ValueError, match="y must be None, because X is a data set"):
        case.make().fit(data, y)
    with pytest.raises(ValueError, match="sample_weight must be None, because X is a data set"):
        case.make().fit(data, sample_weight=y)


@pytest.mark.parametrize("name", GANS)
def test_labels_are_missing(name, case, X):
    data = py_dataset([X])
    if name == "conditional":
        with pytest.raises(ValueError, match=r"images without labels.*for GANGenerator"):
            case.make().fit(data)
    else:
        assert not hasattr(case.make().fit(data), "classes_")


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda X: [], "is empty"),
        (lambda X: [X, X[:, :9]], r"shape \(9,\), but the first"),
        (lambda X: [X, X * np.nan], "Batch 1 .*contains NaN"),
        (lambda X: [X[0]], r"shape \(64,\).*batch\(32\)"),
        (lambda X: [{"X": X}], "a dict of 1. Its batches must be images, "),
    ],
)
@pytest.mark.parametrize("name", ["dense", "gan"])
def test_wrong_data_sets_are_errors_before_training(make, message, case, X, monkeypatch):
    from skmnist._bridge.engine import training

    monkeypatch.setattr(training, "train", None)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        case.make().fit(py_dataset(make(X)))
