import json
import zipfile

import joblib
import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.svm import LinearSVC

from skmnist.cli._levels import STANDARD, levels_of
from skmnist.datasets import load_mnist_sample
from skmnist.pictures import to_mnist
from tests.cli.cases import IMAGES, LABELS, assert_mistake, run


@pytest.fixture
def pictures(tmp_path):
    """Pictures of digits that the model knows, as PNG files, enlarged and dark on light."""
    paths = []
    for index in range(5):
        page = np.full((120, 110), 255, dtype=np.uint8)
        page[20:100, 10:90] -= np.kron(IMAGES[index], np.ones((10, 10), dtype=np.uint8))
        paths.append(tmp_path / f"{index}.png")
        Image.fromarray(page).save(paths[-1])
    return paths


def predict(*arguments):
    return run("predict", *arguments)


def network(*layers, shape=(8, 8, 1), n_classes=3):
    layers = [keras.Input(shape), *layers, keras.layers.Flatten()]
    return keras.Sequential([*layers, keras.layers.Dense(n_classes, activation="softmax")])


# Results.


@pytest.mark.parametrize("model", ["mlp.keras", "knn.joblib"])
def test_pictures_of_known_digits(model, trained, pictures):
    result = predict(trained / model, *pictures)
    assert result.exit_code == 0, result.output
    cells = [line.split("\t") for line in result.stdout.splitlines()]
    assert [name for name, *_ in cells] == [str(path) for path in pictures]
    assert [int(label) for _, label, _ in cells] == LABELS[:5].tolist()
    assert all(0 < float(probability) <= 1 for *_, probability in cells)
    assert result.stderr == ""


def test_arrays_of_the_right_size_are_left_as_they_are(trained, tmp_path):
    np.save(tmp_path / "a.npy", IMAGES[:20])
    np.save(tmp_path / "rows.npy", IMAGES[:20].reshape(20, 64))
    result = predict(trained / "mlp.keras", tmp_path / "a.npy", "--json", "--explain")
    content = json.loads(result.stdout)
    assert all(entry["steps"][-1]["name"] == "kept" for entry in content["images"])
    names = [entry["image"] for entry in content["images"]]
    assert names == [f"{tmp_path / 'a.npy'}[{i}]" for i in range(20)]
    rows = json.loads(predict(trained / "mlp.keras", tmp_path / "rows.npy", "--json").stdout)
    probabilities = [[entry["probability"] for entry in c["images"]] for c in (content, rows)]
    assert probabilities[0] == probabilities[1]
    result = predict(trained / "mlp.keras", tmp_path / "a.npy", "--fit", "mnist", "--explain")
    assert "crop    to rows" in result.stdout


def test_json(trained, pictures):
    result = predict(trained / "mlp.keras", pictures[0], "--json", "--top", 3)
    content = json.loads(result.stdout)
    [entry] = content["images"]
    assert entry["label"] == LABELS[0] == entry["top"][0]["label"]
    probabilities = [found["probability"] for found in entry["top"]]
    assert len(probabilities) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert entry["probability"] == probabilities[0]
    assert content["failures"] == []
    assert "steps" not in entry


def test_top(trained, pictures):
    result = predict(trained / "mlp.keras", pictures[0], "--top", 99)
    cells = result.stdout.strip().split("\t")[1:]
    assert sorted(map(int, cells[::2])) == list(range(10))
    assert sum(map(float, cells[1::2])) == pytest.approx(1, abs=0.001)


def test_explain_tells_and_shows(trained, pictures):
    result = predict(trained / "mlp.keras", pictures[0], "--explain")
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:7]] == [
        "read",
        "grey",
        "ink",
        "crop",
        "scale",
        "centre",
    ]
    assert "PNG, L" in lines[1]
    assert "120 x 110 pixels" in lines[2]
    assert "dark on a background of level 255: inverted" in lines[3]
    assert "to fit 8 x 8" in lines[5]  # what the images it was trained on fill
    drawn = lines[7:]
    assert len(drawn) == 4 and all(len(line) == 2 + 8 + 2 for line in drawn)
    assert any("@" in line or "%" in line for line in drawn)


def test_steps_are_saved(trained, pictures, tmp_path):
    folder = tmp_path / "deep" / "steps"
    result = predict(trained / "mlp.keras", pictures[0], "--save-steps", folder)
    assert result.exit_code == 0
    names = sorted(path.name for path in folder.iterdir())
    assert [name.split("-")[-1] for name in names] == [
        "grey.png",
        "ink.png",
        "crop.png",
        "scale.png",
        "centre.png",
    ]
    last = np.asarray(Image.open(folder / names[-1]))
    expected = to_mnist(np.asarray(Image.open(pictures[0])), shape=(8, 8), box=8)
    assert np.array_equal(last, expected.pixels)


