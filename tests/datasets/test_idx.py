"""The IDX reader."""

import gzip
import struct
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skmnist.datasets import load_idx

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def name_of(parameter):
    """Name a case by its message: packed bytes hold the time, and workers must agree on names."""
    return "content" if isinstance(parameter, bytes) else None


@pytest.fixture
def files(tmp_path, make):
    images, labels = tmp_path / "some-images", tmp_path / "some-labels"
    images.write_bytes(make.idx_images(IMAGES))
    labels.write_bytes(make.idx_labels([7, 4]))
    return images, labels


def mutations(base):
    """Bytes that differ from a valid file in up to four places."""
    position = st.integers(0, len(base))
    edit = st.tuples(position, st.integers(0, 40), st.binary(max_size=8))

    def apply(edits):
        content = base
        for start, length, new in edits:
            content = content[:start] + new + content[start + length :]
        return content

    return st.lists(edit, min_size=1, max_size=4).map(apply)


def check_loads_or_refuses(images, labels):
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "images"), Path(folder, "labels")
        for path, content in zip(paths, (images, labels), strict=True):
            path.write_bytes(content)
        try:
            bunch = load_idx(*paths)
        except ValueError as error:
            assert folder in str(error)
            return
    assert bunch.images.ndim == 3
    assert bunch.images.dtype == bunch.data.dtype == np.uint8
    assert bunch.data.shape == (len(bunch.target), bunch.images[:1].size or bunch.data.shape[1])
    assert bunch.target.shape == bunch.images.shape[:1]


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_any_bytes(images, labels):
    check_loads_or_refuses(images, labels)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_mutated_files(pack, make):
    images, labels = pack(make.idx_images(IMAGES)), pack(make.idx_labels([7, 4]))

    @given(mutations(images), st.just(labels) | mutations(labels))
    def check(images, labels):
        check_loads_or_refuses(images, labels)

    check()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_round_trip(pack, make):
    @given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6)), st.randoms())
    def check(images, random):
        labels = [random.randrange(256) for _ in images]
        with tempfile.TemporaryDirectory() as folder:
            paths = Path(folder, "a"), Path(folder, "b")
            paths[0].write_bytes(pack(make.idx_images(images)))
            paths[1].write_bytes(pack(make.idx_labels(labels)))
            bunch = load_idx(*paths)
            X, y = load_idx(*map(str, paths), return_X_y=True)
        np.testing.assert_array_equal(bunch.images, images)
        np.testing.assert_array_equal(bunch.data, images.reshape(len(images), -1))
        assert bunch.target.tolist() == labels
        assert bunch.target_names.tolist() == [str(label) for label in sorted(set(labels))]
        np.testing.assert_array_equal(X, bunch.data)
        np.testing.assert_array_equal(y, bunch.target)

    check()


def test_bunch(files):
    bunch = load_idx(*files)
    assert bunch.target.dtype == np.int64
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.frame is None
    assert bunch.feature_names[:5] == [
        "pixel_0_0",
        "pixel_0_1",
        "pixel_0_2",
        "pixel_0_3",
        "pixel_1_0",
    ]
    assert len(bunch.feature_names) == 12
    assert str(files[0]) in bunch.DESCR and str(files[1]) in bunch.DESCR


def test_frame(files):
    bunch = load_idx(*files, as_frame=True)
    assert list(bunch.data.columns) == bunch.feature_names
    assert list(bunch.frame.columns) == [*bunch.feature_names, "target"]
    assert bunch.target.name == "target"
    assert bunch.target.dtype == np.int64
    assert set(bunch.data.dtypes) == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(bunch.data.to_numpy(), IMAGES.reshape(2, 12))
    np.testing.assert_array_equal(bunch.frame["target"], [7, 4])


def test_content_decides_not_the_name(files, tmp_path):
    packed = tmp_path / "packed.raw"
    packed.write_bytes(gzip.compress(files[0].read_bytes()))
    raw = tmp_path / "raw.gz"
    raw.write_bytes(files[1].read_bytes())
    assert load_idx(packed, raw).target.tolist() == [7, 4]


