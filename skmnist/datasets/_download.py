"""Download a data set, and keep it only once its content is verified."""

from __future__ import annotations

import http.client
import logging
import os
import tempfile
from pathlib import Path

from sklearn.datasets import fetch_file

from skmnist.datasets._file_layouts import ZipLayout, layouts

logger = logging.getLogger(__name__)

# There are other mirrors, so do not insist on one.
_RETRIES = 1
_DELAY = 1


def download(dataset, parts, home):
    """Download a data set from the first mirror that delivers it.

    Parameters
    ----------
    dataset : Dataset
    parts : sequence of {"train", "test"}
        What to return; all parts are downloaded.
    home : Path
        The folder to keep the files in.

    Returns
    -------
    pairs : list of (images, labels) or None
        None if every mirror failed.
    failures : list of str
        What went wrong, mirror by mirror.
    """
    home.mkdir(parents=True, exist_ok=True)
    failures = []
    for source in dataset.sources:
        # On any error or interruption the temporary folder is removed with everything in it.
        with tempfile.TemporaryDirectory(prefix="download-", dir=home) as folder:
            try:
                pairs = _download_from(source, dataset, Path(folder))
            except (OSError, ValueError, http.client.HTTPException) as error:
                failures.append(f"{source.url}: {error}")
                continue
            _install(Path(folder), home)
        return [pairs[part] for part in parts], failures
    return None, failures


def _download_from(source, dataset, folder):
    """Download everything from one mirror into a folder; return verified {part: pair}."""
    all_parts = tuple(dataset.idx_files)
    idx_folder = folder / dataset.folder
    if source.kind == "npz":
        _fetch(source.url, folder, dataset.npz)
    else:
        idx_folder.mkdir()
    if source.kind == "idx":
        for names in dataset.idx_files.values():
            for name in names:
                _fetch(source.url + name, idx_folder, name)
    if source.kind == "zip":
        archive = Path(_fetch(source.url, folder, dataset.zips[0]))
        ZipLayout(dataset, archive).extract(all_parts, idx_folder)
        archive.unlink()
    # Read back from the files that will be kept, in the way they will be read next time.
    layout = next(layout for layout in layouts(dataset, folder) if layout.present(all_parts))
    return dict(zip(all_parts, layout.read(all_parts), strict=True))


def _fetch(url, folder, name):
    logger.info("Downloading %s", url)
    return fetch_file(url, folder=folder, local_filename=name, n_retries=_RETRIES, delay=_DELAY)


def _install(folder, home):
    """Move verified files into place, each in one step, so that no partial file is ever seen."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = home / file.relative_to(folder)
        target.parent.mkdir(exist_ok=True)
        os.replace(file, target)
