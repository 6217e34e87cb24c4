"""The group of all commands; each is in the file of its name, which is imported on demand."""

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
_INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended


class Group(click.Group):
    """Group of commands that Ctrl-C ends cleanly."""

    def list_commands(self, ctx):
        """Return the names of the commands in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx, cmd_name):
        """Import a command from the module of its name."""
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
