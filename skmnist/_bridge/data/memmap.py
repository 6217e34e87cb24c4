"""Images in memory-mapped files, which are read in blocks and never as a whole."""

from __future__ import annotations

import functools
import math
import mmap
import operator

import numpy as np

from skmnist._bridge.data.pixels import PixelStats

# Memory-mapped arrays that would take at least so many bytes as float32 stay where they are.
# Smaller ones are read once, which is faster; joblib passes such to its workers.
STREAMED_FROM_BYTES = 64 * 2**20
# What is read at a time, in bytes as float32.  Up to five times as much is used: what is read, what
# is made of it, and the tensors that the network still trains on.
BLOCK_BYTES = 16 * 2**20
# Blocks are multiples of so many rows, and what networks predict at a time is padded to such.
# Matrix kernels treat the last odd rows differently from the rest, in the last bits; padded, a
# row's prediction depends on that row alone, wherever it stands and whatever stands beside it.
ROWS = 24


def is_streamed(X):
    """Tell whether `X` is a memory-mapped array, or a view of one, too large to be loaded."""
    if not isinstance(X, np.ndarray) or 4 * X.size < STREAMED_FROM_BYTES:
        return False
    while isinstance(X, np.ndarray):
        X = X.base
    return isinstance(X, mmap.mmap)


class StoredRows:
    """Rows of a memory-mapped array, which become float32 when they are read.

    It has of an array what the bridge asks of its rows: a length, a shape, and choosing rows.

    Parameters
    ----------
    array : ndarray of shape (n_samples, ...)
        Rows or images.
    chosen : ndarray of int or None, default=None
        Which of its rows these are, None for all.
    scale : callable or None, default=None
        Takes rows that were read, as float32, and returns them scaled.
    """

    def __init__(self, array, chosen=None, scale=None):
        self._array, self._chosen, self._scale = array, chosen, scale
        self._stats = None
        n_rows = len(array) if chosen is None else len(chosen)
        self.shape = (n_rows, math.prod(array.shape[1:]))

    @classmethod
    def checked(cls, array, check):
        """Return the rows of an array after checking all of them, a block at a time.

        Parameters
        ----------
        array : ndarray of shape (n_samples, ...)
            What the user gave.
        check : callable
            Takes a block of `array`; returns its rows as float32, and raises if they are not
            valid.
        """
        rows, stats = cls(array), None
        for start in range(0, len(array), rows.rows_per_block):
            # Not a memmap, whose reductions are memmaps too.
            block = check(np.asarray(array[start : start + rows.rows_per_block]))
            found = PixelStats.of(block, array.dtype)
            stats = found if stats is None else stats | found
        rows._stats = stats
        return rows

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, chosen):
        """Return some of the rows, by a mask, still unread."""
        kept = np.flatnonzero(chosen)
        if self._chosen is not None:
            kept = self._chosen[kept]
        return StoredRows(self._array, kept, scale=self._scale)

    @property
    def rows_per_block(self):
        """Number of rows to be read at a time."""
        rows = BLOCK_BYTES // (4 * self.shape[1])
        return max(rows // ROWS, 1) * ROWS

    def read(self, rows):
        """Read some of the rows, by their numbers or a slice, as float32."""
        if self._chosen is not None:
            rows = self._chosen[rows]
        block = np.asarray(self._array[rows])
        block = block.reshape(len(block), self.shape[1]).astype(np.float32)
        return block if self._scale is None else self._scale(block)

    def blocks(self):
        """Read all rows, a block at a time."""
        for start in range(0, len(self), self.rows_per_block):
            yield self.read(slice(start, start + self.rows_per_block))

    def stats(self):
        """Return the ``PixelStats`` of all pixels."""
        if self._stats is None:
            found = [PixelStats.of(block, self._array.dtype) for block in self.blocks()]
            self._stats = functools.reduce(operator.or_, found)
        return self._stats

    def scaled(self, pixels, dtype):
        """Return the rows, which are brought to what a network takes when they are read."""
        pixels.check(self.stats(), dtype)
        return StoredRows(self._array, self._chosen, scale=lambda block: pixels.bring(block, dtype))


def scaled(rows, pixels, dtype):
    """Bring rows that came as `dtype`, in memory or not, to the units of a network.

    Parameters
    ----------
    rows : ndarray or StoredRows of shape (n_samples, n_features)
        Rows as they came.
    pixels : PixelScale
        The units.
    dtype : dtype or None
        What the rows came as.
    """
    if isinstance(rows, StoredRows):
        return rows.scaled(pixels, dtype)
    return pixels.apply(rows, dtype)


def pixel_stats(rows, dtype):
    """Return the statistics of the pixels of rows that came as `dtype`, in memory or not."""
    return PixelStats.of(rows, dtype) if isinstance(rows, np.ndarray) else rows.stats()
