"""The lowest versions that are declared are those that the floor lane of .ci/run installs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def numbers(version):
    parts = [int(part) for part in version.split(".")]
    return (*parts, 0, 0)[:3]


def declared():
    """Return what users may install, and what the tests of the floor lane need."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = content["project"]["optional-dependencies"].values()
    lines = [
        *content["project"]["dependencies"],
        *(line for extra in extras for line in extra),
        *content["dependency-groups"]["unit"],
    ]
    pairs = [
        re.match(r"([\w-]+)>=([\d.]+)", line).groups()
        for line in lines
        if not line.startswith("skmnist")
    ]
    return {name: numbers(version) for name, version in pairs}


def constrained():
    lines = (ROOT / "constraints" / "floor.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name: numbers(version) for name, version in pairs}


def test_floors_are_what_the_lane_installs():
    assert constrained() == declared()


def test_old_keras_is_not_allowed():
    """Before 3.12.4, Keras may run code that a model file brings."""
    assert declared()["keras"] >= (3, 12, 4)


@pytest.mark.parametrize("name", ["scikeras", "keras"])
def test_untested_major_versions_are_not_allowed(name):
    text = (ROOT / "pyproject.toml").read_text()
    assert re.search(rf'"{name}>=[^"]*,<', text)
