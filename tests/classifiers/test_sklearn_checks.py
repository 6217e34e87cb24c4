"""scikit-learn's own checks, and the contract between classes and builders."""

import inspect
import re
from dataclasses import fields

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmnist import KerasClassifier
from skmnist.classifiers._families import FAMILIES
from tests.classifiers.cases import COMMON_OTHER, NETWORKS, constructor_names, network
from tests.marks import slow_but


@pytest.fixture
def case(any_case):
    """Each classifier class: what is tested here belongs to the class."""
    return any_case


@pytest.fixture
def fitted(any_fitted):
    """Each classifier class, fitted."""
    return any_fitted


class Builder:
    """``network`` with a repr that is the same in every process, as test names must be."""

    def __call__(self, image_shape, n_classes):
        return network(image_shape, n_classes)

    def __repr__(self):
        return "network"


# Near the defaults; with enough epochs for the checks that ask for accuracy.
_USUAL = {"epochs": 15, "learning_rate": 0.01}
_LARGER = {
    "mlp": {"hidden_layer_sizes": (32,), "epochs": 30},
    "lenet": {"filters": (4, 8), "dense_units": 16},
    "cnn": {"filters": (8,), "convs_per_block": 1, "dense_units": 16},
    "resnet": {"filters": (8,)},
    "lstm": {"units": 16, "epochs": 20, "learning_rate": 0.02},
    "transformer": {"patch_size": 1, "n_layers": 1, "n_heads": 2, "d_model": 16},
}
CHECKED = {
    name: family.classifier(**{**_USUAL, **_LARGER.get(name, family.small)})
    for name, family in FAMILIES.items()
} | {"keras": KerasClassifier(Builder(), epochs=30, learning_rate=0.01)}
# The base, which all share, is that of the first.
QUICK = ("mlp",)


def expected_failures(estimator):
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "Mini-batches: repeating a sample changes the batches, weighing it does not. "
            "test_sample_weight_equivalence shows that it holds in full batches."
        )
    }


@parametrize_with_checks(
    [CHECKED[name] for name in QUICK], expected_failed_checks=expected_failures
)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.slow("some 60 checks for every family, each with several fits")
@parametrize_with_checks(
    [estimator for name, estimator in CHECKED.items() if name not in QUICK],
    expected_failed_checks=expected_failures,
)
def test_sklearn_checks_of_other_families(estimator, check):
    check(estimator)


def test_every_class_is_checked():
    assert list(CHECKED) == list(NETWORKS)


@pytest.mark.parametrize(
    "name",
    slow_but(
        ["mlp"],
        [name for name in NETWORKS if name != "resnet"],
        "three fits of every family, in full batches, which are traced anew",
    ),
)
def test_sample_weight_equivalence(name, two):
    """Weight zero equals leaving out, and weight two equals repeating, in full batches.

    But for batch normalization, whose means a weight does not enter; a ResNet always has it.
    """
    X, y = two
    weight = np.random.default_rng(0).integers(0, 4, size=len(y))
    without = {} if name == "keras" else {"dropout": 0.0}
    without |= {"batch_norm": False} if "batch_norm" in NETWORKS[name].other else {}
    estimator = NETWORKS[name].make(batch_size=None, epochs=5, learning_rate=0.01, **without)
    weighted = clone(estimator).fit(X, y, sample_weight=weight)
    repeated = clone(estimator).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=0, atol=2e-5
    )
    unweighted = clone(estimator).fit(X, y)
    assert np.abs(unweighted.predict_proba(X) - weighted.predict_proba(X)).max() > 1e-4


def test_is_classifier(case):
    assert is_classifier(case.make())


@pytest.mark.parametrize("name", [name for name, case in NETWORKS.items() if case.builder])
def test_builder_parameters_are_the_fields(name):
    case = NETWORKS[name]
    builder = inspect.signature(case.builder).parameters
    keywords = {p.name: p.default for p in builder.values() if p.kind == p.KEYWORD_ONLY}
    assert keywords.pop("seed") is None
    assert list(builder)[:2] == ["image_shape", "n_classes"]
    common = set(COMMON_OTHER)
    own = {f.name: f.default for f in fields(case.cls) if f.name not in common}
    assert keywords == own


def test_signature_is_explicit(case):
    """Every parameter stands in the signature by name, and has a default and a docstring entry."""
    parameters = inspect.signature(case.cls).parameters.values()
    assert all(p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    assert all(p.default is not p.empty for p in parameters)
    for parameter in parameters:
        assert f"\n    {parameter.name} : " in case.cls.__doc__, parameter.name
    assert not re.search(r"\{[a-z_]+\}", case.cls.__doc__)


def test_off_default_table_is_complete(case):
    """The tables of these tests know every parameter, so that none is forgotten in a grid."""
    known = set(COMMON_OTHER) | set(case.other)
    assert set(constructor_names(case.cls)) == {k for k in known if "__" not in k}


def test_attributes_after_fit(fitted, three):
    X, y = three
    assert fitted.__sklearn_is_fitted__()
    assert not clone(fitted).__sklearn_is_fitted__()
    assert fitted.n_features_in_ == 64
    assert fitted.image_shape_ == (8, 8, 1)
    assert fitted.n_iter_ == 2
    assert list(fitted.classes_) == [0, 1, 2]
    assert fitted.loss_curve_ == fitted.history_["loss"]
    assert type(fitted.history_) is dict
    assert all(type(v) is float for values in fitted.history_.values() for v in values)
    assert not hasattr(fitted, "validation_loss_curve_")
    proba = fitted.predict_proba(X)
    assert proba.shape == (len(y), 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(fitted.predict_log_proba(X), np.log(proba))
    np.testing.assert_array_equal(fitted.classes_[proba.argmax(axis=1)], fitted.predict(X))
    decision = fitted.decision_function(X)
    assert decision.shape == (len(y), 3)
    np.testing.assert_array_equal(decision.argmax(axis=1), proba.argmax(axis=1))
    assert fitted.score(X, y) == np.mean(fitted.predict(X) == y)


def test_model_is_a_keras_model(fitted, capsys):
    import keras

    assert isinstance(fitted.model_, keras.Model)
    fitted.model_.summary()
    assert "Total params" in capsys.readouterr().out


def test_html_repr(case, fitted):
    assert case.cls.__name__ in case.make()._repr_html_()
    assert case.cls.__name__ in fitted._repr_html_()


@pytest.mark.parametrize("attribute", ["model_", "loss_curve_", "validation_loss_curve_"])
def test_unfitted_has_no_fitted_attributes(case, attribute):
    assert not hasattr(case.make(), attribute)


def test_binary_decision_function(case, two):
    X, y = two
    estimator = case.make(epochs=1).fit(X, y)
    decision = estimator.decision_function(X)
    assert decision.shape == (len(y),)
    np.testing.assert_array_equal(decision > 0, estimator.predict(X) == 1)
    proba = estimator.predict_proba(X)
    assert proba.shape == (len(y), 2)
    np.testing.assert_allclose(1 / (1 + np.exp(-decision)), proba[:, 1], atol=1e-5)
