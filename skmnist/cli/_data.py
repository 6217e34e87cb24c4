"""The images and labels that ``--data`` names."""

from __future__ import annotations

import os
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
# The share that is tested on of data that are in one part.
_TEST_SHARE = 0.2
_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# Subfolders that archives unpack to.
_NESTED = ("gzip", "emnist", "mnist-idx", "fashion-mnist", "raw")


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
    kind, path = _resolve(data)
    if kind in ("folder", "csv"):
        return True
    if kind == "idx":
        return _test_images_of(path) is not None
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
    kind, path = _resolve(data)
    if kind == "folder":
        return "test" not in _told(_folder_parts, path)
    return kind == "csv" and _test_table(path) is None


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
            return datasets.fetch_emnist(data.removeprefix(_EMNIST), subset=part)
        return _load_files(data, part)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error


def _load_files(data, part):
    from skmnist import datasets

    kind, path = _resolve(data)
    if kind == "npz":
        return datasets.load_npz(path, subset=part)
    if kind == "folder":
        return datasets.load_folder(path, subset=part)
    if kind == "csv":
        return datasets.load_csv(path if part == "train" else _test_table(path))
    if part == "test":
        path = _test_images_beside(path)
    return datasets.load_idx(path, _labels_beside(path))


def _resolve(data):
    """Return what a path stands for.

    Parameters
    ----------
    data : str
        The path.

    Returns
    -------
    kind : {"npz", "csv", "folder", "idx"}
        What it is.
    path : Path
        The file, of IDX files that of the training images; or the folder of pictures.
    """
    from skmnist._support.idx import published_name
    from skmnist._support.names import did_you_mean

    path = Path(data)
    if not path.exists():
        raise UserError(
            f"--data must be {', '.join(NAMES)} or a path; there is no file or folder "
            f"{data!r}.{did_you_mean(data, NAMES)}"
        )
    if path.is_dir():
        return _resolve_folder(path)
    name = path.name.lower()
    if name.endswith(".npz"):
        return "npz", path
    if name.endswith(_TABLES):
        return "csv", path
    if "images" not in published_name(path):
        raise UserError(
            f"{data!r} is neither a .npz file, nor a .csv file, nor an IDX file of images, whose "
            "name has 'images' in it, as train-images-idx3-ubyte has. In Python, "
            "np.savez('digits.npz', x_train=images, y_train=labels) makes a .npz file."
        )
    return "idx", path


def _resolve_folder(path):
    from skmnist._support.idx import plain_name

    if "images" in plain_name(path):  # a file that was unpacked into a folder of its name
        inside = _named(path.parent, plain_name(path))
        if inside is not None:
            return "idx", inside
    folders = [path, *(path / name for name in _NESTED if (path / name).is_dir())]
    for folder in folders:
        found = _named(folder, _TRAINING_IMAGES)
        if found is not None:
            return "idx", found
    splits = {}
    for folder in folders:
        for entry in _entries(folder):
            words = plain_name(entry).split("-")
            if words[0] == "emnist" and words[2:4] == ["train", "images"]:
                file = _named(folder, plain_name(entry))
                if file is not None:
                    splits.setdefault(words[1], file)
    if len(splits) == 1:
        return "idx", next(iter(splits.values()))
    if splits:
        names = ", ".join(f"{_EMNIST}{split}" for split in sorted(splits))
        raise UserError(
            f"The folder {str(path)!r} holds several splits of EMNIST: {names}. Name the file of "
            f"the training images of one; or set the environment variable SKMNIST_DATA={path} and "
            f"take --data {_EMNIST}{min(splits)}."
        )
    archive = next((e for e in _entries(path) if e.name in ("gzip.zip", "emnist-gzip.zip")), None)
    if archive is not None:
        raise UserError(
            f"The folder {str(path)!r} holds {archive.name}, EMNIST's archive: set the environment "
            f"variable SKMNIST_DATA={path} and take --data {_EMNIST}letters or another split."
        )
    near = _nearly_taken(folders)
    classes = [entry for entry in _entries(path) if entry.is_dir()]
    if classes and not near:
        return "folder", path
    told = f" It holds {', '.join(near[:8])}: name one of these." if near else ""
    raise UserError(
        f"The folder {str(path)!r} holds no {_TRAINING_IMAGES} or {_TRAINING_IMAGES}.gz, and no "
        f"folders of pictures, one for each class.{told}"
    )


