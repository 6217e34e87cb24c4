"""Transformers that scale pixels to [0, 1] and encode labels as one-hot rows."""

from __future__ import annotations

from skmnist.preprocessing._labels import OneHotLabelEncoder
from skmnist.preprocessing._scaler import MnistScaler

__all__ = ["MnistScaler", "OneHotLabelEncoder"]
