#!/usr/bin/env bash
# pyod 3.6.7: scores of ECOD for new samples.
# Expected: decision_function of a fitted model gives a sample the same score alone and among others.
# Seen: of 100 new samples, all 100 have another score alone than together (up to 0.47), and 1 of them
#   is labelled differently: the tails are computed over the training data and the batch together.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pyod==3.6.7 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from pyod.models.ecod import ECOD

rng = np.random.default_rng(0)
X, new = rng.normal(size=(300, 5)), rng.normal(size=(100, 5))
model = ECOD().fit(X)
together = model.decision_function(new)
alone = np.array([model.decision_function(row[np.newaxis])[0] for row in new])
labels = np.array([model.predict(row[np.newaxis])[0] for row in new])
differ, gap = np.sum(together != alone), np.abs(together - alone).max()
relabelled = np.sum(labels != model.predict(new))
print(f"other scores alone: {differ} of 100, up to {gap:.2f}; other labels: {relabelled}")
if not (differ == 100 and gap > 0.1):
    raise SystemExit("changed: the score of a sample does not depend on its batch any more")
PYTHON
