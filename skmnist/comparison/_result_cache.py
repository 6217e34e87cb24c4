"""Cache of results on disk, so that an interrupted comparison continues where it stopped."""

from __future__ import annotations

import contextlib
import warnings

from sklearn.utils.validation import check_memory

from skmnist.comparison._cache_keys import key_of, own_version
from skmnist.comparison._measurements import Fold


class ResultCache:
    """Cache of measurements in a :class:`joblib.Memory`.

    Parameters
    ----------
    memory : str, path-like, joblib.Memory or None
        As of :func:`skmnist.compare`; None for no cache.
    common : tuple
        Values that all results depend on: data, metrics, versions.
    """

    def __init__(self, memory, common):
        self._cached = None
        if memory is not None:
            checked = check_memory(memory if hasattr(memory, "cache") else str(memory))
            try:
                self._common = key_of(own_version(), *common)
            except Exception as error:
                _warn("No results are kept", error)
            else:
                self._cached = checked.cache(_measured, ignore=["measure"])

    def keys(self, models, splits):
        """Return the keys of the results of each model; None for results without a key."""
        keys = []
        for label, estimator in models:
            model_keys = [None] * len(splits)
            if self._cached is not None:
                try:
                    model = key_of(self._common, estimator)
                except Exception as error:
                    _warn(f"Results of {label} are not kept", error)
                else:
                    model_keys = [key_of(model, split.train, split.test) for split in splits]
            keys.append(model_keys)
        return keys

    def find(self, key):
        """Return the cached result; None if there is none that can be read."""
        if key is None or not self._cached.check_call_in_cache(key, None):
            return None
        shelved = self._cached.call_and_shelve(key, None)
        # A damaged file must not end the comparison: its result is measured again.
        with contextlib.suppress(Exception):
            found = shelved.get()
            if isinstance(found, Fold):
                return found
        shelved.clear()
        return None

    def measure_and_cache(self, key, measure):
        """Measure, and cache the result; errors are not cached."""
        return measure() if key is None else self._cached(key, measure)


def _measured(key, measure):
    return measure()


def _warn(what, error):
    warnings.warn(
        f"{what} in memory: they depend on something without a stable hash "
        f"({type(error).__name__}: {error}).",
        stacklevel=5,  # the line that calls compare
    )
