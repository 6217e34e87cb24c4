"""Constructor parameters: grids, misspellings, cloning, repr, and nothing changed by fitting."""

import copy
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.utils._param_validation import InvalidParameterError

from skmnist import Autoencoder, AutoencoderOutlierDetector, GANGenerator
from tests.unsupervised.cases import (
    CASES,
    CLASSES,
    GAN_OTHER,
    constructor_names,
    off_default,
    outputs,
    weights,
)

# What a parameter needs beside it to have any meaning.
NEEDS = {
    "filters": {"convolutional": [True]},
    "noise_type": {"noise": [0.1]},
    "kl_weight": {"variational": [True]},
    "hidden_layer_sizes": {"convolutional": [False]},
}
# Parameters of the network and of what it makes.
_OF_GANS = {*GAN_OTHER, "latent_dim", "hidden_layer_sizes", "image_shape", "pixel_range"}
_OF_GANS |= {"dtype_policy", "jit_compile", "batch_size"}


def grid_of(cls):
    """Return a grid over every parameter, one after the other."""
    return [{name: values, **NEEDS.get(name, {})} for name, values in off_default(cls).items()]


@pytest.mark.slow("a fit for every parameter")
def test_every_parameter_in_a_search(X):
    grid = grid_of(Autoencoder)
    grid[[*off_default(Autoencoder)].index("loss")]["output_activation"] = ["sigmoid"]
    search = GridSearchCV(
        CASES["dense"].make(epochs=1),
        grid,
        cv=[(np.arange(60), np.arange(60, 90))],
        refit=False,
        error_score="raise",
    ).fit(X)
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) >= 30
    assert np.isfinite(scores).all()
    assert (scores < 0).all()
    assert len(np.unique(scores)) > 15


@pytest.mark.slow("a fit for every parameter")
@pytest.mark.parametrize("name", ["detector", "gan", "conditional"])
def test_every_parameter_in_a_grid(name, X, y):
    """Each value is taken, kept, and leads to a working estimator."""
    cls = CASES[name].cls
    for params in ParameterGrid(grid_of(cls)):
        if name == "detector" and "contamination" not in params:
            continue  # inherited: as in the search above
        if name == "gan" and not {"filters", "latent_dim", "image_shape"} & set(params):
            continue  # not about convolutions
        if name == "conditional" and not set(params) & _OF_GANS:
            continue  # of the base that all share: as in the search above
        penalty = {} if name == "detector" else {"gradient_penalty": 0.0}
        estimator = CASES[name].make(**{"epochs": 1} | penalty | params).fit(X[:60], y[:60])
        assert params.items() <= estimator.get_params().items()
        assert all(np.isfinite(values).all() for values in outputs(estimator, X).values())


@pytest.mark.slow("a fit for every parameter")
@pytest.mark.parametrize(
    "name, params",
    [
        ("dense", {"activation": "tanh"}),
        ("dense", {"output_activation": None}),
        ("dense", {"noise": 0.5}),
        ("dense", {"loss": "mean_absolute_error"}),
        ("variational", {"kl_weight": 5.0}),
        ("denoising", {"noise_type": "salt-and-pepper"}),
        ("conditional", {"loss": "hinge"}),
        ("conditional", {"loss": "least-squares"}),
        ("conditional", {"dropout": 0.5}),
        ("conditional", {"gradient_penalty": 5.0}),
    ],
)
def test_parameters_matter(name, params, fitted_once, X, y):
    """A parameter that does nothing would pass every other test."""
    changed = CASES[name].make(**params).fit(X, y)
    assert np.abs(weights(changed) - weights(fitted_once(name))).max() > 1e-4


@pytest.mark.parametrize("name", CLASSES)
def test_sizes_of_the_network(name, fitted_once):
    fitted = fitted_once(name)
    model = fitted.model_
    part = model.generator if name == "conditional" else model
    units = [layer.units for layer in part.layers if hasattr(layer, "units")]
    assert units[0] == 16
    if name == "conditional":
        assert part.inputs[0].shape[-1] == 4
    else:
        assert model.get_layer("codes").units == 4


