"""``skmnist completion``: shell code that completes the commands."""

from __future__ import annotations

import click

# Environment variable that click reads for the program of this name.
VARIABLE = "_SKMNIST_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx, shell):
    """Print code that lets SHELL complete commands and names.

    \b
    To install it for good:
      bash:  echo 'eval "$(skmnist completion bash)"' >> ~/.bashrc
      zsh:   echo 'eval "$(skmnist completion zsh)"' >> ~/.zshrc
      fish:  skmnist completion fish > ~/.config/fish/completions/skmnist.fish
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)(ctx.find_root().command, {}, "skmnist", VARIABLE)
    # Not source(), because it runs the shell to ask for its version.
    click.echo(completion.source_template % completion.source_vars())
