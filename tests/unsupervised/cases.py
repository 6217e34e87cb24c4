"""The estimators without labels under test, one row each, and what their tests have in common."""

import inspect
from dataclasses import dataclass, field

import numpy as np

from skmnist import Autoencoder, AutoencoderOutlierDetector, GANGenerator, networks


@dataclass
class Case:
    """A class and quick parameters."""

    cls: type
    quick: dict = field(default_factory=dict)

    def make(self, **params):
        """Make a quick instance."""
        return self.cls(**{**self.quick, "epochs": 2, "random_state": 0, **params})

    @property
    def builder(self):
        """The function that builds the network."""
        return networks.gan if self.cls is GANGenerator else networks.autoencoder


# Small batches at one rate: the default schedule ends with `epochs`, where partial_fit does not.
_TRAINING = {"batch_size": 32, "learning_rate_schedule": None}
_DENSE = _TRAINING | {"latent_dim": 4, "hidden_layer_sizes": (16,)}
_CONVOLUTIONAL = _TRAINING | {"latent_dim": 4, "convolutional": True, "filters": (4, 8)}

CASES = {
    "dense": Case(Autoencoder, _DENSE),
    "denoising": Case(Autoencoder, _DENSE | {"noise": 0.3}),
    "variational": Case(Autoencoder, _DENSE | {"variational": True}),
    "convolutional": Case(
        Autoencoder, _CONVOLUTIONAL | {"noise": 0.2, "noise_type": "salt-and-pepper"}
    ),
    "detector": Case(AutoencoderOutlierDetector, _DENSE),
    "gan": Case(GANGenerator, _CONVOLUTIONAL | {"filters": (6, 4), "dropout": 0.2}),
    # Without the penalty, whose gradient of a gradient takes seconds to trace; "gan" has it.
    "conditional": Case(
        GANGenerator,
        _DENSE | {"convolutional": False, "conditional": True, "gradient_penalty": 0.0},
    ),
}
# One of each class.
CLASSES = ["dense", "detector", "conditional"]
AUTOENCODERS = [name for name, case in CASES.items() if case.cls is not GANGenerator]
GANS = [name for name, case in CASES.items() if case.cls is GANGenerator]

# Values off the default of the parameters that all of them have, and of each kind's own.
COMMON_OTHER = {
    "optimizer": ["sgd", "rmsprop"],
    "learning_rate": [0.01],
    "learning_rate_schedule": [None, "linear"],
    "epochs": [1, 3],
    "batch_size": [16, None],
    "callbacks": [[], {}],
    "warm_start": [True],
    "jit_compile": [True],
    "dtype_policy": ["float32", "mixed_bfloat16"],
    "image_shape": [(4, 16), (4, 4, 4)],
    "pixel_range": [(0, 2), "unit", "as-is"],
    "random_state": [1, None],
    "verbose": [1, True],
    "latent_dim": [3, np.int64(2)],
    "hidden_layer_sizes": [(6, 5), [7]],
    "filters": [(3,), [2, 3]],
}
AUTOENCODER_OTHER = {
    "loss": ["mean_absolute_error", "binary_crossentropy"],
    "metrics": [["mae"]],
    "weighted_metrics": [["mae"]],
    "early_stopping": [True],
    "validation_fraction": [0.2],
    "n_iter_no_change": [2],
    "restore_best_weights": [False],
    "convolutional": [True],
    "activation": ["tanh"],
    "output_activation": [None],
    "noise": [0.1],
    "noise_type": ["salt-and-pepper"],
    "variational": [True],
    "kl_weight": [0.3, 0],
}
GAN_OTHER = {
    "loss": ["least-squares", "hinge"],
    "conditional": [True],
    "convolutional": [False],
    "dense_units": [5],
    "dropout": [0.2],
    "gradient_penalty": [0.0, 0.5],
}


def off_default(cls):
    """Return values off the default for every parameter of a class."""
    if cls is GANGenerator:
        return COMMON_OTHER | GAN_OTHER
    contamination = {"contamination": [0.2]} if cls is AutoencoderOutlierDetector else {}
    return COMMON_OTHER | AUTOENCODER_OTHER | contamination


def constructor_names(cls):
    """Return the names of the parameters in a class's signature."""
    return list(inspect.signature(cls).parameters)


def weights(estimator):
    """Return all weights of a fitted estimator's network in one vector."""
    return np.concatenate([w.ravel() for w in estimator.model_.get_weights()])


def outputs(estimator, X):
    """Return all that a fitted estimator computes of X, or makes, by name."""
    if isinstance(estimator, GANGenerator):
        made = estimator.sample(9)
        return dict(zip("Xy", made if isinstance(made, tuple) else (made,), strict=False))
    found = {"score_samples": estimator.score_samples(X)}
    if isinstance(estimator, Autoencoder):
        found |= {"transform": estimator.transform(X), "reconstruct": estimator.reconstruct(X)}
    else:
        found |= {"decision": estimator.decision_function(X), "predict": estimator.predict(X)}
    return found


def assert_same_outputs(first, second, X):
    """Check that two estimators compute the same bits."""
    first, second = outputs(first, X), outputs(second, X)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)
        assert values.dtype == second[name].dtype
