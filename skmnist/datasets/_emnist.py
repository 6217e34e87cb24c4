"""EMNIST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from skmnist._support import published
from skmnist._support.choices import check_choice
from skmnist.datasets._descriptions import EMNIST_DESCR
from skmnist.datasets._docs import documented
from skmnist.datasets._fetch import fetch

if TYPE_CHECKING:
    import os

    from sklearn.utils import Bunch


@documented()
def fetch_emnist(
    split: Literal["byclass", "bymerge", "balanced", "letters", "digits", "mnist"] = "letters",
    *,
    subset: Literal["train", "test", "all"] = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | Any:
    """Load a split of EMNIST, handwritten letters and digits, downloading it if necessary.

    The data set is looked for where :func:`fetch_mnist` looks.  In each place, the IDX files
    (``emnist-letters-train-images-idx3-ubyte.gz`` and so on) or the published archive
    ``gzip.zip`` may be in the subfolder ``emnist`` or in the folder itself.  The download is that
    archive, about 560 MB, of which only the files of `split` are kept; to use several splits,
    download it by hand and put it into one of the places.

    ========  =================  =======  =========================================
    split     samples            classes  labels
    ========  =================  =======  =========================================
    byclass   697,932 + 116,323  62       0 to 61: 0-9, A-Z, a-z
    bymerge   697,932 + 116,323  47       0 to 46: 0-9, A-Z, a b d e f g h n q r t
    balanced  112,800 + 18,800   47       as bymerge, equally many
    letters   124,800 + 20,800   26       1 to 26: A-Z, either case
    digits    240,000 + 40,000   10       0 to 9
    mnist     60,000 + 10,000    10       0 to 9
    ========  =================  =======  =========================================

    Parameters
    ----------
    split : {"byclass", "bymerge", "balanced", "letters", "digits", "mnist"}, default="letters"
        Selection of classes.
    {subset}
    data_home : str or path-like, default=None
        Folder of the data sets, see :func:`fetch_mnist`.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.
    {form}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the attributes of :func:`fetch_mnist`.  `images` are upright, unlike those in the
        published files.  `target` has the published labels, see the table.  `target_names` has
        a name for every class, in the order of the labels: for "letters", ``target_names[0]``
        belongs to the label 1.

    {pair}

    Raises
    ------
    ValueError
        If `split` or `subset` is unknown.
    OSError, ImportError
        As :func:`fetch_mnist`.

    Warns
    -----
    UserWarning
        As :func:`fetch_mnist`.

    References
    ----------
    https://www.nist.gov/itl/products-and-services/emnist-dataset

    Examples
    --------
    >>> from skmnist.datasets import fetch_emnist
    >>> letters = fetch_emnist("letters", subset="test")
    >>> letters.images.shape
    (20800, 28, 28)
    """
    check_choice("fetch_emnist", "split", split, published.EMNIST)
    dataset = published.EMNIST[split]
    descr = EMNIST_DESCR.format(
        split=split,
        underline="=" * len(f'EMNIST, split "{split}": handwritten characters'),
        n_train=dataset.shapes["train"][0],
        n_test=dataset.shapes["test"][0],
        n_classes=len(dataset.target_names),
        first=dataset.first_label,
        last=dataset.first_label + len(dataset.target_names) - 1,
        names=" ".join(dataset.target_names),
    )
    return fetch(
        "fetch_emnist",
        dataset,
        descr,
        subset=subset,
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