def test_box_invert_and_resize(trained, pictures):
    model = trained / "mlp.keras"
    assert "to fit 5 x 5" in predict(model, pictures[0], "--box", 5, "--explain").stdout
    assert predict(model, pictures[0], "--invert", "no").exit_code == 1  # blank then
    result = predict(model, pictures[0], "--fit", "resize", "--invert", "yes", "--explain")
    steps = [line.split()[0] for line in result.stdout.splitlines()[1:5]]
    assert steps == ["read", "grey", "invert", "resize"]


def test_names_of_labels_are_told(tmp_path, pictures, monkeypatch):
    from skmnist import datasets
    from skmnist.datasets import _bunch

    def fetch(*, subset):
        names = [f"thing {label}" for label in range(10)]
        return _bunch.make_bunch(
            "f", IMAGES, LABELS, target_names=names, descr="", return_X_y=False, as_frame=False
        )

    monkeypatch.setattr(datasets, "fetch_fashion_mnist", fetch)
    out = tmp_path / "knn.pkl"
    assert run("train", "knn", "--data", "fashion", "--out", out).exit_code == 0
    result = predict(out, pictures[0])
    assert f"{LABELS[0]} (thing {LABELS[0]})" in result.stdout
    entry = json.loads(predict(out, pictures[0], "--json").stdout)["images"][0]
    assert entry["name"] == f"thing {LABELS[0]}"


# Some pictures fail.


def test_pictures_that_cannot_be_read_do_not_stop_the_others(trained, pictures, tmp_path):
    (tmp_path / "cut.png").write_bytes(pictures[1].read_bytes()[:80])
    (tmp_path / "text.png").write_text("no picture\n" * 9)
    Image.new("L", (30, 30), 255).save(tmp_path / "blank.png")
    bad = [tmp_path / name for name in ("cut.png", "text.png", "blank.png")]
    result = predict(trained / "mlp.keras", bad[0], pictures[0], *bad[1:])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    errors = result.stderr.splitlines()
    assert len(errors) == 3
    assert all(line.startswith("Error: ") for line in errors)
    for path in bad:
        assert sum(path.name in line for line in errors) == 1
    assert "There is no ink" in errors[-1]
    content = json.loads(predict(trained / "mlp.keras", *bad, pictures[0], "--json").stdout)
    assert len(content["images"]) == 1 and len(content["failures"]) == 3


# Models that others wrote.


def test_foreign_keras_file(tmp_path, pictures):
    model = network()
    model.save(tmp_path / "a.keras")
    result = predict(tmp_path / "a.keras", pictures[0], "--json")
    assert result.exit_code == 0, result.output
    assert "Note: pixels are divided by 255" in result.stderr
    assert "Note: labels are the numbers" in result.stderr
    image = to_mnist(np.asarray(Image.open(pictures[0])), shape=(8, 8)).pixels
    expected = model.predict((image / 255)[np.newaxis, ..., np.newaxis], verbose=0).max()
    assert json.loads(result.stdout)["images"][0]["probability"] == pytest.approx(expected, 1e-5)

    options = ("--classes", "cat,dog,cow", "--pixels", "bytes", "--json")
    result = predict(tmp_path / "a.keras", pictures[0], *options)
    assert result.stderr == ""
    expected = model.predict(image[np.newaxis, ..., np.newaxis].astype(float), verbose=0)[0]
    [entry] = json.loads(result.stdout)["images"]
    assert entry["label"] == ["cat", "dog", "cow"][int(expected.argmax())]


def test_foreign_network_that_rescales_its_input(tmp_path, pictures):
    network(keras.layers.Rescaling(1 / 255)).save(tmp_path / "a.keras")
    result = predict(tmp_path / "a.keras", pictures[0])
    assert "pixels are given as bytes, because the network rescales them itself" in result.stderr


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_foreign_network_with_a_loss_of_its_own(ending, tmp_path, pictures):
    """Prediction needs no loss, so that one which cannot be found is no reason to stop."""

    def squared(y_true, y_pred):
        return keras.ops.mean((keras.ops.cast(y_true, y_pred.dtype) - y_pred) ** 2)

    model = network()
    path = tmp_path / f"own{ending}"
    model.save(path)
    expected = predict(path, *pictures)
    assert expected.exit_code == 0, expected.output
    model.compile("adam", squared, metrics=[squared])
    model.save(path)
    result = predict(path, *pictures)
    assert result.exit_code == 0, result.output
    assert result.stdout == expected.stdout


