"""Recipes: what they build and train, and how they are judged."""

import copy
import dataclasses
import hashlib
import json
import math
import pickle
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_digits

from skmnist import recipes
from skmnist.recipes import (
    Check,
    DocumentedFigure,
    Run,
    get_recipe,
    list_recipes,
    make_recipe,
    reproduce,
)
from skmnist.recipes import _reproduce as running
from skmnist.recipes._table import FIGURES, RECIPES
from tests.marks import slow_but

DIGITS = load_digits()
# 8 x 8 pixels of 0 to 16, as 28 x 28 of 0 to 255.
X = np.kron(DIGITS.images[:300] * 255 / 16, np.ones((1, 3, 3)))
X = np.pad(X, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)
Y = DIGITS.target[:300]
SPLIT = (X[:240], Y[:240], X[240:], Y[240:])

RELU_512 = ("Dense", 512, "relu", 0.0)
RELU_50 = ("Dense", 50, "relu", 0.0)
FLATTEN, POOL, SOFTMAX = ("Flatten",), ("AveragePooling2D", (2, 2)), ("Dense", 10, "softmax", 0.0)
SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"
# As the documents have it: layers, optimizer, loss, batch size, epochs, brightest pixel.
DOCUMENTED = {
    "tf-quickstart": (
        [FLATTEN, ("Dense", 128, "relu", 0.0), ("Dropout", 0.2), SOFTMAX],
        ("Adam", SPARSE, 32, 5, 1),
    ),
    "two-512": ([FLATTEN, RELU_512, RELU_512, SOFTMAX], ("RMSprop", ONE_HOT, 256, 10, 1)),
    "two-50-validated": ([FLATTEN, RELU_50, RELU_50, SOFTMAX], ("Adam", SPARSE, 100, 5, 1)),
    "tiny-15": (
        [FLATTEN, ("Dense", 15, "relu", 0.0), SOFTMAX],
        ("RMSprop", ONE_HOT, 128, 20, 255),
    ),
    "l1-128-32": (
        [
            FLATTEN,
            ("Dense", 128, "relu", 1e-4),
            ("Dropout", 0.01),
            ("Dense", 32, "relu", 1e-4),
            ("Dropout", 0.01),
            SOFTMAX,
        ],
        ("RMSprop", ONE_HOT, 128, 20, 255),
    ),
    "lenet": (
        [
            ("Conv2D", 6, (3, 3), "valid", "relu"),
            POOL,
            ("Conv2D", 16, (3, 3), "valid", "relu"),
            POOL,
            ("Conv2D", 120, (3, 3), "valid", "relu"),
            FLATTEN,
            ("Dense", 84, "relu", 0.0),
            SOFTMAX,
        ],
        ("RMSprop", ONE_HOT, 128, 10, 1),
    ),
    "single-512": ([FLATTEN, RELU_512, SOFTMAX], ("RMSprop", SPARSE, 128, 5, 1)),
}


@pytest.fixture(scope="module")
def fitted():
    """Give every recipe fitted for one epoch."""
    pipelines = {}

    def fit(name):
        if name not in pipelines:
            pipelines[name] = make_recipe(name, random_state=0).set_params(net__epochs=1).fit(X, Y)
        return pipelines[name]

    return fit


def describe(layer):
    kind = type(layer).__name__
    if kind == "Dense":
        penalty = layer.kernel_regularizer
        assert layer.bias_regularizer is None
        assert penalty is None or penalty.l2 == 0
        l1 = 0.0 if penalty is None else float(penalty.l1)
        return kind, layer.units, layer.activation.__name__, pytest.approx(l1)
    if kind == "Conv2D":
        activation = layer.activation.__name__
        return kind, layer.filters, layer.kernel_size, layer.padding, activation
    if kind == "Dropout":
        return kind, layer.rate
    return (kind, layer.pool_size) if kind == "AveragePooling2D" else (kind,)


def loss_of(model):
    return getattr(model.loss, "__name__", model.loss)


# What they build and train.


def test_recipes_are_those_of_the_documents():
    assert list_recipes() == list(DOCUMENTED)


