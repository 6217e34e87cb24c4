#!/usr/bin/env bash
# imbalanced-learn 0.14.2, scikit-learn 1.9.1, NumPy 2.4.6: SMOTE on uint8.
# Expected: a synthetic sample lies on the line between two samples of its class, so every value lies
#   between the smallest and the largest of that feature in the class.
# Seen: the dtype is kept, differences of uint8 wrap around, and 0.167 of the new values lie outside;
#   0.000 with the same numbers as float32.  No warning.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q imbalanced-learn==0.14.2 scikit-learn==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from imblearn.over_sampling import SMOTE

X = np.random.default_rng(0).integers(0, 256, (36, 16)).astype(np.uint8)
y = np.repeat([0, 1], [30, 6])
low, high = X[30:].min(axis=0), X[30:].max(axis=0)


def outside(samples):
    new = SMOTE(k_neighbors=3, random_state=0).fit_resample(samples, y)[0][36:]
    return np.mean((new < low) | (new > high))


wrapped, right = outside(X), outside(X.astype(np.float32))
print(f"outside the range of the class: uint8 {wrapped:.3f}, float32 {right:.3f}")
if not (wrapped > 0.05 and right == 0):
    raise SystemExit("changed: SMOTE on uint8 stays in range now, or on float32 it does not")
PYTHON
