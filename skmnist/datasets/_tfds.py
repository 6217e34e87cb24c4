"""Image classification data sets of TensorFlow Datasets, in the form of the other loaders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from skmnist._keras import start
from skmnist._support.idx import check_image_shape
from skmnist._support.names import did_you_mean
from skmnist._support.optional import require
from skmnist.datasets._bunch import PARTS, join_parts, make_bunch
from skmnist.datasets._descriptions import TFDS_DESCR
from skmnist.datasets._docs import documented

if TYPE_CHECKING:
    from sklearn.utils import Bunch

_BATCH = 1024
# How many configurations of a data set a message names at most.
_NAMED = 20


@documented()
def fetch_tfds(
    name: Any,
    *,
    subset: str = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load an image classification data set of TensorFlow Datasets.

    While :func:`fetch_mnist` and similar functions read a few data sets from any file that holds
    them, this one reads whatever TensorFlow Datasets has or can build: its own catalogue and your
    own builders.  It needs the package tensorflow-datasets (``pip install "skmnist[tfds]"``), and
    imports TensorFlow, which takes seconds.

    Images come in the order of the files that TensorFlow Datasets has written.  It shuffles them
    when it writes, so the order of MNIST differs from that of :func:`fetch_mnist`, but is the same
    every time.

    Parameters
    ----------
    name : str or tensorflow_datasets.core.DatasetBuilder
        The name of a data set, with its configuration and version if needed: "kmnist",
        "emnist/letters", "mnist:3.0.1"; or a builder.
    subset : str, default="train"
        Which images to load: "train", "test", "all" for the training images followed by the
        test images, or another split of the data set, such as "validation".
    data_home : str or path-like, default=None
        The ``data_dir`` of TensorFlow Datasets; by default its own,
        ``~/tensorflow_datasets`` or the environment variable ``TFDS_DATA_DIR``.  A builder has
        its own folder, so this must be None for one.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading and preparing the data set.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, height, width), dtype uint8, values 0 to 255
            With more than one channel, of shape (n_samples, height, width, n_channels).
            Images of "emnist" are made upright, as :func:`fetch_emnist` does.
        data : ndarray or DataFrame of shape (n_samples, n_features), dtype uint8
            The images row by row, the channels of a pixel side by side; as an ndarray, a view of
            `images`.
        target : ndarray or Series of shape (n_samples,), dtype int64
            The class of each image.
        target_names : ndarray of str
            The names of the classes 0, 1, and so on; if the data set has no names, the labels
            that occur, sorted, as text.
        feature_names : list of str
            ``pixel_<row>_<column>``, from 0; with more than one channel,
            ``pixel_<row>_<column>_<channel>``.
        frame : DataFrame of shape (n_samples, n_features + 1) or None
            `data` and `target` together, if `as_frame`.
        DESCR : str
            The description by TensorFlow Datasets.

    {pair}

    Raises
    ------
    TypeError
        If `name` is neither a string nor a builder.
    ValueError
        If there is no such data set or split, or if the data set does not consist of 8-bit images
        of one size, each with a class.
    OSError
        If the data set is not prepared on this computer, and cannot be downloaded and prepared or
        `download_if_missing` is False.
    ImportError
        If tensorflow-datasets is not installed, or if `as_frame` is True and pandas is not.

    See Also
    --------
    fetch_mnist, fetch_fashion_mnist, fetch_emnist : Quicker, without TensorFlow, and from files
        that you may already have.

    Notes
    -----
    The "emnist/letters" of TensorFlow Datasets holds 88,800 + 14,800 of the 124,800 + 20,800
    images that :func:`fetch_emnist` returns, and names its classes "0" to "36".

    References
    ----------
    https://www.tensorflow.org/datasets/catalog/overview

    Examples
    --------
    >>> from skmnist.datasets import fetch_tfds
    >>> kuzushiji = fetch_tfds("kmnist")  # doctest: +SKIP
    >>> kuzushiji.images.shape  # doctest: +SKIP
    (60000, 28, 28)
    """
    if not isinstance(subset, str):
        raise ValueError(
            "The 'subset' parameter of fetch_tfds must be the name of a split, such as 'train', "
            f"or 'all'. Got {subset!r} instead."
        )
    tfds = _import_tfds()
    builder = _find_builder(tfds, name, data_home)
    origin = f"fetch_tfds: '{builder.info.full_name}'"
    image, label = _find_features(tfds, builder.info, origin)
    if not builder.info.splits:
        _prepare(builder, origin, download_if_missing)
    splits = PARTS.get(subset, (subset,))
    missing = [split for split in splits if split not in builder.info.splits]
    if missing:
        there = list(builder.info.splits)
        raise ValueError(
            f"{origin} has no split {missing[0]!r}, which subset={subset!r} needs. "
            f"It has {', '.join(map(repr, there))}.{did_you_mean(subset, there)}"
        )
    parts = [_read(tfds, builder, split, image, label, origin) for split in splits]
    images, labels = join_parts(parts, origin)
    if builder.name == "emnist":
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    names = getattr(builder.info.features[label], "names", None) or np.unique(labels)
    return make_bunch(
        "fetch_tfds",
        images,
        labels,
        target_names=names,
        descr=_describe(builder.info),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _import_tfds():
    start()  # before tensorflow-datasets does it, which would not be quiet
    package = "tensorflow-datasets"
    return require("tensorflow_datasets", "fetch_tfds", extra="tfds", package=package)


def _find_builder(tfds, name, data_home):
    if isinstance(name, tfds.core.DatasetBuilder):
        if data_home is not None:
            raise ValueError(
                "fetch_tfds takes data_home together with the name of a data set only: the "
                f"builder passed keeps its data in '{name.data_dir}', got "
                f"data_home={os.fspath(data_home)!r}."
            )
        return name
    if not isinstance(name, str):
        raise TypeError(
            "The 'name' parameter of fetch_tfds must be the name of a data set, such as 'mnist', "
            f"or a builder of TensorFlow Datasets. Got {name!r} instead."
        )
    folder = None if data_home is None else os.path.expanduser(os.fspath(data_home))
    try:
        return tfds.builder(name, data_dir=folder)
    except Exception as error:  # it raises almost anything, even AssertionError
        raise ValueError(_why_not_found(tfds, name, folder, error)) from error


def _why_not_found(tfds, name, folder, error):
    """Return a short message; the library's own one lists some 450 names."""
    known = tfds.list_builders(with_community_datasets=False)
    if folder is not None and os.path.isdir(folder):
        known += sorted(os.listdir(folder))
    own_name, _, config = name.partition(":")[0].partition("/")
    start_of = f"fetch_tfds: there is no data set {name!r} in TensorFlow Datasets"
    if own_name not in known:
        where = f" {tfds.__version__}, nor in '{folder}'" if folder else f" {tfds.__version__}"
        return (
            f"{start_of}{where}.{did_you_mean(own_name, known)} Its names are listed by "
            "tensorflow_datasets.list_builders(); import your own builder before, or pass it "
            "instead of a name."
        )
    try:
        configs = list(tfds.builder_cls(own_name).builder_configs)
    except Exception:  # a data set of which only the folder is known
        configs = []
    if config and configs and config not in configs:
        listed = ", ".join(repr(one) for one in configs[:_NAMED])
        more = ", ..." if len(configs) > _NAMED else ""
        return (
            f"{start_of}: the configurations of {own_name!r} are {listed}{more}, got {config!r}."
            + did_you_mean(config, configs)
        )
    return f"fetch_tfds: the data set {name!r} of TensorFlow Datasets cannot be loaded: {error}"


def _find_features(tfds, info, origin):
    """Return the names of the features that hold the image and its class."""
    features = info.features
    found = dict(features) if isinstance(features, tfds.features.FeaturesDict) else {}

    def is_image(feature):
        # A LabeledImage is a mask.
        return isinstance(feature, tfds.features.Image) and not isinstance(
            feature, tfds.features.LabeledImage
        )

    def is_label(feature):
        return isinstance(feature, tfds.features.ClassLabel) or (
            getattr(feature, "shape", None) == () and np.issubdtype(feature.np_dtype, np.integer)
        )

    images = [key for key, feature in found.items() if is_image(feature)]
    labels = [key for key, feature in found.items() if is_label(feature)]
    named = [key for key in labels if isinstance(found[key], tfds.features.ClassLabel)]
    keys = info.supervised_keys
    if keys and len(keys) == 2 and keys[0] in images and keys[1] in labels:
        image, label = keys
    elif len(images) == 1 and 1 in (len(named), len(labels)):
        image, label = images[0], (named if len(named) == 1 else labels)[0]
    else:
        lacking = "images" if not images else "class labels" if not labels else "one of each"
        raise ValueError(
            f"{origin} is not an image classification data set: it must have an image feature and "
            f"an integer label feature, but lacks {lacking}. Its features are {features!r}."
        )
    if found[image].np_dtype != np.uint8:
        raise ValueError(
            f"{origin}: images must be of dtype uint8, got {found[image].np_dtype} of the feature "
            f"{image!r}."
        )
    return image, label


def _prepare(builder, origin, download_if_missing):
    where = f"in '{builder.data_path.parent}'"
    if not download_if_missing:
        raise OSError(
            f"{origin} is not prepared {where}, and `download_if_missing` is False. Pass the "
            "folder that holds it as data_home, or let it be downloaded."
        )
    _check_connection(builder, origin)
    try:
        builder.download_and_prepare()
    except Exception as error:  # whatever a builder raises
        raise OSError(
            f"{origin} is not prepared {where}, and could not be downloaded and prepared there. "
            f"{type(error).__name__}: {error}"
        ) from error


def _check_connection(builder, origin):
    """Fail at once without a network; the library would try each file for three minutes."""
    import requests  # the library downloads with it

    for url in list(builder.url_infos or ())[:1]:
        if url.startswith("http"):
            try:
                requests.head(url, timeout=20)
            except requests.exceptions.RequestException as error:
                raise OSError(
                    f"{origin} is not prepared in '{builder.data_path.parent}', and could not be "
                    f"downloaded: {error}. Copy a prepared data set into that folder, or pass the "
                    "folder that holds it as data_home."
                ) from error


def _read(tfds, builder, split, image, label, origin):
    """Return the images (n, height, width) or (n, height, width, channels), and the labels."""
    config = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)  # file after file
    others = set(builder.info.features) - {image, label}
    dataset = builder.as_dataset(
        split=split,
        shuffle_files=False,
        read_config=config,
        decoders={key: tfds.decode.SkipDecoding() for key in others} or None,
    )
    dataset = dataset.map(lambda example: (example[image], example[label]))
    # Images of different sizes do not fit into one batch.
    shape = builder.info.features[image].shape
    dataset = dataset.batch(1 if None in shape else _BATCH)
    count, done, pixels = builder.info.splits[split].num_examples, 0, None
    targets = np.empty(count, np.int64)
    for some, labels in tfds.as_numpy(dataset):
        if pixels is None:
            check_image_shape(origin, (count, *some.shape[1:3]))
            pixels = np.empty((count, *some.shape[1:]), np.uint8)
        if some.shape[1:] != pixels.shape[1:]:
            first, other = (" x ".join(map(str, a.shape[1:])) for a in (pixels, some))
            raise ValueError(
                f"{origin}: all images must have the same size, got {first} and {other} in the "
                f"split {split!r}."
            )
        pixels[done : done + len(some)] = some
        targets[done : done + len(some)] = labels
        done += len(some)
    if pixels is None:
        raise ValueError(f"{origin}: the split {split!r} must hold images, but is empty.")
    if targets.min() < 0:
        raise ValueError(
            f"{origin}: every image must have a class, got the label {targets.min()} in the split "
            f"{split!r}, which is how TensorFlow Datasets marks images without one."
        )
    return (pixels[..., 0] if pixels.shape[-1] == 1 else pixels), targets


def _describe(info):
    title = f"{info.full_name} of TensorFlow Datasets"
    splits = ", ".join(f"{s.num_examples:,} ({name})" for name, s in info.splits.items())
    return TFDS_DESCR.format(
        title=title,
        underline="=" * len(title),
        splits=splits,
        description=(info.description or "").strip(),
        homepage=info.homepage or "not named",
        citation=(info.citation or "not named").strip(),
    )