@pytest.mark.parametrize("name", slow_but(["lenet"], DOCUMENTED, "trains every recipe"))
def test_architecture_layer_by_layer(fitted, name):
    model = fitted(name)["net"].model_
    first, *layers = model.layers
    assert type(first).__name__ == "InputLayer"
    assert [describe(layer) for layer in layers] == DOCUMENTED[name][0]


@pytest.mark.parametrize("name", slow_but(["lenet"], DOCUMENTED, "trains every recipe"))
def test_training(fitted, name):
    optimizer, loss, batch_size, epochs, _ = DOCUMENTED[name][1]
    network = make_recipe(name)["net"]
    assert (network.batch_size, network.epochs) == (batch_size, epochs)
    model = fitted(name)["net"].model_
    assert type(model.optimizer).__name__ == optimizer
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert loss_of(model) == network.loss == loss
    n_train = 270 if name == "two-50-validated" else 300
    assert int(model.optimizer.iterations) == pytest.approx(math.ceil(n_train / batch_size), abs=1)
    validated = "val_loss" in fitted(name)["net"].history_
    assert validated == (name == "two-50-validated")


@pytest.mark.slow("trains every recipe")
@pytest.mark.parametrize("name", DOCUMENTED)
def test_network_is_trained_on_the_documented_pixels_whatever_their_type(fitted, name):
    top = DOCUMENTED[name][1][-1]
    pixels = (X.astype(np.float32) * np.float32(top) / np.float32(255))[..., np.newaxis]
    assert pixels.max() == top
    # Floats go into the network as they are.
    alone = clone(fitted(name)["net"]).fit(pixels, Y).model_
    for dtype in ("uint8", "int64", "float64"):
        pipeline = clone(fitted(name)).fit(X.astype(dtype), Y)
        model = pipeline["net"].model_
        weights = zip(model.get_weights(), alone.get_weights(), strict=True)
        assert all(np.array_equal(a, b) for a, b in weights), dtype
        seen = model(pixels).numpy()
        np.testing.assert_allclose(pipeline.predict_proba(X.astype(dtype)), seen, atol=1e-5)


@pytest.mark.slow("trains every recipe")
@pytest.mark.parametrize("name", DOCUMENTED)
def test_rows_and_lists_are_images_too(fitted, name):
    pipeline, rows = fitted(name), X.reshape(len(X), -1)
    # (The scaler is fitted on one shape, and takes rows for images.)
    assert np.array_equal(pipeline.predict(rows), pipeline.predict(X))
    for table in (rows.tolist(), pd.DataFrame(rows)):
        again = clone(pipeline).fit(table, Y.tolist())
        np.testing.assert_array_equal(again.predict_proba(table), pipeline.predict_proba(X))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_pipelines_are_ordinary(fitted, name):
    pipeline = fitted(name)
    again = pickle.loads(pickle.dumps(pipeline))
    assert np.array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    assert clone(pipeline).get_params()["net__epochs"] == 1
    assert make_recipe(name)["net"].random_state is None
    assert make_recipe(name, 7)["net"].random_state == 7


def test_saved_as_h5_and_loaded_by_keras(fitted, tmp_path):
    import keras

    pipeline = fitted("two-512")
    suffix = get_recipe("two-512").saved_as
    file = tmp_path / f"model_mnist{suffix}"
    assert suffix == ".h5"
    pipeline["net"].model_.save(file)
    loaded = keras.models.load_model(file)
    pixels = (X / 255).astype("float32").reshape(-1, *loaded.input_shape[1:])
    np.testing.assert_allclose(
        loaded.predict(pixels, verbose=0), pipeline.predict_proba(X), atol=1e-6
    )
    assert loss_of(loaded) == ONE_HOT


def test_unknown_recipe_names_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown recipe 'lennet'. Did you mean 'lenet'\?"):
        make_recipe("lennet")
    with pytest.raises(ValueError, match="There are: 'tf-quickstart', "):
        get_recipe(3)


# The table.


