"""The images and labels that ``--data`` names."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field

from skmnist.cli._data_names import EMNIST_PREFIX, NAMES
from skmnist.cli._errors import UserError

# The share that is tested on of data that are in one part.
_TEST_SHARE = 0.2


@dataclass(frozen=True)
class Part:
    """Images and labels of a data set, for training or for testing.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), dtype uint8
        The images.
    labels : ndarray of shape (n,)
        Their labels.
    names : dict of int to str
        What the labels stand for, where they are not said as they are.
    """

    images: object
    labels: object
    names: dict = field(default_factory=dict)

    def take(self, rows):
        """Return a part with some of the images.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        part : Part
            The images and their labels.
        """
        return Part(self.images[rows], self.labels[rows], self.names)


def load_part(data, part, limit=None, seed=0):
    """Load the images to train on or those to test on.

    Of data in one part, see :func:`holds_out`, a fifth are to test on.

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
    """Tell whether there are images to test on.

    Parameters
    ----------
    data : str
        Name or path of data that there are.

    Returns
    -------
    has : bool
        Whether :func:`load_part` has such; of damaged files the answer may be wrong.
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
    """Tell whether a fifth of the images are kept apart to test on, as there are no test images.

    Parameters
    ----------
    data : str
        Name or path of data that there are.

    Returns
    -------
    holds : bool
        Whether they are: of the sample, and of a folder or a table in one part.
    """
    if data in NAMES:
        return data == "sample"
    from skmnist.cli._data_files import as_user_error, folder_parts, resolve, test_table_of

    kind, path = resolve(data)
    if kind == "folder":
        return "test" not in as_user_error(folder_parts, path)
    return kind == "csv" and test_table_of(path) is None


def note_of_hold_out(data):
    """Return a sentence for the user where images of their own are held out; None elsewhere."""
    if data == "sample" or not holds_out(data):
        return None
    return f"{data} has no test part: a fifth of its images, chosen by class, are its test images"


def load_images(data, limit, seed):
    """Load training images; of data in one part all.

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
    """Load training and test images; of data in one part, hold out a fifth.

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
    """Return a part, "train" or "test", of what is named; all of the sample."""
    from skmnist import datasets

    try:
        if data == "sample":
            return datasets.load_mnist_sample()
        if data == "mnist":
            return datasets.fetch_mnist(subset=part)
        if data == "fashion":
            return datasets.fetch_fashion_mnist(subset=part)
        if data in NAMES:
            return datasets.fetch_emnist(data.removeprefix(EMNIST_PREFIX), subset=part)
        return _load_files(data, part)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error


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
    """Return sorted indices of samples, shuffled, in which every class has its share."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(place[order], kind="stable")[:n_samples]])
