"""Pictures of single characters, of any size, converted to images like those of MNIST.

``read_pictures`` reads PNG, JPEG and other pictures, and NPY, NPZ and IDX arrays; ``to_mnist``
converts a picture to grey, light on dark, crops it to its ink, scales it and centres it;
``to_shape`` only resizes.  Both record what they did, step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skmnist._support.lazy import lazy_exports

if TYPE_CHECKING:
    from skmnist.pictures._fit import to_mnist as to_mnist
    from skmnist.pictures._fit import to_shape as to_shape
    from skmnist.pictures._read import Picture as Picture
    from skmnist.pictures._read import read_pictures as read_pictures
    from skmnist.pictures._steps import NormalizedPicture as NormalizedPicture
    from skmnist.pictures._steps import PictureStep as PictureStep

# Public name -> the module that defines it.
__all__, __getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "NormalizedPicture": "_steps",
        "Picture": "_read",
        "PictureStep": "_steps",
        "read_pictures": "_read",
        "to_mnist": "_fit",
        "to_shape": "_fit",
    },
    renamed={"FittedPicture": "NormalizedPicture", "Step": "PictureStep"},
)
