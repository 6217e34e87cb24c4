"""The forms in which a folder may hold a data set; files are judged by their content."""

from __future__ import annotations

import hashlib
import math
import shutil
import tempfile
from pathlib import Path

import numpy as np

from skmnist.datasets._idx import read_idx_pair
from skmnist.datasets._npz import read_npz
from skmnist.datasets._safe_zip import check_size, open_archive

# A gzip file of incompressible content is larger than that, by its header and a little more.
_GZIP_OVERHEAD = 2**16


def layouts(dataset, folder):
    """Yield the forms in which a folder may hold a data set.

    Parameters
    ----------
    dataset : Dataset
    folder : Path

    Yields
    ------
    NpzLayout, IdxLayout or ZipLayout
    """
    if dataset.npz:
        yield NpzLayout(dataset, folder / dataset.npz)
    for subfolder in (folder / dataset.folder, folder):
        yield IdxLayout(dataset, subfolder)
        for name in dataset.zips:
            yield ZipLayout(dataset, subfolder / name)


class NpzLayout:
    """One .npz file.

    Parameters
    ----------
    dataset : Dataset
    path : Path
        The file.
    """

    def __init__(self, dataset, path):
        self.dataset = dataset
        self.path = path

    def present(self, parts):
        """Return whether the file is there."""
        return self.path.is_file()

    def read(self, parts):
        """Return verified (images, labels) of each part; OSError or ValueError if damaged."""
        pairs = read_npz(self.path, parts, self.dataset.shapes)
        for part, pair in zip(parts, pairs, strict=True):
            verify(self.dataset, part, *pair, origin=(self.path, self.path))
        return pairs


class IdxLayout:
    """A folder of IDX files.

    Parameters
    ----------
    dataset : Dataset
    path : Path
        The folder.
    """

    def __init__(self, dataset, path):
        self.dataset = dataset
        self.path = path

    def present(self, parts):
        """Return whether all the files of the parts are there."""
        return all(file.is_file() for part in parts for file in self._files(part))

    def read(self, parts):
        """Return verified (images, labels) of each part; OSError or ValueError if damaged."""
        return [self._read_part(part) for part in parts]

    def _read_part(self, part):
        files = self._files(part)
        pair = read_idx_pair(*files, shape=self.dataset.shapes[part])
        verify(self.dataset, part, *pair, origin=files)
        return pair

    def _files(self, part):
        return tuple(self._file(name) for name in self.dataset.idx_files[part])

    def _file(self, name):
        # Unpacked files do as well: the reader recognises them by their content.
        packed, raw = self.path / name, self.path / name.removesuffix(".gz")
        return raw if raw.is_file() and not packed.is_file() else packed


class ZipLayout:
    """A zip archive of IDX files, as EMNIST is published.

    Parameters
    ----------
    dataset : Dataset
    path : Path
        The archive.
    """

    def __init__(self, dataset, path):
        self.dataset = dataset
        self.path = path

    def present(self, parts):
        """Return whether the archive is there."""
        return self.path.is_file()

    def read(self, parts):
        """Return verified (images, labels) of each part; OSError or ValueError if damaged."""
        with tempfile.TemporaryDirectory(prefix="skmnist-") as folder:
            self.extract(parts, Path(folder))
            return IdxLayout(self.dataset, Path(folder)).read(parts)

    def extract(self, parts, folder):
        """Write the members that the parts need, and no others, into a folder.

        File names come from the table, never from the archive, and sizes are limited.

        Parameters
        ----------
        parts : sequence of {"train", "test"}
        folder : Path

        Raises
        ------
        ValueError
            If the archive lacks a member or is damaged.
        """
        problem = f"'{self.path}' is not a readable zip archive"
        with open(self.path, "rb") as file, open_archive(file, problem) as archive:
            members = {name.rsplit("/")[-1]: name for name in archive.namelist()}
            for part in parts:
                limit = math.prod(self.dataset.shapes[part]) + _GZIP_OVERHEAD
                for name in self.dataset.idx_files[part]:
                    if name not in members:
                        raise ValueError(f"it must hold {name}, which is missing")
                    info = archive.getinfo(members[name])
                    check_size(info, info.filename, limit)
                    with archive.open(info) as member, open(folder / name, "wb") as target:
                        shutil.copyfileobj(member, target, 2**20)


def verify(dataset, part, images, labels, *, origin):
    """Check arrays against what is known of the data set.

    Parameters
    ----------
    dataset : Dataset
    part : {"train", "test"}
    images : ndarray of the shape of the part, dtype uint8, C-contiguous
    labels : ndarray of shape (n,), an integer dtype
    origin : tuple of 2 Path
        The files they come from, for the message.

    Raises
    ------
    ValueError
        If they differ from it.  The message names the file.
    """
    first, last = dataset.first_label, dataset.first_label + len(dataset.target_names) - 1
    if labels.min() < first or labels.max() > last:
        raise ValueError(
            f"'{origin[1]}': the labels of {dataset.title} must be from {first} to {last}, "
            f"got labels from {labels.min()} to {labels.max()}."
        )
    if not dataset.sha256:
        return
    contents = ("images", images, origin[0]), ("labels", labels.astype(np.uint8), origin[1])
    for (kind, array, path), expected in zip(contents, dataset.sha256[part], strict=True):
        got = hashlib.sha256(array).hexdigest()
        if got != expected:
            raise ValueError(
                f"'{path}' is damaged or not {dataset.title}: the SHA-256 of its {part} {kind} "
                f"must be {expected}, got {got} instead."
            )
