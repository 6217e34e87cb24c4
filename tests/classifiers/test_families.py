"""The table of families: no network without a row, and no page that says anything else."""

import inspect
from pathlib import Path

import pytest

from skmnist import KerasClassifier, classifiers, networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist.classifiers._families import FAMILIES
from skmnist.classifiers._markdown import TABLES, with_tables
from skmnist.comparison import NETWORKS

ROOT = Path(__file__).resolve().parents[2]


def test_every_class_has_a_row():
    """Whatever has a file among the classifiers is a family, but for the user's own network."""
    files = {path.stem for path in (ROOT / "skmnist" / "classifiers").glob("[!_]*.py")}
    assert files - {"custom"} == set(FAMILIES)
    public = {getattr(classifiers, name) for name in classifiers.__all__}
    assert {row.classifier for row in FAMILIES.values()} == public - {KerasClassifier}
    own = {c for c in BaseKerasClassifier.__subclasses__() if c.__module__.startswith("skmnist.")}
    assert own == public


def test_every_builder_of_a_classifier_has_a_row():
    def takes_classes(builder):
        parameter = inspect.signature(builder).parameters.get("n_classes")
        return parameter is not None and parameter.default is parameter.empty

    builders = {name: getattr(networks, name) for name in networks.__all__}
    rows = {name: row.builder for name, row in FAMILIES.items()}
    assert {name: b for name, b in builders.items() if takes_classes(b)} == rows


@pytest.mark.parametrize("name", FAMILIES)
def test_row(name):
    row = FAMILIES[name]
    assert (row.name, row.builder.__name__, row.classifier.__name__) == (name, name, row.class_name)
    assert row.classifier._network is row.builder
    # Who changes a default measures anew.
    assert row.measured.epochs == row.classifier().epochs
    assert row.measured.n_parameters == row.builder((28, 28, 1), 10).count_params()
    assert str(row.epochs) in row.reason


def test_comparison_knows_every_family():
    assert list(NETWORKS) == list(FAMILIES)
    for name, model in NETWORKS.items():
        network = model.make(True, 3)[-1]
        assert type(network) is FAMILIES[name].classifier
        assert (network.epochs, network.random_state) == (FAMILIES[name].epochs, 3)


@pytest.mark.parametrize("page", sorted({page for page, _ in TABLES.values()}))
def test_pages_have_the_tables_as_they_are(page):
    """``python -m skmnist.classifiers._markdown`` writes them."""
    text = (ROOT / page).read_text("utf-8")
    assert with_tables(page, text) == text
    with pytest.raises(ValueError, match="one place"):
        with_tables(page, text.replace("<!-- end of", "<!--"))
