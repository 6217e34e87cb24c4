"""The commands in the pages of the documentation do what the pages say."""

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.cli.cases import run

pytestmark = pytest.mark.slow("runs every command of two pages, training included")

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands_of(page):
    """Return (command, the lines that the page shows below it) of each command of a page."""
    found = []
    for block in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((shlex.split(line.removeprefix("$ ")), []))
            else:
                found[-1][1].append(line)
    return found


def figures_left_out(line):
    """Return a line without numbers, which machines and versions change, and pictures."""
    return None if line.startswith("  |") else re.sub(r"[\d.,]+", "#", line).rstrip()


@pytest.mark.parametrize("page", ["command-line.md", "your-own-images.md"])
def test_commands_of_a_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = Image.new("RGB", (400, 300), (250, 245, 230))
    stroke = [(120, 60), (240, 60), (170, 240)]
    ImageDraw.Draw(picture).line(stroke, fill=(20, 30, 120), width=24, joint="curve")
    picture.save("seven.png")
    commands = commands_of(page)
    assert commands
    for (program, *arguments), shown in commands:
        assert program == "skmnist"
        result = run(*arguments)
        assert result.exit_code == 0, f"{arguments}: {result.output}"
        printed = {figures_left_out(line) for line in result.output.splitlines()}
        expected = [line for line in map(figures_left_out, shown) if line and line != "#"]
        assert not [line for line in expected if line not in printed], printed
        if arguments[0] == "predict" and shown:
            assert shown[0].split("\t")[:2] == result.stdout.splitlines()[0].split("\t")[:2]
