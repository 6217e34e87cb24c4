"""Three convolutional networks, and which pixels they look at.

The saliency of a pixel is how much the score of the predicted digit changes with it: the gradient
of the network's output with respect to its input.

Prints accuracies; with the name of a PNG file, draws the saliency of some digits into it:
python examples/convolutional_saliency.py saliency.png
"""

import sys

import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import Augmentation, CNNClassifier, LeNetClassifier, ResNetClassifier
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X = digits.images.astype(np.float32) / 255
X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, stratify=digits.target, train_size=2000, random_state=0
)
networks = [
    LeNetClassifier(epochs=10, random_state=0),
    CNNClassifier(filters=(16, 32), epochs=6, random_state=0),
    ResNetClassifier(filters=(16, 32, 64), epochs=10, random_state=0),
    CNNClassifier(filters=(16, 32), epochs=6, augmentation=Augmentation(), random_state=0),
]
for network in networks:
    network.fit(X_train, y_train)
    print(f"{network.score(X_test, y_test):.4f}  {network}")


def saliency(classifier, images, n_draws=30, noise=0.2):
    """Return the gradient of the score of the predicted digit, for each pixel.

    Averaged over images with a little noise, which leaves out what changes from pixel to pixel
    (Smilkov and others, "SmoothGrad", 2017).
    """
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


if len(sys.argv) > 1:
    from matplotlib.figure import Figure

    shown = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
    rows = {"image": X_test[shown]}
    rows |= {type(network).__name__: saliency(network, X_test[shown]) for network in networks[:3]}
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    panels = figure.subplots(len(rows), 10)
    for (name, images), line in zip(rows.items(), panels, strict=True):
        line[0].set_ylabel(name.removesuffix("Classifier"))
        for panel, image in zip(line, images, strict=True):
            panel.imshow(image, cmap="gray_r" if name == "image" else "magma")
            panel.set(xticks=[], yticks=[])
    figure.savefig(sys.argv[1], dpi=120)
    print(f"The saliency is in {sys.argv[1]}.")
