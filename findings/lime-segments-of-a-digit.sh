#!/usr/bin/env bash
# lime 0.2.0.1, scikit-image 0.26.0: the default segments of LimeImageExplainer for small images.
# Expected: enough segments of a 28 x 28 digit to say which strokes mattered.
# Seen: 1 or 2 segments for each of 20 digits, 1 for more than half: quickshift with max_dist=200 joins
#   the whole picture, and an explanation with one segment says nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q lime==0.2.0.1 scikit-image==0.26.0 scikit-learn==1.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from lime.lime_image import LimeImageExplainer
from skimage.color import gray2rgb
from skimage.transform import resize
from sklearn.datasets import load_digits

explainer = LimeImageExplainer(random_state=0)
counts = []
for image in load_digits().images[:20]:
    explanation = explainer.explain_instance(
        gray2rgb(resize(image / 16, (28, 28))),
        lambda batch: np.full((len(batch), 2), 0.5),
        top_labels=1,
        num_samples=4,
    )
    counts.append(len(np.unique(explanation.segments)))
print("segments:", *counts)
if max(counts) > 4:
    raise SystemExit("changed: the default finds more segments in a small image")
PYTHON