def test_table_cannot_be_changed():
    with pytest.raises(TypeError):
        RECIPES["mine"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        get_recipe("lenet").epochs = 1
    assert len({hash(recipe) for recipe in RECIPES.values()}) == len(RECIPES)
    assert copy.deepcopy(get_recipe("lenet")) == get_recipe("lenet")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_entries_agree_with_themselves(name):
    recipe = get_recipe(name)
    curves = dict(recipe.history)
    for figure in recipe.figures:
        assert figure.name in FIGURES
        assert round(figure.value, figure.digits) == figure.value
        curve = curves.get(figure.name.removeprefix("train_"))
        if curve is not None:
            assert (len(curve), curve[-1]) == (recipe.epochs, figure.value)
    for url in recipe.document.urls:
        assert url.startswith(("https://", "http://"))
    assert len(recipe.title) <= 50


# The verdict.

ACCURACIES = st.floats(0.5, 1.0)


def check(values, value, name="test_accuracy", digits=4):
    return Check(name, tuple(values), DocumentedFigure(name, value, digits))


@given(st.lists(ACCURACIES, min_size=2, max_size=8), ACCURACIES.map(lambda x: round(x, 4)))
def test_verdict_of_several_seeds(values, documented):
    found = check(values, documented)
    mean, spread = statistics.fmean(values), 3 * statistics.stdev(values)
    slack = 0.5e-4
    assert found.holds == (found.verdict != "differs")
    if abs(documented - mean) < spread + slack - 1e-9:
        assert found.verdict == "reproduced"
    elif abs(documented - mean) > spread + slack + 1e-9:
        assert found.verdict == ("better" if mean > documented else "differs")


@given(st.lists(ACCURACIES, min_size=1, max_size=8), ACCURACIES)
def test_a_loss_is_judged_the_other_way_round(values, documented):
    accuracy = check(values, documented)
    loss = check([-x for x in values], -documented, "test_loss")
    assert loss.verdict == accuracy.verdict


@given(st.lists(ACCURACIES, min_size=1, max_size=8), ACCURACIES, st.floats(0, 0.4))
def test_a_lower_claim_never_turns_into_a_failure(values, documented, less):
    if check(values, documented).holds:
        assert check(values, documented - less).holds


@given(ACCURACIES, st.integers(1, 8))
def test_the_same_number_is_reproduced(value, n_seeds):
    assert check([value] * n_seeds, round(value, 4)).verdict == "reproduced"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.9730, "reproduced"), (0.97304, "reproduced"), (0.9740, "better"), (0.9720, "undecided")],
)
def test_one_seed_tells_no_spread(value, verdict):
    found = check([value], 0.9730)
    assert math.isnan(found.sd)
    assert (found.verdict, found.holds) == (verdict, verdict != "undecided")


def test_nothing_documented_no_verdict():
    found = Check("test_accuracy", (0.5, 0.6))
    assert (found.verdict, found.holds) == (None, None)
    assert found.to_dict()["documented"] is None


# Reproducing.


@pytest.fixture
def as_mnist(monkeypatch):
    """Let all images count as those of MNIST."""
    monkeypatch.setattr(running, "_is_mnist", lambda X, y, part: True)


@pytest.mark.slow("trains again by Keras, or twice")
@pytest.mark.parametrize("name", DOCUMENTED)
def test_figures_are_those_of_keras(fitted, name):
    pipeline = fitted(name)
    model = pipeline["net"].model_
    pixels = pipeline["pixels"].transform(X).reshape(-1, *model.input_shape[1:])
    targets = Y if loss_of(model) == SPARSE else np.eye(10)[Y]
    loss, accuracy = model.evaluate(pixels, targets, batch_size=32, verbose=0)
    found = running.evaluate(pipeline, X, Y)
    assert found["accuracy"] == pytest.approx(accuracy)
    assert found["loss"] == pytest.approx(loss, rel=1e-4)


def test_loss_includes_the_penalty(fitted):
    pipeline = fitted("l1-128-32")
    dense = pipeline["net"].model_.layers[2:5:2]
    penalty = 1e-4 * sum(np.abs(layer.get_weights()[0]).sum() for layer in dense)
    loss = running.evaluate(pipeline, X, Y)["loss"]
    penalised = pipeline["net"].model_.losses
    assert penalty == pytest.approx(float(sum(penalised)), rel=1e-4)
    assert loss > penalty > 0.1


