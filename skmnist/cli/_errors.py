"""What a command says when the user is mistaken."""

from __future__ import annotations

import click


class UserError(click.ClickException):
    """A mistake of the user's, told in one sentence.

    Parameters
    ----------
    message : str
        The sentence.
    """

    exit_code = 2
