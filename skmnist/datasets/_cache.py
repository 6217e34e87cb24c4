"""Find a data set among the files of this computer."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sklearn.datasets import get_data_home

from skmnist.datasets._file_layouts import layouts

ENVIRONMENT = "SKMNIST_DATA"


def own_folder(data_home):
    """Return the folder this library keeps its downloads in; it may not exist yet.

    Parameters
    ----------
    data_home : str, path-like or None
        As in :func:`sklearn.datasets.get_data_home`, which creates it.

    Returns
    -------
    Path
    """
    return Path(get_data_home(data_home)) / "skmnist"


def places(data_home):
    """Yield (name for messages, folder) in the order of search.

    Parameters
    ----------
    data_home : str, path-like or None
        A folder that is given comes first; the default folder comes after the one that the
        environment variable SKMNIST_DATA names.

    Yields
    ------
    name : str
    folder : Path
    """
    if data_home is not None:
        yield "data_home", own_folder(data_home)
        yield "data_home", Path(get_data_home(data_home))
    if os.environ.get(ENVIRONMENT):
        yield ENVIRONMENT, Path(os.environ[ENVIRONMENT]).expanduser()
    if data_home is None:
        # If the folder cannot be created, the cache of Keras may still hold the data.
        with contextlib.suppress(OSError):
            yield "data_home", own_folder(None)
    keras = os.environ.get("KERAS_HOME") or Path("~", ".keras")
    yield "the cache of Keras", Path(keras).expanduser() / "datasets"


def locate(dataset):
    """Return the first place on this computer that has all files of a data set, unread.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    path : Path or None
        The file, or the folder of the files.
    """
    for _, folder in places(None):
        for layout in layouts(dataset, folder):
            if layout.present(tuple(dataset.idx_files)):
                return layout.path
    return None


def find(dataset, parts, data_home):
    """Look for `parts` of a data set on this computer.

    Parameters
    ----------
    dataset : Dataset
    parts : sequence of {"train", "test"}
    data_home : str, path-like or None

    Returns
    -------
    pairs : list of (images, labels) or None
        None if no place holds undamaged data.
    looked : list of str
        The places without files of the data set.
    damaged : list of str
        What is wrong with the files that were found.
    """
    looked, damaged = [], []
    for name, folder in places(data_home):
        present = False
        for layout in layouts(dataset, folder):
            if not layout.present(parts):
                continue
            present = True
            try:
                return layout.read(parts), looked, damaged
            except (OSError, ValueError) as error:
                damaged.append(f"{name}: {error}")
        if not present:
            looked.append(f"{name} ({folder})")
    return None, looked, damaged
