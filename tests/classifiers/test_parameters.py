"""Constructor parameters: grids, misspellings, cloning, repr, and nothing changed by fitting."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils._param_validation import InvalidParameterError

from skmnist import Augmentation, KerasClassifier, LeNetClassifier, MLPClassifier
from tests.classifiers.cases import (
    CASES,
    COMMON_OTHER,
    NETWORKS,
    ROUTED,
    all_off_default,
    constructor_names,
    network,
    squared_error,
    wide_network,
)

_SLOW = pytest.mark.slow("fits for every parameter, most of which change the network")
GRIDS = [
    pytest.param("mlp", parameter, {}, values, id=f"mlp-{parameter}")
    for parameter, values in COMMON_OTHER.items()
]
GRIDS += [
    pytest.param("mlp", parameter, base, values, id=f"mlp-{parameter}")
    for parameter, (base, values) in ROUTED.items()
]
GRIDS += [
    pytest.param(name, parameter, {}, values, id=f"{name}-{parameter}", marks=_SLOW)
    for name, case in NETWORKS.items()
    for parameter, values in case.other.items()
]


@pytest.mark.slow("a search over every parameter")
@pytest.mark.parametrize("name, parameter, base, values", GRIDS)
def test_every_parameter_in_a_grid(name, parameter, base, values, three):
    X, y = three
    if parameter == "metrics":
        base = base | {"loss": "categorical_crossentropy"}
    estimator = NETWORKS[name].make(epochs=1, **base)
    one_split = [(np.arange(60), np.arange(60, 90))]
    grid = {parameter: values}
    search = GridSearchCV(estimator, grid, cv=one_split, error_score="raise").fit(X, y)
    got = search.best_estimator_.get_params()[parameter]
    assert any(got is value or got == value for value in values)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_callback_parameters_in_a_grid(case, three):
    import keras

    estimator = case.make(epochs=6, callbacks=[keras.callbacks.EarlyStopping])
    estimator.set_params(callbacks__monitor="loss", callbacks__min_delta=1e9)
    for patience in (1, 3):
        fitted = clone(estimator).set_params(callbacks__patience=patience).fit(*three)
        assert fitted.n_iter_ == 1 + patience
    grid = {"callbacks__patience": [1, 3]}
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(*three)
    assert search.best_estimator_.n_iter_ == 1 + search.best_params_["callbacks__patience"]


def test_callbacks_by_name_in_a_grid(case, three):
    import keras

    estimator = case.make(
        epochs=6,
        callbacks={"stop": keras.callbacks.EarlyStopping, "nan": keras.callbacks.TerminateOnNaN},
        callbacks__stop__monitor="loss",
        callbacks__stop__min_delta=1e9,
        callbacks__stop__patience=2,
    )
    assert clone(estimator).fit(*three).n_iter_ == 3


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("parameter, values", [("optimizer__momentum", [0.0, 0.9])])
def test_routed_parameter_changes_the_result(case, parameter, values, three):
    X, y = three
    first, second = (
        case.make(optimizer="sgd").set_params(**{parameter: value}).fit(X, y) for value in values
    )
    assert np.abs(first.predict_proba(X) - second.predict_proba(X)).max() > 1e-5


def test_learning_rate_reaches_every_kind_of_optimizer(case, three):
    import keras

    for optimizer in ("sgd", keras.optimizers.SGD, keras.optimizers.SGD(0.5)):
        fitted = case.make(optimizer=optimizer, learning_rate=0.25, epochs=1).fit(*three)
        assert float(fitted.model_.optimizer.learning_rate.numpy()) == 0.25


def test_learning_rate_given_twice(case, three):
    with pytest.raises(ValueError, match="learning rate is given twice"):
        case.make(learning_rate=0.1, optimizer__learning_rate=0.2).fit(*three)


MISSPELT = [
    (CASES["mlp"], "hidden_layer_size", "hidden_layer_sizes"),
    (CASES["mlp"], "batchsize", "batch_size"),
    (CASES["lenet"], "filter", "filters"),
    (CASES["lenet"], "poolin", "pooling"),
    (CASES["keras"], "epoch", "epochs"),
    (CASES["keras"], "random_stat", "random_state"),
]


@pytest.mark.parametrize("case, wrong, right", MISSPELT)
def test_misspelt_parameter_names_the_nearest(case, wrong, right, three):
    with pytest.raises(TypeError, match=f"{wrong}.*[Dd]id you mean '{right}'"):
        case.cls(**{wrong: 1})
    estimator = case.make()
    with pytest.raises(ValueError, match=f"(?s)Invalid parameter '{wrong}'.*mean '{right}'"):
        estimator.set_params(epochs=77, **{wrong: 1})
    assert estimator.epochs != 77
    with pytest.raises(ValueError, match=f"(?s)mean '{right}'"):
        GridSearchCV(estimator, {wrong: [1]}, cv=2).fit(*three)


@pytest.mark.parametrize(
    "params, wrong, right",
    [
        ({"optimizer": "sgd"}, "optimizer__momentun", "momentum"),
        ({"loss": "categorical_crossentropy"}, "loss__label_smothing", "label_smoothing"),
        ({"callbacks": "EarlyStopping"}, "callbacks__patienc", "patience"),
        ({"loss": "CategoricalCrossentropy"}, "loss__label_smothing", "label_smoothing"),
    ],
)
def test_misspelt_routed_parameter_names_the_nearest(params, wrong, right, three):
    import keras

    classes = {
        "EarlyStopping": [keras.callbacks.EarlyStopping],
        "CategoricalCrossentropy": keras.losses.CategoricalCrossentropy,
    }
    params = {k: classes.get(v, v) for k, v in params.items()}
    for estimator in (MLPClassifier(**params), LeNetClassifier(**params)):
        with pytest.raises((TypeError, ValueError), match=f"(?s){wrong}.*mean '{right}'"):
            clone(estimator).set_params(**{wrong: 1}).fit(*three)
        with pytest.raises((TypeError, ValueError), match=f"(?s){wrong}.*mean '{right}'"):
            GridSearchCV(estimator, {wrong: [1]}, cv=2, error_score="raise").fit(*three)


def test_misspelt_model_parameter_names_the_nearest(three):
    with pytest.raises(ValueError, match=r"model__unit'.*mean 'units'"):
        KerasClassifier(network, model__unit=3).fit(*three)


def test_misspelt_prefix_names_the_nearest(case):
    """The prefix of a routed parameter may be what is misspelt."""
    for wrong in ("optimizr__momentum", "callback__patience"):
        right = "optimizer|callbacks"
        with pytest.raises(TypeError, match=f"(?s){wrong}.*mean '({right})"):
            case.make(**{wrong: 1})
        with pytest.raises(ValueError, match=f"(?s){wrong}.*mean '({right})"):
            case.make().set_params(**{wrong: 1})


def test_routed_parameters_without_receiver_are_errors(three):
    """A parameter nobody takes must not be ignored: the user believes it works."""
    import keras

    for params in (
        {"callbacks__patience": 3},
        {"optimizer": keras.optimizers.SGD(0.1), "optimizer__momentum": 0.9},
        {"loss": keras.losses.CategoricalCrossentropy(), "loss__label_smoothing": 0.1},
    ):
        with pytest.raises((TypeError, ValueError)):
            MLPClassifier(epochs=1, **params).fit(*three)


@pytest.mark.parametrize("name", CASES)
def test_clone_and_get_params(name):
    params = all_off_default(name)
    estimator = CASES[name].cls(**params)
    assert set(constructor_names(CASES[name].cls)) <= set(params)
    defaults = CASES[name].cls().get_params()
    for parameter, value in params.items():
        assert estimator.get_params()[parameter] is value
        assert defaults.get(parameter) != value, parameter
    cloned = clone(estimator)
    assert cloned.get_params() == estimator.get_params()
    assert clone(cloned).get_params() == estimator.get_params()
    other = CASES[name].cls().set_params(**params)
    assert other.get_params() == estimator.get_params()


@pytest.mark.parametrize("name", CASES)
def test_repr_round_trip(name):
    estimator = CASES[name].cls(**{**all_off_default(name), "optimizer__momentum": 0.5})
    with config_context(print_changed_only=True):
        text = repr(estimator)
    # A function's repr is no expression.
    text = text.replace(repr(wide_network), "wide_network")
    namespace = {c.cls.__name__: c.cls for c in CASES.values()} | {"Augmentation": Augmentation}
    again = eval(text, namespace | {"wide_network": wide_network})
    assert again.get_params() == estimator.get_params()


@pytest.mark.slow("a fit for every way of use")
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_parameters_unchanged_by_use(name, method, three):
    import keras

    X, y = three
    params = all_off_default(name) | {
        "class_weight": {0: 2.0, 1: 1.0},
        "optimizer": keras.optimizers.SGD(0.01),
        "callbacks": [keras.callbacks.EarlyStopping(monitor="loss")],
        "metrics": ["accuracy", keras.metrics.TopKCategoricalAccuracy(2)],
        "image_shape": [8, 8],
        "random_state": 3,
        "verbose": 0,
    }
    if method == "partial_fit":
        params |= {"early_stopping": False, "validation_fraction": None}
    estimator = CASES[name].cls(**params)

    def frozen():
        return {
            "params": copy.deepcopy(
                {k: v for k, v in estimator.get_params().items() if k not in stateful}
            ),
            "optimizer": (params["optimizer"].get_config(), params["optimizer"].built),
            "callback": dict(vars(params["callbacks"][0])),
            "metric": params["metrics"][1].get_config(),
        }

    stateful = {"optimizer", "callbacks", "metrics", "model"}
    before, identities = frozen(), {k: id(v) for k, v in estimator.get_params().items()}
    getattr(estimator, method)(X, y)
    estimator.predict(X)
    estimator.score(X, y)
    assert frozen() == before
    assert {k: id(v) for k, v in estimator.get_params().items()} == identities


INVALID = {
    "optimizer": [3, None],
    "learning_rate": [0, -1.0, "fast"],
    "learning_rate_schedule": ["fast"],
    "augmentation": ["yes", True],
    "batch_norm": ["yes"],
    "classes": [3, "ab"],
    "loss": [3],
    "metrics": ["accuracy"],
    "epochs": [0, 1.5],
    "batch_size": [0, 2.5, "all"],
    "early_stopping": ["yes"],
    "validation_fraction": [0.0, 1.0, 5],
    "n_iter_no_change": [0],
    "restore_best_weights": ["no"],
    "callbacks": [3],
    "class_weight": ["even", 3],
    "warm_start": ["yes"],
    "jit_compile": ["yes"],
    "dtype_policy": [16],
    "image_shape": [64],
    "pixel_range": ["bytes", 255, (255, 0)],
    "weighted_metrics": ["accuracy", 3],
    "random_state": ["seed", -1],
    "verbose": [-1, 3],
    "hidden_layer_sizes": [(0,), 3, "12", (2.5,), (True,)],
    "filters": [(0,), 3],
    "kernel_size": [0, (3,), (3, 0)],
    "dense_units": [0],
    "dropout": [1.0, -0.1],
    "pooling": ["median"],
    "l1": [-1],
    "l2": [-1],
    "activation": [3],
    "model": [None, 3],
}


def test_invalid_parameters(case, three):
    """Each value out of range is scikit-learn's error with the parameter's name."""
    for parameter in constructor_names(case.cls):
        for value in INVALID[parameter]:
            if value is None and parameter == "optimizer" and case.cls is KerasClassifier:
                continue  # None keeps a compiled model's own
            with pytest.raises(InvalidParameterError, match=f"'{parameter}' parameter of"):
                case.make(**{parameter: value}).fit(*three)


@pytest.mark.parametrize(
    "params",
    [
        {"activation": "no_such"},
        {"optimizer": "no_such"},
        {"loss": "no_such"},
        {"metrics": ["no_such"]},
    ],
)
def test_unknown_keras_names_are_value_errors(params, three):
    estimator = MLPClassifier(epochs=1, **params)
    with pytest.raises(ValueError, match="no_such"):
        estimator.fit(*three)
    assert not estimator.__sklearn_is_fitted__()


@settings(database=None)
@given(data=st.data())
def test_set_params_get_params(data):
    """Any mixture of own and routed parameters comes back from get_params, clone and copy."""
    case = CASES[data.draw(st.sampled_from(list(CASES)))]
    table = COMMON_OTHER | case.other | {k: v for k, (_, v) in ROUTED.items()}
    names = data.draw(st.lists(st.sampled_from(sorted(table)), unique=True))
    chosen = {name: data.draw(st.sampled_from(table[name])) for name in names}
    estimator = case.make().set_params(**chosen)
    assert {k: estimator.get_params()[k] for k in chosen} == chosen
    assert clone(estimator).get_params() == estimator.get_params()
    assert copy.deepcopy(estimator).get_params() == estimator.get_params()


def test_function_as_loss_stays_the_same_object(case):
    estimator = case.make(loss=squared_error)
    assert clone(estimator).loss is squared_error
