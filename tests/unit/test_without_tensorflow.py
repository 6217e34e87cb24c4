"""Modules that compute with NumPy alone start no TensorFlow, and neither do their tests."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    "skmnist._bridge.data.dataset",
    "skmnist._bridge.data.feeds",
    "skmnist._bridge.data.images",
    "skmnist._bridge.data.memmap",
    "skmnist._bridge.data.outputs",
    "skmnist._bridge.data.pixels",
    "skmnist._bridge.data.samples",
    "skmnist._bridge.data.seeds",
    "skmnist._bridge.data.target_forms",
    "skmnist._bridge.data.targets",
    "skmnist._bridge.engine.schedules",
    *(
        f"skmnist._support.{path.stem}"
        for path in sorted((ROOT / "skmnist" / "_support").glob("*.py"))
        if path.stem != "__init__"
    ),
]
PROGRAM = """
import importlib, sys
import pytest
for module in sys.argv[1:]:
    importlib.import_module(module)
heavy = {"tensorflow", "keras", "scikeras"}
assert not heavy & set(sys.modules), "imports"
options = ["-n", "0", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
options = [*options[2:], "-o", "addopts=", "--strict-markers"]
code = pytest.main([*options, "tests/unit", "--ignore=tests/unit/test_without_tensorflow.py"])
assert code == 0, code
assert not heavy & set(sys.modules), "tests"
"""


def test_neither_modules_nor_tests_start_tensorflow():
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, *MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]
