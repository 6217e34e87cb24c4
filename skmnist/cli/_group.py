"""The group of all commands, each in a file of its name that is imported when it is asked for."""

from __future__ import annotations

import importlib

import click

# The order of the help.
COMMANDS = (
    "list",
    "datasets",
    "compare",
    "reproduce",
    "train",
    "evaluate",
    "predict",
    "completion",
)
_INTERRUPTED = 130  # what shells report of a program ended by Ctrl-C


class Group(click.Group):
    """Commands of which Ctrl-C ends each cleanly."""

    def list_commands(self, ctx):
        """Return the names of the commands, in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx, cmd_name):
        """Import a command: the function of the name in the module of the name."""
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"skmnist.cli.{cmd_name}").command

    def invoke(self, ctx):
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(_INTERRUPTED)
