"""Errors of a command: one line on stderr, and an exit code."""

from __future__ import annotations

import click


class Failure(click.ClickException):
    """Failure that is not a mistake of the user, reported in one line.

    Parameters
    ----------
    message : str
        The sentence; line breaks in it become spaces.
    """

    exit_code = 1

    def __init__(self, message):
        super().__init__(" ".join(str(message).split()))


class UserError(Failure):
    """Mistake of the user, reported in one line.

    Parameters
    ----------
    message : str
        The sentence; line breaks in it become spaces.
    """

    exit_code = 2
