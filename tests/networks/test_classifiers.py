"""Builders of classifying networks: shapes, sizes, seeds, and what they refuse."""

import copy
import random

import numpy as np
import pytest

from skmnist import networks
from skmnist.classifiers._families import FAMILIES
from tests.marks import slow_but
from tests.processes import check_ran, run_forked

SHAPES = [(1, 1, 1), (2, 3, 1), (3, 3, 1), (5, 5, 1), (8, 8, 1), (4, 16, 1), (28, 28, 1)]
SHAPES += [(1, 20, 1), (32, 32, 3)]


def off_default(name):
    """Return a small network's parameters, as many of them off their defaults as there are."""
    family = FAMILIES[name]
    return {**family.small, **{parameter: values[0] for parameter, values in family.other.items()}}


# Builder -> small variants that between them have every kind of layer; without an entry of its own
# the small network of the table of families, and one with all parameters off their defaults.
VARIANTS = {name: [dict(family.small), off_default(name)] for name, family in FAMILIES.items()}
VARIANTS |= {
    "mlp": [{"batch_norm": True, "hidden_layer_sizes": (5, 4)}, {"hidden_layer_sizes": ()}],
    "lenet": [{"filters": (2, 3)}],
    "cnn": [
        {"filters": (2, 3), "dense_units": 5},
        {"filters": (2,), "batch_norm": False, "dropout": 0.0, "pooling": "average"},
        {"filters": (2, 3, 4, 5, 6), "convs_per_block": 1, "kernel_size": (3, 2)},
    ],
    "resnet": [
        {"filters": (2, 3)},
        {"filters": (2, 2, 3), "n_blocks": 2, "dropout": 0.3, "kernel_size": (1, 3)},
    ],
    "lstm": [
        {"units": 3},
        {"units": 3, "n_layers": 2, "cell": "gru"},
        {"units": 3, "n_layers": 2, "bidirectional": True, "dropout": 0.0},
        {"units": 3, "cell": "gru", "bidirectional": True},
    ],
    "transformer": [
        {"d_model": 8, "n_heads": 2, "n_layers": 1, "patch_size": 4},
        {"d_model": 6, "n_heads": 3, "n_layers": 2, "pooling": "token", "patch_size": 3},
        {"d_model": 4, "n_heads": 1, "n_layers": 1, "mlp_ratio": 0.1, "dropout": 0.0},
    ],
}
ALL = [(name, params) for name in VARIANTS for params in VARIANTS[name]]
# Those with every random layer a builder has.
RICH = {name: {**family.small, "dropout": 0.5} for name, family in FAMILIES.items()}
RICH |= {
    "mlp": VARIANTS["mlp"][0],
    "lenet": {"filters": (2, 3), "dropout": 0.5},
    "cnn": VARIANTS["cnn"][0],
    "resnet": VARIANTS["resnet"][1],
    "lstm": {"units": 3, "n_layers": 2, "bidirectional": True},
    "transformer": VARIANTS["transformer"][1],
}


def build(name, image_shape=(8, 8, 1), n_classes=3, **params):
    return getattr(networks, name)(image_shape, n_classes, **params)


def images(image_shape=(8, 8, 1), n=4):
    return np.random.default_rng(0).random((n, *image_shape)).astype(np.float32)


def kernels(model):
    """Return the weights of a model that are drawn at random, by path."""
    constant = ("gamma", "beta", "bias")
    drawn = {
        w.path: w.numpy()
        for w in model.trainable_weights
        if w.name not in constant or w.path == "embedding/bias"
    }
    assert drawn
    return drawn


def assert_equal_weights(a, b):
    for first, second in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


# Shapes and sizes.


# Every family with every size; its variants take turns.
QUICK = [(1, 1, 1), (4, 16, 1), (28, 28, 1)]
SIZES = [
    pytest.param(
        *(name, VARIANTS[name][i % len(VARIANTS[name])], shape),
        id=f"{name}-{shape}",
        marks=() if shape in QUICK else pytest.mark.slow("every network for every size"),
    )
    for name in VARIANTS
    for i, shape in enumerate(SHAPES)
]