def test_legacy_file_with_flat_input(tmp_path, pictures):
    network(shape=(64,)).save(tmp_path / "a.h5")
    result = predict(tmp_path / "a.h5", pictures[0], "--classes", "4,5,6")
    assert result.exit_code == 0, result.output
    assert int(result.stdout.split("\t")[1]) in (4, 5, 6)


def test_foreign_pickle_without_probabilities(tmp_path, pictures):
    svc = LinearSVC(C=1e-3).fit(IMAGES.reshape(-1, 64) / 255, LABELS)
    joblib.dump(svc, tmp_path / "svc.pkl")
    result = predict(tmp_path / "svc.pkl", pictures[0], "--pixels", "unit", "--box", 8)
    assert result.stdout == f"{pictures[0]}\t{LABELS[0]}\n"
    assert_mistake(
        predict(tmp_path / "svc.pkl", pictures[0], "--top", 2, "--pixels", "unit"),
        "no probabilities",
    )


# Mistakes of users.


def test_no_such_file(trained, pictures):
    assert_mistake(predict("lenet", pictures[0]), "skmnist train lenet --out lenet.keras")
    assert_mistake(predict(trained / "mlp.keras", trained / "no.png"), "no.png")
    assert_mistake(predict(trained / "mlp.keras", trained), "is a folder")
    assert_mistake(predict(trained, pictures[0]), "is a folder")


def test_wrong_options(trained, pictures):
    model = trained / "mlp.keras"
    assert_mistake(predict(model, pictures[0], "--box", 9), "--box is more than the 8 pixels")
    assert_mistake(predict(model, pictures[0], "--classes", "a,b"), "tells its labels")
    assert_mistake(predict(model, pictures[0], "--fit", "resize", "--box", 5), "no meaning")
    assert_mistake(predict(trained / "knn.joblib", pictures[0], "--pixels", "unit"), "itself")
    assert predict(model).exit_code == 2


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", ["mlp.keras", "knn.joblib"])
def test_damaged_models(name, trained, pictures, tmp_path):
    content = (trained / name).read_bytes()
    rng = np.random.default_rng(0)
    for kept in (0, 1, 100, len(content) // 2):
        (tmp_path / name).write_bytes(content[:kept])
        assert_mistake(predict(tmp_path / name, pictures[0]), name)
    for _ in range(10):
        damaged = bytearray(content)
        for place in rng.integers(0, len(damaged), 30):
            damaged[place] = rng.integers(0, 256)
        (tmp_path / name).write_bytes(damaged)
        result = predict(tmp_path / name, pictures[0])
        assert isinstance(result.exception, (SystemExit, type(None))), result.exception
        assert result.exit_code in (0, 1, 2)


def test_no_models(trained, pictures, tmp_path):
    joblib.dump({"a": 1}, tmp_path / "dict.pkl")
    assert_mistake(predict(tmp_path / "dict.pkl", pictures[0]), "no fitted classifier", "dict")
    joblib.dump(LinearSVC(), tmp_path / "unfitted.pkl")
    assert_mistake(predict(tmp_path / "unfitted.pkl", pictures[0]), "no fitted classifier")
    (tmp_path / "a.onnx").write_text("")
    assert_mistake(predict(tmp_path / "a.onnx", pictures[0]), "ends in .keras")
    network(shape=(8, 8, 3)).save(tmp_path / "colour.keras")
    assert_mistake(predict(tmp_path / "colour.keras", pictures[0]), "3 channels")


def test_code_in_a_model_is_refused(pictures, tmp_path):
    network(keras.layers.Lambda(lambda x: x)).save(tmp_path / "a.keras")
    assert_mistake(predict(tmp_path / "a.keras", pictures[0]), "arbitrary code")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"format": 1', b'"format": 2', "newer version of skmnist"),
        (b'"format": 1', b'"format": "x"', "is damaged"),
        (b'"classes"', b'"glasses"', "does not tell classes"),
        (b'"divisor"', b'"advisor"', "does not tell divisor"),
    ],
)
def test_facts_that_cannot_be_used(old, new, told, trained, pictures, tmp_path):
    path = tmp_path / "new.keras"
    with zipfile.ZipFile(trained / "mlp.keras") as whole, zipfile.ZipFile(path, "w") as changed:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "skmnist.json":
                assert old in content
                content = content.replace(old, new)
            changed.writestr(name, content)
    assert_mistake(predict(path, pictures[0]), told)


# The levels of the training images.


