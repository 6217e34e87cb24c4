"""The training engine against Keras's own ``fit``, for networks without labels."""

import numpy as np
import pytest

from skmnist import Autoencoder, GANGenerator, networks
from skmnist._bridge.data.seeds import epoch_order
from skmnist._bridge.graphs import cache
from tests.marks import slow_but
from tests.unsupervised.cases import CASES, outputs

SEED, BATCH_SIZE = 3, 32
_DENSE = {"latent_dim": 4, "hidden_layer_sizes": (12,)}
_CONVOLUTIONAL = {"latent_dim": 4, "convolutional": True}
# Parameters, and whether to give weights of the samples and validation data.
AUTOENCODERS = {
    "dense": (_DENSE, False, False),
    "denoising": (_DENSE | {"noise": 0.3}, True, True),
    "salt and pepper": (_DENSE | {"noise": 0.3, "noise_type": "salt-and-pepper"}, False, False),
    "variational": (_DENSE | {"variational": True}, False, True),
    "convolutional": (_CONVOLUTIONAL | {"filters": (4, 6)}, True, True),
    "crossentropy": (_DENSE | {"loss": "binary_crossentropy"}, True, False),
}
_DENSE_GAN = _DENSE | {"convolutional": False}
GANS = {
    "dense": (_DENSE_GAN | {"dropout": 0.3}, False),
    "conditional": (_DENSE_GAN | {"conditional": True, "loss": "hinge"}, True),
    "convolutional": (_CONVOLUTIONAL | {"filters": (6, 4), "dense_units": 8}, True),
    "unpenalized": (_DENSE_GAN | {"gradient_penalty": 0.0, "loss": "least-squares"}, False),
}
_TRAINING = {
    "learning_rate": 1e-4,
    "learning_rate_schedule": None,
    "epochs": 1,
    "batch_size": BATCH_SIZE,
    "random_state": SEED,
}


@pytest.fixture
def samples(digits):
    """106 images to train on, in batches of 32 with 10 left over, 14 to validate on, weights."""
    X, y = digits
    weights = np.random.default_rng(0).uniform(0.1, 2, len(X))
    return X[:106], y[:106], weights[:106], X[106:], weights[106:]


def images(X):
    return X.reshape(-1, 8, 8, 1)


def relative(weights):
    """Return weights as the estimators scale them: of mean one."""
    return (weights / weights.mean()).astype(np.float32)


