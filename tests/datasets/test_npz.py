"""The .npz reader."""

import io
import pickle
import struct
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skmnist.datasets import load_idx, load_npz


def small(**changes):
    arrays = {
        "x_train": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        "y_train": np.array([7, 4], np.uint8),
        "x_test": np.full((1, 3, 4), 9, np.uint8),
        "y_test": np.array([4], np.uint8),
    }
    arrays.update(changes)
    return {name: array for name, array in arrays.items() if array is not None}


def archive(members, method=zipfile.ZIP_STORED):
    """Return a zip archive of {name: bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array))
    return file.getvalue()


def npy_header(shape, descr="|u1"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return file.getvalue()


def with_member(name, content, method=zipfile.ZIP_STORED):
    members = {f"{key}.npy": npy(array) for key, array in small().items()}
    members[name] = content
    return archive(members, method)


def name_of(parameter):
    """Name a case by its message: packed bytes hold the time, and workers must agree on names."""
    return "content" if isinstance(parameter, bytes) else None


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.npz"


def check_loads_or_refuses(content, subset="all"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        try:
            bunch = load_npz(path, subset=subset)
        except ValueError as error:
            assert folder in str(error)
            return
    assert bunch.images.ndim == 3
    assert bunch.images.dtype == bunch.data.dtype == np.uint8
    assert bunch.data.shape[0] == len(bunch.images) == len(bunch.target)
    assert bunch.data.size == bunch.images.size
    assert bunch.target.dtype == np.int64


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda tail: b"PK\3\4" + tail))
def test_any_bytes(content):
    check_loads_or_refuses(content)


@given(st.sampled_from(sorted(small())), st.binary(max_size=200))
def test_any_member(name, content):
    check_loads_or_refuses(with_member(f"{name}.npy", content))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_mutated_files(save):
    file = io.BytesIO()
    save(file, **small())
    base = file.getvalue()
    position = st.integers(0, len(base))
    edits = st.lists(
        st.tuples(position, st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=4
    )

    @given(edits, st.sampled_from(["all", "train", "test"]))
    def check(edits, subset):
        content = base
        for start, length, new in edits:
            content = content[:start] + new + content[start + length :]
        check_loads_or_refuses(content, subset)

    check()


@given(
    st.sampled_from(sorted(small())),
    st.lists(st.integers(-3, 2**40), max_size=4).map(tuple),
    st.sampled_from(["|u1", "|i1", "<i8", ">u8", "<f4", "|O", "|b1", "<U3", "|V2"]),
    st.integers(0, 64),
)
def test_any_header(name, shape, descr, length):
    check_loads_or_refuses(with_member(f"{name}.npy", npy_header(shape, descr) + bytes(length)))


@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6)),
    st.integers(0, 4),
    st.sampled_from([np.savez, np.savez_compressed]),
    st.sampled_from([np.uint8, np.int16, ">i8", np.uint64]),
    st.booleans(),
)
def test_round_trip(images, n_test, save, dtype, fortran):
    labels = np.arange(len(images)).astype(dtype)
    test_images = np.zeros((n_test, *images.shape[1:]), np.uint8)
    stored = np.asfortranarray(images) if fortran else images[..., None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.npz")
        save(path, x_train=stored, y_train=labels, x_test=test_images, y_test=np.ones(n_test, int))
        everything = load_npz(path)
        train = load_npz(str(path), subset="train")
        X, y = load_npz(path, subset="test", return_X_y=True)
    np.testing.assert_array_equal(train.images, images)
    np.testing.assert_array_equal(train.data, images.reshape(len(images), -1))
    np.testing.assert_array_equal(train.target, labels)
    assert X.shape == (n_test, images[0].size)
    np.testing.assert_array_equal(y, np.ones(n_test))
    np.testing.assert_array_equal(everything.images, np.concatenate([images, test_images]))
    np.testing.assert_array_equal(everything.target, [*range(len(images)), *np.ones(n_test)])


def test_bunch(path):
    np.savez(path, **small())
    bunch = load_npz(path)
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.target.dtype == np.int64
    assert bunch.target_names.tolist() == ["4", "7"]
    assert bunch.feature_names[-1] == "pixel_2_3"
    assert str(path) in bunch.DESCR
    frame = load_npz(path, as_frame=True)
    assert frame.frame.shape == (3, 13)
    np.testing.assert_array_equal(frame.data.to_numpy(), bunch.data)
    np.testing.assert_array_equal(frame.target, bunch.target)


def test_only_the_arrays_of_the_subset_are_needed(path):
    np.savez(path, **small(x_test=None, y_test=None))
    assert load_npz(path, subset="train").images.shape == (2, 3, 4)
    with pytest.raises(ValueError, match=r"some.npz'.*x_test, y_test missing, got x_train.npy"):
        load_npz(path)


def test_wrong_subset(path):
    np.savez(path, **small())
    with pytest.raises(ValueError, match=r"'subset' parameter of load_npz .*Got 'both'"):
        load_npz(path, subset="both")


def test_missing_file(path):
    with pytest.raises(FileNotFoundError, match=r"some.npz"):
        load_npz(path)


def test_pandas_missing(path, monkeypatch):
    np.savez(path, **small())
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r'load_npz .*pip install "skmnist\[frames\]"'):
        load_npz(path, as_frame=True)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"y_test": None}, "y_test missing"),
        (
            {"x_train": np.zeros((2, 3, 4))},
            "x_train must hold images of dtype uint8, got .*float64",
        ),
        ({"x_train": np.zeros((2, 12), np.uint8)}, r"x_train must .*got shape \(2, 12\)"),
        ({"x_train": np.zeros((2, 3, 4, 3), np.uint8)}, r"got shape \(2, 3, 4, 3\)"),
        ({"x_train": np.zeros((2, 3, 0), np.uint8)}, "between 1 and .* 3 x 0"),
        ({"x_train": np.zeros((3, 3, 4), np.uint8)}, "3 images in x_train and 2 labels in y_train"),
        ({"x_test": np.zeros((1, 4, 4), np.uint8)}, "same size .*3 x 4 and 4 x 4"),
        ({"y_train": np.array([1.0, 2.0])}, "y_train must hold integer labels .*float64"),
        ({"y_train": np.array([[1, 2]])}, r"y_train must .*shape \(1, 2\)"),
        ({"y_train": np.array([1, 2**63], np.uint64)}, "fit int64, got 9223372036854775808"),
    ],
)
def test_wrong_arrays(path, changes, message):
    np.savez(path, **small(**changes))
    with pytest.raises(ValueError, match=message) as caught:
        load_npz(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "not a readable .npz"),
        (npy(np.zeros((2, 3, 4), np.uint8)), "not a readable .npz"),
        (with_member("x_train.npy", b"GIF89a"), "x_train is not a readable .npy array"),
        (with_member("x_train.npy", npy_header((2, 3, 4)) + bytes(23)), "x_train is truncated"),
        (with_member("x_train.npy", npy_header((2, 3, 4)) + bytes(25)), "x_train has trailing"),
        (with_member("x_test.npy", npy_header((-1, 3, 4)) + bytes(12)), "x_test has trailing"),
        (with_member("x_test.npy", npy(small()["x_test"]), zipfile.ZIP_LZMA), "got compression"),
        (with_member("extra.npy", b"")[:-30], "not a readable .npz"),
        (with_member("extra.npy", b"") + b"\0\0", "trailing bytes after the end"),
    ],
    ids=name_of,
)
def test_refused(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_npz(path)
    assert str(path) in str(caught.value)


# A short member is read as a whole when its header is; a long one later.
@pytest.mark.parametrize("n_images", [2, 2000])
def test_checksum(path, n_images):
    images = np.zeros((n_images, 3, 4), np.uint8)
    images[-1] = np.arange(12).reshape(3, 4)
    np.savez(path, **small(x_train=images, y_train=np.zeros(n_images, int)))
    content = path.read_bytes()
    assert content.count(bytes(range(12))) == 1
    path.write_bytes(content.replace(bytes(range(12)), bytes(range(1, 13))))
    with pytest.raises(ValueError, match=r"some.npz' is .*CRC"):
        load_npz(path)


def lying_about_size(name, size):
    """An archive whose directory, and the array header in it, claim `size` images."""
    content = bytearray(with_member(name, npy_header((size, 1, 1))))
    real = struct.pack("<2I", *[len(npy_header((size, 1, 1)))] * 2)
    claimed = struct.pack("<2I", len(npy_header((size, 1, 1))), size + 128)
    return bytes(content.replace(real, claimed))


@pytest.mark.parametrize(
    "content",
    [
        with_member("x_train.npy", npy_header((10**12, 28, 28))),
        lying_about_size("x_train.npy", 2**31),
        # The array is as long as it says, in a header that does not.
        with_member("x_train.npy", npy_header((1, 1, 1)) + bytes(50_000_000), zipfile.ZIP_DEFLATED),
        # A header of version 2 that says it has 4 GB.
        with_member(
            "x_train.npy",
            b"\x93NUMPY\2\0" + b"\xff" * 4 + b" " * 50_000_000,
            zipfile.ZIP_DEFLATED,
        ),
    ],
    ids=name_of,
)
def test_memory_follows_the_content(path, content):
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="x_train"):
            load_npz(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


class Intruder:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return Path.touch, (Path(self.trace),)


def test_member_without_suffix_is_not_taken_for_the_array(path):
    path.write_bytes(with_member("x_train", npy(np.zeros((2, 2), np.int64))))
    np.testing.assert_array_equal(load_npz(path, subset="train").images, small()["x_train"])


@pytest.mark.parametrize("name", sorted(small()))
def test_pickled_objects_never_run(name, path, tmp_path):
    trace = tmp_path / "trace"
    objects = np.array([Intruder(trace)], dtype=object)
    np.savez(path, **small(**{name: objects}))
    with pytest.raises(ValueError, match=rf"some.npz': {name} holds pickled Python objects"):
        load_npz(path)
    assert not trace.exists()
    # The trap works: numpy does run it if allowed to.
    np.load(path, allow_pickle=True)[name]
    assert trace.exists()


def test_numpy_is_never_allowed_to_unpickle(path, monkeypatch):
    np.savez(path, **small())
    calls = []
    load = np.load

    def spy(*args, **kwargs):
        calls.append(kwargs)
        return load(*args, **kwargs)

    monkeypatch.setattr(np, "load", spy)
    load_npz(path)
    assert calls == [{"allow_pickle": False}]


def test_pickle_files_never_run(path, tmp_path):
    trace = tmp_path / "trace"
    path.write_bytes(pickle.dumps(Intruder(trace)))
    with pytest.raises(ValueError, match=r"some.npz' is not a readable .npz"):
        load_npz(path)
    with pytest.raises(ValueError, match=r"some.npz' is not an IDX file"):
        load_idx(path, path)
    assert not trace.exists()


def test_labels_in_a_column(tmp_path):
    labels = np.arange(3).reshape(3, 1)
    np.savez(tmp_path / "a.npz", x_train=np.zeros((3, 2, 2), dtype=np.uint8), y_train=labels)
    assert load_npz(tmp_path / "a.npz", subset="train").target.tolist() == [0, 1, 2]
    np.savez(tmp_path / "a.npz", x_train=np.zeros((3, 2, 2), dtype=np.uint8), y_train=labels.T)
    with pytest.raises(ValueError, match=r"integer labels of shape \(n,\)"):
        load_npz(tmp_path / "a.npz", subset="train")


def test_objects_can_be_saved_again(tmp_path):
    images = np.array([np.zeros((2, 2)), None], dtype=object)
    np.savez(tmp_path / "a.npz", x_train=images, y_train=np.arange(2))
    with pytest.raises(ValueError, match=r"never loaded.*Save the array again.*np\.savez"):
        load_npz(tmp_path / "a.npz", subset="train")
