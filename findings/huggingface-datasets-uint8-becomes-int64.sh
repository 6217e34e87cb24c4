#!/usr/bin/env bash
# Hugging Face datasets 5.2.0, NumPy 2.4.6: features declared uint8, in the format "numpy".
# Expected: arrays of uint8, as the features say.
# Seen: images and labels are int64, eight times the memory; with_format("numpy", dtype=np.uint8) gives
#   uint8.  A feature declared float64 comes as float32, so that 1/3 loses digits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q datasets==5.2.0 numpy==2.4.6
HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from datasets import Array2D, Dataset, Features, Value

features = Features(
    {"image": Array2D((4, 4), "uint8"), "label": Value("uint8"), "third": Value("float64")}
)
data = Dataset.from_dict(
    {
        "image": np.arange(32, dtype=np.uint8).reshape(2, 4, 4),
        "label": np.array([1, 2], np.uint8),
        "third": [1 / 3, 1 / 3],
    },
    features=features,
)
rows = data.with_format("numpy")[:]
asked = data.with_format("numpy", columns=["image", "label"], dtype=np.uint8)[:]
seen = [str(rows[name].dtype) for name in ("image", "label", "third")]
print("declared uint8, uint8, float64; got", *seen, "and, asked for,", asked["image"].dtype)
if seen != ["int64", "int64", "float32"] or asked["image"].dtype != np.uint8:
    raise SystemExit("changed: the dtypes are other ones now")
PYTHON
