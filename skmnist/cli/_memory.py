"""Where the results of comparisons are kept, so that an interrupted one goes on."""

from __future__ import annotations

from datetime import timedelta

_LIMITS = {"bytes_limit": "2G", "age_limit": timedelta(days=30)}


def results_folder(folder=None):
    """Return where to keep results; the user's cache is kept from growing without end.

    Parameters
    ----------
    folder : path-like or None
        The one that the user named, which is left as it is.

    Returns
    -------
    memory : path-like or joblib.Memory
        As :func:`skmnist.compare` takes it.
    """
    if folder is not None:
        return folder
    import joblib
    from sklearn.datasets import get_data_home

    memory = joblib.Memory(f"{get_data_home()}/skmnist/results", verbose=0)
    memory.reduce_size(**_LIMITS)
    return memory
