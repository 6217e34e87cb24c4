"""Results on disk, so that an interrupted comparison goes on where it was."""

from __future__ import annotations

import warnings

from sklearn.utils.validation import check_memory

from skmnist.comparison._keys import key_of


class Store:
    """Keeps what was measured in a :class:`joblib.Memory`.

    Parameters
    ----------
    memory : str, path-like, joblib.Memory or None
        As of :func:`skmnist.compare`; with None nothing is kept.
    common : tuple
        What all results depend on: data, metrics, versions.
    """

    def __init__(self, memory, common):
        self._cached = None
        if memory is not None:
            kept = check_memory(memory if hasattr(memory, "cache") else str(memory))
            self._cached = kept.cache(_measured, ignore=["measure"])
            self._common = key_of(*common)

    def keys(self, label, estimator, splits):
        """Return the key of the result on each split; None where nothing is kept."""
        if self._cached is None:
            return [None] * len(splits)
        try:
            model = key_of(self._common, estimator)
        except Exception as error:
            warnings.warn(
                f"Results of {label} are not kept in memory: what they depend on cannot be told "
                f"({type(error).__name__}: {error}).",
                stacklevel=2,
            )
            return [None] * len(splits)
        return [key_of(model, split.train, split.test) for split in splits]

    def has(self, key):
        """Tell whether there is a result already."""
        return key is not None and self._cached.check_call_in_cache(key, None)

    def get(self, key, measure):
        """Return the result, measured now if it is not there.  Errors are not kept."""
        return measure() if key is None else self._cached(key, measure)


def _measured(key, measure):
    return measure()
