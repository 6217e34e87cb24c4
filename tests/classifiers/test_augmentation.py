"""Augmentation: of training images only, reproducible, and worth something."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmnist import Augmentation, KerasClassifier, LeNetClassifier, MLPClassifier
from tests.classifiers.cases import weights

AUGMENTATION = Augmentation(shift=0.2, rotation=20)


@pytest.mark.slow("traces graphs anew for every case")
def test_parts_equal_the_whole(case, three):
    whole = case.make(epochs=3, augmentation=AUGMENTATION).fit(*three)
    partly = case.make(augmentation=clone(AUGMENTATION))
    for _ in range(3):
        partly = pickle.loads(pickle.dumps(partly.partial_fit(*three)))
    np.testing.assert_array_equal(weights(partly), weights(whole))


@pytest.mark.slow("traces graphs anew for every case")
def test_seed_decides_the_changes(three):
    fits = [
        MLPClassifier((8,), random_state=seed, augmentation=AUGMENTATION).fit(*three)
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(weights(fits[0]), weights(fits[1]))
    assert fits[0].history_ != fits[2].history_


def spy():
    """A network that notes what it sees, and how it is called."""
    import keras
    import tensorflow as tf

    class Spy(keras.layers.Layer):
        def call(self, inputs, training=False):
            seen = SEEN[bool(training)]
            tf.py_function(lambda x: seen.append(x.numpy()), [inputs], [])
            return inputs

    def network(image_shape, n_classes):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                Spy(),
                keras.layers.Flatten(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    return network


SEEN = {True: [], False: []}


def test_only_training_images_are_changed(three):
    X, y = three
    estimator = KerasClassifier(
        spy(), epochs=2, batch_size=None, augmentation=AUGMENTATION, random_state=0
    )
    estimator.fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
    estimator.predict(X[:32])
    originals = {row.tobytes() for row in X}
    for images in SEEN[False]:  # validation, prediction and the engine's own trial batches
        rows = images.reshape(len(images), -1)
        assert all(row.tobytes() in originals or np.ptp(row) == 0 for row in rows)
    trained = [images.reshape(60, -1) for images in SEEN[True] if len(images) == 60]
    assert len(trained) == 2
    for rows in trained:
        assert np.mean([row.tobytes() in originals for row in rows]) < 0.1
    assert not np.array_equal(np.sort(trained[0], axis=0), np.sort(trained[1], axis=0))


@pytest.mark.slow("traces graphs anew for every case")
def test_any_keras_layer_is_taken(three):
    import keras

    layer = keras.layers.RandomTranslation(0.2, 0.2)
    plain = LeNetClassifier((4, 8), random_state=0).fit(*three)
    first, second = (
        LeNetClassifier((4, 8), random_state=0, augmentation=layer).fit(*three) for _ in range(2)
    )
    np.testing.assert_array_equal(weights(first), weights(second))
    assert np.abs(weights(first) - weights(plain)).max() > 1e-3
    assert not layer.built or not np.any(layer.seed_generator.state.numpy()[1])  # a copy was used


@pytest.mark.slow("trains for long, or several networks")
def test_grid_over_its_parameters(three):
    estimator = MLPClassifier((8,), epochs=1, random_state=0, augmentation=Augmentation())
    grid = {"augmentation__rotation": [0, 30.0], "augmentation__elastic": [0.0, np.float64(0.05)]}
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(*three)
    assert len(set(search.cv_results_["mean_test_score"])) > 1
    assert estimator.augmentation == search.estimator.augmentation


def test_wrong_ones_are_errors_before_training(three):
    for wrong, message in (
        (True, "augmentation"),
        ("rotation", "augmentation"),
        (Augmentation(rotation=-1), "rotation"),
        (Augmentation(zoom=2.0), "zoom"),
    ):
        estimator = MLPClassifier(augmentation=wrong)
        with pytest.raises(ValueError, match=message):
            estimator.fit(*three)
        assert not estimator.__sklearn_is_fitted__()


def test_rows_that_are_no_images_are_an_error(three):
    import keras

    def network(n_classes):
        return keras.Sequential(
            [keras.Input((7,)), keras.layers.Dense(n_classes, activation="softmax")]
        )

    X, y = three
    estimator = KerasClassifier(network, augmentation=Augmentation())
    with pytest.raises(
        ValueError, match=r"'augmentation' parameter must be None, .* Got Augmentation"
    ):
        estimator.fit(X[:, :7], y)


@pytest.mark.slow("traces graphs anew for every case")
def test_flat_networks_are_augmented_as_images(three):
    import keras

    def flat(n_classes, seed=None):
        return keras.Sequential(
            [
                keras.Input((64,)),
                keras.layers.Dense(
                    n_classes, "softmax", kernel_initializer=keras.initializers.GlorotUniform(seed)
                ),
            ]
        )

    def folded(image_shape, n_classes, seed=None):
        model = flat(n_classes, seed)
        return keras.Sequential([keras.Input(image_shape), keras.layers.Flatten(), *model.layers])

    first, second = (
        KerasClassifier(builder, augmentation=AUGMENTATION, random_state=0).fit(*three)
        for builder in (flat, folded)
    )
    np.testing.assert_allclose(weights(first), weights(second), atol=1e-6)


@pytest.mark.slow("trains for every layer of Keras")
def test_it_helps_on_shifted_digits(digits):
    X, y = digits
    images = X.reshape(-1, 8, 8)
    shifted = np.roll(np.pad(images, ((0, 0), (1, 1), (1, 1))), 1, axis=2)[:, 1:-1, 1:-1]
    scores = [
        LeNetClassifier(epochs=40, random_state=0, augmentation=augmentation)
        .fit(images[:200], y[:200])
        .score(shifted[200:], y[200:])
        for augmentation in (None, Augmentation(shift=0.15))
    ]
    assert scores[1] > scores[0] + 0.05


LABELS = np.arange(60) % 3
IMAGES = np.zeros((60, 12, 12), dtype=np.uint8)
for number, label in enumerate(LABELS):
    IMAGES[number, 1 + 4 * label : 4 + 4 * label, 2:10] = 150 + number


def fitted_with(augmentation, **params):
    params = {"epochs": 1, "random_state": 0, **params}
    return MLPClassifier((8,), augmentation=augmentation, **params).fit(IMAGES, LABELS)


def keras_layer(name, *args, **kwargs):
    import keras

    return getattr(keras.layers, name)(*args, **kwargs)


@pytest.mark.parametrize(
    "name, args, after",
    [
        ("CenterCrop", (8, 8), r"\(8, 8, 1\)"),
        ("RandomCrop", (8, 8), r"\(8, 8, 1\)"),
        ("Resizing", (24, 24), r"\(24, 24, 1\)"),
        ("Resizing", (6, 24), r"\(6, 24, 1\)"),  # as many pixels
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_layers_that_change_the_shape_are_refused(name, args, after, nested):
    import keras

    layer = keras_layer(name, *args)
    if nested:
        layer = keras.Sequential([keras_layer("RandomFlip"), layer])
    with pytest.raises(ValueError, match=rf"{name} changes the shape.*\(12, 12, 1\) to {after}"):
        fitted_with(layer)


def test_a_shape_that_comes_back_is_taken():
    import keras

    pair = keras.Sequential([keras_layer("Resizing", 24, 24), keras_layer("Resizing", 12, 12)])
    assert fitted_with(pair).n_iter_ == 1


@pytest.mark.slow("trains for every layer of Keras")
@pytest.mark.parametrize(
    "name, kwargs",
    [
        ("RandomBrightness", {"factor": 0.2}),
        ("RandomContrast", {"factor": 0.2}),
        ("RandomInvert", {}),
        ("RandomErasing", {}),
        ("AutoContrast", {}),
        ("Solarization", {"threshold_factor": 0.5}),
        ("RandomPosterization", {"factor": 4}),
        ("RandomColorJitter", {"brightness_factor": 0.2}),
    ],
)
def test_layers_with_a_range_are_given_that_of_the_network(name, kwargs):
    told = keras_layer(name, value_range=(0, 1), **kwargs)
    for layer in (
        keras_layer(name, **kwargs),
        keras_layer("Pipeline", [keras_layer(name, **kwargs)]),
    ):
        np.testing.assert_array_equal(weights(fitted_with(layer)), weights(fitted_with(told)))


@pytest.mark.slow("traces graphs anew for every case")
def test_networks_that_take_bytes_keep_the_range_of_bytes():
    layer, told = (
        keras_layer("RandomBrightness", 0.2, **options)
        for options in ({}, {"value_range": (0, 255)})
    )
    first, second = (fitted_with(a, pixel_range="as-is") for a in (layer, told))
    np.testing.assert_array_equal(weights(first), weights(second))
    with pytest.raises(ValueError, match=r"RandomBrightness.*value_range=\(0, 255\)"):
        fitted_with(keras_layer("RandomBrightness", 0.2, value_range=(0, 1)), pixel_range="as-is")


@pytest.mark.parametrize("args", [(255.0,), (1 / 255,), (2.0, -1.0)])
def test_layers_that_rescale_are_refused(args):
    import keras

    layer = keras.Sequential([keras_layer("RandomFlip"), keras_layer("Rescaling", *args)])
    with pytest.raises(ValueError, match=r"Rescaling brings pixels to another range"):
        fitted_with(layer)


def test_noise_is_taken():
    assert fitted_with(keras_layer("GaussianNoise", 0.3)).n_iter_ == 1


@pytest.mark.slow("trains for long, or several networks")
def test_equalization_is_of_each_image_alone():
    from skmnist._bridge.engine.augment import _each_image_alone

    layer = keras_layer("Equalization", value_range=(0, 1))
    alone = [layer(IMAGES[i : i + 1, ..., None] / 255.0, training=True).numpy() for i in range(4)]
    _each_image_alone(layer)
    together = layer(IMAGES[:4, ..., None] / 255.0, training=True).numpy()
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-6)
    assert fitted_with(keras_layer("Equalization")).n_iter_ == 1


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", ["BatchNormalization", "RandomElasticTransform", "Neighbours"])
def test_layers_that_look_at_neighbours_are_refused(name):
    import keras

    class Neighbours(keras.layers.Layer):
        def call(self, inputs):
            return (inputs + keras.ops.roll(inputs, 1, axis=0)) / 2

    layer = Neighbours() if name == "Neighbours" else keras_layer(name)
    with pytest.raises(ValueError, match=rf"augmentation: {name} (changes an image|brings)"):
        fitted_with(layer)


@pytest.mark.slow("traces graphs anew for every case")
def test_layers_that_do_not_draw_by_seeds_are_refused():
    with pytest.raises(ValueError, match="AugMix does not draw by seeds"):
        fitted_with(keras_layer("AugMix"))


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
@pytest.mark.parametrize("container", [None, "Pipeline", "Sequential"])
def test_blended_images_have_blended_labels(name, container):
    import keras
    import tensorflow as tf

    from skmnist._bridge.engine.augment import Augmenter

    layer = keras_layer(name, 1.0)
    if container is not None:
        layer = getattr(keras, container, None) or getattr(keras.layers, container)
        layer = layer([keras_layer("RandomFlip"), keras_layer(name, 1.0)])
    augmenter = Augmenter(layer, "key", (12, 12, 1))
    augmenter.begin_epoch(0, 0)
    # The class of an image is the channel of its colour, as it were: all pixels are its number.
    codes = np.arange(30) % 3
    pixels = np.broadcast_to((codes == 1)[:, None], (30, 144)).astype(np.float32)
    weights = np.where(codes == 2, 3.0, 1.0).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[codes]
    changed, labels = augmenter([tf.constant(pixels), tf.constant(targets)])
    tolerance = 1e-5 if name == "MixUp" else 0.25  # patches have whole pixels
    np.testing.assert_allclose(np.mean(changed, axis=1), labels[:, 1], atol=tolerance)
    np.testing.assert_allclose(np.sum(labels, axis=1), 1, atol=1e-5)
    assert np.ptp(np.mean(changed, axis=1)[codes == 1]) > 0.1
    augmenter.begin_epoch(0, 0)
    _, weighted, blended = augmenter([*map(tf.constant, (pixels, targets, weights))])
    expected = labels.numpy() * [1, 1, 3]
    np.testing.assert_allclose(blended, expected.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(
        weighted, expected / expected.sum(axis=1, keepdims=True), rtol=1e-4, atol=1e-6
    )


@pytest.mark.slow("trains for long, or several networks")
@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_blending_trains(name, three):
    import keras

    params = {"epochs": 15, "random_state": 0, "learning_rate": 0.01}
    for loss in (
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.SparseCategoricalCrossentropy,
    ):
        fitted = MLPClassifier((16,), augmentation=keras_layer(name, 0.5), loss=loss, **params).fit(
            *three
        )
        scores = fitted.score(*three)
        assert scores > 0.9
        assert fitted.history_["loss"][-1] > 0.05  # blends cannot be known for sure
    weighted = MLPClassifier(
        (16,), augmentation=keras_layer(name, 0.5), class_weight={0: 2.0}, **params
    )
    again = clone(weighted).fit(*three)
    np.testing.assert_array_equal(weights(weighted.fit(*three)), weights(again))
    assert pickle.loads(pickle.dumps(weighted)).partial_fit(*three).n_iter_ == 16


def test_blending_with_a_loss_of_class_numbers_is_refused(three):
    def own(y_true, y_pred):
        import keras

        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)

    estimator = MLPClassifier(augmentation=keras_layer("MixUp"), loss=own)
    with pytest.raises(ValueError, match=r"MixUp blends labels.*own.*categorical_crossentropy"):
        estimator.fit(*three)


@pytest.mark.slow("trains for long, or several networks")
def test_blending_for_a_compiled_model_and_for_one_output(two, three):
    import keras

    def network(n_classes):
        last = keras.layers.Dense(n_classes, activation="softmax")
        model = keras.Sequential([keras.Input((64,)), last])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def single():
        last = keras.layers.Dense(1, activation="sigmoid")
        return keras.Sequential([keras.Input((64,)), last])

    blend = keras_layer("MixUp", 0.4)
    estimator = KerasClassifier(network, augmentation=blend, epochs=90, random_state=0)
    assert estimator.fit(*three).score(*three) > 0.8
    estimator = KerasClassifier(
        single,
        loss="binary_crossentropy",
        augmentation=blend,
        epochs=30,
        learning_rate=0.01,
        random_state=0,
    )
    assert estimator.fit(*two).score(*two) > 0.9


@pytest.mark.slow("trains for long, or several networks")
def test_layers_of_keras_set_to_channels_first(three):
    import keras

    expected = MLPClassifier(
        (8,), epochs=1, random_state=0, augmentation=keras_layer("RandomTranslation", 0.2, 0.1)
    ).fit(*three)
    keras.config.set_image_data_format("channels_first")
    try:
        layer = keras_layer("RandomTranslation", 0.2, 0.1)
        fitted = clone(expected).set_params(augmentation=layer).fit(*three)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(weights(fitted), weights(expected))


def test_what_is_no_layer_is_named(three):
    import keras

    kind = type("RandomRotation", (), {"__module__": "tf_keras.src.layers", "build": print})
    for wrong, message in (
        (kind(), "RandomRotation of legacy Keras"),
        (kind, "class RandomRotation of legacy Keras"),
        (keras.layers.RandomFlip, "the class RandomFlip"),
        (Augmentation, "the class|Augmentation"),
    ):
        with pytest.raises(ValueError, match=rf"'augmentation' parameter must be.*({message})"):
            MLPClassifier(augmentation=wrong).fit(*three)
