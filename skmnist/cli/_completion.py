"""Shell completion for the names of models and of data."""

from __future__ import annotations

from click.shell_completion import CompletionItem

from skmnist.cli._data_names import NAMES


def complete_models(ctx, param, incomplete):
    """Return the names of models that begin with the word."""
    from skmnist.comparison import MODELS, NETWORKS
    from skmnist.recipes import list_recipes

    titles = {name: model.title for name, model in {**NETWORKS, **MODELS}.items()}
    titles |= {f"recipe:{name}": "documented recipe" for name in list_recipes()}
    return _matching(titles, incomplete)


def complete_recipes(ctx, param, incomplete):
    """Return the names of recipes that begin with the word."""
    from skmnist.recipes import RECIPES

    titles = {name: recipe.title for name, recipe in RECIPES.items()}
    return _matching(titles, incomplete)


def complete_data(ctx, param, incomplete):
    """Return the names of data sets that begin with the word, and let the shell add files."""
    items = complete_data_names(ctx, param, incomplete)
    return [*items, CompletionItem(incomplete, type="file")]


def complete_data_names(ctx, param, incomplete):
    """Return the names of data sets that begin with the word."""
    return _matching(dict.fromkeys(NAMES, "data set"), incomplete)


def _matching(titles, incomplete):
    return [
        CompletionItem(name, help=title)
        for name, title in titles.items()
        if name.startswith(incomplete)
    ]
