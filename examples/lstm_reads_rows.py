"""
An LSTM reads a digit row by row
================================

How sure is a network after how many rows?  An :class:`~skmnist.LSTMClassifier` reads an image as a
sequence of its rows, so it can predict after each.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import LSTMClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X = digits.images.astype(np.float32) / 255
X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, stratify=digits.target, random_state=0
)
network = LSTMClassifier(epochs=15, random_state=0).fit(X_train, y_train)
height = X.shape[1]

# %%
# Accuracy by the number of rows
# ------------------------------
#
# The network was trained on whole images.  Rows it has not seen yet are left black.


def first_rows(images, n_rows):
    """Return images with all rows black but the first ones."""
    seen = images.copy()
    seen[:, n_rows:] = 0
    return seen


for n_rows in range(4, height + 1, 4):
    print(f"{n_rows:2} rows  accuracy {network.score(first_rows(X_test, n_rows), y_test):.3f}")

# %%
# What it takes a digit for
# -------------------------
#
# Beside each digit, from top to bottom: the probabilities of the ten classes after each row.

shown = [np.flatnonzero(y_test == digit)[1] for digit in (0, 2, 4, 7, 9)]
probabilities = np.stack(
    [network.predict_proba(first_rows(X_test[shown], n)) for n in range(1, height + 1)]
)
figure, panels = plt.subplots(1, 2 * len(shown), figsize=(10, 4), sharey=True, layout="constrained")
for i, index in enumerate(shown):
    image, certain = panels[2 * i], panels[2 * i + 1]
    image.imshow(X_test[index], cmap="gray_r", aspect="auto")
    certain.imshow(probabilities[:, i], cmap="Blues", aspect="auto", vmin=0, vmax=1)
    image.set(title=f"a {y_test[index]}", xticks=[])
    certain.set(title="read as", xticks=range(0, 10, 3))
panels[0].set_ylabel("rows read")
plt.show()
