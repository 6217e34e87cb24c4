#!/usr/bin/env bash
# Keras 3.15.1 (backend JAX 0.10.2): layers.Equalization on a batch.
# Expected: every picture is equalized by its own histogram, so its result is the same alone.
# Seen: a dark picture becomes 0 to 255 alone, and at most 126 beside a bright one: the histogram is
#   that of the whole batch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
dark = (rng.random((8, 8, 3)) * 60).astype("f4")
bright = (rng.random((8, 8, 3)) * 60 + 190).astype("f4")
equalize = layers.Equalization(value_range=(0, 255))
alone = np.asarray(equalize(dark[np.newaxis]))[0].max()
beside = np.asarray(equalize(np.stack([dark, bright])))[0].max()
print(f"brightest pixel of the dark picture: {alone:.0f} alone, {beside:.0f} beside a bright one")
if alone - beside < 50:
    raise SystemExit("changed: a picture is equalized by itself")
PYTHON