@pytest.mark.slow("many fits")
def test_routed_parameters(X, y):
    params = {"optimizer": "sgd", "learning_rate": 0.05}
    for name in CLASSES:
        plain, fast = (
            CASES[name].make(**params, optimizer__momentum=m).fit(X, y) for m in (0.0, 0.9)
        )
        assert np.abs(weights(plain) - weights(fast)).max() > 1e-4
        assert fast.model_.optimizer.momentum == 0.9
        with pytest.raises(ValueError, match=r"momentun.*mean 'momentum'"):
            CASES[name].make(**params, optimizer__momentun=0.9).fit(X, y)


def test_routing_to_what_a_gan_has_not():
    """It has losses of its own: no prefix for them, and no metrics or validation."""
    for wrong in ("loss__x", "metrics__x", "metrics", "early_stopping", "validation_fraction"):
        with pytest.raises(TypeError, match=wrong):
            GANGenerator(**{wrong: 1})


@pytest.mark.parametrize(
    "cls, wrong, right",
    [
        (Autoencoder, "latent_dims", "latent_dim"),
        (Autoencoder, "variation", "variational"),
        (AutoencoderOutlierDetector, "contaminaton", "contamination"),
        (AutoencoderOutlierDetector, "noize", "noise"),
        (GANGenerator, "condtional", "conditional"),
        (GANGenerator, "epoch", "epochs"),
    ],
)
def test_misspelt_parameter_names_the_nearest(cls, wrong, right):
    with pytest.raises(TypeError, match=f"{wrong}.*[Dd]id you mean '{right}'"):
        cls(**{wrong: 1})
    estimator = cls()
    with pytest.raises(ValueError, match=f"(?s)Invalid parameter '{wrong}'.*mean '{right}'"):
        estimator.set_params(epochs=77, **{wrong: 1})
    assert estimator.epochs != 77


def test_latent_dim_may_be_positional():
    assert Autoencoder(7).latent_dim == 7
    assert GANGenerator(7).latent_dim == 7
    with pytest.raises(TypeError):
        Autoencoder(7, (8,))


def all_off_default(cls):
    return {name: values[0] for name, values in off_default(cls).items()}


@pytest.mark.parametrize("name", CLASSES)
def test_clone_get_params_and_repr(name):
    cls = CASES[name].cls
    params = all_off_default(cls)
    estimator = cls(**params)
    for parameter, value in params.items():
        assert getattr(estimator, parameter) is value
        assert estimator.get_params()[parameter] is value
    assert vars(estimator).keys() == params.keys()  # the constructor only stores
    assert clone(estimator).get_params() == estimator.get_params()
    assert cls().set_params(**params).get_params() == estimator.get_params()
    items = list(params.items())
    for some in (items[:20], items[20:]):  # scikit-learn shows no more than 30
        estimator = cls(**dict(some)).set_params(optimizer__momentum=0.5)
        with config_context(print_changed_only=True):
            again = eval(repr(estimator), {cls.__name__: cls, "np": np})
        assert again.get_params() == estimator.get_params()


@pytest.mark.parametrize("name", CLASSES)
def test_constructor_takes_anything(name):
    """Validation happens in fit."""
    cls = CASES[name].cls
    for parameter in constructor_names(cls):
        thing = object()
        assert getattr(cls(**{parameter: thing}), parameter) is thing


