"""What the tests of the command line share."""

import struct
import subprocess
import sys

import numpy as np
from click.testing import CliRunner
from sklearn.datasets import load_digits

from skmnist.cli import cli

DIGITS = load_digits()
IMAGES = (DIGITS.images[:200] * 15).astype(np.uint8)
LABELS = DIGITS.target[:200].astype(np.uint8)


def write_idx(folder, part, images, labels):
    header = struct.pack(">4I", 0x803, *images.shape)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">2I", 0x801, len(labels))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


def assert_mistake(result, *texts):
    """Assert that a mistake of the user's was told in one line, and nothing else."""
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for text in texts:
        assert text in result.stderr
