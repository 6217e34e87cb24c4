"""
Digits made by a network
========================

A :class:`~skmnist.GANGenerator` learns to make images that a second network cannot tell from the
real ones.  With ``conditional=True``, you choose the class.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmnist import GANGenerator, LeNetClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X, y = digits.images, digits.target
generator = GANGenerator(conditional=True, epochs=10, random_state=0).fit(X, y)

# %%
# Does it make what it is asked for?
# ----------------------------------
#
# A classifier that was trained on real digits judges them.

made, asked = generator.sample(1000)
judge = LeNetClassifier(epochs=6, random_state=0).fit(X, y)
print(f"recognised as what they were asked to be: {judge.score(made, asked):.1%}")
for name, values in generator.history_.items():
    print(f"{name:<20} {values[0]:.2f} after the first epoch, {values[-1]:.2f} after the last")

# %%
# Ten of each
# -----------
#
# More images and more epochs make better digits: :doc:`/networks` has figures for all of MNIST.

made, asked = generator.sample(100, y=np.repeat(np.arange(10), 10))
grid = made.reshape(10, 10, 28, 28).swapaxes(1, 2).reshape(280, 280)
figure, panel = plt.subplots(figsize=(5, 5), layout="constrained")
panel.imshow(grid, cmap="gray_r")
panel.set(xticks=[], yticks=np.arange(14, 280, 28), yticklabels=range(10), ylabel="asked for")
plt.show()
