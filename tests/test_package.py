"""The package as a whole: what it exports, what importing it loads, who imports whom."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skmnist
from skmnist import networks
from skmnist.classifiers._families import FAMILIES

ROOT = Path(__file__).parents[1]


def run_python(code, **kwargs):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, **kwargs
    )


def test_layers_import_downwards_and_only_the_bridge_knows_scikeras():
    """The contracts are in pyproject.toml."""
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as m; m()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize("name", skmnist.__all__)
def test_every_public_name_can_be_imported(name):
    value = getattr(importlib.import_module("skmnist"), name)
    if name in skmnist._EXPORTS:
        assert value.__name__ == name


def test_all_is_what_the_table_exports():
    assert set(skmnist.__all__) == {*skmnist._EXPORTS, *skmnist._SUBMODULES, "__version__"}
    assert set(skmnist.__all__) <= set(dir(skmnist))


def told_to_type_checkers(path):
    """Return the names imported under TYPE_CHECKING, each with the module it comes from."""
    block = next(
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    told = {}
    for node in block.body:
        for alias in node.names:
            # "X as X" is how a module says that it exports X.
            assert alias.name == "*" or alias.asname == alias.name
            told[alias.name] = node.module
    return told


def test_type_checkers_are_told_what_the_table_says():
    rows = {
        **{row.class_name: row.classifier.__module__ for row in FAMILIES.values()},
        **{name: row.builder.__module__ for name, row in FAMILIES.items()},
    }
    package = ROOT / "skmnist"
    table = "skmnist.classifiers._families"
    assert told_to_type_checkers(package / "classifiers" / "_families.py") == rows
    expected = dict(skmnist._EXPORTS) | dict.fromkeys(skmnist._SUBMODULES, "skmnist")
    expected = {name: module for name, module in expected.items() if name not in rows}
    assert told_to_type_checkers(package / "__init__.py") == expected | {"*": table}
    others = set(networks.__all__) - set(rows)
    assert told_to_type_checkers(package / "networks" / "__init__.py") == {
        **{name: f"skmnist.networks.{name}" for name in others},
        "*": table,
    }
    assert told_to_type_checkers(package / "classifiers" / "__init__.py") == {
        "KerasClassifier": "skmnist.classifiers.custom",
        "*": table,
    }


@pytest.mark.parametrize("name", ["baselines", "comparison", "pictures", "recipes"])
def test_type_checkers_are_told_what_a_package_exports(name):
    package = importlib.import_module(f"skmnist.{name}")
    told = told_to_type_checkers(Path(package.__file__))
    assert sorted(told) == package.__all__
    for exported, module in told.items():
        assert getattr(package, exported) is getattr(importlib.import_module(module), exported)
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match=f"'skmnist.{name}' has no attribute 'nothing'"):
        _ = package.nothing


RENAMED = {
    "comparison": {
        "Model": "NamedModel",
        "Step": "ComparisonStep",
        "find_models": "resolve_models",
    },
    "pictures": {"FittedPicture": "NormalizedPicture", "Step": "PictureStep"},
    "recipes": {"Figure": "DocumentedFigure", "FitStep": "RecipeStep"},
}


@pytest.mark.parametrize(
    "package, old", [(p, old) for p, names in RENAMED.items() for old in names]
)
def test_old_names_work_for_one_release_with_a_warning(package, old):
    new = RENAMED[package][old]
    module = importlib.import_module(f"skmnist.{package}")
    with pytest.warns(FutureWarning, match=f"{package}.{old} is now called {new}") as caught:
        assert getattr(module, old) is getattr(module, new)
    assert {warning.filename for warning in caught} == {__file__}
    assert old not in module.__all__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'KerasClasifier'"):
        _ = skmnist.KerasClasifier
    with pytest.raises(ImportError):
        from skmnist import nothing_of_the_kind  # noqa: F401


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, skmnist; dir(skmnist);"
        "print([m for m in ('tensorflow', 'keras', 'pandas', 'sklearn', 'scikeras', 'matplotlib')"
        " if m in sys.modules])"
    )
    assert run_python(code).stdout.strip() == "[]"


def test_importing_a_part_loads_nothing_heavy():
    """One part after the other, in one process; the command line last, which reads pictures."""
    code = """
import importlib, sys
heavy = {"tensorflow", "keras", "scikeras", "matplotlib", "jinja2", "PIL"}
parts = ["preprocessing", "networks", "networks.augmentation", "augmentation", "classifiers"]
parts += ["unsupervised", "statistics", "pictures", "baselines", "datasets", "plots"]
for part in [*parts, "comparison", "recipes", "report"]:
    module = importlib.import_module(f"skmnist.{part}")
    if part == "augmentation":
        module.Augmentation()
    print(part, *sorted(heavy & set(sys.modules)))
import skmnist.cli
print("cli", *sorted({"tensorflow", "keras", "scikeras"} & set(sys.modules)))
"""
    lines = run_python(code).stdout.splitlines()
    assert len(lines) == 15
    assert [line for line in lines if " " in line] == []


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_tensorflow_is_quiet_unless_the_user_asks(monkeypatch):
    code = "from skmnist.networks import mlp; mlp((4, 4, 1), 2)"
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    assert run_python(code).stderr == ""
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert run_python(code).stderr != ""


def test_other_output_survives_the_quiet_start(monkeypatch):
    """Only TensorFlow's lines are held back while it starts; a warning of anybody else's is not."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    code = (
        "import os, skmnist._keras as k\n"
        "with k._without_chatter():\n"
        "    os.write(2, b'I0000 00:00:1.2 3 port.cc:1] chatter\\nsomething else\\n')\n"
    )
    assert run_python(code).stderr == "something else\n"


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_threads_granted_by_the_environment_are_kept(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    code = (
        "from skmnist._keras import start; start(); import tensorflow as tf;"
        "print(tf.config.threading.get_intra_op_parallelism_threads())"
    )
    assert run_python(code).stdout.strip() == "1"


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_another_keras_backend_is_named(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    code = (
        "import skmnist\n"
        "try: skmnist.MLPClassifier().fit([[0.0], [1.0]], [0, 1])\n"
        "except ImportError as e: print(e)\n"
    )
    assert "KERAS_BACKEND=tensorflow" in run_python(code).stdout


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_keras_objects_pickle_as_keras_does_it():
    """scikeras replaces Keras's own pickling in the whole process; the bridge puts it back."""
    code = (
        "import keras; before = {c: (c.__reduce__, c.__dict__.get('__deepcopy__')) for c in "
        "(keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer)};"
        "import skmnist._bridge.models.scikeras_adapter, scikeras.wrappers;"
        "print(all((c.__reduce__, c.__dict__.get('__deepcopy__')) == v"
        " for c, v in before.items()))"
    )
    assert run_python(code).stdout.strip() == "True"


def test_user_input_is_never_checked_by_assert():
    for path in (ROOT / "skmnist").rglob("*.py"):
        text = path.read_text()
        tree = ast.parse(text)
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), path


def test_the_design_page_names_every_module_of_the_bridge():
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text[text.index("| room | module |") :].split("\n\n")[0]
    modules = {path.stem for path in (ROOT / "skmnist" / "_bridge").rglob("*.py")} - {"__init__"}
    assert set(re.findall(r"`(\w+)`", table)) == modules