def in_batches(*parts):
    """Return a Keras data set of the batches of an estimator's first epoch."""
    import keras

    order = epoch_order(SEED, 0, len(parts[0]))

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return -(-len(order) // BATCH_SIZE)

        def __getitem__(self, i):
            rows = order[i * BATCH_SIZE : (i + 1) * BATCH_SIZE]
            return tuple(part[rows] for part in parts)

    return Batches()


def check_same_training(estimator, model, parts, validation_data=None):
    """Train a compiled model by Keras, and compare it with a fitted estimator."""
    start = [v.numpy() for v in model.trainable_variables]
    history = model.fit(
        in_batches(*parts), shuffle=False, validation_data=validation_data, verbose=0
    ).history
    assert estimator.history_.keys() == history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(estimator.history_[name], values, rtol=1e-5, err_msg=name)
    # Steps are of 1e-4 each.  Adam divides by the size of gradients, and so makes the rounding of
    # the few that are nearly zero as large as others: sums in threads have no fixed order.
    for variable, expected in zip(estimator.model_.variables, model.variables, strict=True):
        off = np.abs(variable.numpy().astype(float) - expected.numpy())
        limit = 3e-6 + 1e-5 * np.abs(expected.numpy().astype(float))
        assert np.mean(off <= limit) > 0.95, expected.path
        assert off.max() <= 1e-4, expected.path
    moved = [
        np.abs(v.numpy() - w).max() for v, w in zip(model.trainable_variables, start, strict=True)
    ]
    assert np.median(moved) > 1e-4


@pytest.mark.parametrize(
    "name", slow_but(["dense"], AUTOENCODERS, "trains by Keras too, which traces for every case")
)
def test_autoencoder_trains_as_keras_does(name, samples):
    """Losses to 1e-5, with a last batch of fewer."""
    import keras

    X, _, weights, X_val, weights_val = samples
    params, weighted, validated = AUTOENCODERS[name]
    estimator = Autoencoder(**params, **_TRAINING)
    val = {"X_val": X_val} if validated else {}
    if weighted:
        val |= {"sample_weight_val": weights_val} if validated else {}
    estimator.fit(X, sample_weight=weights if weighted else None, **val)

    builds = {k: v for k, v in params.items() if k != "loss"}
    model = networks.autoencoder((8, 8, 1), seed=SEED, **builds)
    model.compile(keras.optimizers.Adam(1e-4), params.get("loss", "mean_squared_error"))
    parts, val_parts = [images(X)] * 2, [images(X_val)] * 2
    if weighted:  # a loss is one number a row of pixels, and so are Keras's weights of it
        parts.append(relative(weights)[:, None, None])
        val_parts.append(relative(weights_val)[:, None, None])
    check_same_training(estimator, model, parts, tuple(val_parts) if validated else None)
    assert ("val_loss" in estimator.history_) == validated


@pytest.mark.slow("trains by Keras too, or traces graphs anew")
@pytest.mark.parametrize("name", GANS)
def test_gan_trains_as_keras_does(name, samples):
    import keras

    X, y, weights, *_ = samples
    params, weighted = GANS[name]
    estimator = GANGenerator(**params, **_TRAINING)
    estimator.fit(X, y, sample_weight=weights if weighted else None)

    builds = {k: v for k, v in params.items() if k != "conditional"}
    conditional = params.get("conditional", False)
    model = networks.gan((8, 8, 1), 3 if conditional else None, seed=SEED, **builds)
    model.compile(keras.optimizers.Adam(1e-4, beta_1=0.5))
    parts = [images(X)]
    if conditional:
        parts.append(y)
    if weighted:
        parts.append(relative(weights))
    check_same_training(estimator, model, parts)


# Graphs.


@pytest.fixture
def graphs(monkeypatch):
    """An empty cache."""
    monkeypatch.setattr(cache, "_graphs", type(cache._graphs)())
    return cache


def result(estimator, X):
    """Return all numbers that a fit ends in."""
    history = [v for values in estimator.history_.values() for v in values]
    parts = [*outputs(estimator, X).values(), history]
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.slow("trains by Keras too, or traces graphs anew")
def test_fits_of_one_network_share_graphs(name, graphs, digits):
    """Another seed and learning rate, a refit; each what it is from an empty cache."""
    X, y = digits

    def fit():
        return result(CASES[name].make(random_state=5, learning_rate=0.02).fit(X, y), X)

    result(CASES[name].make().fit(X, y), X)
    n_graphs = graphs.n_graphs()
    assert n_graphs >= 2
    found = fit()
    assert graphs.n_graphs() == n_graphs
    graphs._graphs.clear()
    np.testing.assert_array_equal(found, fit())


_OTHERS = [
    ("denoising", {"noise": 0.1}),
    ("variational", {"kl_weight": 3.0}),
    ("convolutional", {"noise_type": "gaussian"}),
    ("dense", {"output_activation": None}),
    ("conditional", {"gradient_penalty": 3.0}),
    ("conditional", {"loss": "hinge"}),
]


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name, changed", _OTHERS)
def test_other_networks_are_told_apart(name, changed, graphs, digits):
    """Numbers that skmnist's own layers and steps have in their graphs."""
    X, y = digits

    def fit():
        return result(CASES[name].make(**changed).fit(X, y), X)

    first = result(CASES[name].make().fit(X, y), X)
    found = fit()
    assert np.abs(found - first).max() > 1e-4
    graphs._graphs.clear()
    np.testing.assert_array_equal(found, fit())


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("kind", [networks.autoencoder, networks.gan])
def test_fitted_model_saves_as_keras_alone(kind, fitted_once, digits, tmp_path):
    """Codes and samples of a model that Keras saved and loaded are the estimator's."""
    import keras

    name = next(n for n, case in CASES.items() if case.builder is kind)
    estimator = fitted_once(name)
    model = estimator.model_
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs = images(digits[0]) if kind is networks.autoencoder else np.ones((3, 4), np.float32)
    np.testing.assert_allclose(loaded(inputs), model(inputs), atol=1e-6)
    if kind is networks.autoencoder:
        rebuilt = estimator.reconstruct(digits[0])
        np.testing.assert_allclose(rebuilt, np.reshape(loaded(inputs), (-1, 64)), atol=1e-5)
