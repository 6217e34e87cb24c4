"""Read pictures from one folder per class."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.utils import Bunch

from skmnist._support.choices import check_choice
from skmnist._support.class_folders import folder_parts, is_litter, subfolders
from skmnist._warnings import warn
from skmnist.datasets._bunch import PARTS, make_bunch
from skmnist.datasets._descriptions import FOLDER_DESCR
from skmnist.datasets._docs import documented

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


@documented()
def load_folder(
    path: str | os.PathLike[str],
    *,
    subset: Literal["train", "test", "all"] = "train",
    image_shape: tuple[int, int] = (28, 28),
    fit: Literal["auto", "mnist", "resize"] = "auto",
    invert: Literal["auto"] | bool = "auto",
    box: int | None = None,
    on_error: Literal["raise", "warn"] = "raise",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load pictures from one folder per class.

    The pictures may have any size and colours.  Each is converted to an image of `image_shape`,
    light on dark, just as ``skmnist predict`` converts the pictures it predicts.

    Parameters
    ----------
    path : str or path-like
        The folder.  Its subfolders are the classes, in which pictures may be at any depth.
        Alternatively, its subfolders ``train`` and ``test`` hold the classes; ``val`` or
        ``validation`` beside them is not read.  Hidden files and folders are ignored.
    subset : {"train", "test", "all"}, default="train"
        Which images to load; "all" is the training images followed by the test images.  If
        there are no subfolders ``train`` and ``test``, all images are training images.
    image_shape : tuple of 2 int, default=(28, 28)
        Height and width of the images.
    fit : {"auto", "mnist", "resize"}, default="auto"
        "mnist" crops to the ink, scales and centres (:func:`skmnist.pictures.to_mnist`); "resize"
        only resizes (:func:`skmnist.pictures.to_shape`); "auto" is "mnist", except that arrays
        (from ``.npy``, ``.npz`` and IDX files) stay as they are if they have `image_shape` and are
        light on dark.
    invert : "auto" or bool, default="auto"
        Whether the pictures are dark on light.  With ``fit="resize"``, "auto" is False.
    box : int or None, default=None
        Side of the box that a character is scaled to; None for 20 of 28 pixels.
    on_error : {"raise", "warn"}, default="raise"
        What to do about pictures that cannot be read or are blank: raise an error that names them,
        or leave them out and warn.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            The images, in the order of the classes and, in each, of the names of the files.
        {data}
        target : ndarray or Series of shape (n_samples,), dtype int64 or str
            The class of each image: the name of its folder, as a number if all names are whole
            numbers.
        target_names : ndarray of str
            The names of the folders, sorted; as numbers if they are.
        filenames : list of str
            The file of each image.
        {frame}
        DESCR : str
            The folder that was read.

    {pair}

    Raises
    ------
    OSError
        If there is no such folder.
    ValueError
        If the folder holds no class folders, a class has no pictures, `subset` does not exist, or
        pictures cannot be read and `on_error` is "raise".
    ImportError
        If Pillow is not installed, or `as_frame` is True and pandas is not.

    Warns
    -----
    UserWarning
        If pictures were left out, with ``on_error="warn"``, or pictures lie beside the class
        folders.

    See Also
    --------
    skmnist.pictures.to_mnist : What is done to each picture.
    load_csv : Read a table of pixels and labels.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from PIL import Image, ImageDraw
    >>> from skmnist.datasets import load_folder
    >>> folder = tempfile.TemporaryDirectory()
    >>> for label, end in [("1", (30, 80)), ("7", (10, 80))]:
    ...     page = Image.new("L", (60, 90), "white")
    ...     ImageDraw.Draw(page).line([(30, 10), end], fill="black", width=6)
    ...     pathlib.Path(folder.name, label).mkdir()
    ...     page.save(pathlib.Path(folder.name, label, "a.png"))
    >>> bunch = load_folder(folder.name)
    >>> bunch.images.shape, bunch.target.tolist()
    ((2, 28, 28), [1, 7])
    >>> folder.cleanup()
    """
    check_choice("load_folder", "subset", subset, PARTS)
    check_choice("load_folder", "fit", fit, ("auto", "mnist", "resize"))
    check_choice("load_folder", "on_error", on_error, ("raise", "warn"))
    if fit == "resize" and box is not None:
        raise ValueError("The 'box' parameter of load_folder has no meaning with fit=\"resize\".")
    path = Path(os.fspath(path))
    parts = folder_parts(path)
    missing = [part for part in PARTS[subset] if part not in parts]
    if missing and not (subset == "all" and parts):
        raise ValueError(f"The folder '{path}' has no subfolder '{missing[0]}'.")
    loose = [
        file.name
        for root in {path, *parts.values()}
        for file in sorted(root.iterdir())
        if file.is_file() and file.suffix.lower() in _PICTURES
    ]
    if loose:
        listed = ", ".join(loose[:5]) + (", ..." if len(loose) > 5 else "")
        warn(f"load_folder ignored pictures outside the class folders: {listed}.")
    # From all parts, so that a label means the same class in each.
    classes = _labels_of({folder.name for root in parts.values() for folder in subfolders(root)})
    convert = _converter(image_shape, fit, invert, box)
    images, labels, files, failures = [], [], [], []
    for part in PARTS[subset]:
        if part not in parts:
            continue
        folders = {folder.name: folder for folder in subfolders(parts[part])}
        for name, label in classes.items():
            if name not in folders:
                continue
            made, names, failed = _read_class(folders[name], convert, image_shape)
            images += made
            files += names
            labels += [label] * len(made)
            failures += failed
    if failures:
        _report_failures(path, failures, on_error)
    if not images:
        raise ValueError(f"The folder '{path}' holds no pictures that can be read.")
    labels = np.array(labels)
    bunch = make_bunch(
        "load_folder",
        np.stack(images),
        labels,
        target_names=[str(label) for label in np.unique(labels)],
        descr=FOLDER_DESCR.format(path=path, subset=subset),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
    return bunch if return_X_y else Bunch(**bunch, filenames=files)


def _labels_of(names):
    """Return the label of each name of a folder, in the order of the labels."""
    if all(re.fullmatch(r"-?[0-9]+", name) for name in names):
        numbers = {name: int(name) for name in names}
        if len(set(numbers.values())) == len(numbers):  # "7" and "07" are two classes
            return dict(sorted(numbers.items(), key=lambda item: item[1]))
    return {name: name for name in sorted(names)}


def _converter(shape, fit, invert, box):
    """Return the function that makes an image of a picture."""
    from skmnist.pictures import to_mnist, to_shape

    if fit == "resize":
        inverts = False if isinstance(invert, str) and invert == "auto" else invert
        return lambda picture: to_shape(picture, shape=shape, invert=inverts)
    return lambda picture: to_mnist(
        picture, shape=shape, box=box, invert=invert, keep=fit == "auto" and picture.is_array
    )


def _read_class(folder, convert, image_shape):
    """Return the images of a class, their files, and (file, problem) of those that failed."""
    from skmnist.pictures import read_pictures

    images, names, failures = [], [], []
    for file in _files(folder):
        try:
            pictures = read_pictures(file, image_shape=image_shape)
        except (OSError, ValueError) as error:
            failures.append((file, " ".join(str(error).split())))
            continue
        for picture in pictures:
            fitted = convert(picture)
            if fitted.is_blank:
                failures.append((picture.name, f"There is no ink in {picture.name!r}."))
                continue
            images.append(fitted.pixels)
            names.append(picture.name)
    if not images and not failures:
        failures.append((folder, f"The class folder '{folder}' is empty."))
    return images, names, failures


def _files(folder):
    """Return the files in a folder and below it, sorted, without hidden ones."""
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_litter(name))
        found += [os.path.join(root, name) for name in sorted(files) if not is_litter(name)]
    return found


def _report_failures(path, failures, on_error):
    """Raise an error that names all failures, or warn of them."""
    errors = [error for _, error in failures]
    if on_error == "warn":
        warn(f"load_folder left out {len(errors)} of the files in '{path}': " + " ".join(errors))
        return
    raise ValueError(
        f"{len(errors)} of the files in '{path}' cannot be read as pictures of a character. "
        + " ".join(errors)
        + ' on_error="warn" leaves them out; fit="resize" accepts pictures without ink.'
    )
