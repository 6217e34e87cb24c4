"""Builders of data files, a local download server, and folders that keep the tests apart."""

import dataclasses
import gzip
import hashlib
import http.server
import io
import os
import struct
import threading
import types
from pathlib import Path

import numpy as np
import pytest

from skmnist._support import published
from skmnist.datasets import _download


def idx_images(images):
    return struct.pack(">4I", 0x803, *images.shape) + images.astype(np.uint8).tobytes()


def idx_labels(labels):
    return struct.pack(">2I", 0x801, len(labels)) + np.asarray(labels).astype(np.uint8).tobytes()


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def parts(seed=0, n_train=30, n_test=10, size=(28, 28), labels=range(10)):
    """Return random {part: (images, labels)}."""
    rng = np.random.default_rng(seed)
    return {
        part: (
            rng.integers(0, 256, (n, *size)).astype(np.uint8),
            rng.choice(list(labels), n).astype(np.uint8),
        )
        for part, n in (("train", n_train), ("test", n_test))
    }


def npz_of(data):
    return npz(
        **{
            f"{axis}_{part}": array
            for part in data
            for axis, array in zip("xy", data[part], strict=True)
        }
    )


def idx_of(data, names):
    """Return {file name: content} of gzip-compressed IDX files."""
    return {
        name: gzip.compress(content)
        for part, (images, labels) in data.items()
        for name, content in zip(names[part], (idx_images(images), idx_labels(labels)), strict=True)
    }


def tables(dataset, data, sources):
    """Return `dataset` as if the known content were `data` and the mirrors `sources`."""
    return dataclasses.replace(
        dataset,
        sources=tuple(published.Source(*source) for source in sources),
        shapes={part: images.shape for part, (images, _) in data.items()},
        sha256={
            part: tuple(hashlib.sha256(array).hexdigest() for array in pair)
            for part, pair in data.items()
        },
    )


@pytest.fixture(scope="session")
def make():
    return types.SimpleNamespace(
        idx_images=idx_images,
        idx_labels=idx_labels,
        npz=npz,
        parts=parts,
        npz_of=npz_of,
        idx_of=idx_of,
        tables=tables,
    )


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Point every folder the fetchers may use into tmp_path; no retries and no waiting."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "scikit"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delenv("SKMNIST_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(_download, "_RETRIES", 0)
    monkeypatch.setattr(_download, "_DELAY", 0)
    return tmp_path / "scikit" / "skmnist"


@dataclasses.dataclass
class Server:
    """A local web server: what it serves, and what it was asked for."""

    url: str = ""
    files: dict = dataclasses.field(default_factory=dict)
    # Bytes that the Content-Length header claims beyond those that are sent.
    missing: dict = dataclasses.field(default_factory=dict)
    # How many times a file answers 503 before it is served.
    failures: dict = dataclasses.field(default_factory=dict)
    requests: list = dataclasses.field(default_factory=list)


@pytest.fixture
def server():
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state.requests.append(self.path)
            if state.failures.get(self.path, 0) > 0:
                state.failures[self.path] -= 1
                self.send_error(503)
                return
            if self.path not in state.files:
                self.send_error(404)
                return
            body = state.files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + state.missing.get(self.path, 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        state.url = f"http://127.0.0.1:{service.server_port}"
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        service.shutdown()
        thread.join()


@pytest.fixture
def real_data():
    folder = os.environ.get("SKMNIST_DATA")
    if not folder:
        pytest.skip("SKMNIST_DATA does not name a folder with the real data sets")
    return Path(folder)
