"""Packages that come with an extra: one message where they are missing."""

from __future__ import annotations

import importlib


def require(module, caller, *, extra, package=None):
    """Import a module of an optional dependency.

    Parameters
    ----------
    module : str
        The module's full name.
    caller : str
        Who needs it, for the message.
    extra : str
        The extra of skmnist that installs it.
    package : str or None, default=None
        What the message calls it; by default as the module.

    Returns
    -------
    module : module
        The module.

    Raises
    ------
    ImportError
        If it cannot be imported; says what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{caller} needs {package or module}, which is not installed: "
            f'pip install "skmnist[{extra}]"'
        ) from error
