"""Where the results of comparisons are kept, so that an interrupted one goes on."""

from __future__ import annotations

from datetime import timedelta

from skmnist.cli._errors import UserError

_LIMITS = {"bytes_limit": "2G", "age_limit": timedelta(days=30)}


def results_folder(folder=None):
    """Return where to keep results; the user's cache is kept from growing without end.

    Parameters
    ----------
    folder : path-like or None
        The one that the user named, which is left as it is.

    Returns
    -------
    memory : joblib.Memory
        As :func:`skmnist.compare` takes it.

    Raises
    ------
    UserError
        If the folder cannot be made.
    """
    import joblib
    from sklearn.datasets import get_data_home

    try:
        memory = joblib.Memory(folder or f"{get_data_home()}/skmnist/results", verbose=0)
        if folder is None:
            memory.reduce_size(**_LIMITS)
    except OSError as error:
        raise UserError(
            f"Results cannot be kept: {error}. Name a folder for them with --memory, or use "
            "--fresh to keep none."
        ) from error
    return memory
