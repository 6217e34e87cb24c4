"""MNIST and Fashion-MNIST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from skmnist._support import published
from skmnist.datasets._descriptions import FASHION_DESCR, MNIST_DESCR
from skmnist.datasets._docs import documented
from skmnist.datasets._fetch import fetch

if TYPE_CHECKING:
    import os

    from sklearn.utils import Bunch


@documented(features="784")
def fetch_mnist(
    *,
    subset: Literal["train", "test", "all"] = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load MNIST, handwritten digits, downloading it if necessary.

    The data set is looked for in the folder that the environment variable ``SKMNIST_DATA``
    names, in the folder ``skmnist`` of `data_home`, and in the cache of Keras
    (``~/.keras/datasets``, or ``$KERAS_HOME/datasets``); a `data_home` that you pass is searched
    first.  Each place may hold ``mnist.npz``, or the four IDX files
    (``train-images-idx3-ubyte.gz`` and so on) in the folder itself or in its subfolder
    ``mnist-idx``.  Files are verified by the pixels and labels in them, however they are packed.
    If no place holds the data set, it is downloaded into the folder ``skmnist`` of `data_home`.

    ============  ===============
    Samples       60,000 + 10,000
    Classes       10
    Features      784, 0 to 255
    ============  ===============

    Parameters
    ----------
    {subset}
    data_home : str or path-like, default=None
        Folder of the data sets; by default that of :func:`sklearn.datasets.get_data_home`,
        ``~/scikit_learn_data``.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With these attributes:

        images : ndarray of shape (n_samples, 28, 28), dtype uint8, values 0 to 255
            The images as they are seen.
        {data}
        target : ndarray or Series of shape (n_samples,), dtype int64, values 0 to 9
            The class of each image.
        target_names : ndarray of str, shape (10,)
            The names of the classes.
        {frame}
        DESCR : str
            The description of the data set.

    {pair}

    Raises
    ------
    ValueError
        If `subset` is unknown.
    OSError
        If the data set is not on this computer, and cannot be downloaded or `download_if_missing`
        is False.  The message says what was tried and where to put the files by hand.
    ImportError
        If `as_frame` is True and pandas is not installed.

    Warns
    -----
    UserWarning
        If a local copy is damaged, so that another was used or a new one downloaded.

    See Also
    --------
    load_mnist_sample : 5,000 of the images, without a download.

    References
    ----------
    http://yann.lecun.com/exdb/mnist/

    Examples
    --------
    >>> from skmnist.datasets import fetch_mnist
    >>> mnist = fetch_mnist()
    >>> mnist.images.shape
    (60000, 28, 28)
    """
    return fetch(
        "fetch_mnist",
        published.MNIST,
        MNIST_DESCR,
        subset=subset,
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


@documented(features="784")
def fetch_fashion_mnist(
    *,
    subset: Literal["train", "test", "all"] = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load Fashion-MNIST, articles of clothing, downloading it if necessary.

    The data set is looked for where :func:`fetch_mnist` looks.  In each place, the four IDX files
    (``train-images-idx3-ubyte.gz`` and so on) may be in the subfolder ``fashion-mnist`` or in the
    folder itself; they are verified by their content.

    ============  ===============
    Samples       60,000 + 10,000
    Classes       10
    Features      784, 0 to 255
    ============  ===============

    Parameters
    ----------
    {subset}
    data_home : str or path-like, default=None
        Folder of the data sets, see :func:`fetch_mnist`.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the attributes of :func:`fetch_mnist`; `target` has the values 0 to 9, and
        `target_names` the names of the articles, such as "Ankle boot" for 9.

    {pair}

    Raises
    ------
    ValueError, OSError, ImportError
        As :func:`fetch_mnist`.

    Warns
    -----
    UserWarning
        As :func:`fetch_mnist`.

    References
    ----------
    https://github.com/zalandoresearch/fashion-mnist

    Examples
    --------
    >>> from skmnist.datasets import fetch_fashion_mnist
    >>> X, y = fetch_fashion_mnist(subset="test", return_X_y=True)
    >>> X.shape
    (10000, 784)
    """
    return fetch(
        "fetch_fashion_mnist",
        published.FASHION_MNIST,
        FASHION_DESCR,
        subset=subset,
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
