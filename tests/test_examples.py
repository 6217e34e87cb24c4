"""Every example runs as a user would run it, says something, and draws where it can."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, tmp_path):
    picture = tmp_path / "picture.png"
    draws = ".png" in path.read_text(encoding="utf-8")
    result = subprocess.run(
        [sys.executable, path, *([picture] if draws else [])],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == ([picture] if draws else [])
    if draws:
        from matplotlib.image import imread

        pixels = imread(picture)
        assert min(pixels.shape[:2]) > 100
        assert pixels.std() > 0.05  # there is something on it
