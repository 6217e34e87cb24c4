"""What a command says when something is wrong: one sentence, and an exit code."""

from __future__ import annotations

import click


class Failure(click.ClickException):
    """Something that went wrong without a mistake of the user's, told in one line.

    Parameters
    ----------
    message : str
        The sentence; line breaks in it become spaces.
    """

    exit_code = 1

    def __init__(self, message):
        super().__init__(" ".join(str(message).split()))


class UserError(Failure):
    """A mistake of the user's, told in one line.

    Parameters
    ----------
    message : str
        The sentence; line breaks in it become spaces.
    """

    exit_code = 2