def _nearly_taken(folders):
    """Return the names of files of data that --data could name itself."""
    top = folders[0]
    return [
        os.path.relpath(entry, top)
        for folder in folders
        for entry in _entries(folder)
        if (not entry.is_dir() or "idx" in entry.name.lower())
        and (
            entry.name.lower().endswith((".npz", *_TABLES))
            or "idx" in entry.name.lower()
            or "images" in entry.name.lower()
        )
    ]


def _entries(folder):
    """Return the entries of a folder, sorted, without hidden ones."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise UserError(f"The folder {str(folder)!r} cannot be read: {error}") from error


def _named(folder, plain):
    """Return the file of a plain name in a folder, or in a folder of that name; None if none is.

    Parameters
    ----------
    folder : Path
        Where to look.
    plain : str
        As :func:`skmnist._support.idx.plain_name` has it.
    """
    from skmnist._support.idx import plain_name

    # Unpacked files first, and those that are written as MNIST's are.
    found = sorted(
        (entry for entry in _entries(folder) if plain_name(entry) == plain),
        key=lambda entry: (entry.is_dir(), entry.name.lower().endswith(".gz"), entry.name != plain),
    )
    for entry in found:
        if not entry.is_dir():
            return entry
        inside = [file for file in _entries(entry) if not file.is_dir()]
        same = [file for file in inside if plain_name(file) == plain]
        if same or len(inside) == 1:
            return (same or inside)[0]
    return None


def _place(images):
    """Return the plain name of a file of images, and the folder where those beside it lie."""
    from skmnist._support.idx import plain_name

    plain = plain_name(images)
    nested = plain_name(images.parent)
    if plain == nested or ("idx3" in nested and "idx3" not in plain):
        return nested, images.parent.parent
    return plain, images.parent


def _test_names(plain):
    """Return the names that the test images may have, by that of the training images."""
    names = [plain.replace("train", other) for other in ("t10k", "test")]
    return names[::-1] if plain.startswith(_EMNIST) else names


def _test_images_of(train):
    """Return the file of test images that belongs to one of training images; None if none does."""
    plain, folder = _place(train)
    if "train" not in plain:
        return None
    return next(filter(None, (_named(folder, name) for name in _test_names(plain))), None)


def _test_images_beside(train):
    """Return the file of test images that belongs to one of training images, or raise."""
    plain, folder = _place(train)
    if "train" not in plain:
        raise UserError(
            f"{str(train)!r} must have 'train' in its name, as {_TRAINING_IMAGES} has, for the "
            "test images to be found beside it."
        )
    test = _test_images_of(train)
    if test is None:
        name = _test_names(plain)[0]
        raise UserError(
            f"The test images of {train} must lie beside it, in {name} or {name}.gz."
            f"{_others(folder)}"
        )
    return test


def _labels_beside(images):
    """Return the file of labels that belongs to an IDX file of images, packed or not."""
    plain, folder = _place(images)
    name = plain.replace("images", "labels").replace("idx3", "idx1")
    for candidate in (name, name.replace("idx1", "idx2")):  # labels may be a column
        labels = _named(folder, candidate)
        if labels is not None and labels != images:
            return labels
    raise UserError(
        f"The labels of {images} must lie beside it, in {name} or {name}.gz.{_others(folder)}"
    )


def _others(folder):
    """Say which files of data lie in a folder."""
    near = _nearly_taken([folder])
    return f" There are {', '.join(near[:8])}." if near else ""


def _test_table(train):
    """Return the table of test images that belongs to one of training images; None if none does.

    Kaggle's ``test.csv`` has no labels, and is none.
    """
    from skmnist.datasets._csv import csv_table

    plain = train.name.lower().removesuffix(".gz")
    if "train" not in plain:
        return None
    for other in ("test", "t10k"):
        wanted = plain.replace("train", other)
        for entry in _entries(train.parent):
            if entry.name.lower().removesuffix(".gz") == wanted and not entry.is_dir():
                table = _told(csv_table, entry)
                if table.label is not None and table.n_pixels == _told(csv_table, train).n_pixels:
                    return entry
    return None


def _folder_parts(path):
    from skmnist.datasets._folder import folder_parts

    return folder_parts(path)


def _told(function, path):
    """Call a function of a path; its errors are the user's."""
    try:
        return function(path)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error


def stratified(y, n_samples, seed):
    """Return sorted indices of samples, shuffled, in which every class has its share."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(place[order], kind="stable")[:n_samples]])
