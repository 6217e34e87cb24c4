"""The version of the installed distribution, which its build took from git."""

from __future__ import annotations

from importlib import metadata


def find_version() -> str:
    """Return the version of skmnist as it was installed.

    Returns
    -------
    version : str
        ``"0+unknown"`` for source code that is only on the path of Python and was never installed.
    """
    try:
        return metadata.version("skmnist")
    except metadata.PackageNotFoundError:
        return "0+unknown"
