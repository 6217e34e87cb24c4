#!/usr/bin/env bash
# scikit-learn 1.9.1: a fit parameter that has as many rows as X, by chance.
# Expected: validation data passed through cross_validate reach fit whole, whatever their number.
# Seen: of 59, 60 and 61 rows beside 60 samples, fit gets 59, 40 and 61: what is as long as X is cut to
#   the training rows of the fold.  No warning.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scikit-learn==1.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate


class Recorder(LogisticRegression):
    lengths = []

    def fit(self, X, y, X_val=None):
        self.lengths.append(len(X_val))
        return super().fit(X, y)


X = np.random.default_rng(0).normal(size=(60, 3))
for n in (59, 60, 61):
    cross_validate(Recorder(), X, np.arange(60) % 2, cv=3, params={"X_val": np.zeros((n, 3))})
got = Recorder.lengths[::3]
print("rows passed: 59, 60, 61; rows that fit got:", got)
if got != [59, 40, 61]:
    raise SystemExit("changed: validation data of the length of X are treated in another way")
PYTHON
