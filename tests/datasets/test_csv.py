"""Tables of labels and pixels."""

import gzip

import numpy as np
import pandas as pd
import pytest

from skmnist.datasets import load_csv, load_mnist_sample

SAMPLE = load_mnist_sample()
X, Y = SAMPLE.data[:20], SAMPLE.target[:20]
NAMES = [f"pixel{i}" for i in range(784)]


def write(path, table, **options):
    pd.DataFrame(table).to_csv(path, **{"index": False, **options})
    return path


def check(path, images=X, labels=Y, **options):
    bunch = load_csv(path, **options)
    assert bunch.images.dtype == np.uint8
    np.testing.assert_array_equal(bunch.data, images)
    np.testing.assert_array_equal(bunch.target, labels)
    assert np.shares_memory(bunch.data, bunch.images)


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_as_it_is_passed_on(tmp_path, packed):
    plain = write(tmp_path / "mnist_train.csv", np.column_stack([Y, X]), header=False)
    kaggle = pd.DataFrame(X, columns=NAMES)
    kaggle.insert(0, "label", Y)
    named = write(tmp_path / "train.csv", kaggle)
    openml = write(tmp_path / "o.csv", pd.DataFrame(X, columns=NAMES).assign(**{"class": Y}))
    for path in (plain, named, openml):
        if packed:
            path.write_bytes(gzip.compress(path.read_bytes()))
        check(path)


@pytest.mark.parametrize("name", ["Label", "class", "TARGET", "y"])
def test_names_of_the_column_of_labels(tmp_path, name):
    check(write(tmp_path / "a.csv", pd.DataFrame(X, columns=NAMES).assign(**{name: Y})))


def test_pandas_own_tables(tmp_path):
    frame = pd.DataFrame(X).assign(label=Y)
    check(write(tmp_path / "a.csv", frame))
    check(write(tmp_path / "b.csv", frame, index=True))
    check(write(tmp_path / "c.csv", frame, sep=";"))
    check(write(tmp_path / "d.csv", frame, sep="\t", encoding="utf-8-sig"))
    check(write(tmp_path / "e.csv", np.column_stack([Y, X])))


def test_place_of_labels(tmp_path):
    path = write(tmp_path / "a.csv", np.column_stack([X, Y]), header=False)
    with pytest.raises(ValueError, match=r"label '0' only.*label=-1"):
        load_csv(path)
    check(path, label=-1)
    check(path, label=784)
    named = write(tmp_path / "b.csv", pd.DataFrame(X, columns=NAMES).assign(digit_shown=Y))
    check(named, label="digit_shown")
    with pytest.raises(ValueError, match="no column 'shown'"):
        load_csv(named, label="shown")
    with pytest.raises(ValueError, match="which has 785 columns"):
        load_csv(named, label=785)


def test_text_as_labels(tmp_path):
    names = np.array(["zero", "one, two", "y"])[Y % 3]
    bunch_of = load_csv(write(tmp_path / "a.csv", pd.DataFrame(X).assign(label=names)))
    np.testing.assert_array_equal(bunch_of.target, names)
    assert bunch_of.target_names.tolist() == ["one, two", "y", "zero"]
    table = pd.concat([pd.Series(names), pd.DataFrame(X)], axis=1)
    path = write(tmp_path / "b.csv", table, header=False)
    np.testing.assert_array_equal(load_csv(path).target, names)
    np.testing.assert_array_equal(load_csv(path).data, X)


def test_other_pixels(tmp_path):
    check(write(tmp_path / "a.csv", np.column_stack([Y, X / 255]), header=False))
    high = np.column_stack([Y, X.astype(int) * 257])
    check(write(tmp_path / "b.csv", high, header=False))
    check(write(tmp_path / "c.csv", np.column_stack([Y, X]).astype(float), header=False))


def test_shape(tmp_path):
    path = write(tmp_path / "a.csv", np.column_stack([Y, X[:, :60]]), header=False)
    with pytest.raises(ValueError, match=r"60 columns of pixels.*image_shape="):
        load_csv(path)
    assert load_csv(path, image_shape=(6, 10)).images.shape == (20, 6, 10)
    with pytest.raises(ValueError, match="have 49 pixels"):
        load_csv(path, image_shape=(7, 7))


def test_emnist_is_upright(tmp_path):
    turned = SAMPLE.images[:20].swapaxes(1, 2).reshape(20, -1)
    table = np.column_stack([Y + 1, turned])
    path = write(tmp_path / "emnist-letters-train.csv", table, header=False)
    check(path, labels=Y + 1)
    assert load_csv(path).target_names[0] == "ABCDEFGHIJ"[Y.min()]
    check(path, turned, Y + 1, transpose=False)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "is empty"),
        ("label,a,b,c,d\n", "holds no images"),
        ("1,2,3,4\n", "no column of labels"),
        ("5,1,2,3,4\n6,1,2,3\n", "line 2 has 4 columns"),
        ("5,1,2,3,4\n6,1,2,3,4,5\n", "line 2 has 6 columns"),
        ("5,1,2,3,4\n6,1,,3,4\n", "could not convert"),
        ("5,1,2,3,4\n6,1,-2,3,4\n", "at least 0, got -2"),
        ("5,1,2,3,4\n6,1,nan,3,4\n", "finite"),
        ("5,1,2,3,4\n,1,2,3,4\n", "image 2 has no label"),
        ("5,1,2,3,4\n0.5,1,2,3,4\n", r"whole numbers or text, got '0\.5'"),
    ],
)
def test_mistakes(tmp_path, lines, message):
    path = tmp_path / "a.csv"
    path.write_text(lines)
    with pytest.raises(ValueError, match=message) as caught:
        load_csv(path)
    assert str(path) in str(caught.value)


def test_damaged(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"5,1,2,3,4\n" * 99)[:-9])
    with pytest.raises(ValueError, match="damaged gzip"):
        load_csv(path)
    path.write_bytes(b"\xff\xfe\x00" * 9)
    with pytest.raises(ValueError, match="is not text"):
        load_csv(path)
