"""Images in memory-mapped files, read block by block and never all at once."""

from __future__ import annotations

import functools
import math
import mmap
import operator

import numpy as np

from skmnist._bridge.data.pixels import PixelStats

# Memory-mapped arrays that take at least this number of bytes as float32 are read in blocks.
# Smaller ones, such as joblib passes to its workers, are read once, which is faster.
STREAMED_FROM_BYTES = 64 * 2**20
# Size of a block in bytes as float32.  Up to five times this memory is used, for the data as read,
# for converted copies, and for the tensors on which the network still trains.
BLOCK_BYTES = 16 * 2**20
# The numbers of rows of a block and of a padded forward pass are multiples of this.  Matrix kernels
# compute the last odd rows by other instructions, which may round differently.  With padding, the
# prediction for a row depends on that row only, and not on its position or on the other rows.
ROWS = 24


def is_streamed(X):
    """Return whether `X` is, or is a view of, a memory-mapped array too large to be loaded."""
    if not isinstance(X, np.ndarray) or 4 * X.size < STREAMED_FROM_BYTES:
        return False
    while isinstance(X, np.ndarray):
        X = X.base
    return isinstance(X, mmap.mmap)


class StoredRows:
    """Rows of a memory-mapped array, converted to float32 when they are read.

    Like an array of rows, it has a length and a shape, and can be indexed by a mask.

    Parameters
    ----------
    array : ndarray of shape (n_samples, ...)
        Rows or images.
    chosen : ndarray of int or None, default=None
        Numbers of the rows to use, None for all.
    scale : callable or None, default=None
        Scales rows after they were read as float32.
    """

    def __init__(self, array, chosen=None, scale=None):
        self._array, self._chosen, self._scale = array, chosen, scale
        self._stats = None
        n_rows = len(array) if chosen is None else len(chosen)
        self.shape = (n_rows, math.prod(array.shape[1:]))

    @classmethod
    def checked(cls, array, check):
        """Return the rows of an array after checking all of them block by block.

        Parameters
        ----------
        array : ndarray of shape (n_samples, ...)
            Array of the user.
        check : callable
            Takes a block of `array`; returns its rows as float32, and raises if they are not
            valid.
        """
        rows, stats = cls(array), None
        for start in range(0, len(array), rows.rows_per_block):
            # A plain array, because reductions of a memmap return memmaps.
            block = check(np.asarray(array[start : start + rows.rows_per_block]))
            found = PixelStats.of(block, array.dtype)
            stats = found if stats is None else stats | found
        rows._stats = stats
        return rows

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, chosen):
        """Return the rows selected by a mask, without reading them."""
        kept = np.flatnonzero(chosen)
        if self._chosen is not None:
            kept = self._chosen[kept]
        return StoredRows(self._array, kept, scale=self._scale)

    @property
    def rows_per_block(self):
        """Number of rows of a block."""
        rows = BLOCK_BYTES // (4 * self.shape[1])
        return max(rows // ROWS, 1) * ROWS

    def read(self, rows):
        """Read rows, given by their numbers or a slice, as float32."""
        if self._chosen is not None:
            rows = self._chosen[rows]
        block = np.asarray(self._array[rows])
        block = block.reshape(len(block), self.shape[1]).astype(np.float32)
        return block if self._scale is None else self._scale(block)

    def blocks(self):
        """Read all rows and yield them block by block."""
        for start in range(0, len(self), self.rows_per_block):
            yield self.read(slice(start, start + self.rows_per_block))

    def stats(self):
        """Return the ``PixelStats`` of all pixels."""
        if self._stats is None:
            found = [PixelStats.of(block, self._array.dtype) for block in self.blocks()]
            self._stats = functools.reduce(operator.or_, found)
        return self._stats

    def scaled(self, pixels, dtype):
        """Return the rows with a scale for a network, applied when they are read."""
        pixels.check(self.stats(), dtype)
        return StoredRows(self._array, self._chosen, scale=lambda block: pixels.bring(block, dtype))


def scaled(rows, pixels, dtype):
    """Scale rows for a network, in memory or in a file.

    Parameters
    ----------
    rows : ndarray or StoredRows of shape (n_samples, n_features)
        Rows as passed by the user.
    pixels : PixelScale
        Scale of the fit.
    dtype : dtype or None
        Original dtype of the rows.
    """
    if isinstance(rows, StoredRows):
        return rows.scaled(pixels, dtype)
    return pixels.apply(rows, dtype)


def pixel_stats(rows, dtype):
    """Return the pixel statistics of rows, in memory or in a file, with original `dtype`."""
    return PixelStats.of(rows, dtype) if isinstance(rows, np.ndarray) else rows.stats()
