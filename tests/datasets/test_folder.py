"""Pictures in folders."""

import numpy as np
import pytest
from PIL import Image

from skmnist.datasets import load_folder, load_mnist_sample
from skmnist.pictures import to_mnist, to_shape

SAMPLE = load_mnist_sample()


def page(index, size=4, colour=(20, 30, 120)):
    """Return a picture of an image, dark on light, in colours."""
    ink = np.kron(SAMPLE.images[index], np.ones((size, size)))[..., None] / 255
    return (250 * (1 - ink) + np.array(colour) * ink).astype(np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    for index in range(30):
        label = SAMPLE.target[index]
        save(tmp_path / str(label) / f"{index:02}.png", page(index, 2 + index % 4))
    return tmp_path


def test_pictures_by_class(folder):
    bunch = load_folder(folder)
    order = np.argsort(SAMPLE.target[:30], kind="stable")
    assert bunch.target.dtype == np.int64
    np.testing.assert_array_equal(bunch.target, SAMPLE.target[:30][order])
    expected = [to_mnist(page(i, 2 + i % 4)).pixels for i in order]
    np.testing.assert_array_equal(bunch.images, expected)
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.target_names.tolist() == [str(label) for label in np.unique(bunch.target)]
    assert len(bunch.filenames) == 30 and len(bunch.feature_names) == 784
    X, y = load_folder(folder, return_X_y=True)
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)
    frame = load_folder(folder, as_frame=True).frame
    assert frame.shape == (30, 785)


def test_size_and_fit(folder):
    bunch = load_folder(folder, image_shape=(20, 24), fit="resize", invert=True)
    assert bunch.images.shape == (30, 20, 24)
    first = Image.open(bunch.filenames[0])
    expected = to_shape(first, shape=(20, 24), invert=True)
    np.testing.assert_array_equal(bunch.images[0], expected.pixels)
    assert load_folder(folder, image_shape=(14, 14), box=8).images.any(axis=(0, 2)).sum() <= 14


def test_names_nested_and_hidden(tmp_path):
    save(tmp_path / "cat" / "b" / "deep" / "1.png", page(0))
    save(tmp_path / "cat" / "a.png", page(1))
    save(tmp_path / "ant" / "z.jpg", page(2))
    for litter in (".DS_Store", "Thumbs.db", ".hidden/x.png"):
        (tmp_path / "cat" / litter).parent.mkdir(exist_ok=True)
        (tmp_path / "cat" / litter).write_text("none")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.txt").write_text("none")
    bunch = load_folder(tmp_path)
    assert bunch.target.tolist() == ["ant", "cat", "cat"]
    assert bunch.target_names.tolist() == ["ant", "cat"]
    assert [name[-5:] for name in bunch.filenames] == ["z.jpg", "a.png", "1.png"]


def test_numbers_only_where_all_are_and_differ(tmp_path):
    for name in ("10", "9", "-1"):
        save(tmp_path / name / "a.png", page(0))
    assert load_folder(tmp_path).target.tolist() == [-1, 9, 10]
    save(tmp_path / "09" / "a.png", page(0))
    assert load_folder(tmp_path).target.tolist() == ["-1", "09", "10", "9"]


def test_parts(tmp_path):
    for part, indices in {"Train": range(6), "test": range(6, 9), "val": [9]}.items():
        for index in indices:
            save(tmp_path / part / str(index % 3) / f"{index}.png", page(index))
    assert load_folder(tmp_path).target.tolist() == [0, 0, 1, 1, 2, 2]
    assert load_folder(tmp_path, subset="test").target.tolist() == [0, 1, 2]
    assert len(load_folder(tmp_path, subset="all").target) == 9


def test_a_folder_in_one_part(folder):
    assert len(load_folder(folder, subset="all").target) == 30
    with pytest.raises(ValueError, match="no subfolder 'test'"):
        load_folder(folder, subset="test")


def test_pictures_that_cannot_be_read_are_all_named(folder):
    (folder / "3" / "bad.png").write_text("none")
    (folder / "7").mkdir(exist_ok=True)
    (folder / "7" / "notes.txt").write_text("none")
    save(folder / "7" / "blank.png", np.full((30, 30), 255, dtype=np.uint8))
    with pytest.raises(ValueError, match="3 of the files") as caught:
        load_folder(folder)
    assert all(name in str(caught.value) for name in ("bad.png", "notes.txt", "blank.png"))
    with pytest.warns(UserWarning, match="left out 3 .*bad.png") as caught:
        bunch = load_folder(folder, on_error="warn")
    assert len(bunch.target) == 30
    assert caught[0].filename == __file__


def test_mistakes(tmp_path, folder):
    with pytest.raises(FileNotFoundError):
        load_folder(tmp_path / "none")
    empty = tmp_path / "3" / "deep"
    empty.mkdir()
    with pytest.raises(ValueError, match="one folder of pictures for each class"):
        load_folder(empty)
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match=r"class folder '.*empty' is empty"):
        load_folder(folder)
    (folder / "empty").rmdir()
    save(folder / "stray.png", page(0))
    with pytest.warns(UserWarning, match=r"outside the class folders: stray\.png"):
        load_folder(folder)
    for wrong in ({"fit": "none"}, {"on_error": "skip"}, {"subset": "tests"}):
        with pytest.raises(ValueError, match="parameter of load_folder"):
            load_folder(folder, **wrong)
    with pytest.raises(ValueError, match="no meaning"):
        load_folder(folder, fit="resize", box=20)
