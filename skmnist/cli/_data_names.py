"""The names of data sets that ``--data`` takes."""

from __future__ import annotations

EMNIST_PREFIX = "emnist-"
# EMNIST's splits follow the prefix.
NAMES = (
    "sample",
    "mnist",
    "fashion",
    "emnist-letters",
    "emnist-balanced",
    "emnist-digits",
    "emnist-mnist",
    "emnist-bymerge",
    "emnist-byclass",
)
