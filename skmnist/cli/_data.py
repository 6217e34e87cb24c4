"""Loading of the images and labels that ``--data`` names."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field

from skmnist.cli._data_names import EMNIST_PREFIX, NAMES
from skmnist.cli._errors import UserError

# Share of the images that is held out for testing if the data have no test part.
_TEST_SHARE = 0.2


@dataclass(frozen=True)
class Part:
    """Training or test images of a data set, with their labels.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), dtype uint8
        The images.
    labels : ndarray of shape (n,)
        Their labels.
    names : dict of int to str
        Names of the labels, for labels whose name differs from the label itself.
    """

    images: object
    labels: object
    names: dict = field(default_factory=dict)

    def take(self, rows):
        """Return a part with some of the images.

        Parameters
        ----------
        rows : ndarray of int
            Their indices.

        Returns
        -------
        part : Part
            These images and their labels.
        """
        return Part(self.images[rows], self.labels[rows], self.names)


def load_part(data, part, limit=None, seed=0):
    """Load the training or the test images.

    If the data have no test part, see :func:`holds_out`, a fifth of them are the test images.

    Parameters
    ----------
    data : str
        Name or path.
    part : {"train", "test"}
        Which images.
    limit : int or None, default=None
        How many images to choose, None for all.
    seed : int, default=0
        Seed of the choice.

    Returns
    -------
    part : Part
        What `data` names.
    """
    import numpy as np

    holds = holds_out(data)
    bunch = _load(data, "train" if holds else part)
    labels = np.unique(bunch.target)
    names = {}
    if len(labels) == len(bunch.target_names):
        names = dict(zip(labels.tolist(), bunch.target_names.tolist(), strict=True))
    names = {label: name for label, name in names.items() if name != str(label)}
    loaded = Part(bunch.images, bunch.target, names)
    if holds:
        held_out = stratified(loaded.labels, round(_TEST_SHARE * len(loaded.labels)), seed=0)
        kept = np.setdiff1d(np.arange(len(loaded.labels)), held_out)
        loaded = loaded.take(held_out if part == "test" else kept)
    if limit is None or limit >= len(loaded.labels):
        return loaded
    return loaded.take(stratified(loaded.labels, limit, seed))


def has_test_images(data):
    """Return whether data have test images.

    Parameters
    ----------
    data : str
        Name or path of existing data.

    Returns
    -------
    has : bool
        Whether :func:`load_part` can load them; for damaged files the answer may be wrong.
    """
    if data in NAMES:
        return True
    from skmnist.cli._data_files import find_test_images, resolve

    kind, path = resolve(data)
    if kind in ("folder", "csv"):
        return True
    if kind == "idx":
        return find_test_images(path) is not None
    try:
        with zipfile.ZipFile(path) as archive:
            return "x_test.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def holds_out(data):
    """Return whether a fifth of the images are held out, because there is no test part.

    Parameters
    ----------
    data : str
        Name or path of existing data.

    Returns
    -------
    holds : bool
        True for the sample, and for a folder or a table without a test part.
    """
    if data in NAMES:
        return data == "sample"
    from skmnist._support.class_folders import folder_parts
    from skmnist.cli._data_files import as_user_error, resolve, test_table_of

    kind, path = resolve(data)
    if kind == "folder":
        return "test" not in as_user_error(folder_parts, path)
    return kind == "csv" and test_table_of(path) is None


def note_of_hold_out(data):
    """Return a note for the user if images of their own files are held out; None otherwise."""
    if data == "sample" or not holds_out(data):
        return None
    return f"{data} has no test part: a fifth of its images, chosen by class, are its test images"


def load_images(data, limit, seed):
    """Load the training images; all images if the data have no test part.

    Parameters
    ----------
    data : str
        Name or path.
    limit : int or None
        How many images to choose, None for all.
    seed : int
        Seed of the choice.

    Returns
    -------
    images, labels : ndarray
        What `data` names.
    """
    bunch = _load(data, "train")
    if limit is None or limit >= len(bunch.target):
        return bunch.images, bunch.target
    chosen = stratified(bunch.target, limit, seed)
    return bunch.images[chosen], bunch.target[chosen]


def load_both_parts(data):
    """Load training and test images, of which a fifth is held out if there is no test part.

    Parameters
    ----------
    data : str
        Name or path.

    Returns
    -------
    X_train, y_train, X_test, y_test : ndarray
        What `data` names.
    """
    train, test = load_part(data, "train"), load_part(data, "test")
    return train.images, train.labels, test.images, test.labels


def _load(data, part):
    """Load a part, "train" or "test", of named data; of the sample all."""
    try:
        return fetch(data, part) if data in NAMES else _load_files(data, part)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error


def fetch(name, subset):
    """Load a named data set, and download it if it is missing.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    subset : {"train", "test", "all"}
        Which images; the sample is always loaded as a whole.

    Returns
    -------
    bunch : Bunch
        What the function of :mod:`skmnist.datasets` returns.
    """
    from skmnist import datasets

    if name == "sample":
        return datasets.load_mnist_sample()
    if name == "mnist":
        return datasets.fetch_mnist(subset=subset)
    if name == "fashion":
        return datasets.fetch_fashion_mnist(subset=subset)
    return datasets.fetch_emnist(name.removeprefix(EMNIST_PREFIX), subset=subset)


def _load_files(data, part):
    from skmnist import datasets
    from skmnist.cli._data_files import labels_of, resolve, test_images_of, test_table_of

    kind, path = resolve(data)
    if kind == "npz":
        return datasets.load_npz(path, subset=part)
    if kind == "folder":
        return datasets.load_folder(path, subset=part)
    if kind == "csv":
        return datasets.load_csv(path if part == "train" else test_table_of(path))
    if part == "test":
        path = test_images_of(path)
    return datasets.load_idx(path, labels_of(path))


def stratified(y, n_samples, seed):
    """Return sorted indices of randomly chosen samples, in which every class has its share."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(place[order], kind="stable")[:n_samples]])
