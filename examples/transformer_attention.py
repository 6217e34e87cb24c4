"""
Where a transformer looks
=========================

A :class:`~skmnist.TransformerClassifier` cuts an image into patches.  With ``pooling="token"`` a
token of its own collects what the patches say, and its attention tells which ones count.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import TransformerClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X = digits.images.astype(np.float32) / 255
X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, stratify=digits.target, random_state=0
)
network = TransformerClassifier(4, n_layers=2, pooling="token", epochs=8, random_state=0)
network.fit(X_train, y_train)
print(f"accuracy {network.score(X_test, y_test):.4f}")

# %%
# Attention of the last layer
# ---------------------------
#
# From the token to the patches, averaged over the heads.  ``model_`` is a ``keras.Model``, whose
# layers can be called one by one.


def attention(classifier, images):
    """Return how much the class token attends to each patch, as images of patches."""
    import keras

    model = classifier.model_
    layers = [n for n in model.layers if isinstance(n, keras.layers.MultiHeadAttention)]
    inputs = keras.Model(model.input, layers[-1].input[0])(images[..., None])
    _, scores = layers[-1](inputs, inputs, return_attention_scores=True)
    to_patches = scores.numpy().mean(axis=1)[:, 0, 1:]
    side = int(np.sqrt(to_patches.shape[1]))
    return to_patches.reshape(-1, side, side)


shown = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
maps = attention(network, X_test[shown])
figure, panels = plt.subplots(2, 10, figsize=(10, 2.6), layout="constrained")
for i, index in enumerate(shown):
    panels[0, i].imshow(X_test[index], cmap="gray_r")
    panels[1, i].imshow(X_test[index], cmap="gray_r", extent=(0, 1, 0, 1))
    panels[1, i].imshow(maps[i], cmap="Oranges", extent=(0, 1, 0, 1), alpha=0.7)
for panel in panels.flat:
    panel.set(xticks=[], yticks=[])
panels[0, 0].set_ylabel("image")
panels[1, 0].set_ylabel("attention")
plt.show()
