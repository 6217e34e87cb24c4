"""Every example said something and drew something, when the documentation site ran it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow("builds the site, which runs every example")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(site, name):
    from matplotlib.image import imread

    html = (site.html / "auto_examples" / f"{name}.html").read_text(encoding="utf-8")
    said = re.findall(r'<div class="sphx-glr-script-out.*?<pre>(.*?)</pre>', html, re.DOTALL)
    assert any(re.sub("<.*?>", "", text).strip() for text in said)
    assert "Warning" not in "".join(said)
    pictures = sorted((site.html / "_images").glob(f"sphx_glr_{name}_[0-9]*.png"))
    assert pictures
    for picture in pictures:
        assert picture.name in html
        pixels = imread(picture)[..., :3]
        assert min(pixels.shape[:2]) > 100
        assert pixels.std() > 0.05  # there is something on it


def test_every_example_is_in_the_gallery(site):
    html = (site.html / "auto_examples" / "index.html").read_text(encoding="utf-8")
    assert len(EXAMPLES) >= 9
    for name in EXAMPLES:
        assert f'href="{name}.html' in html
        assert f"sphx_glr_{name}_thumb.png" in html


def test_examples_can_be_downloaded(site):
    """As scripts, just as they are, and as notebooks that hold the same code."""
    for name in EXAMPLES:
        scripts = list((site.html / "_downloads").glob(f"*/{name}.py"))
        notebooks = list((site.html / "_downloads").glob(f"*/{name}.ipynb"))
        assert len(scripts) == len(notebooks) == 1
        source = (site.sources.parent / "examples" / f"{name}.py").read_text(encoding="utf-8")
        assert scripts[0].read_text(encoding="utf-8") == source
        cells = json.loads(notebooks[0].read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        assert "from skmnist" in code and "plt.show()" in code


def test_example_as_a_script(tmp_path):
    """Without a display, and leaving nothing behind; the quickest stands for all of them."""
    result = subprocess.run(
        [sys.executable, ROOT / "examples" / "augmented_digits.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []
