"""Cache of the results of comparisons, with which an interrupted comparison continues."""

from __future__ import annotations

from datetime import timedelta

from skmnist.cli._errors import UserError

_LIMITS = {"bytes_limit": "2G", "age_limit": timedelta(days=30)}


def results_folder(folder=None):
    """Return the cache of results; the default one is limited in size and age.

    Parameters
    ----------
    folder : path-like or None
        Folder that the user named, which is not limited; None for the default one.

    Returns
    -------
    memory : joblib.Memory
        For :func:`skmnist.compare`.

    Raises
    ------
    UserError
        If the folder cannot be created.
    """
    import joblib
    from sklearn.datasets import get_data_home

    try:
        memory = joblib.Memory(folder or f"{get_data_home()}/skmnist/results", verbose=0)
        if folder is None:
            memory.reduce_size(**_LIMITS)
    except OSError as error:
        raise UserError(
            f"Results cannot be kept: {error}. Name another folder with --memory, or use --fresh "
            "to keep none."
        ) from error
    return memory
