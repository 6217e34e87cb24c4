"""Results on disk, so that an interrupted comparison goes on where it was."""

from __future__ import annotations

import contextlib
import warnings

from sklearn.utils.validation import check_memory

from skmnist.comparison._keys import key_of, own_version
from skmnist.comparison._row import Fold


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
            try:
                self._common = key_of(own_version(), *common)
            except Exception as error:
                _warn("No results are kept", error)
            else:
                self._cached = kept.cache(_measured, ignore=["measure"])

    def keys(self, models, splits):
        """Return the keys of the results of each model; None where nothing is kept."""
        keys = []
        for label, estimator in models:
            of_model = [None] * len(splits)
            if self._cached is not None:
                try:
                    model = key_of(self._common, estimator)
                except Exception as error:
                    _warn(f"Results of {label} are not kept", error)
                else:
                    of_model = [key_of(model, split.train, split.test) for split in splits]
            keys.append(of_model)
        return keys

    def find(self, key):
        """Return the result that is there already; None if there is none that can be read."""
        if key is None or not self._cached.check_call_in_cache(key, None):
            return None
        kept = self._cached.call_and_shelve(key, None)
        # joblib would print the traceback of what is damaged.
        with contextlib.suppress(Exception):
            found = kept.get()
            if isinstance(found, Fold):
                return found
        kept.clear()
        return None

    def keep(self, key, measure):
        """Measure, and keep the result.  Errors are not kept."""
        return measure() if key is None else self._cached(key, measure)


def _measured(key, measure):
    return measure()


def _warn(what, error):
    warnings.warn(
        f"{what} in memory: what they depend on cannot be told ({type(error).__name__}: {error}).",
        stacklevel=5,  # where compare was called
    )
