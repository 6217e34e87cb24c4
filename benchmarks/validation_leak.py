"""Why the validation figures of the recipe two-50-validated are better than its test figures.

The document shuffles with ``tf.data``, takes 6,000 images to validate on, and skips 6,000 to train
on the rest.  But the shuffle is drawn anew in every epoch, and the images to validate on only once:
what is skipped later are others.  This trains as the document does, and then with a shuffle that
stays the same, and prints the validation figures of both.

    SKMNIST_DATA=<folder> python benchmarks/validation_leak.py
"""

import numpy as np

from skmnist._keras import keras, start, tf
from skmnist.datasets import fetch_mnist

SEEDS = range(5)
N_VALIDATION, BUFFER, BATCH, EPOCHS = 6_000, 10_000, 100, 5


def train(seed, reshuffle):
    """Return accuracy and loss on the validation images, and the share of them trained on."""
    keras.utils.set_random_seed(seed)
    mnist = fetch_mnist()
    images = (mnist.images / np.float32(255))[..., np.newaxis]
    numbers = np.arange(len(images))
    data = tf.data.Dataset.from_tensor_slices((images, mnist.target, numbers))
    data = data.shuffle(BUFFER, seed=seed, reshuffle_each_iteration=reshuffle)
    held_out = next(iter(data.take(N_VALIDATION).batch(N_VALIDATION)))
    seen = set()
    for *_, batch in data.skip(N_VALIDATION).batch(BATCH):
        seen.update(batch.numpy().tolist())
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(50, activation="relu"),
            keras.layers.Dense(50, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rest = data.skip(N_VALIDATION).map(lambda image, label, _: (image, label)).batch(BATCH)
    history = model.fit(
        rest, epochs=EPOCHS, validation_data=held_out[:2], shuffle=False, verbose=0
    ).history
    shared = np.isin(held_out[2].numpy(), list(seen)).mean()
    return history["val_accuracy"][-1], history["val_loss"][-1], shared


def main():
    """Print both."""
    start()
    for reshuffle in (True, False):
        accuracy, loss, shared = np.transpose([train(seed, reshuffle) for seed in SEEDS])
        print(
            f"shuffled {'anew in every epoch' if reshuffle else 'once'}: "
            f"val accuracy {accuracy.mean():.4f} ± {accuracy.std(ddof=1):.4f}, "
            f"val loss {loss.mean():.4f} ± {loss.std(ddof=1):.4f}; "
            f"{shared.mean():.0%} of the validation images were trained on in one epoch",
            flush=True,
        )


if __name__ == "__main__":
    main()
