"""Autoencoders: digits as two numbers, digits rebuilt, digits cleaned.

Prints reconstruction errors beside those of PCA; with the name of a PNG file, draws the codes in
two dimensions, reconstructions and cleaned digits into it:
python examples/autoencoder_codes.py codes.png
"""

import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmnist import Autoencoder, MnistScaler
from skmnist.datasets import load_mnist_sample

X, y = load_mnist_sample(return_X_y=True)
X = MnistScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

autoencoder = Autoencoder(latent_dim=16, epochs=25, random_state=0).fit(X_train)
pca = PCA(n_components=16).fit(X_train)
rebuilt = autoencoder.reconstruct(X_test)
rebuilt_by_pca = pca.inverse_transform(pca.transform(X_test))
print(f"mean squared error, 16 codes: autoencoder {np.mean((rebuilt - X_test) ** 2):.4f}")
print(f"                      16 components of PCA {np.mean((rebuilt_by_pca - X_test) ** 2):.4f}")
on_codes = make_pipeline(autoencoder, StandardScaler(), LogisticRegression()).fit(X_train, y_train)
print(f"accuracy of logistic regression on the codes: {on_codes.score(X_test, y_test):.3f}")

noisy = X_test + np.random.default_rng(0).normal(0, 0.4, X_test.shape).astype(np.float32)
denoiser = Autoencoder(noise=0.4, epochs=25, random_state=0).fit(X_train)
cleaned = denoiser.reconstruct(noisy)
print(f"mean squared distance to the clean digits: noisy {np.mean((noisy - X_test) ** 2):.4f}")
print(f"                                         cleaned {np.mean((cleaned - X_test) ** 2):.4f}")

if len(sys.argv) > 1:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    flat = Autoencoder(latent_dim=2, epochs=30, random_state=0).fit(X_train)
    codes = flat.transform(X_test)
    figure = Figure(figsize=(11, 5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])
    plane = left.subplots()
    points = plane.scatter(*codes.T, c=y_test, cmap=colormaps["tab10"], s=8, vmin=-0.5, vmax=9.5)
    left.colorbar(points, ticks=range(10), label="digit")
    plane.set(title="two codes", xlabel="first", ylabel="second")
    shown = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
    rows = {
        "image": X_test,
        "16 codes": rebuilt,
        "PCA": rebuilt_by_pca,
        "noisy": noisy,
        "cleaned": cleaned,
    }
    panels = right.subplots(len(rows), 10)
    for (name, images), line in zip(rows.items(), panels, strict=True):
        line[0].set_ylabel(name)
        for panel, chosen in zip(line, shown, strict=True):
            panel.imshow(images[chosen].reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
            panel.set(xticks=[], yticks=[])
    figure.savefig(sys.argv[1], dpi=120)
    print(f"The picture is in {sys.argv[1]}.")
