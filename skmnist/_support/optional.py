"""Packages that come with an extra: one message where one is missing."""

from __future__ import annotations

import importlib
from importlib.util import find_spec


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
        What the message calls it; None for the name of the module.

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
        raise ImportError(_message(package or module, caller, extra, module, error)) from error


def check_installed(package, caller, *, extra):
    """Raise ImportError, as :func:`require` does, unless a package is installed.

    The package is not imported.

    Parameters
    ----------
    package : str
        The package's name, as it is imported.
    caller : str
        Who needs it, for the message.
    extra : str
        The extra of skmnist that installs it.
    """
    if find_spec(package) is None:
        raise ImportError(_message(package, caller, extra))


def pip_install(extra):
    """Return the command that installs an extra of skmnist."""
    return f'pip install "skmnist[{extra}]"'


def _message(package, caller, extra, module=None, error=None):
    state = "is not installed"
    # A package that is there may still fail, for example because it lacks one of its own needs.
    if error is not None and (error.name or "").split(".")[0] != module.split(".")[0]:
        state = f"cannot be imported ({error})"
    return f"{caller} needs {package}, which {state}: {pip_install(extra)}"
