"""Trained Keras models as fitted classifiers, and the files they are kept in."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import get_scorer

from skmnist import CNNClassifier, KerasClassifier, MLPClassifier
from skmnist.classifiers._families import FAMILIES
from tests.classifiers.cases import network
from tests.processes import check_ran, run_forked

NAMES = np.array(["zero", "one", "two"])


@pytest.fixture(scope="module")
def trained(three):
    return MLPClassifier((12,), epochs=20, learning_rate=0.01, random_state=0).fit(*three)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_files_predict_the_same(ending, trained, three, tmp_path):
    X = three[0]
    path = tmp_path / f"model.{ending}"
    trained.model_.save(path)
    for given in (path, str(path)):
        wrapped = KerasClassifier.from_keras(given)
        np.testing.assert_array_equal(wrapped.predict_proba(X), trained.predict_proba(X))
        np.testing.assert_array_equal(wrapped.predict(X), trained.predict(X))
    assert wrapped.n_features_in_ == 64
    assert wrapped.image_shape_ == (8, 8, 1)
    assert wrapped.n_iter_ == 0
    assert wrapped.loss_curve_ == []
    assert list(wrapped.classes_) == [0, 1, 2]


@pytest.mark.slow("trains by Keras for every case")
@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_files_of_every_network(name, ending, three, tmp_path):
    from tests.classifiers.cases import NETWORKS

    X, y = three
    fitted = NETWORKS[name].make(epochs=1).fit(X, y)
    fitted.model_.save(tmp_path / f"model.{ending}")
    wrapped = KerasClassifier.from_keras(tmp_path / f"model.{ending}")
    np.testing.assert_array_equal(wrapped.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_a_file_of_another_process(three, tmp_path):
    program = """
        import keras
        from tests.classifiers.cases import network
        model = network((8, 8, 1), 3)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.save("model.keras")
        """
    check_ran(run_forked(program, cwd=tmp_path))
    import keras

    model = keras.saving.load_model(tmp_path / "model.keras")
    wrapped = KerasClassifier.from_keras(tmp_path / "model.keras")
    X = three[0]
    np.testing.assert_allclose(
        wrapped.predict_proba(X), model.predict(X.reshape(-1, 8, 8, 1), verbose=0), atol=1e-6
    )


def test_labels_in_the_models_order(trained, three):
    """classes_ and columns are sorted, whatever order the outputs have."""
    X, y = three
    wrapped = KerasClassifier.from_keras(trained.model_, classes=NAMES)
    assert list(wrapped.classes_) == ["one", "two", "zero"]
    np.testing.assert_array_equal(wrapped.predict(X), NAMES[trained.predict(X)])
    np.testing.assert_array_equal(wrapped.predict_proba(X), trained.predict_proba(X)[:, [1, 2, 0]])
    np.testing.assert_array_equal(
        wrapped.decision_function(X), trained.decision_function(X)[:, [1, 2, 0]]
    )
    assert wrapped.score(X, NAMES[y]) == trained.score(X, y)
    for scorer in ("neg_log_loss", "roc_auc_ovr"):
        assert get_scorer(scorer)(wrapped, X, NAMES[y]) == pytest.approx(
            get_scorer(scorer)(trained, X, y)
        )
    copied = pickle.loads(pickle.dumps(wrapped))
    np.testing.assert_array_equal(copied.predict(X), wrapped.predict(X))


def test_training_goes_on_with_the_models_order(trained, three):
    X, y = three
    wrapped = KerasClassifier.from_keras(
        trained.model_, classes=NAMES, learning_rate=1e-6, random_state=0
    )
    before = wrapped.score(X, NAMES[y])
    wrapped.partial_fit(X, NAMES[y])
    assert wrapped.score(X, NAMES[y]) == before
    assert wrapped.history_["accuracy"][0] == pytest.approx(before, abs=0.15)
    assert wrapped.n_iter_ == 1


@pytest.mark.slow("trains by Keras for every case")
@pytest.mark.parametrize("loss", ["binary_crossentropy", "logits"])
@pytest.mark.parametrize("classes", [None, ["no", "yes"], ["yes", "no"]])
def test_one_output_for_two_classes(loss, classes, two):
    import keras

    X, y = two
    logits = loss == "logits"
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(1, activation=None if logits else "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), keras.losses.BinaryCrossentropy(from_logits=logits))
    model.fit(X, y, epochs=20, verbose=0)
    wrapped = KerasClassifier.from_keras(model, classes=classes)
    outputs = model.predict(X, verbose=0)[:, 0]
    second = outputs > (0 if logits else 0.5)
    given = np.array([0, 1] if classes is None else classes)
    np.testing.assert_array_equal(wrapped.predict(X), given[second.astype(int)])
    assert wrapped.score(X, given[y]) > 0.9
    positive = wrapped.decision_function(X) > 0
    np.testing.assert_array_equal(wrapped.predict(X)[positive] == wrapped.classes_[1], True)
    assert wrapped.fit(X, given[y]).score(X, given[y]) > 0.9  # it begins with what it knows


def test_labels_of_refits_keep_the_models_order(trained, three):
    X, y = three
    wrapped = KerasClassifier.from_keras(
        trained.model_, classes=NAMES, learning_rate=1e-6, epochs=1
    )
    refitted = clone(wrapped).fit(X, NAMES[y])
    assert refitted.score(X, NAMES[y]) == trained.score(X, y) > 0.9
    np.testing.assert_array_equal(refitted.classes_, wrapped.classes_)


def test_labels_that_are_no_classes(three):
    X, y = three
    estimator = KerasClassifier(network, classes=["a", "b"])
    with pytest.raises(ValueError, match="not among the classes"):
        estimator.fit(X, np.array(list("abc"))[y])
    with pytest.raises(ValueError, match="'classes' parameter"):
        estimator.partial_fit(X, np.array(list("aba"))[y], classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="'classes' parameter"):
        estimator.fit(X, np.eye(3)[y])


def test_the_given_model_stays_as_it_is(trained, three):
    model = trained.model_
    before = model.get_weights()
    wrapped = KerasClassifier.from_keras(model)
    wrapped.partial_fit(*three)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert not clone(wrapped).__sklearn_is_fitted__()


def test_fit_starts_from_the_models_weights(trained, three):
    X, y = three
    wrapped = KerasClassifier.from_keras(trained.model_, learning_rate=1e-9, epochs=1)
    wrapped.partial_fit(X, y)
    np.testing.assert_allclose(
        wrapped.fit(X, y).predict_proba(X), trained.predict_proba(X), atol=1e-4
    )


def test_units_of_pixels(trained, three):
    X = three[0]
    grey = (X * 255).astype(np.uint8)
    expected = trained.predict_proba(grey.astype(np.float32) / 255)
    as_trained = KerasClassifier.from_keras(trained.model_, unit_pixels=True)
    np.testing.assert_allclose(as_trained.predict_proba(grey), expected, atol=1e-6)
    np.testing.assert_array_equal(as_trained.predict_proba(X), trained.predict_proba(X))
    as_given = KerasClassifier.from_keras(trained.model_)
    raw = trained.model_.predict(grey.reshape(-1, 8, 8, 1).astype(np.float32), verbose=0)
    np.testing.assert_allclose(as_given.predict_proba(grey), raw, atol=1e-6)


def test_a_model_in_a_pipeline_and_in_cross_validation(trained, three):
    from sklearn.model_selection import cross_val_score

    wrapped = KerasClassifier.from_keras(trained.model_, epochs=1, random_state=0)
    scores = cross_val_score(wrapped, *three, cv=3, error_score="raise")
    assert scores.mean() > 0.8  # it begins with what it knows


def test_not_compiled_models_are_taken(three):
    X, y = three
    wrapped = KerasClassifier.from_keras(network((8, 8, 1), 3))
    assert wrapped.predict_proba(X).shape == (90, 3)
    assert wrapped.partial_fit(X, y).n_iter_ == 1


def bad_models():
    import keras

    layers = keras.layers
    two_inputs = [keras.Input((4,)), keras.Input((4,))]
    any_size = keras.Input((None, None, 1))
    image = keras.Input((8, 8, 1))
    return {
        "two inputs": keras.Model(two_inputs, layers.Dense(2)(layers.Add()(two_inputs))),
        "any size": keras.Model(any_size, layers.GlobalAveragePooling2D()(any_size)),
        "an image": keras.Model(image, layers.Conv2D(1, 3)(image)),
        "no probabilities": keras.Sequential([keras.Input((4,)), layers.Dense(3)]),
        "not built": keras.Sequential([layers.Dense(3, activation="softmax")]),
    }


@pytest.mark.parametrize(
    "kind, message",
    [
        ("two inputs", "single input"),
        ("any size", "fixed shape"),
        ("an image", "output"),
        ("no probabilities", "not probabilities"),
        ("not built", "a model that is built"),
    ],
)
def test_models_that_cannot_be_wrapped(kind, message):
    with pytest.raises(ValueError, match=message):
        KerasClassifier.from_keras(bad_models()[kind])


@pytest.mark.parametrize(
    "classes", [["a", "b"], ["a", "b", "b"], [0, 1, 2, 3], [0, None, 2], [[0, 1, 2], [0, 1, 2]]]
)
def test_classes_that_do_not_fit(classes, trained):
    with pytest.raises(ValueError, match=r"classes|labels|shape|1d"):
        KerasClassifier.from_keras(trained.model_, classes=classes)


def test_paths_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.keras"):
        KerasClassifier.from_keras(tmp_path / "nowhere.keras")
    for name, message in (("model.pt", "must end in .keras"), ("model.keras", "could not be read")):
        (tmp_path / name).write_bytes(b"no model")
        with pytest.raises(ValueError, match=message):
            KerasClassifier.from_keras(tmp_path / name)
    with pytest.raises(TypeError, match=r"keras\.Model or the path"):
        KerasClassifier.from_keras(MLPClassifier())


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_code_in_a_file_is_refused(ending, tmp_path):
    import keras

    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Lambda(lambda x: x * 2),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.save(tmp_path / f"model.{ending}")
    with pytest.raises(ValueError, match=r"(?s)could not be read.*Lambda"):
        KerasClassifier.from_keras(tmp_path / f"model.{ending}")


def test_parameters_of_the_classifier_are_checked(trained):
    with pytest.raises(ValueError, match="epochs"):
        KerasClassifier.from_keras(trained.model_, epochs=0)
    with pytest.raises(TypeError, match="Did you mean 'epochs'"):
        KerasClassifier.from_keras(trained.model_, epcohs=2)


@pytest.mark.slow("trains by Keras for every case")
def test_keras_reads_what_the_cnn_saved(three, tmp_path):
    import keras

    X, y = three
    fitted = CNNClassifier((4,), epochs=1).fit(X, y)
    fitted.model_.save(tmp_path / "cnn.keras")
    model = keras.saving.load_model(tmp_path / "cnn.keras")
    assert model.evaluate(X.reshape(-1, 8, 8, 1), y, verbose=0)[1] == pytest.approx(
        fitted.score(X, y)
    )


def own_loss(y_true, y_pred):
    import keras

    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def own_metric(y_true, y_pred):
    import keras

    return keras.metrics.sparse_categorical_accuracy(y_true, y_pred)


KNOWN = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


@pytest.fixture
def saved_with_own(three, tmp_path):
    """Return a function that saves a model of whose compilation one part is no Keras object."""
    import keras

    class OwnLoss(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return own_loss(y_true, y_pred)

    class OwnOptimizer(keras.optimizers.SGD):
        pass

    class OwnMetric(keras.metrics.SparseCategoricalAccuracy):
        pass

    parts = {
        "loss function": ("loss", own_loss, "own_loss"),
        "loss class": ("loss", OwnLoss(), "OwnLoss"),
        "optimizer": ("optimizer", OwnOptimizer(0.1), "OwnOptimizer"),
        "metric function": ("metrics", [own_metric], "own_metric"),
        "metric class": ("metrics", [OwnMetric()], "OwnMetric"),
    }

    def save(part, ending):
        X, y = three
        model = network((8, 8, 1), 3)
        parameter, own, name = parts[part]
        model.compile(**{**KNOWN, parameter: own})
        model.fit(X.reshape(-1, 8, 8, 1), y, verbose=0)
        path = tmp_path / f"model.{ending}"
        model.save(path)
        return path, model.predict(X.reshape(-1, 8, 8, 1), verbose=0), parameter, name

    return save


@pytest.mark.slow("trains by Keras for every case")
@pytest.mark.parametrize(
    "part, ending",
    [
        ("loss function", "keras"),
        ("loss class", "h5"),
        ("optimizer", "keras"),
        ("optimizer", "h5"),
        ("metric function", "h5"),
        ("metric class", "keras"),
    ],
)
def test_predicts_without_what_it_was_compiled_with(part, ending, saved_with_own, three):
    X, y = three
    path, expected, parameter, name = saved_with_own(part, ending)
    wrapped = KerasClassifier.from_keras(path)
    np.testing.assert_allclose(wrapped.predict_proba(X), expected, atol=1e-6)
    message = rf"{parameter} '{name}' could not be read.* set {parameter}=.*custom_objects"
    for estimator in (wrapped, clone(wrapped), pickle.loads(pickle.dumps(wrapped))):
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, y)
    with pytest.raises(ValueError, match=message):
        wrapped.partial_fit(X, y)
    np.testing.assert_allclose(wrapped.predict_proba(X), expected, atol=1e-6)
    given = {parameter: KNOWN[parameter]}
    assert KerasClassifier.from_keras(path, **given).partial_fit(X, y).n_iter_ == 1
    assert wrapped.set_params(**given).partial_fit(X, y).n_iter_ == 1


@pytest.mark.slow("traces graphs anew for every case")
def test_custom_objects_of_the_file_are_used(saved_with_own, three):
    path, *_ = saved_with_own("loss function", "keras")
    wrapped = KerasClassifier.from_keras(path, custom_objects={"own_loss": own_loss})
    assert wrapped.partial_fit(*three).n_iter_ == 1


def test_an_optimizer_with_old_arguments(three, tmp_path):
    import json
    import zipfile

    path, old = tmp_path / "model.keras", tmp_path / "old.keras"
    model = network((8, 8, 1), 3)
    model.compile(**KNOWN)
    model.save(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                options = config["compile_config"]["optimizer"]["config"]
                options["lr"] = options.pop("learning_rate")
                content = json.dumps(config)
            target.writestr(name, content)
    wrapped = KerasClassifier.from_keras(old)
    expected = model.predict(three[0].reshape(-1, 8, 8, 1), verbose=0)
    np.testing.assert_allclose(wrapped.predict_proba(three[0]), expected, atol=1e-6)
    with pytest.raises(ValueError, match=r"optimizer 'Adam' could not be read.*optimizer="):
        wrapped.partial_fit(*three)


def test_logits_of_an_unknown_loss(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", own_loss)
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"not probabilities.*loss 'own_loss' could not be read"):
        KerasClassifier.from_keras(tmp_path / "model.keras")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    wrapped = KerasClassifier.from_keras(tmp_path / "model.keras", loss=loss)
    assert wrapped.predict_proba(np.eye(4, dtype=np.float32)).shape == (4, 3)


class LegacyModel:
    """Stands for an object of legacy Keras, which need not be installed."""

    __module__ = "tf_keras.src.engine.sequential"

    def __call__(self, *args, **kwargs):
        raise NotImplementedError

    def build(self, shape):
        raise NotImplementedError

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls()


class TorchModel(LegacyModel):
    """Stands for a module of PyTorch."""

    __module__ = "torch.nn.modules.module"


def not_models():
    import keras

    return {
        "legacy Keras": LegacyModel(),
        "PyTorch": TorchModel(),
        "PyTorch, class": TorchModel,
        "subclass": type("Net", (TorchModel,), {"__module__": "mine"})(),
        "returned": lambda: LegacyModel(),
        "layer": keras.layers.Dense(3),
        "layer class": keras.layers.Dense,
        "Sequential": keras.Sequential,
        "Model": keras.Model,
    }


@pytest.mark.parametrize(
    "kind, got",
    [
        ("legacy Keras", "LegacyModel of legacy Keras"),
        ("PyTorch", "TorchModel of PyTorch"),
        ("PyTorch, class", "class TorchModel of PyTorch"),
        ("subclass", "Net of PyTorch"),
        ("returned", "LegacyModel of legacy Keras"),
        ("layer", "single layer, Dense"),
        ("layer class", "the class Dense"),
        ("Sequential", "the class Sequential"),
        ("Model", "the class Model"),
    ],
)
def test_what_is_no_model_is_named(kind, got, three):
    estimator = KerasClassifier(not_models()[kind])
    with pytest.raises(TypeError, match=rf"must be a keras\.Model.*{got}"):
        estimator.fit(*three)
    assert not estimator.__sklearn_is_fitted__()


@pytest.mark.parametrize("optimizer", [LegacyModel(), LegacyModel])
def test_optimizers_of_other_libraries_are_named(optimizer, three):
    message = r"'optimizer' parameter of MLPClassifier.*LegacyModel of legacy Keras"
    with pytest.raises(TypeError, match=message):
        MLPClassifier(optimizer=optimizer).fit(*three)


@pytest.mark.slow("starts TensorFlow in a fresh process")
@pytest.mark.parametrize(
    "call, when", [("disable_eager_execution", "before"), ("disable_v2_behavior", "after")]
)
def test_eager_execution_disabled(when, call, tmp_path):
    program = f"""
        import numpy as np
        import tensorflow as tf
        from skmnist import MLPClassifier
        X, y = np.eye(16, dtype=np.float32), np.arange(16) % 2
        made = MLPClassifier(epochs=1)
        acts = [lambda: made.fit(X, y)]
        if "{when}" == "after":
            made.fit(X, y)
            acts += [lambda: made.predict(X), lambda: made.partial_fit(X, y)]
        tf.compat.v1.{call}()
        for act in acts:
            try:
                act()
            except RuntimeError as error:
                assert "eager execution is disabled" in str(error), error
            else:
                raise AssertionError("no error")
        """
    check_ran(run_forked(program, cwd=tmp_path))
