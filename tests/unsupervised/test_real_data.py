"""Autoencoders on real images; needs the folder that SKMNIST_DATA names."""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from skmnist import Autoencoder, AutoencoderOutlierDetector
from skmnist.datasets import fetch_mnist

_FOLDER = os.environ.get("SKMNIST_DATA", "")

pytestmark = [
    pytest.mark.slow("trains on all of MNIST"),
    pytest.mark.skipif(
        not (_FOLDER and Path(_FOLDER, "mnist.npz").exists()),
        reason="SKMNIST_DATA does not name a folder with mnist.npz",
    ),
]


@pytest.fixture(scope="module")
def digits():
    """10,000 images to train on and 2,000 others, in [0, 1]."""
    X_train, _ = fetch_mnist(subset="train", return_X_y=True)
    X_test, _ = fetch_mnist(subset="test", return_X_y=True)
    return X_train[:10_000] / np.float32(255), X_test[:2_000] / np.float32(255)


@pytest.fixture(scope="module")
def plain(digits):
    return Autoencoder(32, epochs=10, batch_size=64, random_state=0).fit(digits[0])


def flat(X):
    return X.reshape(len(X), -1)


def test_better_than_principal_components(digits, plain):
    X_train, X_test = map(flat, digits)
    pca = PCA(32, svd_solver="covariance_eigh").fit(X_train)
    linear = np.square(pca.inverse_transform(pca.transform(X_test)) - X_test).mean()
    assert -plain.score(digits[1]) < 0.8 * linear


def test_denoising(digits, plain):
    """Trained on noise, it removes noise: far more than what was trained without any."""
    X_train, X_test = digits
    rng = np.random.default_rng(0)
    noisy = X_test + rng.normal(scale=0.4, size=X_test.shape).astype(np.float32)
    cleaner = Autoencoder(32, noise=0.4, epochs=8, batch_size=64, random_state=0).fit(X_train)
    errors = {
        "noisy": np.square(noisy - X_test).mean(),
        "plain": np.square(flat(plain.reconstruct(noisy)) - flat(X_test)).mean(),
        "cleaner": np.square(flat(cleaner.reconstruct(noisy)) - flat(X_test)).mean(),
    }
    assert errors["cleaner"] < 0.25 * errors["noisy"]
    assert errors["cleaner"] < 0.8 * errors["plain"]


def test_outliers(digits):
    X_train, X_test = digits
    detector = AutoencoderOutlierDetector(
        latent_dim=16, epochs=3, batch_size=64, contamination=0.05, random_state=0
    ).fit(X_train)
    assert abs((detector.predict(X_train) == -1).mean() - 0.05) < 0.001
    assert (detector.predict(X_test) == -1).mean() < 0.12
    assert (detector.predict(1 - X_test) == -1).mean() > 0.99
    shuffled = np.random.default_rng(0).permuted(flat(X_test), axis=1)
    assert (detector.predict(shuffled) == -1).mean() > 0.95
