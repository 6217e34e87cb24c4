"""Tables of published data sets: names, shapes, hashes and where to get them."""

from __future__ import annotations

import dataclasses
import string
import types

from skmnist._support.idx import published_name

_TRAIN_TEST_FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
_KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_DIGITS = tuple(string.digits)


@dataclasses.dataclass(frozen=True)
class Source:
    """A place on the network.

    Parameters
    ----------
    kind : {"npz", "idx", "zip"}
        One .npz file, a folder of IDX files, or a zip archive of IDX files.
    url : str
        The file; for IDX files the folder, ending in a slash.
    """

    kind: str
    url: str


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Facts about a data set that are known before it is read.

    Parameters
    ----------
    title : str
        Title for messages.
    target_names : tuple of str
        Class names in the order of the labels, which count up from `first_label`.
    shapes : dict of str to tuple of 3 int
        The shape of the images of "train" and "test".
    sources : tuple of Source
        The mirrors, in the order in which they are tried.
    folder : str
        The subfolder for the IDX files.
    idx_files : dict of str to tuple of 2 str
        The images file and the labels file of "train" and "test".
    npz : str or None
        The .npz file that may hold the whole data set.
    zips : tuple of str
        Archives of the IDX files that users may have downloaded.
    sha256 : dict of str to tuple of 2 str
        Hashes of the pixels and of the labels, as bytes, of "train" and "test"; empty if unknown.
        Hashes of the content, because the files exist in differently packed versions.
    first_label : int
        The label of the first class.
    transposed : bool
        Whether the files hold the images with rows and columns exchanged.
    """

    title: str
    target_names: tuple
    shapes: dict
    sources: tuple
    folder: str
    idx_files: dict
    npz: str | None = None
    zips: tuple = ()
    sha256: dict = dataclasses.field(default_factory=dict)
    first_label: int = 0
    transposed: bool = False


MNIST = Dataset(
    title="MNIST",
    target_names=_DIGITS,
    shapes={"train": (60_000, 28, 28), "test": (10_000, 28, 28)},
    sources=(
        Source("npz", _KERAS_URL + "mnist.npz"),
        Source("idx", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
    ),
    folder="mnist-idx",
    idx_files=_TRAIN_TEST_FILES,
    npz="mnist.npz",
    sha256={
        "train": (
            "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
            "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        ),
        "test": (
            "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
            "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
        ),
    },
)

FASHION_MNIST = Dataset(
    title="Fashion-MNIST",
    target_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    shapes={"train": (60_000, 28, 28), "test": (10_000, 28, 28)},
    sources=(
        Source("idx", _KERAS_URL),
        Source("idx", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
    ),
    folder="fashion-mnist",
    idx_files=_TRAIN_TEST_FILES,
    sha256={
        "train": (
            "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
            "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        ),
        "test": (
            "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
            "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
        ),
    },
)

_EMNIST_SOURCES = (
    Source("zip", "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"),
    # The authors' own copy.
    Source("zip", "https://rds.westernsydney.edu.au/Institutes/MARCS/BENS/EMNIST/emnist-gzip.zip"),
)
# The letters whose lower case looks unlike their upper case and stays a class of its own.
_UNMERGED = tuple(string.digits + string.ascii_uppercase + "abdefghnqrt")


def _emnist(split, n_train, n_test, target_names, first_label=0):
    return Dataset(
        title=f"EMNIST ({split})",
        target_names=target_names,
        shapes={"train": (n_train, 28, 28), "test": (n_test, 28, 28)},
        sources=_EMNIST_SOURCES,
        folder="emnist",
        idx_files={
            part: (
                f"emnist-{split}-{part}-images-idx3-ubyte.gz",
                f"emnist-{split}-{part}-labels-idx1-ubyte.gz",
            )
            for part in ("train", "test")
        },
        zips=("gzip.zip", "emnist-gzip.zip"),
        first_label=first_label,
        transposed=True,
    )


# The counts are those of the published files; the first version of the paper says 88,800 and
# 14,800 of "letters".
EMNIST = types.MappingProxyType(
    {
        "byclass": _emnist(
            "byclass",
            697_932,
            116_323,
            tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase),
        ),
        "bymerge": _emnist("bymerge", 697_932, 116_323, _UNMERGED),
        "balanced": _emnist("balanced", 112_800, 18_800, _UNMERGED),
        "letters": _emnist("letters", 124_800, 20_800, tuple(string.ascii_uppercase), 1),
        "digits": _emnist("digits", 240_000, 40_000, _DIGITS),
        "mnist": _emnist("mnist", 60_000, 10_000, _DIGITS),
    }
)


def emnist_names(path, labels):
    """Return what the labels of one of EMNIST's own files stand for.

    Parameters
    ----------
    path : str or path-like
        A file, which is recognised as one of EMNIST's by its name.
    labels : ndarray of int
        Labels, sorted.

    Returns
    -------
    names : list of str or None
        None if the file is not one of EMNIST's, or its labels are not the published ones.
    """
    parts = published_name(path).split("-")
    dataset = EMNIST.get(parts[1]) if parts[0] == "emnist" and len(parts) > 1 else None
    if dataset is None:
        return None
    places = [int(label) - dataset.first_label for label in labels]
    if not all(0 <= place < len(dataset.target_names) for place in places):
        return None
    return [dataset.target_names[place] for place in places]
