"""Feeds: batches for the engine as tensors, from arrays, files or data sets.

All feeds yield blocks.  A block holds the tensors of many consecutive batches and the number of
rows of a batch.  Samples in memory stay where the user has them, and are copied block by block into
a buffer that all blocks share.  Copying all samples to one tensor would need new memory, and for
60,000 images allocating it takes as long as one or two epochs of a small network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from skmnist._bridge.data import memmap
from skmnist._bridge.data.seeds import epoch_order
from skmnist._bridge.data.streamed_samples import StreamedSamples
from skmnist._compat.tensorflow import tensor_over
from skmnist._compat.tricks import is_on
from skmnist._keras import tf


@dataclass
class StepArrays:
    """Images, targets in the form of the loss, and weights (None if all are equal).

    Targets may be the images themselves, or None for networks without targets.
    """

    images: np.ndarray
    targets: np.ndarray | None
    weights: np.ndarray | None = None

    def __len__(self):
        return len(self.images)

    def arrays(self):
        """Return the different arrays of a step and their order as its inputs.

        Returns
        -------
        arrays : tuple of ndarray
            The different arrays; images that are also targets occur once.
        layout : tuple of int
            Positions in `arrays` of images, targets and weights, without those that are None.
        """
        arrays, layout = [self.images], [0]
        if self.targets is self.images:
            layout.append(0)
        elif self.targets is not None:
            layout.append(len(arrays))
            arrays.append(self.targets)
        if self.weights is not None:
            layout.append(len(arrays))
            arrays.append(np.asarray(self.weights, dtype=np.float32))
        return tuple(arrays), tuple(layout)

    def tensors(self):
        """Return the arrays as tensors."""
        arrays, _ = self.arrays()
        return tuple(map(tf.constant, arrays))


class _Memory:
    """Buffer for blocks of samples, which TensorFlow reads without another copy.

    Parameters
    ----------
    arrays : tuple of ndarray
        Arrays to copy from.
    n_rows : int
        Maximum number of rows of a block.
    """

    def __init__(self, arrays, n_rows):
        self._arrays = arrays
        self._copies = [_aligned((n_rows, *array.shape[1:]), array.dtype) for array in arrays]
        self._tensors = {}
        # With asynchronous execution or a GPU, TensorFlow may still read after a call returns, so
        # it must have a copy of its own.
        self._is_shared = (
            tf.config.experimental.get_synchronous_execution()
            and not tf.config.list_physical_devices("GPU")
            and is_on("reading samples where NumPy has them", _is_read_in_place)
        )

    def fill(self, rows):
        """Copy rows to the buffer and return tensors of it, which the next call overwrites.

        Parameters
        ----------
        rows : ndarray of int or slice
            Rows to copy, in this order.

        Returns
        -------
        tensors : tuple of tensors
            Tensors of the rows.  All blocks with the same number of rows share them.
        """
        n_rows = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        for array, copied in zip(self._arrays, self._copies, strict=True):
            if isinstance(rows, slice):
                copied[:n_rows] = array[rows]
            else:  # mode="clip", because with "raise" NumPy copies twice
                np.take(array, rows, axis=0, out=copied[:n_rows], mode="clip")
        parts = [copied[:n_rows] for copied in self._copies]
        if not self._is_shared:
            return tuple(map(tf.constant, parts))
        if n_rows not in self._tensors:
            self._tensors[n_rows] = tuple(map(tensor_over, parts))
        return self._tensors[n_rows]


def _is_read_in_place():
    """Return whether a tensor follows the array from which it was made."""
    array = _aligned((4,), np.float32)
    array[:] = 1
    tensor = tensor_over(array)
    before = tf.reduce_sum(tensor).numpy()
    array[:] = 2
    return (before, tf.reduce_sum(tensor).numpy()) == (4, 8)


# Tensors must start at a multiple of this number of bytes, because TensorFlow's kernels rely on it.
_ALIGNMENT = 64


def _aligned(shape, dtype):
    """Return an array at an address that TensorFlow can read from."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.empty(n_bytes + _ALIGNMENT, dtype=np.uint8)
    start = -raw.ctypes.data % _ALIGNMENT
    return raw[start : start + n_bytes].view(dtype).reshape(shape)


def feed_of(samples, make, batch_size):
    """Return the feed that suits the kind of samples.

    Parameters
    ----------
    samples : ArraySamples or StreamedSamples
        Samples.
    make : callable
        Takes ``ArraySamples`` in memory, and returns ``StepArrays``.
    batch_size : int or None
        Number of samples per step, None for all samples.  Data sets have batches of their own.

    Returns
    -------
    feed : ArrayFeed, MemmapFeed or StreamFeed
        Feed for the engine.
    """
    if isinstance(samples, StreamedSamples):
        return StreamFeed(samples, make)
    if samples.is_stored:
        return MemmapFeed(samples, make, batch_size)
    return ArrayFeed(make(samples), batch_size)


