"""Searching, downloading and verifying, against a local web server."""

import dataclasses
import gzip
import os
import urllib.request

import numpy as np
import pytest

from skmnist._support import published
from skmnist.datasets import _download, fetch_fashion_mnist, fetch_mnist

IDX = published.MNIST.idx_files


@pytest.fixture
def data(make):
    return make.parts()


@pytest.fixture
def mnist(server, home, data, make, monkeypatch):
    """Make `data` the known content of MNIST, at two mirrors of which none serves yet."""
    sources = [("npz", f"{server.url}/a/mnist.npz"), ("idx", f"{server.url}/b/")]
    monkeypatch.setattr(published, "MNIST", make.tables(published.MNIST, data, sources))


def serve_npz(server, content):
    server.files["/a/mnist.npz"] = content


def serve_idx(server, files):
    server.files.update({f"/b/{name}": content for name, content in files.items()})


def check(bunch, data, part="train"):
    np.testing.assert_array_equal(bunch.images, data[part][0])
    np.testing.assert_array_equal(bunch.target, data[part][1])


def left(home):
    """Return the files and folders under the cache folder."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))


IDX_LEFT = sorted(["mnist-idx", *(f"mnist-idx/{name}" for names in IDX.values() for name in names)])


@pytest.mark.usefixtures("mnist")
class TestMirrors:
    def test_success(self, server, home, data, make):
        serve_npz(server, make.npz_of(data))
        check(fetch_mnist(), data)
        assert left(home) == ["mnist.npz"]
        check(fetch_mnist(subset="test"), data, "test")
        X, y = fetch_mnist(subset="all", download_if_missing=False, return_X_y=True)
        np.testing.assert_array_equal(y, np.concatenate([data["train"][1], data["test"][1]]))
        assert X.shape == (40, 784)
        assert server.requests == ["/a/mnist.npz"]

    def test_data_home(self, server, home, data, make, tmp_path):
        serve_npz(server, make.npz_of(data))
        check(fetch_mnist(data_home=tmp_path / "mine"), data)
        assert left(tmp_path / "mine") == ["skmnist", "skmnist/mnist.npz"]
        assert not home.exists()

    def test_missing_then_mirror(self, server, home, data, make):
        serve_idx(server, make.idx_of(data, IDX))
        check(fetch_mnist(subset="test"), data, "test")
        assert left(home) == IDX_LEFT
        n_requests = len(server.requests)
        check(fetch_mnist(), data)
        assert len(server.requests) == n_requests

    def test_truncated_then_mirror(self, server, home, data, make):
        serve_npz(server, make.npz_of(data)[:2000])
        server.missing["/a/mnist.npz"] = 1000
        serve_idx(server, make.idx_of(data, IDX))
        check(fetch_mnist(), data)
        assert left(home) == IDX_LEFT

    def test_corrupted_then_mirror(self, server, home, data, make):
        serve_npz(server, make.npz_of(make.parts(seed=1)))
        serve_idx(server, make.idx_of(data, IDX))
        check(fetch_mnist(), data)
        assert left(home) == IDX_LEFT

    def test_passing_failure(self, server, home, data, make, monkeypatch):
        monkeypatch.setattr(_download, "_RETRIES", 1)
        serve_npz(server, make.npz_of(data))
        server.failures["/a/mnist.npz"] = 1
        with pytest.warns(UserWarning, match="Retry downloading"):
            check(fetch_mnist(), data)
        assert left(home) == ["mnist.npz"]

    @pytest.mark.parametrize("fault", ["truncated", "other content", "not an archive"])
    def test_all_fail_and_nothing_is_left(self, server, home, data, make, fault):
        good = make.npz_of(data)
        idx = make.idx_of(data, IDX)
        name = IDX["test"][0]
        if fault == "truncated":
            # Without a wrong Content-Length, so that only the content tells.
            serve_npz(server, good[:2000])
            serve_idx(server, {**idx, name: idx[name][:2000]})
        elif fault == "other content":
            serve_npz(server, make.npz_of(make.parts(seed=1)))
            serve_idx(server, {**idx, name: make.idx_of(make.parts(seed=1), IDX)[name]})
        else:
            serve_npz(server, b"<html>Moved</html>")
            serve_idx(server, {**idx, name: b"<html>Moved</html>"})
        with pytest.raises(OSError, match="could not download") as caught:
            fetch_mnist()
        assert f"Tried {server.url}/a/mnist.npz: " in str(caught.value)
        assert f"Tried {server.url}/b/: " in str(caught.value)
        assert left(home) == []
        serve_npz(server, good)
        check(fetch_mnist(), data)

    def test_interrupt(self, server, home, data, make, monkeypatch):
        serve_npz(server, make.npz_of(data))
        urlopen = urllib.request.urlopen
        seen = []

        def interrupted(*args, **kwargs):
            response = urlopen(*args, **kwargs)
            read = response.read

            def read_once(size):
                if seen:
                    raise KeyboardInterrupt
                # What was downloaded up to here lies on the disk, not in the cache's place.
                seen.append(left(home))
                return read(100)

            response.read = read_once
            return response

        with monkeypatch.context() as patch:
            patch.setattr(urllib.request, "urlopen", interrupted)
            with pytest.raises(KeyboardInterrupt):
                fetch_mnist()
        assert len(seen[0]) == 2 and "mnist.npz" not in seen[0]
        assert left(home) == []
        check(fetch_mnist(), data)

    def test_interrupt_between_files(self, server, home, data, make, monkeypatch):
        serve_idx(server, make.idx_of(data, IDX))
        replace = os.replace
        done = []

        def replace_two(source, target):
            if len(done) == 2:
                raise KeyboardInterrupt
            done.append(target)
            replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(_download.os, "replace", replace_two)
            with pytest.raises(KeyboardInterrupt):
                fetch_mnist()
        assert len(left(home)) == 3
        with pytest.raises(OSError, match="download_if_missing"):
            fetch_mnist(download_if_missing=False)
        check(fetch_mnist(), data)
        assert left(home) == IDX_LEFT


@pytest.mark.usefixtures("mnist")
class TestSearch:
    def write(self, path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def test_offline(self, home, monkeypatch, tmp_path):
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path / "mine"))
        unreachable = [published.Source(s.kind, s.url) for s in published.MNIST.sources]
        with pytest.raises(OSError) as caught:
            fetch_mnist()
        message = str(caught.value)
        assert message.startswith("fetch_mnist found no MNIST on this computer")
        for part in (
            f"SKMNIST_DATA ({tmp_path / 'mine'})",
            f"data_home ({home})",
            f"the cache of Keras ({tmp_path / 'home' / '.keras' / 'datasets'})",
            *(f"Tried {source.url}: HTTP Error 404" for source in unreachable),
            f"put mnist.npz, or the files train-images-idx3-ubyte.gz, {IDX['train'][1]}",
            f"into the folder '{home}' or one that the environment variable SKMNIST_DATA names",
        ):
            assert part in message

    def test_no_connection(self, make, data, monkeypatch):
        # Port 9 of this computer: nobody listens.
        sources = [("npz", "http://127.0.0.1:9/mnist.npz")]
        monkeypatch.setattr(published, "MNIST", make.tables(published.MNIST, data, sources))
        with pytest.raises(OSError, match=r"Tried http://127.0.0.1:9/mnist.npz: .*refused"):
            fetch_mnist()

    def test_download_if_missing(self, server, home, data, make):
        serve_npz(server, make.npz_of(data))
        with pytest.raises(OSError, match="`download_if_missing` is False"):
            fetch_mnist(download_if_missing=False)
        assert server.requests == []
        assert left(home) == []

    def test_keras_cache(self, server, data, make, monkeypatch, tmp_path):
        self.write(tmp_path / "home" / ".keras" / "datasets" / "mnist.npz", make.npz_of(data))
        check(fetch_mnist(), data)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "elsewhere"))
        with pytest.raises(OSError):
            fetch_mnist(download_if_missing=False)
        self.write(tmp_path / "elsewhere" / "datasets" / "mnist.npz", make.npz_of(data))
        check(fetch_mnist(), data)
        assert server.requests == []

    def test_keras_cache_without_a_data_home(self, data, make, monkeypatch, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "file" / "impossible"))
        self.write(tmp_path / "home" / ".keras" / "datasets" / "mnist.npz", make.npz_of(data))
        check(fetch_mnist(), data)

    def test_order(self, home, make, data, monkeypatch, tmp_path):
        dataset = dataclasses.replace(published.MNIST, sha256={})
        monkeypatch.setattr(published, "MNIST", dataset)
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path / "mine"))
        versions = [make.parts(seed) for seed in range(4)]
        places = [
            tmp_path / "home" / ".keras" / "datasets",
            home,
            tmp_path / "mine",
            tmp_path / "given" / "skmnist",
        ]
        for version, folder in zip(versions, places, strict=True):
            self.write(folder / "mnist.npz", make.npz_of(version))
        check(fetch_mnist(data_home=tmp_path / "given"), versions[3])
        check(fetch_mnist(), versions[2])
        (tmp_path / "mine" / "mnist.npz").unlink()
        check(fetch_mnist(), versions[1])
        (home / "mnist.npz").unlink()
        check(fetch_mnist(), versions[0])

    @pytest.mark.parametrize("folder", [".", "mnist-idx"])
    @pytest.mark.parametrize("raw", [False, True])
    def test_idx_files_of_the_user(self, make, data, monkeypatch, tmp_path, folder, raw):
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path))
        for name, content in make.idx_of(data, IDX).items():
            if raw:
                name, content = name.removesuffix(".gz"), gzip.decompress(content)
            self.write(tmp_path / folder / name, content)
        check(fetch_mnist(download_if_missing=False), data)

    def test_differently_packed_npz(self, make, data, monkeypatch, tmp_path):
        arrays = {f"x_{part}": np.asfortranarray(data[part][0])[..., None] for part in data}
        arrays |= {f"y_{part}": data[part][1].astype(">i4") for part in data}
        np.savez(tmp_path / "mnist.npz", **arrays, more=np.zeros(3))
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path))
        check(fetch_mnist(download_if_missing=False), data)

    @pytest.mark.parametrize("damage", ["truncated", "other pixels", "other labels", "shape"])
    def test_damaged_cache(self, server, home, data, make, damage):
        good = make.npz_of(data)
        other = make.parts(seed=1)
        bad = {
            "truncated": good[:-100],
            "other pixels": make.npz_of({part: (other[part][0], data[part][1]) for part in data}),
            "other labels": make.npz_of({part: (data[part][0], other[part][1]) for part in data}),
            "shape": make.npz_of(make.parts(n_train=31)),
        }[damage]
        self.write(home / "mnist.npz", bad)
        with pytest.raises(OSError, match=r"Damaged: .*mnist.npz'"):
            fetch_mnist(download_if_missing=False)
        serve_npz(server, good)
        with pytest.warns(UserWarning, match="fetch_mnist passed over .*mnist.npz'") as caught:
            check(fetch_mnist(), data)
        assert caught[0].filename == __file__
        assert (home / "mnist.npz").read_bytes() == good
        check(fetch_mnist(download_if_missing=False), data)

    def test_damaged_file_of_the_user(self, server, data, make, monkeypatch, tmp_path):
        monkeypatch.setenv("SKMNIST_DATA", str(tmp_path / "mine"))
        self.write(tmp_path / "mine" / "mnist.npz", b"damaged")
        self.write(tmp_path / "home" / ".keras" / "datasets" / "mnist.npz", make.npz_of(data))
        with pytest.warns(UserWarning, match=r"SKMNIST_DATA: '.*mnist.npz' is not a readable"):
            check(fetch_mnist(), data)
        assert (tmp_path / "mine" / "mnist.npz").read_bytes() == b"damaged"
        assert server.requests == []

    @pytest.mark.parametrize("subset", ["both", None, ["train"]])
    def test_wrong_subset(self, server, subset):
        with pytest.raises(ValueError, match="'subset' parameter of fetch_mnist"):
            fetch_mnist(subset=subset)
        assert server.requests == []


def test_fashion_mnist(server, home, data, make, monkeypatch, tmp_path):
    sources = [("idx", f"{server.url}/a/"), ("idx", f"{server.url}/b/")]
    dataset = make.tables(published.FASHION_MNIST, data, sources)
    monkeypatch.setattr(published, "FASHION_MNIST", dataset)
    files = make.idx_of(data, IDX)
    serve_idx(server, files)
    # The first mirror has one file only: no mixture is made.
    server.files[f"/a/{IDX['train'][0]}"] = files[IDX["train"][0]]
    check(fetch_fashion_mnist(), data)
    assert left(home) == [name.replace("mnist-idx", "fashion-mnist") for name in IDX_LEFT]
    keras = tmp_path / "keras" / "datasets"
    keras.mkdir(parents=True)
    (home / "fashion-mnist").rename(keras / "fashion-mnist")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    bunch = fetch_fashion_mnist(subset="test", download_if_missing=False)
    check(bunch, data, "test")
    assert bunch.target_names[5] == "Sandal"


@pytest.mark.parametrize(
    "dataset", [published.MNIST, published.FASHION_MNIST, *published.EMNIST.values()]
)
def test_every_data_set_has_two_mirrors(dataset):
    assert len({source.url for source in dataset.sources}) >= 2
    assert all(source.url.endswith("/") == (source.kind == "idx") for source in dataset.sources)