def test_missing_file(files, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_idx(tmp_path / "nowhere", files[1])


def test_swapped_files(files):
    with pytest.raises(ValueError, match=r"some-labels'.* holds labels .*swapped\?"):
        load_idx(files[1], files[0])


def test_descriptor_is_not_a_path(files):
    with pytest.raises(TypeError):
        load_idx(0, files[1])


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "not an IDX file of images.*0x00000803, got 0 bytes"),
        (b"<html>oops", "must begin with the magic number 0x00000803, got 0x3c68746d"),
        (struct.pack("<4I", 0x803, 1, 1, 1) + b"x", "got 0x03080000"),
        (struct.pack(">4I", 0xD03, 1, 1, 1) + b"x", "truncated.*4 bytes.*got 1"),
        (struct.pack(">4I", 0xA03, 1, 1, 1) + b"x", "got 0x00000a03"),
        (struct.pack(">3I", 0x803, 1, 1), "truncated.* 16 bytes, got 12"),
        (struct.pack(">4I", 0x803, 2, 3, 4) + bytes(23), "truncated.*24 bytes.*got 23"),
        (struct.pack(">4I", 0x803, 2, 3, 4) + bytes(25), "trailing.*24 bytes.*got 25"),
        (struct.pack(">4I", 0x803, 2, 0, 4), "between 1 and .*got images of 0 x 4"),
        (struct.pack(">4I", 0x803, 0, 2**31, 2**31), "between 1 and"),
        (struct.pack(">4I", 0x803, 3, 1, 1) + bytes(3), "3 images in .*2 labels in"),
        (gzip.compress(struct.pack(">4I", 0x803, 2, 3, 4) + bytes(23)), "truncated.*got 23"),
        (gzip.compress(struct.pack(">4I", 0x803, 2, 3, 4) + bytes(25)), "trailing.*got more"),
        (gzip.compress(struct.pack(">4I", 0x803, 2, 3, 4) + bytes(24))[:-9], "damaged gzip"),
        (gzip.compress(struct.pack(">4I", 0x803, 2, 3, 4) + bytes(24))[:-8] + bytes(8), "CRC"),
    ],
    ids=name_of,
)
def test_refused(files, content, message):
    files[0].write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_idx(*files)
    assert str(files[0]) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + bytes(784),
        gzip.compress(struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + bytes(784)),
        # A small gzip file of a big content that its header does not mention ...
        gzip.compress(struct.pack(">4I", 0x803, 1, 1, 1) + bytes(50_000_000)),
        # ... and one whose content falls short of a claim just small enough to be possible.
        gzip.compress(struct.pack(">4I", 0x803, 30_000, 1, 1) + bytes(1000)),
    ],
    ids=name_of,
)
def test_memory_follows_the_content(files, content):
    files[0].write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError):
            load_idx(*files)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# Types of numbers.


def write(path, kind, array, dtype):
    header = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.astype(dtype).tobytes())


@pytest.mark.parametrize(
    ("kind", "dtype", "divisor"),
    [(0x0B, ">i2", 1), (0x0C, ">i4", 1), (0x0D, ">f4", 255), (0x0E, ">f8", 255), (0x0E, ">f8", 1)],
)
def test_images_of_other_types(files, kind, dtype, divisor):
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4))
    images[0, 0, 0] = 255
    write(files[0], kind, images / divisor, dtype)
    bunch = load_idx(*files)
    assert bunch.images.dtype == np.uint8
    np.testing.assert_array_equal(bunch.images, images)


@pytest.mark.parametrize(("kind", "dtype"), [(0x09, ">i1"), (0x0B, ">i2"), (0x0C, ">i4")])
@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_labels_of_other_types(files, kind, dtype, shape):
    labels = np.array([7, 120 if kind == 0x09 else 1000])
    write(files[1], kind, labels.reshape(shape), dtype)
    assert load_idx(*files).target.tolist() == labels.tolist()


def test_types_that_are_refused_are_named(files):
    write(files[1], 0x0E, np.array([7, 4]), ">f8")
    with pytest.raises(ValueError, match=r"holds 64-bit floats .*labels must be integers"):
        load_idx(*files)
    write(files[1], 0x08, np.array([7, 4]), "u1")
    write(files[0], 0x09, IMAGES.astype(int) - 5, ">i1")
    with pytest.raises(ValueError, match=r"signed bytes.* at least 0, got -5"):
        load_idx(*files)
    write(files[0], 0x0D, IMAGES * np.nan, ">f4")
    with pytest.raises(ValueError, match=r"32-bit floats.* finite"):
        load_idx(*files)
    write(files[0], 0x0C, IMAGES[None].astype(int), ">i4")
    with pytest.raises(ValueError, match="32-bit integers in 4 dimensions"):
        load_idx(*files)


# EMNIST's own files.


@pytest.mark.parametrize("name", ["emnist-letters-train", "EMNIST-letters-train"])
@pytest.mark.parametrize("folder", ["", "gzip"])
def test_emnist_files_are_upright(tmp_path, make, name, folder):
    (tmp_path / folder).mkdir(exist_ok=True)
    paths = [tmp_path / folder / f"{name}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-1")]
    paths[0].write_bytes(gzip.compress(make.idx_images(IMAGES.transpose(0, 2, 1))))
    paths[1].write_bytes(gzip.compress(make.idx_labels([26, 1])))
    bunch = load_idx(*paths)
    np.testing.assert_array_equal(bunch.images, IMAGES)
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.target.tolist() == [26, 1]
    assert bunch.target_names.tolist() == ["A", "Z"]
    as_it_is = load_idx(*paths, transpose=False)
    np.testing.assert_array_equal(as_it_is.images, IMAGES.transpose(0, 2, 1))


def test_transpose(files):
    bunch = load_idx(*files, transpose=True)
    np.testing.assert_array_equal(bunch.images, IMAGES.transpose(0, 2, 1))
    with pytest.raises(ValueError, match="'transpose' parameter of load_idx"):
        load_idx(*files, transpose="yes")
