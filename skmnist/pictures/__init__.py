"""Pictures of single characters, of any size, converted to images like those of MNIST.

``read_pictures`` reads PNG, JPEG and other pictures, and NPY, NPZ and IDX arrays; ``to_mnist``
converts a picture to grey, light on dark, crops it to its ink, scales it and centres it;
``to_shape`` only resizes.  Both record what they did, step by step.
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
