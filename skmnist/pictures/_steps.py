"""An image made from a picture, and the steps from one to the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PictureStep:
    """Step on the way from a picture to an image.

    Parameters
    ----------
    name : str
        "grey", "kept", "ink", "crop", "scale", "centre", "resize" or "blank".
    text : str
        What was done, with numbers.
    pixels : ndarray of shape (height, width), dtype uint8
        The picture after the step.

    See Also
    --------
    NormalizedPicture : The image and all its steps.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.pictures import to_mnist
    >>> [step.name for step in to_mnist(np.eye(50)).steps]
    ['grey', 'ink', 'crop', 'scale', 'centre']
    """

    name: str
    text: str
    pixels: np.ndarray


@dataclass(frozen=True)
class NormalizedPicture:
    """Image made from a picture, with the steps that made it.

    Parameters
    ----------
    pixels : ndarray of shape (height, width), dtype uint8
        The image, ready for a network.
    steps : tuple of PictureStep
        What was done, in order.
    is_blank : bool
        Whether the picture has no ink; `pixels` are zero then.

    See Also
    --------
    to_mnist : Make an image like those of MNIST.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.pictures import to_mnist
    >>> fitted = to_mnist(np.zeros((50, 40)))
    >>> fitted.is_blank
    True
    >>> fitted.pixels.shape
    (28, 28)
    """

    pixels: np.ndarray
    steps: tuple[PictureStep, ...]
    is_blank: bool = False

    def explain(self) -> str:
        """Describe the steps.

        Returns
        -------
        text : str
            One line per step.

        Examples
        --------
        >>> import numpy as np
        >>> from skmnist.pictures import to_mnist
        >>> print(to_mnist(np.zeros((50, 40))).explain())
        grey    50 x 40 pixels, levels 0 to 0
        blank   no ink: nothing differs from the background, of level 0, by more than 0
        """
        return "\n".join(f"{step.name:<6}  {step.text}" for step in self.steps)
