"""
Autoencoders: digits as a few numbers
=====================================

An :class:`~skmnist.Autoencoder` compresses images to a few codes and reconstructs them.  Its
codes are features.  Trained to reconstruct clean images from noisy ones, it removes noise.
"""

import matplotlib.pyplot as plt
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

# %%
# Sixteen codes
# -------------
#
# As many principal components are the best that a linear method can do.

autoencoder = Autoencoder(latent_dim=16, epochs=16, random_state=0).fit(X_train)
pca = PCA(n_components=16).fit(X_train)
rebuilt = autoencoder.reconstruct(X_test)
rebuilt_by_pca = pca.inverse_transform(pca.transform(X_test))
print(f"mean squared error, 16 codes: autoencoder {np.mean((rebuilt - X_test) ** 2):.4f}")
print(f"                      16 components of PCA {np.mean((rebuilt_by_pca - X_test) ** 2):.4f}")

# %%
# Its codes are features for a classifier: sixteen numbers in place of 784 pixels.

features = make_pipeline(StandardScaler(), LogisticRegression())
features.fit(autoencoder.transform(X_train), y_train)
accuracy = features.score(autoencoder.transform(X_test), y_test)
print(f"accuracy of logistic regression on the codes: {accuracy:.3f}")

# %%
# Cleaning
# --------
#
# With ``noise=0.4`` the training images get Gaussian noise of that standard deviation, and the
# network is to rebuild the clean ones.

noisy = X_test + np.random.default_rng(0).normal(0, 0.4, X_test.shape).astype(np.float32)
denoiser = Autoencoder(noise=0.4, epochs=10, random_state=0).fit(X_train)
cleaned = denoiser.reconstruct(noisy)
print(f"mean squared distance to the clean digits: noisy {np.mean((noisy - X_test) ** 2):.4f}")
print(f"                                         cleaned {np.mean((cleaned - X_test) ** 2):.4f}")

shown = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
rows = {
    "image": X_test,
    "16 codes": rebuilt,
    "PCA": rebuilt_by_pca,
    "noisy": noisy,
    "cleaned": cleaned,
}
figure, panels = plt.subplots(len(rows), 10, figsize=(8, 4.2), layout="constrained")
for (name, images), line in zip(rows.items(), panels, strict=True):
    line[0].set_ylabel(name)
    for panel, index in zip(line, shown, strict=True):
        panel.imshow(images[index].reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
plt.show()

# %%
# Two codes
# ---------
#
# Two are enough to draw a map.  Zeros and ones have a region of their own.  For the
# other digits, two numbers are too few.

flat = Autoencoder(latent_dim=2, epochs=16, random_state=0).fit(X_train)
codes = flat.transform(X_test)
figure, panel = plt.subplots(figsize=(6, 5), layout="constrained")
points = panel.scatter(*codes.T, c=y_test, cmap="tab10", s=8, vmin=-0.5, vmax=9.5)
figure.colorbar(points, ticks=range(10), label="digit")
panel.set(xlabel="first code", ylabel="second code")
plt.show()
