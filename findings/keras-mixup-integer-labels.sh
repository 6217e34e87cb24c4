#!/usr/bin/env bash
# Keras 3.15.1 (backend JAX 0.10.2): MixUp given integer labels.
# Expected: an error, or one-hot labels that are mixed.
# Seen: the numbers of the classes are blended.  Of the labels 0, 3, 7 and 9, sevens and nines mixed come
#   back as about 8: a class that is in neither picture.  No warning; one-hot labels are mixed rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from keras import layers

images, labels = np.random.default_rng(0).random((64, 8, 8, 1)).astype("f4"), np.repeat([7, 9], 32)
mixed = layers.MixUp(alpha=1.0, seed=0)({"images": images, "labels": labels}, training=True)
found = np.asarray(mixed["labels"]).ravel()
between = np.mean((found > 7.01) & (found < 8.99))
print(f"labels 7 and 9 in, {between:.2f} of the labels lie between; the first: {found[:6].round(2)}")
if between < 0.1:
    raise SystemExit("changed: MixUp does not blend the numbers of classes")
PYTHON
