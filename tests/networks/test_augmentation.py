"""The augmentation network, and the parameter object that builds it."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from skmnist._keras import keras, tf
from skmnist.augmentation import Augmentation
from skmnist.networks.augmentation import augmentation, seed_generators
from tests.processes import check_ran, run_forked

EVERYTHING = {
    "shift": 0.1,
    "rotation": 10,
    "zoom": 0.1,
    "shear": 10,
    "elastic": 0.03,
    "horizontal_flip": True,
}
KINDS = [{name: value} for name, value in EVERYTHING.items()]


def random_images(n=4, shape=(28, 28, 1)):
    return np.random.default_rng(0).normal(size=(n, *shape)).astype(np.float32)


def changed(images, seed=0, **params):
    network = augmentation(images.shape[1:], seed=seed, **params)
    return np.asarray(network(images, training=True))


def blob(n, size=41, offset=(0.0, 0.0), width=2.0):
    """Images of one smooth spot, `offset` pixels from the centre: (rows, columns)."""
    places = np.arange(size) - (size - 1) / 2
    spot = np.exp(
        -((places[:, None] - offset[0]) ** 2 + (places - offset[1]) ** 2) / (2 * width**2)
    )
    return np.repeat(spot[None, ..., None], n, axis=0).astype(np.float32)


def centres(images):
    """Return the centres of mass, in pixels from the centre of the image: (rows, columns)."""
    images = images[..., 0]
    total = images.sum((1, 2))
    rows, columns = (np.arange(side) - (side - 1) / 2 for side in images.shape[1:])
    return (images.sum(2) @ rows / total, images.sum(1) @ columns / total)


# Training or not.


@pytest.mark.parametrize("params", [{}, *KINDS, EVERYTHING])
@pytest.mark.parametrize("training", [False, None])
def test_identity_outside_training(params, training):
    images = random_images()
    network = augmentation((28, 28, 1), **params)
    np.testing.assert_array_equal(network(images, training=training), images)
    np.testing.assert_array_equal(network.predict(images, verbose=0), images)
    compiled = tf.function(lambda batch: network(batch, training=training))
    np.testing.assert_array_equal(compiled(images), images)


def test_nothing_asked_for():
    images = random_images()
    network = augmentation((28, 28, 1))
    np.testing.assert_array_equal(network(images, training=True), images)
    assert seed_generators(network) == []


@pytest.mark.parametrize("params", KINDS)
def test_one_layer_for_what_is_asked_for(params):
    network = augmentation((28, 28, 1), **params)
    assert len(seed_generators(network)) == 1
    assert network.trainable_variables == []


@pytest.mark.parametrize("params", [*KINDS, EVERYTHING])
def test_changes_while_training(params):
    images = np.repeat(random_images(1), 16, axis=0)
    result = changed(images, **params)
    assert result.dtype == np.float32 and result.shape == images.shape
    # Every image in its own way; a flip has two ways only.
    ways = len({image.tobytes() for image in result})
    assert ways == 16 if "horizontal_flip" not in params or len(params) > 1 else ways == 2


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 1, 3), (1, 7, 2), (7, 1, 1), (2, 2, 1), (8, 8, 1), (28, 20, 3)]
)
@pytest.mark.parametrize("params", [*KINDS, EVERYTHING])
def test_any_shape(shape, params):
    images = random_images(3, shape)
    result = changed(images, **params)
    assert result.shape == images.shape
    assert np.isfinite(result).all()
    if shape[:2] == (1, 1):
        np.testing.assert_allclose(result, images, rtol=1e-6)


@pytest.mark.parametrize("params", [*KINDS, EVERYTHING])
def test_channels_move_together(params):
    images = np.repeat(random_images(), 3, axis=-1)
    result = changed(images, **params)
    np.testing.assert_array_equal(result[..., 0], result[..., 2])


@pytest.mark.parametrize("value", [-3.0, 0.0, 7.5])
def test_the_edge_goes_on_outside(value):
    """An even image of any level stays as it is: nothing is filled with zeros."""
    images = np.full((8, 12, 10, 1), value, np.float32)
    result = changed(images, shift=0.9, rotation=180, zoom=0.5, shear=40, elastic=0.3)
    np.testing.assert_allclose(result, images, rtol=1e-5)


# Randomness.


@pytest.mark.parametrize("params", [*KINDS, EVERYTHING])
def test_seeds(params):
    images = random_images(16)
    first = changed(images, seed=3, **params)
    np.testing.assert_array_equal(first, changed(images, seed=3, **params))
    assert not np.array_equal(first, changed(images, seed=4, **params))


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("params", [*KINDS, EVERYTHING])
def test_the_states_decide_in_a_compiled_loop(params):
    """What the training engine relies on: states are variables, and all there is to the draws."""
    network = augmentation((28, 28, 1), seed=0, **params)
    images = random_images(16)

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1))])
    def twice(batch):
        results = tf.TensorArray(tf.float32, 2)
        for step in tf.range(2):
            results = results.write(step, network(batch, training=True))
        return results.stack()

    generators = seed_generators(network)
    states = [np.asarray(generator.state) for generator in generators]
    first = twice(images).numpy()
    assert not np.array_equal(first[0], first[1])
    for generator, state in zip(generators, states, strict=True):
        assert not np.array_equal(generator.state, state)
        generator.state.assign(state)
    np.testing.assert_array_equal(twice(images), first)
    assert not np.array_equal(twice(images), first)
    for generator in generators:
        generator.state.assign(np.array([123, 456], np.uint32))
    other = twice(images).numpy()
    assert not np.array_equal(other, first)
    # Not compiled, it draws the same.
    for generator in generators:
        generator.state.assign(np.array([123, 456], np.uint32))
    np.testing.assert_allclose(network(images, training=True), other[0], atol=1e-4)


def test_a_change_more_leaves_the_draws_of_the_others():
    images = blob(8, size=28)
    flipped = changed(images, shift=0.1, horizontal_flip=True)
    np.testing.assert_allclose(flipped, changed(images, shift=0.1), atol=1e-5)


def test_global_generators_are_left_alone():
    keras.utils.set_random_seed(0)
    expected = np.random.get_state()[1].copy(), keras.random.uniform((3,)).numpy()
    keras.utils.set_random_seed(0)
    changed(random_images(), **EVERYTHING)
    np.testing.assert_array_equal(np.random.get_state()[1], expected[0])
    np.testing.assert_array_equal(keras.random.uniform((3,)), expected[1])


def test_generators_of_nested_layers_are_all_found():
    inner = augmentation((8, 8, 1), **EVERYTHING)
    shared = keras.layers.Dropout(0.5, seed=0)

    class Holder(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.part = keras.layers.RandomBrightness(0.2, value_range=(0, 1), seed=1)
            self.parts = [inner, shared]
            self.generators = [keras.random.SeedGenerator(2)]

        def call(self, x, training=False):
            for part in (self.part, *self.parts):
                x = part(x, training=training)
            return x

    model = keras.Sequential([keras.Input((8, 8, 1)), Holder(), shared])
    model(random_images(2, (8, 8, 1)), training=True)
    generators = seed_generators(model)
    # Flip, elastic and affine; brightness; dropout once; the one in a list.
    assert len(generators) == len(set(map(id, generators))) == 6
    states = {id(generator.state) for generator in generators}
    assert states == {id(v) for v in model.variables if "seed_generator" in v.path}


# Units.


def test_shift():
    images = np.zeros((2000, 40, 20, 1), np.float32)
    images[:, 18:22, 8:12] = 1
    rows, columns = centres(changed(images, shift=0.1))
    for displacement, largest in ((rows, 4), (columns, 2)):
        assert np.abs(displacement).max() <= largest + 1e-3
        assert displacement.max() > 0.95 * largest and displacement.min() < -0.95 * largest
        assert abs(displacement.std() - largest / 3**0.5) < 0.05 * largest
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.1


def test_rotation():
    rows, columns = centres(changed(blob(2000, offset=(0, 10)), rotation=30))
    angles = np.degrees(np.arctan2(rows, columns))
    assert np.abs(angles).max() < 30.3
    assert angles.max() > 28.5 and angles.min() < -28.5
    assert abs(angles.std() - 30 / 3**0.5) < 1
    np.testing.assert_allclose(np.hypot(rows, columns), 10, atol=0.1)


def test_zoom():
    rows, columns = centres(changed(blob(2000, offset=(6, 8)), zoom=0.2))
    sizes = np.hypot(rows, columns) / 10
    assert 0.8 - 0.01 < sizes.min() < 0.82 and 1.18 < sizes.max() < 1.21
    # Height and width alike.
    np.testing.assert_allclose(np.degrees(np.arctan2(rows, columns)), 36.87, atol=0.5)


def test_shear():
    rows, columns = centres(changed(blob(2000, offset=(10, 0)), shear=20))
    angles = np.degrees(np.arctan2(columns, rows))
    assert np.abs(angles).max() < 20.3
    assert angles.max() > 19 and angles.min() < -19
    np.testing.assert_allclose(rows, 10, atol=0.1)
    # About the centre, and level lines stay level.
    for offset in ((0, 0), (0, 10)):
        rows, columns = centres(changed(blob(200, offset=offset), shear=20))
        np.testing.assert_allclose(rows, offset[0], atol=0.1)
        np.testing.assert_allclose(columns, offset[1], atol=0.1)


@pytest.mark.parametrize("axis", [0, 1])
def test_elastic(axis):
    """On a ramp, the change of the values is the displacement."""
    size = 60
    ramp = np.arange(size, dtype=np.float32) / size
    ramp = np.broadcast_to(ramp[:, None] if axis == 0 else ramp, (500, size, size))[..., None]
    moved = (changed(ramp, elastic=0.03) - ramp)[..., 0]
    inside = moved[:, 10:-10, 10:-10]  # the ramp ends at the edges
    assert abs(np.sqrt((inside**2).mean()) - 0.03) < 0.002
    assert np.abs(inside.mean(0)).max() < 0.006
    # Smooth: neighbours move alike, pixels far from each other do not.
    assert np.corrcoef(inside[:, :, 1:].ravel(), inside[:, :, :-1].ravel())[0, 1] > 0.98
    assert abs(np.corrcoef(inside[:, 0, 0], inside[:, -1, -1])[0, 1]) < 0.15


def test_elastic_directions_are_independent():
    size = 40
    down = np.broadcast_to(np.arange(size, dtype=np.float32)[:, None] / size, (300, size, size))
    right = down.transpose(0, 2, 1)
    rows = changed(down[..., None], elastic=0.03)[:, 20, 20, 0]
    columns = changed(right[..., None], elastic=0.03)[:, 20, 20, 0]
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.2


def test_flip_is_left_to_right_only():
    images = random_images(400, (8, 6, 2))
    result = changed(images, horizontal_flip=True)
    mirrored = (result == images[:, :, ::-1]).all((1, 2, 3))
    same = (result == images).all((1, 2, 3))
    assert (mirrored ^ same).all()
    assert 150 < mirrored.sum() < 250


# Keeping the network.


def test_config_and_file(tmp_path):
    network = augmentation((28, 28, 1), seed=5, **EVERYTHING)
    images = random_images()
    copies = [keras.Model.from_config(network.get_config())]
    network.save(tmp_path / "network.keras")
    copies.append(keras.models.load_model(tmp_path / "network.keras"))
    copies.append(pickle.loads(pickle.dumps(network)))
    expected = network(images, training=True)
    for copy in copies:
        np.testing.assert_array_equal(copy(images, training=True), expected)
        assert [layer.get_config() for layer in copy.layers] == [
            layer.get_config() for layer in network.layers
        ]


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_file_in_another_process(tmp_path):
    augmentation((8, 8, 1), seed=5, **EVERYTHING).save(tmp_path / "network.keras")
    (tmp_path / "pickle").write_bytes(pickle.dumps(augmentation((8, 8, 1), **EVERYTHING)))
    code = """
        import keras, pickle
        from skmnist.networks.augmentation import augmentation
        augmentation((1, 1, 1))
        keras.models.load_model("network.keras")
        pickle.load(open("pickle", "rb"))
        """
    check_ran(run_forked(code, cwd=tmp_path))


def test_mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        result = changed(random_images(), **EVERYTHING)
    finally:
        keras.config.set_dtype_policy(policy)
    assert np.isfinite(result).all()


# The parameter object.


def test_parameters():
    parameters = Augmentation(rotation=15)
    assert set(parameters.get_params()) == set(EVERYTHING)
    assert repr(parameters) == "Augmentation(rotation=15)"
    assert clone(parameters).get_params() == parameters.get_params()
    assert parameters.set_params(zoom=0.3).zoom == 0.3
    assert parameters.horizontal_flip is False
    with pytest.raises(ValueError, match=r"'rotatoin'.*Did you mean 'rotation'"):
        parameters.set_params(rotatoin=3)
    with pytest.raises(TypeError):
        Augmentation(0.1)
    copy = pickle.loads(pickle.dumps(parameters))
    assert copy.get_params() == parameters.get_params()


def test_builds_what_the_parameters_say():
    images = random_images()
    network = Augmentation(**EVERYTHING).build((28, 28, 1), seed=2)
    np.testing.assert_array_equal(
        network(images, training=True), changed(images, seed=2, **EVERYTHING)
    )
    off = dict.fromkeys(EVERYTHING, 0) | {"horizontal_flip": False}
    assert seed_generators(Augmentation(**off).build((28, 28, 1))) == []


def test_numpy_numbers_as_grids_hold_them():
    parameters = Augmentation(
        shift=np.float32(0.1), rotation=np.int64(5), horizontal_flip=np.bool_(True)
    )
    network = parameters.build(np.array([8, 8, 1]), seed=0)
    assert keras.Model.from_config(network.get_config()).output_shape == (None, 8, 8, 1)


@pytest.mark.parametrize(
    "name, value",
    [
        ("shift", -0.1),
        ("shift", 1.1),
        ("rotation", -1),
        ("rotation", 181),
        ("zoom", 1),
        ("zoom", "a"),
        ("shear", 90),
        ("elastic", -0.1),
        ("elastic", None),
        ("rotation", float("nan")),
        ("horizontal_flip", "yes"),
    ],
)
def test_invalid_values(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of Augmentation must be"):
        Augmentation(**{name: value}).build((28, 28, 1), seed=0)
