#!/usr/bin/env bash
# MAPIE 1.6.0, scikit-learn 1.9.1: prediction sets with conformity_score="lac" at level 0.8.
# Expected: a set of labels for every image, which is larger where the classifier is less sure.
# Seen: of 597 digits, 118 (20 %) get the empty set.  That is what the method promises (0.8 of the sets
#   hold the right label, here 0.784), but the doubtful images are those that get no label at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q mapie==1.6.0 scikit-learn==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from mapie.classification import SplitConformalClassifier
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

X, y = load_digits(return_X_y=True)
model = LogisticRegression(max_iter=2000).fit(X[:600], y[:600])
conformal = SplitConformalClassifier(
    model, confidence_level=0.8, conformity_score="lac", prefit=True
).conformalize(X[600:1200], y[600:1200])
sets = conformal.predict_set(X[1200:])[1][:, :, 0]
empty = np.sum(sets.sum(axis=1) == 0)
covered = sets[np.arange(len(sets)), y[1200:]].mean()
print(f"empty sets: {empty} of {len(sets)}; sets that hold the label: {covered:.3f}")
if empty < 60:
    raise SystemExit("changed: hardly any set is empty")
PYTHON
