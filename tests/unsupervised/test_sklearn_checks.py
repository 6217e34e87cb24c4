"""scikit-learn's own checks, and the contract between classes and builders."""

import inspect
import re
from dataclasses import fields

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_outlier_detector
from sklearn.utils.estimator_checks import parametrize_with_checks

import skmnist
import skmnist.unsupervised
from skmnist import Autoencoder, AutoencoderOutlierDetector, GANGenerator
from tests.unsupervised.cases import AUTOENCODERS, CASES, CLASSES, off_default, outputs, weights

# Each kind of network once; the checks are about the estimators around them.
CHECKED = [
    Autoencoder(2, convolutional=True, filters=(2,), variational=True, epochs=1),
    AutoencoderOutlierDetector(latent_dim=2, hidden_layer_sizes=(8,), epochs=2),
    GANGenerator(2, filters=(2,), gradient_penalty=0.0, epochs=1),
    GANGenerator(2, convolutional=False, hidden_layer_sizes=(8,), conditional=True, epochs=1),
]


def expected_failures(estimator):
    if isinstance(estimator, GANGenerator):
        return {}  # it predicts nothing, so that there is nothing to compare
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "Mini-batches: repeating a sample changes the batches, weighing it does not. "
            "test_sample_weight_equivalence shows that it holds in full batches."
        )
    }


@parametrize_with_checks(CHECKED[1:2], expected_failed_checks=expected_failures)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.slow("some 60 checks for every class, each with several fits")
@parametrize_with_checks([CHECKED[0], *CHECKED[2:]], expected_failed_checks=expected_failures)
def test_sklearn_checks_of_other_classes(estimator, check):
    check(estimator)


def test_every_class_is_checked():
    assert {type(e) for e in CHECKED} == {case.cls for case in CASES.values()}
    assert {e.__name__ for e in map(type, CHECKED)} == set(skmnist.unsupervised.__all__)
    for cls in map(type, CHECKED):
        assert getattr(skmnist, cls.__name__) is cls


@pytest.mark.slow("trains until it has learned")
@pytest.mark.parametrize("name", ["dense", "convolutional", "detector"])
def test_sample_weight_equivalence(name, X):
    """Weight zero equals leaving out, and weight two equals repeating, in full batches."""
    X = X[:60]
    weight = np.random.default_rng(0).integers(0, 4, size=60)
    params = {"batch_size": None, "epochs": 5, "learning_rate": 0.01, "noise": 0.0}
    estimator = CASES[name].make(**params)
    weighted = clone(estimator).fit(X, sample_weight=weight)
    repeated = clone(estimator).fit(np.repeat(X, weight, axis=0))
    if name == "detector":
        assert weighted.offset_ == pytest.approx(repeated.offset_, abs=1e-5)
    for what, values in outputs(weighted, X).items():
        other = outputs(repeated, X)[what]
        np.testing.assert_allclose(values, other, rtol=0, atol=5e-5, err_msg=what)
    unweighted = clone(estimator).fit(X)
    assert np.abs(unweighted.score_samples(X) - weighted.score_samples(X)).max() > 1e-4


@pytest.mark.slow("trains until it has learned")
@pytest.mark.parametrize("name", ["denoising", "convolutional", "gan", "conditional"])
def test_weight_zero_is_removal(name, case, X, y):
    """Also in mini-batches, with noise and random numbers: what weighs nothing is not there."""
    keep = np.random.default_rng(0).random(120) < 0.7
    weighted = case.make().fit(X, y, sample_weight=keep.astype(float))
    removed = case.make().fit(X[keep], y[keep])
    # The weights of ones take another path through the sums, which may differ in the last bits.
    np.testing.assert_allclose(weights(weighted), weights(removed), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["convolutional", "detector", "gan"])
