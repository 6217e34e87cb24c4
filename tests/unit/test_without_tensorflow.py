"""Modules that compute with NumPy alone start no TensorFlow, and neither do their tests."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("_bridge/data", "_support")
MODULES = ["skmnist._bridge.engine.schedules"] + [
    f"skmnist.{folder.replace('/', '.')}.{path.stem}"
    for folder in FOLDERS
    for path in sorted((ROOT / "skmnist" / folder).glob("*.py"))
    if path.stem != "__init__"
]
PROGRAM = """
import importlib, sys
import pytest
for module in sys.argv[1:]:
    importlib.import_module(module)
heavy = {"tensorflow", "keras", "scikeras"}
assert not heavy & set(sys.modules), "imports"
options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts="]
code = pytest.main([*options, "tests/unit", "--ignore=tests/unit/test_without_tensorflow.py"])
assert code == 0, code
assert not heavy & set(sys.modules), "tests"
"""


@pytest.mark.slow("imports all of these modules in a fresh process")
def test_neither_modules_nor_tests_start_tensorflow():
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, *MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
