"""EMNIST, from small archives of the published structure."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from skmnist._support import published
from skmnist.datasets import fetch_emnist

NAMES = published.EMNIST["letters"].idx_files
ALL_NAMES = sorted(name for names in NAMES.values() for name in names)


@pytest.fixture
def data(make):
    return make.parts(labels=range(1, 27))


def members(data, make):
    """The published files; images transposed."""
    files = make.idx_of(
        {part: (images.transpose(0, 2, 1), labels) for part, (images, labels) in data.items()},
        NAMES,
    )
    return {f"gzip/{name}": content for name, content in files.items()}


def archive(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def emnist(server, home, data, make, monkeypatch):
    sources = [("zip", f"{server.url}/a/gzip.zip"), ("zip", f"{server.url}/b/emnist-gzip.zip")]
    dataset = make.tables(published.EMNIST["letters"], data, sources)
    object.__setattr__(dataset, "sha256", {})
    monkeypatch.setattr(published, "EMNIST", {**published.EMNIST, "letters": dataset})


def left(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("emnist")
class TestDownload:
    def test_success(self, server, home, data, make, tmp_path):
        extra = {
            "gzip/emnist-digits-train-images-idx3-ubyte.gz": b"not needed",
            "gzip/../../../evil": b"never written",
            "gzip/emnist-letters-mapping.txt": b"1 65 97\n",
        }
        server.files["/a/gzip.zip"] = archive({**extra, **members(data, make)})
        train = fetch_emnist()
        np.testing.assert_array_equal(train.images, data["train"][0])
        np.testing.assert_array_equal(train.target, data["train"][1])
        assert train.target.dtype == np.int64
        assert np.shares_memory(train.data, train.images)
        assert 'split "letters"' in train.DESCR and "30 for training" in train.DESCR
        test = fetch_emnist("letters", subset="test", download_if_missing=False)
        np.testing.assert_array_equal(test.images, data["test"][0])
        assert left(home) == [f"emnist/{name}" for name in ALL_NAMES]
        assert left(tmp_path) == [f"scikit/skmnist/emnist/{name}" for name in ALL_NAMES]
        assert server.requests == ["/a/gzip.zip"]

    @pytest.mark.parametrize(
        "change, message",
        [
            ("missing", "must hold emnist-letters-test-labels-idx1-ubyte.gz, which is missing"),
            ("count", r"images must have the shape \(10, 28, 28\), got \(9, 28, 28\)"),
            ("labels", "labels of EMNIST .letters. must be from 1 to 26, got labels from 0"),
            ("large", "can have at most .* bytes, the archive says 10000000"),
            ("cut", "not a readable zip archive"),
            ("damaged", "damaged gzip|CRC|invalid"),
        ],
    )
    def test_bad_archives(self, server, home, data, make, change, message):
        good = archive(members(data, make))
        files = members(data, make)
        images, labels = (f"gzip/{name}" for name in NAMES["test"])
        if change == "missing":
            del files[labels]
        elif change == "count":
            files[images] = gzip.compress(make.idx_images(data["test"][0][1:]))
        elif change == "labels":
            files[labels] = gzip.compress(make.idx_labels(np.zeros(10)))
        elif change == "large":
            files[images] = bytes(10_000_000)
        elif change == "damaged":
            files[images] = files[images][:50] + b"damage" + files[images][56:]
        server.files["/a/gzip.zip"] = archive(files)[: -30 if change == "cut" else None]
        with pytest.raises(OSError, match=message):
            fetch_emnist()
        assert left(home) == []
        server.files["/b/emnist-gzip.zip"] = good
        assert fetch_emnist(subset="test").target.tolist() == data["test"][1].tolist()

    @pytest.mark.parametrize("path", ["gzip.zip", "emnist/gzip.zip", "emnist-gzip.zip"])
    def test_archive_of_the_user(self, server, home, data, make, monkeypatch, tmp_path, path):
        file = tmp_path / "mine" / path
        file.parent.mkdir(parents=True)
        file.write_bytes(archive(members(data, make)))
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path / "mine"))
        bunch = fetch_emnist(subset="all", download_if_missing=False)
        np.testing.assert_array_equal(
            bunch.images, np.concatenate([data["train"][0], data["test"][0]])
        )
        assert left(tmp_path / "mine") == [path]
        assert not home.exists()
        file.write_bytes(b"damaged")
        with pytest.raises(OSError, match=r"Damaged: SKMNIST_DATA: .*not a readable zip"):
            fetch_emnist(download_if_missing=False)


@pytest.mark.parametrize("split", ["Letters", None, "lettres"])
def test_wrong_split(split):
    with pytest.raises(ValueError, match=r"'split' parameter of fetch_emnist .*'byclass'"):
        fetch_emnist(split)


@pytest.mark.parametrize(
    "split, total, n_classes, some_names",
    [
        ("byclass", 814_255, 62, {0: "0", 10: "A", 36: "a", 61: "z"}),
        ("bymerge", 814_255, 47, {0: "0", 10: "A", 35: "Z", 36: "a", 38: "d", 46: "t"}),
        ("balanced", 131_600, 47, {36: "a", 41: "g", 43: "n"}),
        ("letters", 145_600, 26, {1: "A", 26: "Z"}),
        ("digits", 280_000, 10, {0: "0", 9: "9"}),
        ("mnist", 70_000, 10, {0: "0", 9: "9"}),
    ],
)
def test_documented_facts(split, total, n_classes, some_names):
    dataset = published.EMNIST[split]
    assert sum(shape[0] for shape in dataset.shapes.values()) == total
    assert len(dataset.target_names) == n_classes
    for label, name in some_names.items():
        assert dataset.target_names[label - dataset.first_label] == name
    assert f"emnist-{split}-test-labels-idx1-ubyte.gz" in dataset.idx_files["test"]
