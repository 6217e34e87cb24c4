"""Where the training engine has its batches from: memory, files, or a data set.

All of them give blocks: tensors that lie in memory, the rows to take of them in their order, and
how many rows are a step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skmnist._keras import tf
from skmnist.bridge import stored
from skmnist.bridge.batches import Batches
from skmnist.bridge.seeding import epoch_order


@dataclass
class Samples:
    """Images, targets as the loss takes them, and weights (None if all weigh the same).

    Targets may be the images themselves, or None for networks that take none.
    """

    images: np.ndarray
    targets: np.ndarray | None
    weights: np.ndarray | None = None

    def __len__(self):
        return len(self.images)

    def tensors(self):
        """Return what is to stay in memory, and which of it a step takes, in which order.

        Returns
        -------
        tensors : tuple of tensors
            Each of the different parts once.
        layout : tuple of int
            Positions in `tensors` of images, targets and weights, as far as there are any.
        """
        tensors, layout = [tf.constant(self.images)], [0]
        if self.targets is self.images:
            layout.append(0)
        elif self.targets is not None:
            layout.append(len(tensors))
            tensors.append(tf.constant(self.targets))
        if self.weights is not None:
            layout.append(len(tensors))
            tensors.append(tf.constant(self.weights, dtype=tf.float32))
        return tuple(tensors), tuple(layout)


def source_of(data, make, batch_size):
    """Return the source of batches of some samples.

    Parameters
    ----------
    data : Data or Batches
        Samples.
    make : callable
        Takes ``Data`` that lie in memory, and returns ``Samples``.
    batch_size : int or None
        Number of samples a step, None for all of them; a data set has its own.

    Returns
    -------
    source : InMemory, InFile or InBatches
        What the engine takes.
    """
    if isinstance(data, Batches):
        return InBatches(data, make)
    return InFile(data, make, batch_size) if data.is_stored else InMemory(make(data), batch_size)


class InMemory:
    """Samples that lie in memory as a whole.

    Attributes
    ----------
    samples : Samples
        All of them.
    example : tuple of tensors
        Tensors like those of the blocks, for their shapes and dtypes.
    layout : tuple of int
        As of ``Samples.tensors``.
    n_steps : int
        Number of batches of an epoch.
    """

    def __init__(self, samples, batch_size):
        self.samples = samples
        self.example, self.layout = samples.tensors()
        self._n_samples = len(samples)
        self._batch_size = _clipped(batch_size, self._n_samples)
        self._step_size = tf.constant(self._batch_size, tf.int32)
        self.n_steps = -(-self._n_samples // self._batch_size)

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch, many at a time.

        Parameters
        ----------
        max_steps : int or None, default=None
            Number of batches in a block, at most.
        order : tuple of (seed, epoch) or None, default=None
            What the order of the samples depends on; None for the order they have.

        Yields
        ------
        block : tuple of (tensors, rows, step_size)
            What a compiled loop takes.
        """
        for rows in _blocks_of_rows(self._n_samples, self._batch_size, max_steps, order):
            yield self.example, tf.constant(rows), self._step_size


class InFile:
    """Samples that are read from a memory-mapped file in blocks; attributes as of `InMemory`."""

    def __init__(self, data, make, batch_size):
        self._data, self._make = data, make
        self._batch_size = _clipped(batch_size, len(data.rows))
        self.n_steps = -(-len(data.rows) // self._batch_size)
        self.example, self.layout = make(data.read(slice(1))).tensors()

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch, many at a time; see ``InMemory.blocks``."""
        most = _steps_in_memory(self._batch_size, self._data.rows.shape[1])
        max_steps = most if max_steps is None else min(most, max_steps)
        step_size = tf.constant(self._batch_size, tf.int32)
        for rows in _blocks_of_rows(len(self._data.rows), self._batch_size, max_steps, order):
            tensors, _ = self._make(self._data.read(rows)).tensors()
            yield tensors, tf.range(len(rows)), step_size


class InBatches:
    """Samples that a data set makes, in its batches and its order; attributes as of `InMemory`."""

    def __init__(self, batches, make):
        self._batches, self._make = batches, make
        self.n_steps = batches.n_batches
        self.example, self.layout = make(batches.example()).tensors()

    def blocks(self, max_steps=None, order=None):
        """Yield the batches of an epoch, as many at a time as follow each other in one size.

        See ``InMemory.blocks``, but for `order`: a data set has its own.
        """
        self._batches.begin_epoch()
        joined, limit = [], None
        for part in self._batches.parts():
            if joined and (len(joined) >= limit or len(part.rows) != len(joined[0].rows)):
                yield self._block(joined)
            if not joined:
                limit = _steps_in_memory(*part.rows.shape)
                limit = limit if max_steps is None else min(limit, max_steps)
            joined.append(part)
        if joined:
            yield self._block(joined)
        self._batches.end_epoch()

    def _block(self, parts):
        """Return the block of some batches of one size, and empty the list of them."""
        samples = [self._make(part) for part in parts]
        parts.clear()
        size, rows = len(samples[0]), sum(map(len, samples))
        tensors, _ = _joined(samples).tensors()
        return tensors, tf.range(rows), tf.constant(size, tf.int32)


def _clipped(batch_size, n_samples):
    return n_samples if batch_size is None else min(batch_size, n_samples)


def _blocks_of_rows(n_samples, batch_size, max_steps, order):
    """Yield the numbers of the samples of an epoch in its order, block by block."""
    in_order = order is None
    rows = np.arange(n_samples, dtype=np.int32) if in_order else epoch_order(*order, n_samples)
    size = n_samples if max_steps is None else max_steps * batch_size
    for start in range(0, n_samples, size):
        yield rows[start : start + size]


def _steps_in_memory(batch_size, n_features):
    """Return how many batches are to be in memory at a time."""
    return max(stored.BLOCK_BYTES // (4 * batch_size * n_features), 1)


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
    return Samples(pictures, **joined)