@pytest.mark.slow("trains a whole recipe")
def test_report_of_other_data_compares_nothing():
    report = reproduce(["single-512", "tiny-15"], *SPLIT, seeds=2)
    assert not report.comparable
    assert report.holds
    assert [row.holds for row in report.recipes] == [None, None]
    assert {check.verdict for row in report.recipes for check in row.checks} == {None}
    assert "nothing is compared" in " ".join(str(report).split())


def test_report_of_mnist_compares(as_mnist):
    report = reproduce("single-512", *SPLIT, seeds=(3, 4))
    (row,) = report.recipes
    assert report.seeds == (3, 4)
    assert row.holds is False and report.holds is False  # 240 images are too few for 0.988
    train = next(check for check in row.checks if check.name == "train_accuracy")
    assert train.values == tuple(run.history["accuracy"][-1] for run in row.runs)
    assert train.verdict == "differs"
    text = str(report)
    assert "single-512 does not reproduce its documented train accuracy: 0.988 documented" in text
    assert f"differs by {0.988 - train.mean:.4f}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_one_seed_is_said_plainly(as_mnist):
    text = " ".join(str(reproduce("single-512", *SPLIT, seeds=1)).split())
    assert "One seed tells no spread." in text
    assert "undecided" in text
    assert "±" not in text


@pytest.mark.slow("trains again by Keras, or twice")
def test_same_seeds_same_figures():
    first, second = (reproduce("lenet", *SPLIT, seeds=[5]).recipes[0].runs[0] for _ in range(2))
    assert first.figures == second.figures


@pytest.mark.slow("many fits")
def test_probability_of_the_documented_test_image(as_mnist):
    order = np.argsort(Y[240:] != 4, kind="stable")  # fours first
    X_test, y_test = X[240:][order], Y[240:][order]
    report = reproduce("single-512", *SPLIT[:2], X_test, y_test, seeds=[0])
    pipeline = make_recipe("single-512", 0).fit(*SPLIT[:2])
    found = report.recipes[0].runs[0].figures["test_image_4"]
    assert found == pytest.approx(pipeline.predict_proba(X_test)[4, 4], abs=1e-6)
    assert report.recipes[0].checks[-1].documented.value == 0.9997
    other = reproduce("single-512", *SPLIT[:2], X_test[::-1], y_test[::-1], seeds=[0])
    assert "test_image_4" not in other.recipes[0].runs[0].figures


def test_validation_figures(as_mnist):
    (row,) = reproduce("two-50-validated", *SPLIT, seeds=[0]).recipes
    names = [check.name for check in row.checks]
    assert names == [figure.name for figure in get_recipe("two-50-validated").figures]
    assert row.runs[0].figures["val_loss"] == row.runs[0].history["val_loss"][-1]


@pytest.mark.slow("trains all recipes for a report")
def test_a_known_reason_is_told_beside_what_differs(as_mnist):
    remark = get_recipe("two-50-validated").remark
    assert remark in reproduce("two-50-validated", *SPLIT, seeds=2).notes()
    assert remark not in reproduce("two-512", *SPLIT, seeds=2).notes()


@pytest.mark.slow("many fits")
def test_labels_of_any_type():
    names = np.array([f"digit {label}" for label in range(10)])
    strings = (X[:240], names[Y[:240]], X[240:], names[Y[240:]])
    one, other = (
        reproduce("two-512", *data, seeds=[0]).recipes[0].runs[0] for data in (SPLIT, strings)
    )
    assert one.error is None
    assert one.figures["test_loss"] == other.figures["test_loss"]


@pytest.mark.slow("trains all recipes for a report")
def test_a_failing_recipe_loses_nothing_else(as_mnist, monkeypatch):
    build = running.build

    def build_or_fail(recipe, random_state):
        if recipe is get_recipe("tiny-15") and random_state == 1:
            raise RuntimeError("no\nink")
        return build(recipe, random_state)

    monkeypatch.setattr(running, "build", build_or_fail)
    report = reproduce(["tiny-15", "single-512"], *SPLIT, seeds=3)
    failed, other = report.recipes
    assert failed.error == "seed 1: RuntimeError: no\nink"
    assert len(failed.runs) == 2
    assert (failed.checks, failed.holds, report.holds) == ([], False, False)
    assert len(other.runs) == 3
    assert "tiny-15 failed with seed 1: RuntimeError: no ink" in str(report)
    json.dumps(report.to_dict(), allow_nan=False)