INVALID = {
    "optimizer": [3, None],
    "learning_rate": [0, "fast"],
    "learning_rate_schedule": ["step"],
    "loss": [3],
    "metrics": ["accuracy"],
    "epochs": [0, 1.5],
    "batch_size": [0, 2.5],
    "early_stopping": ["yes"],
    "validation_fraction": [0.0, 1.0],
    "n_iter_no_change": [0],
    "restore_best_weights": ["no"],
    "callbacks": [3],
    "warm_start": ["yes"],
    "jit_compile": ["yes"],
    "dtype_policy": [16],
    "image_shape": [64, (8,)],
    "pixel_range": ["bytes", 255, (255, 0)],
    "weighted_metrics": ["accuracy", 3],
    "random_state": ["seed", -1],
    "verbose": [-1, 3],
    "latent_dim": [0, 2.5, "4"],
    "hidden_layer_sizes": [(0,), 3, "12"],
    "convolutional": ["yes"],
    "filters": [(0,), 3],
    "activation": [3],
    "output_activation": [3],
    "noise": [-0.1, 1.5, "much"],
    "noise_type": ["poisson"],
    "variational": ["yes"],
    "kl_weight": [-1],
    "contamination": [0, 0.6, "auto"],
    "conditional": ["yes"],
    "dense_units": [0, 2.5],
    "dropout": [1.0, -0.1],
    "gradient_penalty": [-1],
}


@pytest.mark.parametrize("name", CLASSES)
def test_invalid_parameters(name, X, y):
    case = CASES[name]
    for parameter in constructor_names(case.cls):
        for value in INVALID[parameter]:
            estimator = case.make(**{parameter: value})
            for method in ("fit", "partial_fit"):
                if hasattr(estimator, method):
                    with pytest.raises(InvalidParameterError, match=f"'{parameter}' parameter of"):
                        getattr(estimator, method)(X, y)
            assert not estimator.__sklearn_is_fitted__()


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("name", CLASSES)
def test_parameters_unchanged_by_use(name, X, y):
    import keras

    case = CASES[name]
    params = case.quick | {
        "optimizer": keras.optimizers.SGD(0.01),
        "callbacks": [keras.callbacks.EarlyStopping(monitor="loss")],
        "image_shape": [8, 8],
        "hidden_layer_sizes": [12],
        "random_state": 3,
        "epochs": 1,
    }
    estimator = case.cls(**params)

    def frozen():
        plain = {k: v for k, v in estimator.get_params().items() if k not in params}
        return (
            copy.deepcopy(plain),
            params["optimizer"].get_config(),
            params["optimizer"].built,
            dict(vars(params["callbacks"][0])),
            list(params["image_shape"]),
            list(params["hidden_layer_sizes"]),
        )

    before, identities = frozen(), {k: id(v) for k, v in estimator.get_params().items()}
    estimator.fit(X, y)
    outputs(estimator, X)
    if hasattr(estimator, "partial_fit"):
        estimator.partial_fit(X, y)
    assert frozen() == before
    assert {k: id(v) for k, v in estimator.get_params().items()} == identities


@settings(database=None)
@given(data=st.data())
def test_set_params_get_params(data):
    """Any mixture of parameters comes back from get_params, clone and copy."""
    case = CASES[data.draw(st.sampled_from(CLASSES))]
    table = off_default(case.cls) | {"optimizer__momentum": [0.1, 0.9]}
    names = data.draw(st.lists(st.sampled_from(sorted(table)), unique=True))
    chosen = {name: data.draw(st.sampled_from(table[name])) for name in names}
    estimator = case.make().set_params(**chosen)
    assert {k: estimator.get_params()[k] for k in chosen} == chosen
    assert clone(estimator).get_params() == estimator.get_params()
    assert copy.deepcopy(estimator).get_params() == estimator.get_params()


def test_methods_have_explicit_parameters():
    """What scikit-learn's metadata routing reads off the signatures."""
    fit = [*inspect.signature(Autoencoder.fit).parameters][1:]
    assert fit == ["X", "y", "sample_weight", "X_val", "sample_weight_val"]
    assert [*inspect.signature(GANGenerator.fit).parameters][1:] == ["X", "y", "sample_weight"]
