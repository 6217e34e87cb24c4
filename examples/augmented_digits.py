"""Look at what augmentation does to digits: a row for each, the original first.

Prints some as text; with the name of a PNG file, draws all ten digits into it:
python examples/augmented_digits.py digits.png
"""

import sys

import numpy as np

from skmnist.augmentation import Augmentation
from skmnist.datasets import load_mnist_sample


def grid(augmentation, images, n_columns):
    """Return one picture of images (n, height, width), and of changed ones to the right of them."""
    network = augmentation.build((*images.shape[1:], 1), seed=0)
    columns = [images]
    for _ in range(n_columns - 1):
        columns.append(np.asarray(network(images[..., None], training=True))[..., 0])
    n_rows, height, width = images.shape
    return np.stack(columns, axis=2).reshape(n_rows * height, n_columns * width)


def main(path=None):
    digits = load_mnist_sample()
    chosen = [np.flatnonzero(digits.target == digit)[0] for digit in range(10)]
    images = digits.images[chosen].astype(np.float32) / 255
    if path is None:
        shades = np.array(list(" .:-=+*#%@"))
        for line in grid(Augmentation(), images[[2, 5]], n_columns=4)[::2]:
            print("".join(shades[(9 * line).round().astype(int)]).rstrip())
        return
    from matplotlib.image import imsave

    elastic = Augmentation(shift=0, rotation=0, zoom=0, shear=0, elastic=0.03)
    picture = np.concatenate([grid(kind, images, 14) for kind in (Augmentation(), elastic)])
    imsave(path, np.kron(1 - picture, np.ones((2, 2))), cmap="gray", vmin=0, vmax=1)
    print(f"{path}: the default strength above, elastic=0.03 alone below")


if __name__ == "__main__":
    main(*sys.argv[1:])
