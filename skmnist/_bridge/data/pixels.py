"""Scale of pixels, by the same rules for every estimator.

A fit learns which number means white.  Afterwards, the scale of a row depends on that row and its
dtype, but not on other rows of the same call or on their container.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skmnist._warnings import warn

# White in common kinds of images: scikit-learn's digits, 8 bits and 16 bits.
_WHITES = (16.0, 255.0, 65535.0)
# A row whose values are all below this number holds fractions, which may exceed one slightly.  A
# row that reaches this number holds levels of grey.
_FRACTIONS_BELOW = 2
_HOW_TO_SAY = "Set pixel_range=(black, white), or pixel_range='as-is' to scale nothing."


@dataclass(frozen=True)
class PixelStats:
    """Statistics of rows from which the range of their pixels is learned.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    whole : bool
        Whether all values are whole numbers.
    faint : bool
        Whether the largest value of some row is exactly one.
    """

    low: float
    high: float
    whole: bool
    faint: bool

    @classmethod
    def of(cls, rows, dtype):
        """Return the statistics of rows in memory with original `dtype`."""
        tops = rows.max(axis=1)
        whole = dtype is not None and dtype.kind in "biu"
        return cls(
            float(rows.min()),
            float(tops.max()),
            whole or _all_whole(rows),
            bool((tops == 1).any()),
        )

    def __or__(self, other):
        """Return the statistics of both groups of rows together."""
        return PixelStats(
            min(self.low, other.low),
            max(self.high, other.high),
            self.whole and other.whole,
            self.faint or other.faint,
        )


def _whole_rows(rows):
    """Return a mask of the rows that hold only whole numbers."""
    return (np.floor(rows) == rows).all(axis=1)


def _all_whole(rows):
    """Return whether all rows hold only whole numbers."""
    # The first rows are checked alone, because they usually suffice to find a fraction.
    return bool(_whole_rows(rows[:16]).all() and _whole_rows(rows[16:]).all())


@dataclass(frozen=True)
class PixelScale:
    """Range of the pixels of a fit, and the scaling of pixels for the network.

    Parameters
    ----------
    kind : {"as-is", "affine", "learned"}
        "as-is" scales nothing.  "affine" maps `low` to 0 and `high` to 1 for all values.
        "learned" decides for each row: a row below 2 holds fractions already, and any other row
        holds levels of grey, which are divided by `high`.  After a fit on levels of grey,
        integers are always levels of grey, even if they are small.
    low, high : float
        Black and white; `high` is 1 after a fit on fractions.
    white_inside : float, default=1.0
        White as the network expects it; differs from 1 if the network rescales its input.
    faint : bool, default=False
        Whether rows of only 0 and 1 are levels of grey, as in the training data.
    binary : bool, default=False
        Whether all pixels of the fit were 0 and 1.
    dtype : dtype or None, default=None
        Original dtype of the pixels of the fit.
    """

    kind: str = "as-is"
    low: float = 0.0
    high: float = 1.0
    white_inside: float = 1.0
    faint: bool = False
    binary: bool = False
    dtype: np.dtype | None = None

    @classmethod
    def learn(cls, stats, dtype, pixel_range="auto", *, unit=False, white_inside=1.0):
        """Learn the scale from the training rows, or take the range that the user states.

        Parameters
        ----------
        stats : PixelStats
            Statistics of the training rows.
        dtype : dtype or None
            Original dtype of the training rows.
        pixel_range : {"auto", "unit", "as-is"} or (low, high), default="auto"
            Parameter of the estimator.
        unit : bool, default=False
            Whether the network outputs pixels, so that its input must be in [0, 1].
        white_inside : float, default=1.0
            White as the network expects it.
        """
        if pixel_range == "as-is":
            return cls(dtype=dtype)
        if not isinstance(pixel_range, str):
            low, high = map(float, pixel_range)
            stated = cls("affine", low, high, white_inside, dtype=dtype)
            stated.check(stats, dtype)
            return stated
        high = _white_of(stats, dtype)
        if unit and high is not None and stats.high > high:
            return cls("affine", 0.0, stats.high, dtype=dtype)  # fractions a little above 1
        if high is not None:
            return cls(
                "learned",
                0.0,
                high,
                white_inside,
                faint=high > 1 and stats.faint,
                binary=high == 1 and stats.whole,
                dtype=dtype,
            )
        if unit:
            high = stats.high if stats.high > stats.low else stats.low + 1.0
            return cls("affine", stats.low, high, dtype=dtype)
        return cls(dtype=dtype)

    @property
    def range(self):
        """Black and white of the pixels of the fit, or "as-is"."""
        return "as-is" if self.kind == "as-is" else (self.low, self.high)

    def check(self, stats, dtype):
        """Warn if pixels do not look like those of the fit.

        Parameters
        ----------
        stats : PixelStats
            Statistics of all rows.
        dtype : dtype or None
            Original dtype of the rows.
        """
        found = f"X holds {dtype or 'numbers'} from {stats.low:g} to {stats.high:g}"
        if self.kind == "as-is":
            return
        if self.kind == "affine":
            beyond = 0.5 * (self.high - self.low)
            if stats.low < self.low - beyond or stats.high > self.high + beyond:
                warn(
                    f"{found}, but the range of its pixels is taken to be {self.low:g} to "
                    f"{self.high:g}. {_HOW_TO_SAY}"
                )
            elif self.low == 0 and self.high >= 16 and 0 < stats.high <= 1 and stats.low >= 0:
                warn(
                    f"{found}, so it looks scaled already, but its pixels are taken to be from 0 "
                    f"to {self.high:g}. {_HOW_TO_SAY}"
                )
            return
        white = 255.0 if self.high == 1 else self.high
        if dtype is not None and dtype.kind == "i" and stats.low < 0:
            warn(
                f"{found}. Negative integers are not levels of grey. They are divided by {white:g} "
                "all the same. If they are bytes that were read as signed integers, pass "
                f"X.view('uint8'). {_HOW_TO_SAY}"
            )
        elif stats.high > white:
            warn(
                f"{found}, but the network was fitted on pixels from 0 to {self.high:g}. Rows that "
                f"reach 2 are divided by {white:g}. Bring X to that range. {_HOW_TO_SAY}"
            )
        elif (
            white >= 255
            and _least_level(self.high, dtype) <= stats.high <= 16
            and (stats.whole or self.high > 1)
        ):
            warn(
                f"{found}. These are treated as dark images and divided by {white:g}, not by "
                f"{stats.high:g}. {_HOW_TO_SAY}"
            )

    def apply(self, rows, dtype):
        """Scale float rows in memory with original `dtype` for the network, after a check."""
        if self.kind == "as-is" or not len(rows):
            return rows
        if self.kind == "affine":
            self.check(PixelStats(float(rows.min()), float(rows.max()), False, False), dtype)
            return self.bring(rows, dtype)
        tops = rows.max(axis=1)
        signed = dtype is not None and dtype.kind == "i"
        if self.high == 1 and not signed and tops.max() < _FRACTIONS_BELOW:
            # Fractions for a network of fractions, the most frequent call: nothing to warn of.
            return rows if self.white_inside == 1 else rows * np.float32(self.white_inside)
        low = float(rows.min()) if signed else 0.0
        whole = _is_whole(dtype) or bool((np.floor(tops) == tops).all())
        self.check(PixelStats(low, float(tops.max()), whole, False), dtype)
        return self.bring(rows, dtype, tops, warns=True)

    def bring(self, rows, dtype, tops=None, *, warns=False):
        """Scale rows for the network, each by its own values.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features), float32
            Pixels.
        dtype : dtype or None
            Original dtype of the rows.
        tops : ndarray of shape (n_samples,) or None, default=None
            Largest value of each row, if known.
        warns : bool, default=False
            Whether to warn of ambiguous rows.

        Returns
        -------
        rows : ndarray of shape (n_samples, n_features), float32
            Rows in which black is 0 and white is `white_inside`.
        """
        if self.kind == "as-is" or not len(rows):
            return rows
        inside = np.float32(self.white_inside)
        if self.kind == "affine":
            if self.low != 0:
                rows = rows - np.float32(self.low)
            span = np.float32(self.high - self.low)
            return rows if span == inside else rows / span * inside
        tops = rows.max(axis=1) if tops is None else tops
        levels = self._levels(rows, dtype, tops, warns)
        white = np.float32(255 if self.high == 1 else self.high)
        if not levels.any():
            return rows if inside == 1 else rows * inside
        if levels.all():
            if white == inside:
                return rows
            if inside != 1:
                return rows / white * inside
            if dtype is not None and dtype.kind in "iu":
                rows /= white  # in place, because converting integers to float has copied them
                return rows
            return rows / white
        rows = rows.copy()
        if white != inside:
            rows[levels] = rows[levels] / white * inside
        if inside != 1:
            rows[~levels] *= inside
        return rows

    def _levels(self, rows, dtype, tops, warns):
        """Return a mask of the rows that hold levels of grey and not fractions."""
        if self.high > 1 and dtype is not None and dtype.kind in "iu":
            return np.ones(len(rows), dtype=bool)  # integers are levels, even if they are small
        levels = tops >= _FRACTIONS_BELOW
        if self.faint:
            low = np.flatnonzero(~levels)
            levels[low] = _whole_rows(rows[low])
        elif self.binary and _is_bytes(dtype):
            if not np.isin(rows[levels], (0, 255)).all():
                fitted_on = "bytes" if _is_bytes(self.dtype) else "pixels"
                raise ValueError(
                    f"X holds bytes (uint8) up to {tops.max():g}, but the network was fitted on "
                    f"{fitted_on} that are all 0 and 1. Fit on grey levels, or pass black and "
                    "white images."
                )
        elif self.high == 1 and levels.any() and not _is_whole(dtype):
            high = np.flatnonzero(levels)
            levels[high] = _whole_rows(rows[high])
            others = high[~levels[high]]
            # Noise and standardized numbers have negative values, but levels of grey do not.
            if warns and len(others) and (rows[others].min(axis=1) >= 0).any():
                warn(
                    f"X holds floats up to {tops[high].max():g} that are not whole numbers, but "
                    "the network was fitted on numbers from 0 to 1. They are not scaled. If they "
                    f"are levels of grey, divide X by 255. {_HOW_TO_SAY}"
                )
        if warns and levels.any() and (~levels & (tops > 0)).any():
            row = int(np.flatnonzero(~levels & (tops > 0))[0])
            warn(
                f"Some images of X have no value of {_FRACTIONS_BELOW} or more (the first is "
                f"number {row}). They are treated as scaled to [0, 1] already, and the other "
                f"images as levels of grey. {_HOW_TO_SAY}"
            )
        return levels

    def restore(self, pixels):
        """Scale a network's pixels in [0, 1] back to the range and the dtype of the fit."""
        if self.kind == "as-is" or (self.low, self.high) == (0, 1):
            return pixels
        pixels = pixels * np.float32(self.high - self.low) + np.float32(self.low)
        if not _is_bytes(self.dtype):
            return pixels
        return np.clip(np.rint(pixels), max(self.low, 0), min(self.high, 255)).astype(np.uint8)


