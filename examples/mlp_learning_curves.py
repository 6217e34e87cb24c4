"""
Learning curves of a multilayer perceptron
==========================================

What dropout and batch normalization do to the loss, in training and in validation.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from skmnist import MLPClassifier
from skmnist.datasets import load_mnist_sample

X, y = load_mnist_sample(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

variants = {
    "plain": {"dropout": 0.0},
    "dropout": {"dropout": 0.5},
    "batch normalization": {"dropout": 0.0, "batch_norm": True},
}
fitted = {
    name: MLPClassifier((128, 128), epochs=25, random_state=0, **params).fit(
        X_train, y_train, X_val=X_test, y_val=y_test
    )
    for name, params in variants.items()
}

# %%
# After the last epoch
# --------------------
#
# ``history_`` holds loss and metrics after each epoch, and ``val_`` of both, since there are
# validation data.

for name, network in fitted.items():
    last = {key: values[-1] for key, values in network.history_.items()}
    print(
        f"{name:<20} loss {last['loss']:.3f} in training, {last['val_loss']:.3f} in validation; "
        f"accuracy {last['accuracy']:.3f} and {last['val_accuracy']:.3f}"
    )

# %%
# The way there
# -------------
#
# Where the validation loss rises while the training loss falls, the network learns its training
# images by heart.  ``early_stopping=True`` ends a training there.

figure, panels = plt.subplots(1, len(fitted), figsize=(10, 3.4), sharey=True, layout="constrained")
for panel, (name, network) in zip(panels, fitted.items(), strict=True):
    epochs = range(1, network.n_iter_ + 1)
    panel.plot(epochs, network.loss_curve_, "--", color="#0072B2", label="training")
    panel.plot(epochs, network.validation_loss_curve_, color="#D55E00", label="validation")
    panel.set(title=name, xlabel="epoch", yscale="log")
panels[0].set_ylabel("cross-entropy")
panels[0].legend(frameon=False)
plt.show()
