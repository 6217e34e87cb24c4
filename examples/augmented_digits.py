"""
What augmentation does to digits
================================

:class:`~skmnist.Augmentation` changes training images at random, differently in every
epoch.  This is what a network then sees.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmnist import Augmentation
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
chosen = [np.flatnonzero(digits.target == digit)[0] for digit in range(10)]
images = digits.images[chosen].astype(np.float32) / 255

# %%
# A row for each digit
# --------------------
#
# The original stands first.  The network that changes images has its own seed, so the same changes
# can be had again.


def grid(augmentation, images, n_columns):
    """Return one picture of images (n, height, width), and of changed ones to the right of them."""
    network = augmentation.build((*images.shape[1:], 1), seed=0)
    columns = [images]
    for _ in range(n_columns - 1):
        columns.append(np.asarray(network(images[..., None], training=True))[..., 0])
    n_rows, height, width = images.shape
    return np.stack(columns, axis=2).reshape(n_rows * height, n_columns * width)


kinds = {
    "the default strength": Augmentation(),
    "elastic=0.03 alone": Augmentation(shift=0, rotation=0, zoom=0, shear=0, elastic=0.03),
}
figure, panels = plt.subplots(1, 2, figsize=(9, 5.2), layout="constrained")
for panel, (name, augmentation) in zip(panels, kinds.items(), strict=True):
    panel.imshow(grid(augmentation, images, 9), cmap="gray_r")
    panel.axvline(27.5, color="#0072B2", linewidth=1)
    panel.set(title=name, xticks=[], yticks=[])
plt.show()

# %%
# Without a window
# ----------------
#
# Print the same in a terminal: every second line of two digits.

shades = np.array(list(" .:-=+*#%@"))
for line in grid(Augmentation(), images[[2, 5]], n_columns=4)[::2]:
    print("".join(shades[(9 * line).round().astype(int)]).rstrip())

# %%
# How strong the changes should be depends on the images.  The strengths are parameters that a
# search can set, as ``augmentation__rotation`` of every classifier that has an ``augmentation``.
