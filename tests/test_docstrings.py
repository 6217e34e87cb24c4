"""Every public name is documented the numpydoc way, and every parameter of it."""

import importlib
import inspect

import pytest
from numpydoc.validate import validate

import skmnist

# Wrong or missing: the docstring (GL08), its summary (SS..), parameters (PR..), returns (RT..),
# the sections and their order (GL06, GL07).
_ERRORS = {"GL06", "GL07", "GL08", "SS01", "SS03", "SS04", "SS05", "RT01", "RT03"}
_ERRORS |= {"PR01", "PR02", "PR03", "PR04", "PR06", "PR07", "PR10"}


def public_names():
    for module_name in ("skmnist", *(f"skmnist.{name}" for name in skmnist._SUBMODULES)):
        module = importlib.import_module(module_name)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value) or not callable(value):
                continue
            yield f"{module_name}.{name}"
            if inspect.isclass(value):
                yield from (
                    f"{module_name}.{name}.{method}"
                    for method, function in inspect.getmembers(value, inspect.isfunction)
                    if not method.startswith("_") and function.__module__.startswith("skmnist")
                )


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_documentation(name):
    found = [f"{code} {text}" for code, text in validate(name)["errors"] if code in _ERRORS]
    assert not found


@pytest.mark.parametrize(
    "name", [n for n in skmnist._EXPORTS if inspect.isclass(getattr(skmnist, n))]
)
def test_classes_have_examples_and_name_their_attributes(name):
    doc = inspect.getdoc(getattr(skmnist, name))
    assert "Examples\n--------\n>>> " in doc
    if hasattr(getattr(skmnist, name), "fit"):
        assert "Attributes\n----------\n" in doc
    assert "{" + "common" not in doc
    assert "default={" not in doc
