"""Options that several commands share."""

from __future__ import annotations

import click

from skmnist.cli._completion import complete_data

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def data_option(default, text):
    """Return the option that names data.

    Parameters
    ----------
    default : str
        Its default.
    text : str
        Its help.

    Returns
    -------
    option : callable
        Decorator.
    """
    return click.option(
        "--data",
        default=default,
        show_default=True,
        metavar="NAME|PATH",
        shell_complete=complete_data,
        help=text,
    )


def limit_option(text):
    """Return the option that limits the number of images.

    Parameters
    ----------
    text : str
        Its help.

    Returns
    -------
    option : callable
        Decorator.
    """
    return click.option("--limit", metavar="N", type=click.IntRange(min=1), help=text)


def seed_option(text):
    """Return the option for a seed.

    Parameters
    ----------
    text : str
        Its help.

    Returns
    -------
    option : callable
        Decorator.
    """
    seeds = click.IntRange(0, 2**32 - 1)
    return click.option("--seed", default=0, show_default=True, type=seeds, help=text)
