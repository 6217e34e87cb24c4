"""What reading pictures costs in accuracy: MNIST's test images made into pictures, and read back.

Run ``SKMNIST_DATA=folder python benchmarks/pictures.py`` (extras ``cli`` and ``hog``).

A LeNet is trained on the 60,000 training images for 5 epochs. The test images are enlarged,
inverted, shifted, lit unevenly, made noisy and thinned, as the table says, and go through
``skmnist.pictures.to_mnist``. The last rows are scikit-learn's 1,797 digits, of other writers,
enlarged from 8 x 8 pixels.
"""

import argparse
import time

import numpy as np
from PIL import Image
from skimage.morphology import skeletonize
from sklearn.datasets import load_digits

from skmnist import LeNetClassifier
from skmnist.datasets import fetch_mnist
from skmnist.pictures import to_mnist, to_shape

RNG = np.random.default_rng(0)


def enlarged(image):
    return np.kron(image, np.ones((5, 5), dtype=np.uint8))


def smooth(image):
    return np.asarray(Image.fromarray(image).resize((140, 140), Image.BICUBIC))


def shifted(image):
    page = np.zeros((240, 240), dtype=np.uint8)
    row, column = RNG.integers(0, 100, 2)
    page[row : row + 140, column : column + 140] = image
    return page


def noisy(image, deviation):
    return np.clip(image + RNG.normal(0, deviation, image.shape), 0, 255).astype(np.uint8)


def lit(image):
    return np.clip(200 - 0.7 * image + np.linspace(-40, 40, image.shape[1]), 0, 255)


def thinned(image, margin):
    thin = skeletonize(smooth(image) > 127)
    if margin:
        grown = np.pad(thin, 1)
        thin = grown[1:-1, 1:-1] | grown[:-2, 1:-1] | grown[2:, 1:-1]
        thin |= grown[1:-1, :-2] | grown[1:-1, 2:]
    return thin.astype(np.uint8) * 255


PICTURES = {
    "as they are": lambda image: image,
    "enlarged 5 times": enlarged,
    "enlarged, dark on light": lambda image: 255 - enlarged(image),
    "bicubic, dark on light": lambda image: 255 - smooth(image),
    "shifted, dark on light, noise 8": lambda image: noisy(255 - shifted(enlarged(image)), 8),
    "shifted, dark on light, noise 25": lambda image: noisy(255 - shifted(enlarged(image)), 25),
    "uneven light, noise 4": lambda image: noisy(lit(shifted(enlarged(image))), 4),
    "three tenths of the contrast": lambda image: shifted(enlarged(image)) * 0.3 + 20,
    "strokes of 3 pixels": lambda image: thinned(image, 1),
    "strokes of 1 pixel": lambda image: thinned(image, 0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--limit", type=int, default=10_000, help="number of test images")
    limit = parser.parse_args().limit
    train, test = fetch_mnist(subset="train"), fetch_mnist(subset="test")
    network = LeNetClassifier(epochs=5, random_state=0).fit(train.images, train.target)
    images, labels = test.images[:limit], test.target[:limit]
    print(f"{'without reading':34} {network.score(images, labels):.4f}")
    for name, make in PICTURES.items():
        pictures = [np.asarray(make(image)).astype(np.uint8) for image in images]
        start = time.perf_counter()
        read = np.stack([to_mnist(picture).pixels for picture in pictures])
        milliseconds = (time.perf_counter() - start) / len(images) * 1000
        print(f"{name:34} {network.score(read, labels):.4f}  {milliseconds:.1f} ms")

    digits = load_digits()
    pages = []
    for image in digits.images:
        grey = Image.fromarray((image * (255 / 16)).astype(np.uint8))
        pages.append(255 - np.pad(np.asarray(grey.resize((160, 160), Image.BICUBIC)), 40))
    for name, make in {
        "scikit-learn's digits": to_mnist,
        "scikit-learn's digits, resized only": lambda page: to_shape(page, invert=True),
    }.items():
        read = np.stack([make(page).pixels for page in pages])
        print(f"{name:34} {network.score(read, digits.target):.4f}")


if __name__ == "__main__":
    main()
