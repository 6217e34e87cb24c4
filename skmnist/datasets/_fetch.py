"""Find a data set on this computer or else download it, and say clearly if neither works."""

from __future__ import annotations

import warnings

from skmnist._support.choices import check_choice
from skmnist._support.idx import upright
from skmnist.datasets._bunch import PARTS, join_parts, make_bunch
from skmnist.datasets._cache import ENVIRONMENT, find, own_folder
from skmnist.datasets._download import download


def fetch(caller, dataset, descr, *, subset, data_home, download_if_missing, return_X_y, as_frame):
    """Load a data set of the tables; the body of the public functions.

    Parameters
    ----------
    caller : str
        The public function, for messages.
    dataset : Dataset
    descr : str
    subset, data_home, download_if_missing, return_X_y, as_frame
        As of :func:`skmnist.datasets.fetch_mnist`.

    Returns
    -------
    Bunch, or (data, target) if `return_X_y`
    """
    check_choice(caller, "subset", subset, PARTS)
    parts = _obtain(caller, dataset, PARTS[subset], data_home, download_if_missing)
    images, labels = join_parts(parts, dataset.title)
    if dataset.transposed:
        images = upright(images)
    return make_bunch(
        caller,
        images,
        labels,
        target_names=dataset.target_names,
        descr=descr,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _obtain(caller, dataset, parts, data_home, download_if_missing):
    """Return parts of a data set, from this computer or else from the network.

    Parameters
    ----------
    caller : str
        The public function, for messages.
    dataset : Dataset
    parts : sequence of {"train", "test"}
    data_home : str, path-like or None
    download_if_missing : bool

    Returns
    -------
    list of (images, labels)

    Raises
    ------
    OSError
        If the data set is not on this computer, and cannot be downloaded or
        `download_if_missing` is False.

    Warns
    -----
    UserWarning
        If damaged files were skipped.
    """
    pairs, looked, damaged = find(dataset, parts, data_home)
    failures = []
    if pairs is None and download_if_missing:
        pairs, failures = download(dataset, parts, own_folder(data_home))
    if pairs is None:
        raise OSError(_failure_message(caller, dataset, data_home, looked, damaged, failures))
    for problem in damaged:
        warnings.warn(
            f"{caller} skipped a damaged file and loaded {dataset.title} from elsewhere. {problem}",
            UserWarning,
            stacklevel=4,
        )
    return pairs


def _failure_message(caller, dataset, data_home, looked, damaged, failures):
    lines = [
        f"{caller} found no {dataset.title} on this computer and "
        + ("could not download it." if failures else "`download_if_missing` is False.")
    ]
    if looked:
        lines.append("Not in: " + "; ".join(looked) + ".")
    lines += [f"Damaged: {problem}" for problem in damaged]
    lines += [f"Tried {failure}" for failure in failures]
    idx_files = ", ".join(name for names in dataset.idx_files.values() for name in names)
    single = dataset.npz or "".join(dataset.zips[:1])
    lines.append(
        f"To load it without a download, put {single and f'{single}, or '}the files {idx_files}, "
        f"into the folder '{own_folder(data_home)}' or one that the environment variable "
        f"{ENVIRONMENT} names (or into a subfolder '{dataset.folder}'). They are published at "
        + " and ".join(source.url for source in dataset.sources)
        + "."
    )
    return "\n".join(lines)
