"""Validated samples of a data set, which are read batch by batch.

A first pass collects the facts about all samples that a fit needs.  It holds one batch at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from skmnist._bridge.data import targets
from skmnist._bridge.data.dataset import Reader
from skmnist._bridge.data.pixels import PixelScale, PixelStats
from skmnist._bridge.data.samples import ArraySamples


class _ClassCounts:
    """Counts per label of the samples with a positive weight, and sums of their weights."""

    def __init__(self):
        self._found = {}  # label to [number of samples, sum of weights]
        self._kinds = {}  # kind of labels to the dtypes in which they came

    def add(self, y, weights, n_samples):
        """Count a batch; `y` holds validated labels or one-hot rows, or is None."""
        if y is None:
            labels, places = [None], np.zeros(n_samples, dtype=int)
        else:
            letter = y.dtype.kind
            kind = {"O": "object", "M": "dates", "m": "durations"}.get(letter, "numbers")
            kind = "text" if letter in "UST" else kind
            kind = f"one-hot rows of {y.shape[1]}" if y.ndim == 2 else f"labels ({kind})"
            self._kinds.setdefault(kind, set()).add(y.dtype)
            if len(self._kinds) > 1:
                raise ValueError(f"labels came as {' and as '.join(self._kinds)}.")
            labels, places = np.unique(
                np.argmax(y, axis=1) if y.ndim == 2 else y, return_inverse=True
            )
            labels = labels.tolist()
        counts = np.bincount(places, None if weights is None else weights > 0)
        sums = counts if weights is None else np.bincount(places, weights)
        for label, count, total in zip(labels, counts, sums, strict=True):
            found = self._found.setdefault(label, [0, 0.0])
            found[0] += int(count)
            found[1] += float(total)

    def results(self):
        """Return the different labels or one-hot rows, sorted, with their counts and weights."""
        if None in self._found:
            return None, *map(np.array, zip(*self._found.values(), strict=True))
        ((kind, dtypes),) = self._kinds.items()
        if kind.startswith("one-hot"):
            n_columns = int(kind.split()[-1])
            y = np.eye(n_columns, dtype=np.result_type(*dtypes))
            keys = range(n_columns)
        else:
            try:
                keys = sorted(self._found)
            except TypeError as error:
                raise ValueError(f"The labels of the data set cannot be sorted: {error}") from error
            y = np.array(keys, dtype=np.result_type(*dtypes))
        found = [self._found.get(key, [0, 0.0]) for key in keys]
        return y, *map(np.array, zip(*found, strict=True))


def read_batches(data_set, caller, check, *, task=None):
    """Read a data set once, validate it and collect the facts about all samples.

    Parameters
    ----------
    data_set : tf.data.Dataset or keras.utils.PyDataset
        Data set of the user.
    caller : str
        Name of the estimator, for messages.
    check : callable
        Takes the images of a batch and whether it is the first; returns validated rows, and the
        shape of images or None.
    task : Task or None, default=None
        Task of the network; None for predictions, for which only the images matter.

    Returns
    -------
    samples : StreamedSamples
        The data set with the collected facts.
    """
    uses_labels = task is not None and task.needs_targets
    reader = Reader(data_set, caller, uses_labels, uses_weights=task is not None)
    found_classes, n_samples, n_batches, stats = _ClassCounts(), 0, 0, None
    image_shape, weights = None, None
    for pictures, y, weights in reader:
        first = n_batches == 0
        try:
            rows, image_shape = check(pictures, first)
            y = None if y is None else targets.read_targets(y, caller)
            if y is not None:
                check_consistent_length(rows, y)
            weights = targets.check_sample_weight(weights, rows, whole=False)
            found_classes.add(y, weights, len(rows))
        except ValueError as error:
            raise ValueError(f"Batch {n_batches} of the data set is not valid: {error}") from error
        found = PixelStats.of(rows, reader.dtype)
        stats = found if stats is None else stats | found
        n_samples, n_batches = n_samples + len(rows), n_batches + 1
    if n_batches == 0:
        raise ValueError(f"The data set ({type(data_set).__name__}) is empty: it has no batches.")
    y, counts, sums = found_classes.results()
    if y is not None:
        # Each label is given twice, because scikit-learn does not accept labels as classes if
        # almost all of them differ.
        task.check(np.repeat(y, 2, axis=0), caller)
    return StreamedSamples(
        reader=reader,
        task=task,
        y=y,
        counts=counts,
        sums=sums,
        pixel_stats_=stats,
        n_features=rows.shape[1],
        n_samples=n_samples,
        n_batches=n_batches,
        has_weights=weights is not None,
        image_shape=image_shape,
    )


@dataclass
class StreamedSamples:
    """Validated samples that a data set produces batch by batch; see `ArraySamples`.

    Parameters
    ----------
    reader : Reader
        Reads the batches.
    task : Task or None
        Task of the network.
    y : ndarray or None
        The different labels.
    counts, sums : ndarray
        Number of samples with a positive weight, and sum of weights, for each label in `y`.
    pixel_stats_ : PixelStats
        Statistics of all rows.
    n_features, n_samples, n_batches : int
        Number of pixels of a sample, of samples, and of batches.
    has_weights : bool
        Whether the batches contain weights.
    image_shape : tuple of int or None
        Shape of an image, None if the samples came as rows.
    all_codes : ndarray or None
        Class codes of `y` after encoding.
    per_class : ndarray or None
        Weight of each class; None if all are one.
    factor : float
        Factor of all weights.
    pixels : PixelScale or None
        Scale that `parts` applies to the pixels.
    """

    reader: Reader
    task: Any
    y: np.ndarray | None
    counts: np.ndarray
    sums: np.ndarray
    pixel_stats_: PixelStats
    n_features: int
    n_samples: int
    n_batches: int
    has_weights: bool
    image_shape: tuple[int, ...] | None
    all_codes: np.ndarray | None = None
    per_class: np.ndarray | None = None
    factor: float = 1.0
    pixels: PixelScale | None = None

    def __len__(self):
        return self.n_samples

    @property
    def sample_shape(self):
        """Shape of a sample as the user passed it."""
        return self.reader.sample_shape

    @property
    def dtype(self):
        """Original dtype of the pixels."""
        return self.reader.dtype

    def pixel_stats(self):
        """Return the statistics of all pixels."""
        return self.pixel_stats_

    def encoded(self, task):
        """Return the samples with the class codes of their labels."""
        return replace(self, task=task, all_codes=task.encode(self.y, len(self.counts)))

    @property
    def present_classes(self):
        """Classes that have samples with a positive weight."""
        return self.all_codes[self._counts > 0]

    @property
    def class_counts(self):
        """Number of samples of each of `present_classes`."""
        return self._counts[self._counts > 0]

    @property
    def _counts(self):
        if self.per_class is None:
            return self.counts
        return np.where(self.per_class[self.all_codes] > 0, self.counts, 0)

    @property
    def is_weighted(self):
        """True if weights may differ between samples or from one."""
        return self.has_weights or self.per_class is not None or self.factor != 1

    def with_weight(self):
        """Return the samples; `parts` leaves out those with weight zero."""
        return self

    def weighted_by_class(self, per_class, caller):
        """Return the samples with their weights multiplied by the weight of their class."""
        weighted = replace(self, per_class=per_class)
        weighted.mean_one_factor(caller)
        return weighted

    def mean_one_factor(self, caller):
        """Return the factor that scales the mean of the positive weights to one."""
        if not (self.has_weights or self.per_class is not None):
            return 1.0
        per_class = 1 if self.per_class is None else self.per_class[self.all_codes]
        total = (self.sums * per_class).sum()
        targets.check_some_weight(total, caller)
        return self._counts.sum() / total

    def scaled(self, factor):
        """Return the samples with weights times `factor`."""
        return replace(self, factor=self.factor * factor)

    def with_pixels(self, pixels):
        """Return the samples; `parts` scales their pixels for the network."""
        pixels.check(self.pixel_stats_, self.dtype)
        return replace(self, pixels=pixels)

    def first_rows(self, n_rows):
        """Return at most `n_rows` of the first rows, scaled for the network."""
        return next(self.parts()).rows[:n_rows]

    def example(self):
        """Return a sample of zeros, with the shapes and dtypes of all samples."""
        weights = np.ones(1) if self.is_weighted else None
        rows = np.zeros((1, self.n_features), dtype=np.float32)
        return ArraySamples(rows, weights, self.dtype, codes=np.zeros(1, dtype=np.int32))

    def begin_epoch(self):
        """Notify the data set that an epoch begins."""
        self.reader.begin_epoch()

    def end_epoch(self):
        """Notify the data set that an epoch has ended."""
        self.reader.end_epoch()

    def parts(self):
        """Read the data set and yield the samples of each batch.

        Yields
        ------
        part : ArraySamples
            Samples of a batch in memory, scaled for the network, with all weights multiplied.
        """
        n_parts = 0
        for pictures, y, weights in self.reader:
            n_parts += 1
            # The first pass has validated the values.  The reader still checks the shapes.
            rows = np.array(pictures, dtype=np.float32).reshape(len(pictures), -1)
            if self.pixels is not None:
                rows = self.pixels.bring(rows, self.dtype)
            y = None if y is None else targets.read_targets(y, self.reader.caller)
            codes = self.task.encode(y, len(rows))
            if weights is not None:
                weights = np.asarray(weights, dtype=np.float64).ravel()
            if self.per_class is not None:
                weights = self.per_class[codes] * (1 if weights is None else weights)
            part = ArraySamples(rows, weights, self.dtype, codes=codes).with_weight()
            if len(part.rows):
                yield part.scaled(self.factor)
        if n_parts == 0:
            raise ValueError(
                "The data set yielded no batches when it was read again. It must yield them every "
                "time, because it is read once before the training and once for every epoch."
            )
