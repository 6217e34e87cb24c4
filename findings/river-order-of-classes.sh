#!/usr/bin/env bash
# river 0.26.1, scikit-learn 1.9.1: names of probabilities in convert_sklearn_to_river.
# Expected: the class that predict_one says has the largest probability, in any order of `classes`.
# Seen: for ["cat", "dog"], predict_one says dog and P(dog) = 0.9998; for ["dog", "cat"], predict_one
#   says dog and P(dog) = 0.0002: the probabilities are in sorted order, the names in the order given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q river==0.26.1 scikit-learn==1.9.1
"$folder/venv/bin/python" - <<'PYTHON'
from river import compat
from sklearn.linear_model import SGDClassifier


def dog(classes):
    sgd = SGDClassifier(loss="log_loss", random_state=0)
    model = compat.convert_sklearn_to_river(sgd, classes=classes)
    for _ in range(100):
        model.learn_one({"a": -1.0}, "cat")
        model.learn_one({"a": 1.0}, "dog")
    label, proba = model.predict_one({"a": 1.0}), model.predict_proba_one({"a": 1.0})["dog"]
    print(f"{classes}: predicts {label}, P(dog) = {proba:.4f}")
    return label, proba


in_order, reversed_order = dog(["cat", "dog"]), dog(["dog", "cat"])
if not (
    in_order[0] == reversed_order[0] == "dog" and in_order[1] > 0.9 and reversed_order[1] < 0.1
):
    raise SystemExit("changed: the names fit the probabilities, or the predictions are other ones")
PYTHON
