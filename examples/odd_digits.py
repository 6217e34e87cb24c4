"""
The oddest digits of a data set
===============================

An :class:`~skmnist.AutoencoderOutlierDetector` finds images that it cannot reconstruct, because
they are unlike the images it was fitted on.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from skmnist import AutoencoderOutlierDetector
from skmnist.datasets import load_mnist_sample

digits = load_mnist_sample()
X_train, X_test = train_test_split(digits.images, stratify=digits.target, random_state=0)
detector = AutoencoderOutlierDetector(contamination=0.02, epochs=20, random_state=0).fit(X_train)

# %%
# Are images of another kind found?
# ---------------------------------
#
# Digits that were turned, mirrored or inverted are not among the digits it knows.

others = {
    "upside down": X_test[:, ::-1],
    "light and dark exchanged": 255 - X_test,
    "turned by 90 degrees": np.rot90(X_test, axes=(1, 2)),
}
print(f"{(detector.predict(X_test) == -1).mean():.1%} of the test digits are taken for outliers.")
for name, images in others.items():
    scores = np.concatenate([detector.score_samples(X_test), detector.score_samples(images)])
    is_digit = np.repeat([1, 0], [len(X_test), len(images)])
    found = (detector.predict(images) == -1).mean()
    print(
        f"{name}: {found:.1%} found, area under the ROC curve {roc_auc_score(is_digit, scores):.3f}"
    )

# %%
# The oddest, and the plainest
# ----------------------------
#
# These are the twelve test digits with the lowest and with the highest score.

order = np.argsort(detector.score_samples(X_test))
figure, panels = plt.subplots(2, 12, figsize=(9, 1.9), layout="constrained")
for name, line, shown in zip(
    ("oddest", "plainest"), panels, (order[:12], order[::-1][:12]), strict=True
):
    line[0].set_ylabel(name)
    for panel, image in zip(line, X_test[shown], strict=True):
        panel.imshow(image, cmap="gray_r")
        panel.set(xticks=[], yticks=[])
plt.show()
