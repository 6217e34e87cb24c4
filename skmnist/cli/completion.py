"""``skmnist completion``: what makes a shell complete the commands."""

from __future__ import annotations

import click

# What click looks for in the environment of the program of this name.
VARIABLE = "_SKMNIST_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx, shell):
    """Print what lets SHELL complete commands and names.

    \b
    Once and for all:
      bash:  echo 'eval "$(skmnist completion bash)"' >> ~/.bashrc
      zsh:   echo 'eval "$(skmnist completion zsh)"' >> ~/.zshrc
      fish:  skmnist completion fish > ~/.config/fish/completions/skmnist.fish
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)(ctx.find_root().command, {}, "skmnist", VARIABLE)
    # Not source(), which runs the shell to ask for its version.
    click.echo(completion.source_template % completion.source_vars())
