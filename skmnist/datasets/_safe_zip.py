"""Zip archives that nobody vouches for: any damage is a ValueError, and sizes are limited."""

from __future__ import annotations

import contextlib
import zipfile

from skmnist._support.idx import MAX_DEFLATE_RATIO

# How many bytes one packed byte can hold, by compression method.
_RATIOS = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: MAX_DEFLATE_RATIO}


@contextlib.contextmanager
def open_archive(file, problem):
    """Open a zip archive.

    Parameters
    ----------
    file : binary file
        The archive.
    problem : str
        What errors begin with.

    Yields
    ------
    archive : zipfile.ZipFile

    Raises
    ------
    ValueError
        If the archive cannot be read, or the caller's block fails.
    """
    # On damaged archives zipfile raises almost anything: BadZipFile, zlib.error, struct.error,
    # NotImplementedError, RuntimeError, EOFError, OSError, UnicodeDecodeError, ...
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except Exception as error:
        raise ValueError(f"{problem}: {error}") from error


def check_size(info, name, limit):
    """Raise ValueError if a member claims to be larger than `limit` bytes.

    zipfile never yields more bytes than the member claims, and raises an error if there are fewer.
    """
    if info.file_size > limit:
        raise ValueError(
            f"{name} can have at most {limit} bytes, the archive says {info.file_size}"
        )


def capacity(info, origin, archive_size):
    """Return the number of bytes that a member's packed bytes can hold at most."""
    if info.compress_type not in _RATIOS:
        raise ValueError(
            f"{origin} must be stored or deflated in the archive, got compression method "
            f"{info.compress_type}."
        )
    return min(info.compress_size, archive_size) * _RATIOS[info.compress_type]
