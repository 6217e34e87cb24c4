"""The documentation site, built once for all tests and workers."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(__file__).with_name("build_site.py")
# What earlier builds left in the sources, and is to be made anew.
MADE = shutil.ignore_patterns("_build", "auto_examples", "generated", "__pycache__")
PATIENCE = 1800  # seconds; a build takes a minute or two


@dataclass(frozen=True)
class Site:
    """A built site."""

    sources: Path
    html: Path
    status: int
    output: str
    warnings: str

    @property
    def pages(self):
        """Paths of all pages; the theme has templates among its files."""
        static = self.html / "_static"
        return sorted(p for p in self.html.rglob("*.html") if static not in p.parents)


def build(folder):
    """Build the site of a copy of the sources, with warnings as errors."""
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=MADE)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=MADE)
    result = subprocess.run(
        [sys.executable, BUILD, "-q", "-W", "--keep-going", "docs", "html"],
        cwd=folder,
        # Nothing may be fetched; and the data sets that are here must not be needed.
        env={k: v for k, v in os.environ.items() if k != "SKMNIST_DATA"}
        | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    (folder / "output").write_text(result.stdout, encoding="utf-8")
    (folder / "warnings").write_text(result.stderr, encoding="utf-8")
    (folder / "status").write_text(str(result.returncode), encoding="utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory, request):
    """Build the site, or wait until another worker has done so."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        base = base.parent
    folder, done = base / "site", base / "site-is-built"
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + PATIENCE
        while not done.exists():
            assert time.monotonic() < deadline, "the worker that builds the site does not end"
            time.sleep(0.5)
    else:
        try:
            build(folder)
        finally:
            done.touch()
    assert (folder / "status").exists(), "the build of the site did not end"
    return Site(
        sources=folder / "docs",
        html=folder / "html",
        status=int((folder / "status").read_text(encoding="utf-8")),
        output=(folder / "output").read_text(encoding="utf-8"),
        warnings=(folder / "warnings").read_text(encoding="utf-8"),
    )