@pytest.mark.parametrize("name, params, image_shape", SIZES)
def test_any_image_size(name, params, image_shape):
    model = build(name, image_shape, 4, seed=0, **params)
    assert model.input_shape == (None, *image_shape)
    outputs = np.asarray(model(images(image_shape)))
    assert outputs.shape == (4, 4) and outputs.dtype == np.float32
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)
    assert (outputs > 0).all()
    if max(image_shape) > 1:
        assert outputs.std(axis=0).max() > 0, "all images look the same to the network"


@pytest.mark.slow("builds every variant of every network")
@pytest.mark.parametrize("name, params", ALL)
def test_every_weight_is_trained(name, params):
    """No layer stands outside the graph: the loss has a gradient for every weight."""
    import tensorflow as tf

    # Smooth activations, for a relu of few units may let nothing through.
    smooth = {"activation": "tanh"} if "activation" in FAMILIES[name].other else {}
    model = build(name, seed=0, **{**params, **smooth})
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(tf.math.log(model(images(), training=False)[:, 0]))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        # A bias of all keys alike changes no attention.
        if "/key/bias" not in variable.path:
            assert np.abs(gradient).max() > 0, variable.path


@pytest.mark.parametrize("name", VARIANTS)
def test_names_of_layers(name):
    model = build(name, seed=0, **RICH[name])
    layers = [layer.name for layer in model.layers]
    assert model.name == name
    assert (layers[0], layers[-1]) == ("image", "probabilities")
    again = build(name, seed=0, **RICH[name])
    assert layers == [layer.name for layer in again.layers], "a name depends on earlier models"


@pytest.mark.parametrize("name", VARIANTS)
def test_probabilities_in_single_precision(name):
    """The output layer computes in float32 whatever the policy is, in every network."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(name, seed=0, **RICH[name])
    finally:
        keras.config.set_dtype_policy(before)
    assert model.layers[-1].compute_dtype == "float32"
    hidden = [layer for layer in model.layers[:-1] if layer.weights]
    assert {layer.compute_dtype for layer in hidden} == {"bfloat16"}


@pytest.mark.parametrize("name", slow_but(["mlp", "cnn"], VARIANTS, "several of every network"))
def test_channels_come_last_whatever_keras_is_set_to(name):
    """A network has the same weights and outputs under Keras's other image format."""
    import keras

    expected = build(name, seed=0, **RICH[name])
    keras.config.set_image_data_format("channels_first")
    try:
        model = build(name, seed=0, **RICH[name])
        outputs = model(images(), training=False).numpy()
    finally:
        keras.config.set_image_data_format("channels_last")
    for weight, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    np.testing.assert_array_equal(outputs, expected(images(), training=False).numpy())
    assert model.get_config() == expected.get_config()


COUNTS = [
    # 9 * 2 + 2 * 2, 9 * 2 * 2 + 2 * 2 weights, twice 2 * 2 running statistics; 4 x 4 pixels.
    ("cnn", {"filters": (2,), "dense_units": 5}, 18 + 36 + 4 * 4 + 32 * 5 + 5 + 5 * 3 + 3),
    (
        "cnn",
        {"filters": (2,), "dense_units": 5, "batch_norm": False},
        18 + 2 + 36 + 2 + 32 * 5 + 5 + 5 * 3 + 3,
    ),
    # Stem, one block on two channels, one block to three with its shortcut, last normalization.
    (
        "resnet",
        {"filters": (2, 3)},
        18 + (36 + 36 + 16) + (54 + 81 + 6 + 8 + 12) + 12 + 3 * 3 + 3,
    ),
    ("lstm", {"units": 5}, 4 * 5 * (8 + 5 + 1) + 5 * 3 + 3),
    ("lstm", {"units": 5, "bidirectional": True}, 2 * 4 * 5 * (8 + 5 + 1) + 10 * 3 + 3),
    ("lstm", {"units": 5, "n_layers": 2}, 20 * (8 + 5 + 1) + 20 * (5 + 5 + 1) + 5 * 3 + 3),
    # GRU: three gates, each with two biases.
    ("lstm", {"units": 5, "cell": "gru"}, 3 * 5 * (8 + 5 + 2) + 5 * 3 + 3),
    # Four patches of 16 pixels: embedding and positions, attention, perceptron, norms, output.
    (
        "transformer",
        {"d_model": 8, "n_heads": 2, "n_layers": 1, "patch_size": 4},
        (16 * 8 + 4 * 8) + 4 * (64 + 8) + (8 * 16 + 16 + 16 * 8 + 8) + 3 * 16 + 8 * 3 + 3,
    ),
    (
        "transformer",
        {"d_model": 8, "n_heads": 2, "n_layers": 1, "patch_size": 4, "pooling": "token"},
        (16 * 8 + 5 * 8) + 4 * (64 + 8) + (8 * 16 + 16 + 16 * 8 + 8) + 3 * 16 + 8 * 3 + 3,
    ),
    ("mlp", {"hidden_layer_sizes": (5,)}, 64 * 5 + 5 + 5 * 3 + 3),
    ("mlp", {"hidden_layer_sizes": (5,), "batch_norm": True}, 64 * 5 + 4 * 5 + 5 * 3 + 3),
]


