"""
Search over hidden sizes and dropout
====================================

A network is a step of a pipeline like any other.  Its parameters are searched as
``network__hidden_layer_sizes``, those of its optimizer as ``network__optimizer__beta_1``.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, classification_report, confusion_matrix
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from skmnist import MLPClassifier, MnistScaler
from skmnist.datasets import load_mnist_sample

X, y = load_mnist_sample(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

pipeline = Pipeline([("scale", MnistScaler()), ("network", MLPClassifier(random_state=0))])
grid = {
    "network__hidden_layer_sizes": [(64,), (256,), (128, 128)],
    "network__dropout": [0.0, 0.3],
    "network__epochs": [10],
}
search = GridSearchCV(pipeline, grid, cv=3).fit(X_train, y_train)

# %%
# What the search found
# ---------------------
#
# Differences that are smaller than the spread over the folds say little.

print(f"{'hidden':>12}  dropout  accuracy over 3 folds")
results = zip(
    search.cv_results_["params"],
    search.cv_results_["mean_test_score"],
    search.cv_results_["std_test_score"],
    strict=True,
)
for params, mean, std in sorted(results, key=lambda row: -row[1]):
    hidden, dropout = params["network__hidden_layer_sizes"], params["network__dropout"]
    print(f"{hidden!s:>12}  {dropout:7.1f}  {mean:.4f} ± {std:.4f}")

# %%
# Where the best network is wrong
# -------------------------------
#
# These are the errors on images that the search has not seen.

predicted = search.predict(X_test)
print(f"Best: {search.best_params_}\n")
print(classification_report(y_test, predicted, digits=3))
confused = confusion_matrix(y_test, predicted)
np.fill_diagonal(confused, 0)
true, taken_for = divmod(confused.argmax(), 10)
print(f"Most often confused: {true} taken for {taken_for}, {confused.max()} times.")

figure, panel = plt.subplots(figsize=(6, 5), layout="constrained")
display = ConfusionMatrixDisplay(confused)
display.plot(ax=panel, cmap="Blues", im_kw={"vmin": 0})
panel.set(title="mistakes on 1,250 test images", xlabel="taken for", ylabel="digit")
plt.show()
