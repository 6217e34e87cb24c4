"""The images and labels that ``--data`` names."""

from __future__ import annotations

from pathlib import Path

from skmnist.cli._errors import UserError

_TRAINING_IMAGES = "train-images-idx3-ubyte"
_NAMES = ("sample", "mnist", "fashion")
# The share of the sample that ``reproduce`` tests on.
_TEST_SHARE = 0.2


def load_images(data, limit, seed):
    """Load training images.

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
    train = _load(data, "train")
    if data != "sample":
        test = _load(data, "test")
        return train.images, train.target, test.images, test.target
    import numpy as np

    chosen = stratified(train.target, round(_TEST_SHARE * len(train.target)), seed=0)
    kept = np.setdiff1d(np.arange(len(train.target)), chosen)
    return train.images[kept], train.target[kept], train.images[chosen], train.target[chosen]


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
        return _load_files(data, part)
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error


def _load_files(data, part):
    from skmnist.bridge.parameters import did_you_mean
    from skmnist.datasets import load_idx, load_npz

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
            f"--data must be {', '.join(_NAMES)} or a path; there is no file or folder "
            f"{data!r}.{did_you_mean(data, _NAMES)}"
        )
    if path.suffix == ".npz":
        return load_npz(path, subset=part)
    if "images" not in path.name:
        raise UserError(
            f"{data!r} is neither a .npz file nor an IDX file of images, whose name has 'images' "
            "in it, as train-images-idx3-ubyte has."
        )
    if part == "test":
        path = _test_images_beside(path)
    return load_idx(path, _labels_beside(path))


def _test_images_beside(train):
    """Return the file of test images that belongs to one of training images."""
    if "train" not in train.name:
        raise UserError(
            f"{str(train)!r} must have 'train' in its name, as {_TRAINING_IMAGES} has, for the "
            "test images to be found beside it."
        )
    name = train.name.removesuffix(".gz").replace("train", "t10k")
    test = _packed_or_not(train.with_name(name))
    if test is None:
        raise UserError(f"The test images of {train} must lie beside it, in {name} or {name}.gz.")
    return test


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