@pytest.mark.parametrize("name, params, expected", COUNTS)
def test_number_of_parameters(name, params, expected):
    assert build(name, **params).count_params() == expected


@pytest.mark.slow("builds a network for every shape")
@pytest.mark.parametrize(
    "image_shape, sizes",
    [
        ((28, 28, 1), [(14, 14), (7, 7), (4, 4), (2, 2)]),
        ((9, 8, 1), [(5, 4), (3, 2)]),
        ((3, 3, 1), [(2, 2)]),
        ((4, 16, 1), [(2, 8)]),
        ((2, 28, 1), []),
        ((1, 1, 1), []),
    ],
)
def test_cnn_pools_while_there_is_room(image_shape, sizes):
    model = networks.cnn(image_shape, 3, filters=(2,) * 5, convs_per_block=1)
    poolings = [layer for layer in model.layers if layer.name.startswith("pooling")]
    assert [layer.output.shape[1:3] for layer in poolings] == sizes
    n_convolutions = sum(layer.name.startswith("convolution") for layer in model.layers)
    assert n_convolutions == 5


def test_normalization_comes_before_the_activation():
    names = [layer.name for layer in networks.cnn((8, 8, 1), 3, filters=(2,)).layers]
    first = names.index("convolution_1_1")
    assert names[first : first + 3] == ["convolution_1_1", "normalization_1_1", "activation_1_1"]
    names = [layer.name for layer in networks.mlp((8, 8, 1), 3, batch_norm=True).layers]
    first = names.index("hidden_1")
    assert names[first : first + 3] == ["hidden_1", "normalization_1", "activation_1"]


def test_resnet_shortcuts():
    import keras

    model = networks.resnet((8, 8, 1), 3, filters=(2, 2, 3), n_blocks=2)
    shortcuts = {layer.name for layer in model.layers if layer.name.startswith("shortcut")}
    assert shortcuts == {"shortcut_2_1", "shortcut_3_1"}
    assert [model.get_layer(f"sum_{i}_2").output.shape[1] for i in (1, 2, 3)] == [8, 4, 2]
    # Blocks whose convolutions are zero pass on what they are given.
    for layer in model.layers:
        if layer.name.startswith("convolution"):
            layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    outer = keras.Model(
        model.input, [model.get_layer("stem").output, model.get_layer("sum_1_2").output]
    )
    given, passed_on = outer(images())
    np.testing.assert_array_equal(given, passed_on)


def test_lstm_reads_rows_with_all_channels():
    model = networks.lstm((5, 4, 3), 2)
    assert model.get_layer("rows").output.shape == (None, 5, 12)
    pixels = images((5, 4, 3))
    rows = np.asarray(model.get_layer("rows")(pixels))
    np.testing.assert_array_equal(rows[1, 2], pixels[1, 2].ravel())


def test_lstm_reads_both_ways():
    model = networks.lstm((5, 4, 1), 2, units=3, bidirectional=True, seed=0)
    layer = model.get_layer("lstm_1")
    assert not layer.forward_layer.go_backwards and layer.backward_layer.go_backwards
    down, up = layer.forward_layer.get_weights(), layer.backward_layer.get_weights()
    for a, b in zip(down[:2], up[:2], strict=True):
        assert np.abs(a - b).max() > 1e-3