@pytest.mark.slow("trains a model for every kind of picture")
@pytest.mark.parametrize(
    ("change", "levels"),
    [
        (lambda x: x, {"background": 0, "ink": 255}),
        (lambda x: x // 17, {"background": 0, "ink": 15}),
        (lambda x: 255 - x, {"background": 255, "ink": 0}),
        (lambda x: 15 - x // 17, {"background": 15, "ink": 0}),
        (lambda x: (x > 127).astype(np.uint8), {"background": 0, "ink": 1}),
        (lambda x: 240 - x // 17 * 13, {"background": 240, "ink": 0}),
    ],
    ids=["bytes", "16 levels", "dark", "16 dark", "bits", "paper"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_pictures_are_read_as_the_model_was_trained(change, levels, tmp_path):
    sample = load_mnist_sample()
    train, test = slice(0, 400), slice(400, 480)
    y = sample.target[test]
    data, out = tmp_path / "a.npz", tmp_path / "knn.joblib"
    np.savez(
        data,
        x_train=change(sample.images[train]),
        y_train=sample.target[train],
        x_test=change(sample.images[test]),
        y_test=y,
    )
    result = run("train", "knn", "--data", data, "--out", out, "--json")
    trained = json.loads(result.stdout)
    assert trained["levels"] == levels and trained["box"] == 20
    evaluated = json.loads(run("evaluate", out, "--data", data, "--json").stdout)["accuracy"]
    assert evaluated == trained["test_accuracy"] > 0.75

    def accuracy(*files):
        content = json.loads(predict(out, *files, "--json").stdout)
        return np.mean([found["label"] for found in content["images"]] == y)

    for is_dark in (False, True):
        files = []
        for index, image in enumerate(sample.images[test]):
            files.append(tmp_path / f"{index:02}.png")
            large = np.kron(image, np.ones((4, 4), dtype=np.uint8))
            Image.fromarray(255 - large if is_dark else large).save(files[-1])
        assert abs(accuracy(*files) - evaluated) <= 0.05
    np.save(tmp_path / "a.npy", change(sample.images[test]))
    assert abs(accuracy(tmp_path / "a.npy") - evaluated) <= 0.01
    np.save(tmp_path / "b.npy", sample.images[test])
    assert abs(accuracy(tmp_path / "b.npy") - evaluated) <= 0.05


def test_files_without_levels_still_load(trained, pictures, tmp_path):
    pipeline = joblib.load(trained / "knn.joblib")
    assert pipeline.skmnist_facts_.pop("levels") == {"background": 0, "ink": 255}
    joblib.dump(pipeline, tmp_path / "old.joblib")
    arguments = ("--explain", *pictures)
    new = predict(trained / "knn.joblib", *arguments).stdout
    assert predict(tmp_path / "old.joblib", *arguments).stdout == new


def test_levels_are_found_by_most_images():
    images = np.zeros((40, 12, 12), dtype=np.uint8)
    images[:, 4:8, 5:7] = 200
    images[0] = 255  # one is all white
    images[1, 0, 0] = 255
    assert levels_of(images) == {"background": 0, "ink": 255}
    images[2:, 4:8, 5:7] = 90
    assert levels_of(images) == {"background": 0, "ink": 90}
    # Photographs have no background in common.
    noise = np.random.default_rng(0).integers(0, 256, (40, 12, 12)).astype(np.uint8)
    assert levels_of(noise // 4 + np.arange(40, dtype=np.uint8)[:, None, None] * 4) == STANDARD
    assert levels_of(np.zeros((5, 8, 8), dtype=np.uint8)) == STANDARD


def test_resizing_keeps_the_polarity_of_the_picture(tmp_path):
    data, out = tmp_path / "a.npz", tmp_path / "knn.joblib"
    np.savez(data, x_train=255 - IMAGES, y_train=LABELS)
    assert run("train", "knn", "--data", data, "--out", out).exit_code == 0
    Image.fromarray(255 - np.kron(IMAGES[0], np.ones((9, 9), np.uint8))).save(tmp_path / "a.png")
    for invert in ("auto", "yes"):
        result = predict(out, tmp_path / "a.png", "--fit", "resize", "--invert", invert)
        assert result.stdout.split("\t")[1] == str(LABELS[0]), result.output
        assert float(result.stdout.split("\t")[2]) > 0.99
    transparent = tmp_path / "none.png"
    Image.new("RGBA", (50, 50), (255, 255, 255, 0)).save(transparent)
    result = predict(out, transparent, "--fit", "resize")
    assert result.exit_code == 1 and "There is no ink" in result.stderr
