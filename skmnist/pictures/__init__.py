"""Pictures of single characters, from files of any size, made into images as MNIST's are.

``read_pictures`` reads PNG, JPEG and other pictures, and NPY, NPZ and IDX arrays; ``to_mnist``
makes a picture grey and light on dark, crops it to its ink, scales it and centres it; ``to_shape``
resizes only.  Each says what it did, step by step.
"""

from __future__ import annotations

from skmnist.pictures._fit import to_mnist, to_shape
from skmnist.pictures._read import Picture, read_pictures
from skmnist.pictures._steps import FittedPicture, Step

__all__ = [
    "FittedPicture",
    "Picture",
    "Step",
    "read_pictures",
    "to_mnist",
    "to_shape",
]