def _least_level(high, dtype):
    """Return the smallest maximum of a row that is treated as levels of grey."""
    integers = dtype is not None and dtype.kind in "iu"
    return 1 if high > 1 and integers else _FRACTIONS_BELOW


def _is_bytes(dtype):
    return dtype is not None and dtype == np.uint8


def _is_whole(dtype):
    return dtype is not None and dtype.kind in "biu"


def _white_of(stats, dtype):
    """Return the number that means white in training rows; None if there is no such number."""
    low, high = stats.low, stats.high
    if low < 0:
        if dtype is not None and dtype.kind == "i":
            warn(
                f"X holds negative integers ({dtype} from {low:g} to {high:g}), which are not "
                "levels of grey. They are not scaled. If they are bytes that were read as signed "
                "integers, pass X.view('uint8'). If they are correct, set pixel_range='as-is'."
            )
        return None
    if high <= 1:
        return 1.0
    if _is_bytes(dtype):
        if high <= 16:
            warn(
                f"X holds bytes (uint8) of at most {high:g}, and bytes are divided by 255. If "
                f"{high:g} means white, set pixel_range=(0, {high:g})."
            )
        return 255.0
    if not stats.whole:
        if high < _FRACTIONS_BELOW:
            return 1.0
        if not 16 < high <= 255:
            return None
        warn(
            f"X holds floats up to {high:g} that are not whole numbers. They are treated as levels "
            f"of grey and divided by 255. {_HOW_TO_SAY}"
        )
        return 255.0
    white = next((white for white in _WHITES if high <= white), None)
    if white == 65535 and low > high / 20:
        return None  # images have dark pixels, so these are numbers of another kind
    if white == 65535 and high < 32768:
        warn(
            f"X holds whole numbers up to {high:g}, and white is assumed to be 65535 (16 bits). If "
            f"{high:g} means white, set pixel_range=(0, {high:g})."
        )
    return white