@pytest.mark.slow("builds a network for every shape")
@pytest.mark.parametrize(
    "image_shape, patch_size, padded",
    [
        ((8, 8, 1), 4, (8, 8)),
        ((7, 9, 1), 4, (8, 12)),
        ((2, 3, 1), 5, (5, 5)),
        ((1, 1, 1), 4, (4, 4)),
        ((6, 4, 2), 1, (6, 4)),
    ],
)
def test_transformer_patches(image_shape, patch_size, padded):
    """Each patch holds the pixels of one tile of the image, with zeros around it."""
    import keras

    model = networks.transformer(image_shape, 3, patch_size=patch_size, d_model=4, n_heads=1)
    inner = keras.Model(model.input, model.get_layer("patches").output)
    pixels = images(image_shape)
    patches = np.asarray(inner(pixels))
    height, width = image_shape[:2]
    top, left = (padded[0] - height) // 2, (padded[1] - width) // 2
    canvas = np.zeros((len(pixels), *padded, image_shape[2]), np.float32)
    canvas[:, top : top + height, left : left + width] = pixels
    tiles = [
        canvas[:, i : i + patch_size, j : j + patch_size].reshape(len(pixels), -1)
        for i in range(0, padded[0], patch_size)
        for j in range(0, padded[1], patch_size)
    ]
    np.testing.assert_array_equal(patches, np.stack(tiles, axis=1))


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("pooling", ["average", "token"])
def test_transformer_knows_where_a_patch_is(pooling):
    model = networks.transformer(
        (8, 8, 1), 3, patch_size=4, d_model=8, n_heads=2, pooling=pooling, seed=0
    )
    embedding = model.get_layer("embedding")
    pixels = images()
    swapped = np.concatenate([pixels[:, 4:], pixels[:, :4]], axis=1)
    assert np.abs(np.asarray(model(pixels)) - np.asarray(model(swapped))).max() > 1e-6
    kernel, positions = embedding.get_weights()
    embedding.set_weights([kernel, np.tile(positions[:1], (len(positions), 1))])
    np.testing.assert_allclose(model(pixels), model(swapped), atol=1e-6)


def test_attention_starts_with_different_projections():
    model = networks.transformer((8, 8, 1), 3, d_model=8, n_heads=2, n_layers=2, seed=0)
    drawn = [w for path, w in kernels(model).items() if path.startswith("attention")]
    assert len(drawn) == 8
    flat = [w.reshape(8, 8) for w in drawn]
    limit = np.sqrt(6 / 16)  # Glorot's, of a matrix from 8 to 8
    for i, first in enumerate(flat):
        assert np.abs(first).max() <= limit and first.std() > limit / 3
        for second in flat[:i]:
            assert np.abs(first - second).max() > 1e-3


# Seeds.


@pytest.mark.parametrize("name", slow_but(["mlp", "cnn"], VARIANTS, "several of every network"))
def test_seed_determines_the_weights(name):
    first, again, other = (build(name, seed=seed, **RICH[name]) for seed in (3, 3, 4))
    assert_equal_weights(first, again)
    drawn, others = kernels(first), kernels(other)
    for path, value in drawn.items():
        assert np.abs(value - others[path]).max() > 1e-6, path


@pytest.mark.parametrize("name", slow_but(["mlp", "cnn"], VARIANTS, "several of every network"))
def test_seed_determines_the_dropout(name):
    def draw(seed):
        model = build(name, (8, 8, 1), 3, seed=seed, **RICH[name])
        model.set_weights(weights)
        return np.asarray(model(images(n=16), training=True))

    weights = build(name, seed=0, **RICH[name]).get_weights()
    np.testing.assert_array_equal(draw(1), draw(1))
    assert np.abs(draw(1) - draw(2)).max() > 1e-4


@pytest.mark.slow("builds every network several times")
@pytest.mark.parametrize("name", VARIANTS)
def test_without_a_seed_weights_differ(name):
    first, second = (kernels(build(name, **RICH[name])) for _ in range(2))
    assert any(np.abs(w - second[path]).max() > 1e-6 for path, w in first.items())


@pytest.mark.slow("builds every network several times")
@pytest.mark.parametrize("name", VARIANTS)
def test_seeded_builders_leave_the_global_generators(name):
    import keras

    build(name, seed=0, **RICH[name])
    keras.utils.set_random_seed(1)
    expected = random.random(), np.random.random(), keras.random.uniform((2,)).numpy()
    keras.utils.set_random_seed(1)
    build(name, seed=0, **RICH[name])
    got = random.random(), np.random.random(), keras.random.uniform((2,)).numpy()
    assert got[:2] == expected[:2]
    np.testing.assert_array_equal(got[2], expected[2])


