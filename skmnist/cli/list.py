"""``skmnist list``: the names of models and recipes."""

from __future__ import annotations

import json
import textwrap

import click

from skmnist.cli._options import json_option
from skmnist.cli._output import print_text

_WIDTH = 80


@click.command("list")
@json_option
def command(as_json):
    """List the names of models and recipes.

    \b
    Examples:
      skmnist list
      skmnist list --json

    A recipe is called NAME by reproduce, and recipe:NAME by commands that take other models too.
    """
    from skmnist.baselines import BASELINES
    from skmnist.comparison import NETWORKS
    from skmnist.recipes import RECIPES

    tables = {"Networks": NETWORKS, "Baselines": BASELINES}
    sections = {
        title: {name: (model.title, model.reason) for name, model in table.items()}
        for title, table in tables.items()
    }
    sections["Recipes"] = {name: (recipe.title,) for name, recipe in RECIPES.items()}
    if as_json:
        click.echo(json.dumps(_as_json(sections, BASELINES), indent=2))
        return
    width = max(len(name) for section in sections.values() for name in section)
    for title, section in sections.items():
        click.echo(f"{title}:")
        for name, lines in section.items():
            wrapped = [part for line in lines for part in textwrap.wrap(line, _WIDTH - width - 4)]
            for index, line in enumerate(wrapped):
                print_text(f"  {'' if index else name:<{width}}  {line}")


def _as_json(sections, baselines):
    """Return, for each section, a list of dicts that describe its names."""
    content = {
        title.lower(): [
            {"name": name, "title": lines[0], **({"reason": lines[1]} if lines[1:] else {})}
            for name, lines in section.items()
        ]
        for title, section in sections.items()
    }
    for entry in content["baselines"]:
        entry["fast"] = getattr(baselines[entry["name"]], "fast", None)
    for entry in content["recipes"]:
        entry["model"] = f"recipe:{entry['name']}"
    return content
