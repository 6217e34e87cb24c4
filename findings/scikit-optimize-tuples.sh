#!/usr/bin/env bash
# scikit-optimize 0.10.2, scikit-learn 1.9.1: a search over tuples, which GridSearchCV takes.
# Expected: BayesSearchCV over Categorical([(4,), (8,)]) tries both sizes of the hidden layer.
# Seen: ValueError "Not all points are within the bounds of the space." after the first fit, because
#   the tuples became lists or arrays on the way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scikit-optimize==0.10.2 scikit-learn==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from sklearn.neural_network import MLPClassifier
from skopt import BayesSearchCV
from skopt.space import Categorical

X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
sizes = {"hidden_layer_sizes": Categorical([(4,), (8,)])}
try:
    BayesSearchCV(MLPClassifier(max_iter=5), sizes, n_iter=2, cv=2).fit(X, y)
except ValueError as error:
    print("ValueError:", error)
    if "within the bounds" not in str(error):
        raise SystemExit("changed: the error is another one") from None
else:
    raise SystemExit("changed: tuples are taken")
PYTHON