def test_progress():
    steps = []
    reproduce(["tiny-15", "tiny-15"], *SPLIT, seeds=(8, 9), progress=steps.append)
    assert [(s.seed, s.number, s.n_steps, s.result is None) for s in steps] == [
        (8, 1, 2, True),
        (8, 1, 2, False),
        (9, 2, 2, True),
        (9, 2, 2, False),
    ]
    assert isinstance(steps[1].result, Run)


@pytest.mark.slow("many fits")
def test_content_fits_into_json(as_mnist):
    report = reproduce("two-50-validated", *SPLIT, seeds=2)
    content = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    (recipe,) = content["recipes"]
    assert recipe["documented"]["network"]["units"] == [50, 50]
    assert {figure["figure"] for figure in recipe["figures"]} >= {"val_accuracy", "test_loss"}
    assert len(recipe["history"]["val_loss"]) == 5
    means = np.mean([run["history"]["loss"] for run in recipe["runs"]], axis=0)
    assert recipe["history"]["loss"] == means.tolist()
    assert (content["n_train"], content["n_test"], content["seeds"]) == (240, 60, [0, 1])


def test_mnist_is_known_by_its_content(monkeypatch):
    def digest(array):
        return hashlib.sha256(array.astype(np.uint8)).hexdigest()

    known = dataclasses.replace(
        running.MNIST,
        shapes={"train": (240, 28, 28), "test": (60, 28, 28)},
        sha256={
            "train": (digest(SPLIT[0]), digest(SPLIT[1])),
            "test": (digest(SPLIT[2]), digest(SPLIT[3])),
        },
    )
    monkeypatch.setattr(running, "MNIST", known)
    assert running._is_mnist(*SPLIT[:2], "train")
    assert running._is_mnist(SPLIT[2].reshape(60, -1).astype(float), SPLIT[3], "test")
    assert not running._is_mnist(*SPLIT[2:], "train")
    assert not running._is_mnist(SPLIT[0] / 255, SPLIT[1], "train")
    assert not running._is_mnist(SPLIT[0], SPLIT[1][::-1], "train")
    assert not running._is_mnist(SPLIT[0], SPLIT[1].astype(str), "train")
    assert reproduce("tiny-15", *SPLIT, seeds=1).comparable


def test_without_data_those_of_mnist(monkeypatch):
    from sklearn.utils import Bunch

    def fetch_mnist(*, subset):
        part = SPLIT[:2] if subset == "train" else SPLIT[2:]
        return Bunch(images=part[0], target=part[1])

    monkeypatch.setattr(running, "fetch_mnist", fetch_mnist)
    report = reproduce("tiny-15", seeds=1)
    assert (report.n_train, report.n_test) == (240, 60)


@pytest.mark.parametrize("seeds", [0, -1, [], [0, 0], [1.5], [-1], 2.0, "12", None])
def test_invalid_seeds(seeds):
    with pytest.raises(ValueError, match="'seeds' parameter of reproduce must be"):
        reproduce("tiny-15", *SPLIT, seeds=seeds)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (SPLIT[:3], "got no y_test"),
        (SPLIT[:2], "got no X_test and no y_test"),
        ((*SPLIT[:2], X[:60, :20], Y[:60]), r"same shape, got \(28, 28\) and \(20, 28\)"),
        ((*SPLIT[:2], X[240:], Y[:50]), "inconsistent numbers of samples"),
        ((*SPLIT[:2], X[240:], Y[240:] + 5), r"got \[10, 11, 12, 13, 14\], which they lack"),
        ((*SPLIT[:2], X[:0], Y[:0]), "got none"),
    ],
)
def test_invalid_data(data, message):
    with pytest.raises(ValueError, match=message):
        reproduce("tiny-15", *data)


def test_unknown_and_no_recipes():
    with pytest.raises(ValueError, match="Did you mean 'tiny-15'"):
        reproduce(["lenet", "tiny15"], *SPLIT)
    with pytest.raises(ValueError, match="at least one recipe"):
        reproduce([], *SPLIT)


def test_everything_public_is_there():
    assert all(hasattr(recipes, name) for name in recipes.__all__)
