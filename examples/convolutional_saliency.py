"""
Which pixels do convolutional networks look at?
===============================================

The saliency of a pixel is how much the score of the predicted digit changes with it: the gradient
of the network's output with respect to its input.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import Augmentation, CNNClassifier, LeNetClassifier, ResNetClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X = digits.images.astype(np.float32) / 255
X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, stratify=digits.target, train_size=0.4, random_state=0
)
X_test, y_test = X_test[:1000], y_test[:1000]

# %%
# Four small networks
# -------------------
#
# Trained on 2,000 images, and measured on 1,000 others.

networks = [
    LeNetClassifier(epochs=10, random_state=0),
    CNNClassifier(filters=(16, 32), epochs=5, random_state=0),
    ResNetClassifier(filters=(8, 16, 32), epochs=7, learning_rate=0.01, random_state=0),
    CNNClassifier(filters=(16, 32), epochs=5, augmentation=Augmentation(), random_state=0),
]
for network in networks:
    network.fit(X_train, y_train)
    print(f"{network.score(X_test, y_test):.3f}  {network}")

# %%
# Their saliency
# --------------
#
# ``model_`` of a fitted classifier is its ``keras.Model``, whose gradients TensorFlow computes.
# They are averaged over images with a little noise, which leaves out what changes from pixel to
# pixel (Smilkov and others, "SmoothGrad: removing noise by adding noise", 2017).


def saliency(classifier, images, n_draws=30, noise=0.2):
    """Return the gradient of the score of the predicted digit, for each pixel."""
    import keras
    import tensorflow as tf

    model = classifier.model_
    last = model.get_layer("probabilities")
    features = keras.Model(model.input, last.input)
    predicted = tf.one_hot(classifier.predict(images), 10)
    random = np.random.default_rng(0)
    total = 0
    for _ in range(n_draws):
        noisy = images + random.normal(0, noise, images.shape)
        pixels = tf.constant(noisy[..., None], tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            # Before the softmax, which hardly changes where the network is sure.
            scores = features(pixels) @ last.kernel + last.bias
            score = tf.reduce_sum(scores * predicted, axis=1)
        total = total + tape.gradient(score, pixels).numpy()[..., 0]
    return np.abs(total / n_draws)


shown = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
rows = {"image": X_test[shown]}
rows |= {type(network).__name__: saliency(network, X_test[shown]) for network in networks[:3]}
figure, panels = plt.subplots(len(rows), 10, figsize=(10, 4.4), layout="constrained")
for (name, images), line in zip(rows.items(), panels, strict=True):
    line[0].set_ylabel(name.removesuffix("Classifier"))
    for panel, image in zip(line, images, strict=True):
        panel.imshow(image, cmap="gray_r" if name == "image" else "magma")
        panel.set(xticks=[], yticks=[])
plt.show()
