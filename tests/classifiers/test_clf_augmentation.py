"""Augmentation: of training images only, reproducible, and worth something."""

import pickle

import numpy as np
import pytest
from classifier_cases import weights
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmnist import Augmentation, KerasClassifier, LeNetClassifier, MLPClassifier

AUGMENTATION = Augmentation(shift=0.2, rotation=20)


def test_parts_equal_the_whole(case, three):
    whole = case.make(epochs=3, augmentation=AUGMENTATION).fit(*three)
    partly = case.make(augmentation=clone(AUGMENTATION))
    for _ in range(3):
        partly = pickle.loads(pickle.dumps(partly.partial_fit(*three)))
    np.testing.assert_array_equal(weights(partly), weights(whole))


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
    with pytest.raises(ValueError, match=r"augmentation needs images.*augmentation=None"):
        estimator.fit(X[:, :7], y)


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