# Builder -> parameters with which a network has more layers, or fewer, than the first one.
MORE_OR_LESS = {
    "mlp": ({"hidden_layer_sizes": (5,)}, {"hidden_layer_sizes": (5, 5), "batch_norm": True}),
    "cnn": ({"filters": (2,), "dropout": 0.0}, {"filters": (2, 3), "convs_per_block": 3}),
    "resnet": ({"filters": (2, 3)}, {"filters": (2, 3, 4), "n_blocks": 2, "dropout": 0.0}),
    "lstm": ({"units": 3}, {"units": 3, "n_layers": 2, "dropout": 0.0}),
    "transformer": (
        {"d_model": 4, "n_heads": 2, "n_layers": 1},
        {"d_model": 4, "n_heads": 2, "n_layers": 2, "pooling": "token", "dropout": 0.0},
    ),
}


def n_shared(less, more):
    """Return how many kernels of the same name and shape two networks have; they are equal."""
    less, more = kernels(less), kernels(more)
    shared = {p for p in set(less) & set(more) if less[p].shape == more[p].shape}
    for path in shared:
        np.testing.assert_array_equal(less[path], more[path], err_msg=path)
    return len(shared)


@pytest.mark.slow("builds every network several times")
@pytest.mark.parametrize("name", MORE_OR_LESS)
def test_layers_are_seeded_independently(name):
    """The layers that two networks share have the same weights at first."""
    assert n_shared(*(build(name, seed=0, **params) for params in MORE_OR_LESS[name])) >= 2


@pytest.mark.slow("builds every network several times")
@pytest.mark.parametrize("name", FAMILIES)
def test_more_layers_leave_the_others_as_they_are(name):
    small = dict(FAMILIES[name].small)
    model, found = build(name, seed=0, **small), []
    for parameter, values in FAMILIES[name].other.items():
        for value in values:
            other = build(name, seed=0, **{**small, parameter: value})
            if len(other.layers) > len(model.layers):
                found.append(n_shared(model, other))
    assert found, "no value in the table adds a layer"
    assert max(found) >= 2


# Round trips.


@pytest.mark.slow("builds every network several times")
@pytest.mark.parametrize("name, params", ALL)
def test_configuration_round_trip(name, params):
    import keras

    model = build(name, seed=0, **params)
    config = keras.saving.serialize_keras_object(model)
    again = keras.saving.deserialize_keras_object(copy.deepcopy(config))  # it empties its input
    assert keras.saving.serialize_keras_object(again) == config
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(images()), model(images()))


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_saved_networks_need_keras_alone(tmp_path):
    for name in VARIANTS:
        model = build(name, seed=0, **RICH[name])
        model.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name}.npz", images=images(), outputs=model(images()))
    code = f"""
        import sys, numpy as np, keras
        for name in {list(VARIANTS)!r}:
            data = np.load(f"{{name}}.npz")
            model = keras.saving.load_model(f"{{name}}.keras")
            outputs = model(data["images"])
            np.testing.assert_allclose(outputs, data["outputs"], atol=1e-6, err_msg=name)
        assert "skmnist" not in sys.modules
        """
    check_ran(run_forked(code, cwd=tmp_path))


# What is refused.


@pytest.mark.parametrize("d_model, n_heads", [(10, 4), (3, 2), (4, 8)])
def test_features_that_heads_cannot_share(d_model, n_heads):
    with pytest.raises(ValueError, match=f"of n_heads={n_heads}, .* Got {d_model} instead"):
        networks.transformer((8, 8, 1), 3, d_model=d_model, n_heads=n_heads)


def test_resnet_without_stages():
    with pytest.raises(ValueError, match=r"\'filters\' parameter of resnet .* Got \(\) instead"):
        networks.resnet((8, 8, 1), 3, filters=())


@pytest.mark.parametrize(
    "name, params",
    [
        ("cnn", {"pooling": "median"}),
        ("lstm", {"cell": "rnn"}),
        ("transformer", {"pooling": "max"}),
    ],
)
def test_unknown_choices(name, params):
    (value,) = params.values()
    with pytest.raises(ValueError, match=repr(value)):
        build(name, **params)
