"""The images and labels that ``--data`` names."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from skmnist.cli._errors import UserError

_TRAINING_IMAGES = "train-images-idx3-ubyte"
_EMNIST = "emnist-"
# What --data may be called; the splits of EMNIST by their names after "emnist-".
NAMES = (
    "sample",
    "mnist",
    "fashion",
    "emnist-letters",
    "emnist-balanced",
    "emnist-digits",
    "emnist-mnist",
    "emnist-bymerge",
    "emnist-byclass",
)
# The share of the sample that is tested on.
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

    Of the sample, which is in one part, a fifth are to test on.

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

    bunch = _load(data, part)
    labels = np.unique(bunch.target)
    names = {}
    if len(labels) == len(bunch.target_names):
        names = dict(zip(labels.tolist(), bunch.target_names.tolist(), strict=True))
    names = {label: name for label, name in names.items() if name != str(label)}
    loaded = Part(bunch.images, bunch.target, names)
    if data == "sample":
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
    path = _file_of_images(data)
    if path.suffix != ".npz":
        return "train" in path.name and _packed_or_not(_test_name(path)) is not None
    try:
        with zipfile.ZipFile(path) as archive:
            return "x_test.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def load_images(data, limit, seed):
    """Load training images, of the sample all.

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
    """Load training and test images; of the sample, which is in one part, hold out a fifth.

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
            return datasets.fetch_emnist(data.removeprefix(_EMNIST), subset=part)
        return _load_files(data, part)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error


def _load_files(data, part):
    from skmnist.datasets import load_idx, load_npz

    path = _file_of_images(data)
    if path.suffix == ".npz":
        return load_npz(path, subset=part)
    if part == "test":
        path = _test_images_beside(path)
    return load_idx(path, _labels_beside(path))


def _file_of_images(data):
    """Return the .npz file, or the IDX file of training images, that a path stands for."""
    from skmnist.bridge.parameters import did_you_mean

    path = Path(data)
    if path.is_dir():
        path = _packed_or_not(path / _TRAINING_IMAGES)
        if path is None:
            raise UserError(
                f"The folder {data!r} holds no {_TRAINING_IMAGES} or {_TRAINING_IMAGES}.gz; name "
                "a file in it."
            )
    if not path.exists():
        raise UserError(
            f"--data must be {', '.join(NAMES)} or a path; there is no file or folder "
            f"{data!r}.{did_you_mean(data, NAMES)}"
        )
    if path.suffix != ".npz" and "images" not in path.name:
        raise UserError(
            f"{data!r} is neither a .npz file nor an IDX file of images, whose name has 'images' "
            "in it, as train-images-idx3-ubyte has."
        )
    return path


def _test_images_beside(train):
    """Return the file of test images that belongs to one of training images."""
    if "train" not in train.name:
        raise UserError(
            f"{str(train)!r} must have 'train' in its name, as {_TRAINING_IMAGES} has, for the "
            "test images to be found beside it."
        )
    raw = _test_name(train)
    test = _packed_or_not(raw)
    if test is None:
        name = raw.name
        raise UserError(f"The test images of {train} must lie beside it, in {name} or {name}.gz.")
    return test


def _test_name(train):
    """Return the unpacked file of test images beside one of training images."""
    return train.with_name(train.name.removesuffix(".gz").replace("train", "t10k"))


def _labels_beside(images):
    """Return the file of labels that belongs to an IDX file of images, packed or not."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    labels = images.with_name(name)
    if not labels.exists():
        raw = images.with_name(name.removesuffix(".gz"))
        labels = _packed_or_not(raw)
        if labels is None:
            raise UserError(
                f"The labels of {images} must lie beside it, in {raw.name} or {raw.name}.gz."
            )
    return labels


def _packed_or_not(path):
    """Return the path or else its .gz, whichever exists; None if neither does."""
    packed = path.with_name(f"{path.name}.gz")
    return next((file for file in (path, packed) if file.exists()), None)


def stratified(y, n_samples, seed):
    """Return sorted indices of samples, shuffled, in which every class has its share."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(place[order], kind="stable")[:n_samples]])