class ArrayFeed:
    """Feed of samples in memory.

    Attributes
    ----------
    samples : StepArrays
        All samples.
    example : tuple of tensors
        Tensors with the shapes and dtypes of those in blocks.
    layout : tuple of int
        Layout returned by ``StepArrays.arrays``.
    n_steps : int
        Number of batches of an epoch.
    """

    def __init__(self, samples, batch_size):
        self.samples = samples
        self._arrays, self.layout = samples.arrays()
        self.example = tuple(tf.constant(array[:1]) for array in self._arrays)
        self._n_samples = len(samples)
        self._batch_size = _clipped(batch_size, self._n_samples)
        self._step_size = tf.constant(self._batch_size, tf.int32)
        self.n_steps = -(-self._n_samples // self._batch_size)
        self._memory = None

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch in blocks.

        Parameters
        ----------
        max_steps : int or None, default=None
            Maximum number of batches in a block.
        order : tuple of (seed, epoch) or None, default=None
            Seed and epoch that determine the order of the samples; None to keep their order.

        Yields
        ------
        block : tuple of (tensors, step_size)
            Inputs of a compiled loop.  The next block overwrites the tensors.
        """
        n_bytes = sum(array[:1].nbytes for array in self._arrays)
        size = _rows_of_a_block(self._batch_size, n_bytes, max_steps)
        if self._memory is None:
            self._memory = _Memory(self._arrays, min(size, self._n_samples))
        for rows in _blocks_of_rows(self._n_samples, size, order):
            yield self._memory.fill(rows), self._step_size


class MemmapFeed:
    """Feed of samples in a memory-mapped file, with the attributes of `ArrayFeed`."""

    def __init__(self, data, make, batch_size):
        self._data, self._make = data, make
        self._batch_size = _clipped(batch_size, len(data.rows))
        self.n_steps = -(-len(data.rows) // self._batch_size)
        first = make(data.read(slice(1)))
        self.example, (_, self.layout) = first.tensors(), first.arrays()

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch in blocks; see ``ArrayFeed.blocks``."""
        n_bytes = 4 * self._data.rows.shape[1]
        size = _rows_of_a_block(self._batch_size, n_bytes, max_steps)
        step_size = tf.constant(self._batch_size, tf.int32)
        for rows in _blocks_of_rows(len(self._data.rows), size, order):
            yield self._make(self._data.read(rows)).tensors(), step_size


class StreamFeed:
    """Feed of a data set, in its own batches and order, with the attributes of `ArrayFeed`."""

    def __init__(self, batches, make):
        self._batches, self._make = batches, make
        self.n_steps = batches.n_batches
        first = make(batches.example())
        self.example, (_, self.layout) = first.tensors(), first.arrays()

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch in blocks of consecutive batches of equal size.

        See ``ArrayFeed.blocks``.  `order` is ignored, because a data set has its own order.
        """
        self._batches.begin_epoch()
        joined, limit = [], None
        for part in self._batches.parts():
            if joined and (len(joined) >= limit or len(part.rows) != len(joined[0].rows)):
                yield self._block(joined)
            if not joined:
                n_rows, n_features = part.rows.shape
                limit = _rows_of_a_block(n_rows, 4 * n_features, max_steps) // n_rows
            joined.append(part)
        if joined:
            yield self._block(joined)
        self._batches.end_epoch()

    def _block(self, parts):
        """Return the block of a list of batches of equal size, and clear the list."""
        samples = [self._make(part) for part in parts]
        parts.clear()
        size = len(samples[0])
        return _joined(samples).tensors(), tf.constant(size, tf.int32)


def _clipped(batch_size, n_samples):
    return n_samples if batch_size is None else min(batch_size, n_samples)


def _blocks_of_rows(n_samples, size, order):
    """Yield the samples of each block of an epoch, as row numbers or as a slice."""
    rows = None if order is None else epoch_order(*order, n_samples)
    for start in range(0, n_samples, size):
        stop = min(start + size, n_samples)
        yield slice(start, stop) if rows is None else rows[start:stop]


def _rows_of_a_block(batch_size, bytes_of_a_row, max_steps):
    """Return the number of rows of a block, which holds whole batches and at least one."""
    n_steps = max(memmap.BLOCK_BYTES // (batch_size * bytes_of_a_row), 1)
    return batch_size * (n_steps if max_steps is None else min(n_steps, max_steps))


def _joined(samples):
    """Join samples of several batches."""
    if len(samples) == 1:
        return samples[0]
    pictures = np.concatenate([part.images for part in samples])
    first, joined = samples[0], {}
    for name in ("targets", "weights"):
        if getattr(first, name) is first.images:
            joined[name] = pictures
        elif getattr(first, name) is not None:
            joined[name] = np.concatenate([getattr(part, name) for part in samples])
        else:
            joined[name] = None
    return StepArrays(pictures, **joined)
