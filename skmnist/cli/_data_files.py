"""Files behind ``--data``: what a path stands for, and which files belong to it."""

from __future__ import annotations

import os
from pathlib import Path

from skmnist._support.csv_layout import csv_layout
from skmnist._support.idx import plain_name, published_name
from skmnist._support.names import did_you_mean
from skmnist.cli._data_names import EMNIST_PREFIX, NAMES
from skmnist.cli._errors import UserError

_TRAINING_IMAGES = "train-images-idx3-ubyte"
_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# Subfolders that archives are unpacked to.
_NESTED = ("gzip", "emnist", "mnist-idx", "fashion-mnist", "raw")


def resolve(data):
    """Return the kind of data that a path names.

    Parameters
    ----------
    data : str
        The path.

    Returns
    -------
    kind : {"npz", "csv", "folder", "idx"}
        The kind.
    path : Path
        The file, or the folder of pictures; for IDX files the file of training images.
    """
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
            f"{data!r} is neither a .npz file nor a .csv file nor an IDX file of images, whose "
            "name must contain 'images', such as train-images-idx3-ubyte. In Python, "
            "np.savez('digits.npz', x_train=images, y_train=labels) makes a .npz file."
        )
    return "idx", path


def _resolve_folder(path):
    if "images" in plain_name(path):  # some programs unpack a file into a folder of the same name
        inside = _file_named(path.parent, plain_name(path))
        if inside is not None:
            return "idx", inside
    folders = [path, *(path / name for name in _NESTED if (path / name).is_dir())]
    for folder in folders:
        found = _file_named(folder, _TRAINING_IMAGES)
        if found is not None:
            return "idx", found
    splits = {}
    for folder in folders:
        for entry in _entries(folder):
            words = plain_name(entry).split("-")
            if words[0] == "emnist" and words[2:4] == ["train", "images"]:
                file = _file_named(folder, plain_name(entry))
                if file is not None:
                    splits.setdefault(words[1], file)
    if len(splits) == 1:
        return "idx", next(iter(splits.values()))
    if splits:
        names = ", ".join(f"{EMNIST_PREFIX}{split}" for split in sorted(splits))
        raise UserError(
            f"The folder {str(path)!r} holds several splits of EMNIST: {names}. Name the file of "
            f"the training images of one; or set the environment variable SKMNIST_DATA={path} and "
            f"use --data {EMNIST_PREFIX}{min(splits)}."
        )
    archive = next((e for e in _entries(path) if e.name in ("gzip.zip", "emnist-gzip.zip")), None)
    if archive is not None:
        raise UserError(
            f"The folder {str(path)!r} holds {archive.name}, EMNIST's archive: set the environment "
            f"variable SKMNIST_DATA={path} and use --data {EMNIST_PREFIX}letters or another split."
        )
    near = _data_files_in(folders)
    classes = [entry for entry in _entries(path) if entry.is_dir()]
    if classes and not near:
        return "folder", path
    hint = f" It holds {', '.join(near[:8])}: name one of these." if near else ""
    raise UserError(
        f"The folder {str(path)!r} holds no {_TRAINING_IMAGES} or {_TRAINING_IMAGES}.gz, and no "
        f"folders of pictures, one for each class.{hint}"
    )


def _data_files_in(folders):
    """Return the relative names of files that look like data, for error messages."""
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


def _file_named(folder, plain):
    """Find the file of a plain name in a folder, or in a subfolder of that name; None if missing.

    Parameters
    ----------
    folder : Path
        Where to look.
    plain : str
        Name as :func:`skmnist._support.idx.plain_name` returns it.
    """
    # Unpacked files come first, and those whose name is spelled like MNIST's.
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


def _name_and_folder(images):
    """Return the plain name of a file of images, and the folder that holds related files."""
    plain = plain_name(images)
    nested = plain_name(images.parent)
    if plain == nested or ("idx3" in nested and "idx3" not in plain):
        return nested, images.parent.parent
    return plain, images.parent


def _test_names(plain):
    """Return possible names of the test images, given the name of the training images."""
    names = [plain.replace("train", other) for other in ("t10k", "test")]
    return names[::-1] if plain.startswith(EMNIST_PREFIX) else names


def find_test_images(train):
    """Return the file of test images that belongs to a file of training images, or None."""
    plain, folder = _name_and_folder(train)
    if "train" not in plain:
        return None
    return next(filter(None, (_file_named(folder, name) for name in _test_names(plain))), None)


def test_images_of(train):
    """Return the file of test images that belongs to a file of training images, or raise."""
    plain, folder = _name_and_folder(train)
    if "train" not in plain:
        raise UserError(
            f"{str(train)!r} must have 'train' in its name, as {_TRAINING_IMAGES} has, so that "
            "the test images can be found beside it."
        )
    test = find_test_images(train)
    if test is None:
        name = _test_names(plain)[0]
        raise UserError(
            f"The test images of {train} must lie beside it, in {name} or {name}.gz."
            f"{_other_files(folder)}"
        )
    return test


def labels_of(images):
    """Return the file of labels, packed or not, that belongs to an IDX file of images."""
    plain, folder = _name_and_folder(images)
    name = plain.replace("images", "labels").replace("idx3", "idx1")
    for candidate in (name, name.replace("idx1", "idx2")):  # labels may be a column
        labels = _file_named(folder, candidate)
        if labels is not None and labels != images:
            return labels
    raise UserError(
        f"The labels of {images} must lie beside it, in {name} or {name}.gz.{_other_files(folder)}"
    )


def _other_files(folder):
    """Return a sentence that lists the data files of a folder."""
    near = _data_files_in([folder])
    return f" There are {', '.join(near[:8])}." if near else ""


def test_table_of(train):
    """Return the table of test images that belongs to a table of training images, or None.

    Kaggle's ``test.csv`` does not count, because it has no labels.
    """
    plain = train.name.lower().removesuffix(".gz")
    if "train" not in plain:
        return None
    for other in ("test", "t10k"):
        wanted = plain.replace("train", other)
        for entry in _entries(train.parent):
            if entry.name.lower().removesuffix(".gz") == wanted and not entry.is_dir():
                table = as_user_error(csv_layout, entry)
                if (
                    table.label is not None
                    and table.n_pixels == as_user_error(csv_layout, train).n_pixels
                ):
                    return entry
    return None


def as_user_error(function, path):
    """Call a function with a path, and raise its errors as UserError."""
    try:
        return function(path)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error