def test_weights_change_the_result_and_only_their_proportions(case, X, y):
    weight = np.random.default_rng(0).random(120) + 0.01
    first, second = (case.make().fit(X, y, sample_weight=weight * s) for s in (1, 1e4))
    np.testing.assert_allclose(weights(first), weights(second), rtol=0, atol=1e-4)
    unweighted = case.make().fit(X, y)
    assert np.abs(weights(first) - weights(unweighted)).max() > 1e-3


def test_kind(case):
    estimator = case.make()
    assert not is_classifier(estimator)
    assert is_outlier_detector(estimator) == (case.cls is AutoencoderOutlierDetector)
    assert hasattr(estimator, "transform") == (case.cls is Autoencoder)
    assert hasattr(estimator, "score") == (case.cls is Autoencoder)
    assert hasattr(estimator, "predict") == (case.cls is AutoencoderOutlierDetector)
    tags = estimator.__sklearn_tags__()
    assert tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array


@pytest.mark.parametrize("name", CLASSES)
def test_builder_parameters_are_the_fields(name):
    case = CASES[name]
    builder = inspect.signature(case.builder).parameters
    keywords = {p.name: p.default for p in builder.values() if p.kind == p.KEYWORD_ONLY}
    assert keywords.pop("seed") is None
    own = {f.name: f.default for f in fields(case.cls)}
    assert keywords == {key: own.get(key, "missing") for key in keywords}


@pytest.mark.parametrize("name", CLASSES)
def test_signature_is_explicit_and_documented_once(name):
    """Every parameter stands in the signature by name, with a default and one entry."""
    cls = CASES[name].cls
    parameters = inspect.signature(cls).parameters.values()
    assert all(p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    assert all(p.default is not p.empty for p in parameters)
    section = cls.__doc__.split("Parameters\n    ---")[1].split("Attributes\n    ---")[0]
    entries = re.findall(r"^    (\w+) : ", section, flags=re.MULTILINE)
    assert sorted(entries) == sorted(p.name for p in parameters)
    assert not re.search(r"\{[a-z_]+\}", cls.__doc__)
    for parameter in parameters:
        (entry,) = re.findall(rf"^    {parameter.name} : (.*)$", section, flags=re.MULTILINE)
        assert entry.endswith(f"default={parameter.default!r}".replace("'", '"')) or entry.endswith(
            f"default={parameter.default!r}"
        ), entry


@pytest.mark.parametrize("name", CLASSES)
def test_off_default_table_is_complete(name):
    """The tables of these tests know every parameter, so that none is forgotten in a grid."""
    cls = CASES[name].cls
    table = off_default(cls)
    parameters = inspect.signature(cls).parameters
    assert set(parameters) == set(table)
    for parameter, values in table.items():
        assert values[0] != parameters[parameter].default, parameter


def test_attributes_after_fit(name, fitted, X):
    assert not clone(fitted).__sklearn_is_fitted__()
    assert fitted.__sklearn_is_fitted__()
    assert fitted.n_features_in_ == 64
    assert fitted.image_shape_ == (8, 8, 1)
    assert fitted.n_iter_ == 2
    assert fitted.loss_curve_ == fitted.history_["loss"]
    assert type(fitted.history_) is dict
    assert all(type(v) is float for values in fitted.history_.values() for v in values)
    assert all(len(values) == 2 for values in fitted.history_.values())
    keys = ["loss"]
    if name not in AUTOENCODERS:
        keys += ["discriminator_loss", "real_accuracy", "generated_accuracy"]
    assert next(iter(fitted.history_)) == "loss"
    assert set(fitted.history_) == set(keys)
    assert not hasattr(fitted, "validation_loss_curve_")
    assert hasattr(fitted, "classes_") == (name == "conditional")
    assert hasattr(fitted, "offset_") == (name == "detector")


def test_model_is_a_keras_model(fitted, capsys):
    import keras

    assert isinstance(fitted.model_, keras.Model)
    fitted.model_.summary()
    assert "Total params" in capsys.readouterr().out


def test_html_repr(case, fitted):
    assert case.cls.__name__ in case.make()._repr_html_()
    assert case.cls.__name__ in fitted._repr_html_()
