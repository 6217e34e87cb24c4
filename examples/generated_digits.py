"""Digits that a generative adversarial network makes, of the classes it is asked for.

Prints how often a classifier trained on real digits recognises them; with the name of a PNG file,
draws them into it:
python examples/generated_digits.py generated.png
"""

import sys

import numpy as np

from skmnist import GANGenerator, LeNetClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X, y = digits.images, digits.target
generator = GANGenerator(conditional=True, epochs=15, random_state=0).fit(X, y)
made, asked = generator.sample(1000)
judge = LeNetClassifier(epochs=10, random_state=0).fit(X, y)
print(f"recognised as what they were asked to be: {judge.score(made, asked):.1%}")
for name, values in generator.history_.items():
    print(f"{name:<20} {values[0]:.2f} after the first epoch, {values[-1]:.2f} after the last")

if len(sys.argv) > 1:
    from matplotlib.figure import Figure

    made, asked = generator.sample(100, y=np.repeat(np.arange(10), 10))
    grid = made.reshape(10, 10, 28, 28).swapaxes(1, 2).reshape(280, 280)
    figure = Figure(figsize=(5, 5), layout="constrained")
    panel = figure.subplots()
    panel.imshow(grid, cmap="gray_r")
    panel.set(xticks=[], yticks=np.arange(14, 280, 28), yticklabels=range(10))
    figure.savefig(sys.argv[1], dpi=120)
    print(f"The digits are in {sys.argv[1]}.")
