"""The command line: ``skmnist compare`` and the other commands, each in the file of its name.

Results go to stdout; progress, warnings and errors to stderr.  Each command imports the parts of
skmnist that it uses, so that help appears at once.
"""

from __future__ import annotations

import click

import skmnist
from skmnist.cli._group import Group

__all__ = ["cli"]


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(skmnist.__version__, prog_name="skmnist")
def cli():
    """Keras networks for small images, compared with classical classifiers.

    \b
    Examples:
      skmnist list                             available models and recipes
      skmnist compare                          five models on 5,000 MNIST digits
      skmnist train lenet --out lenet.keras    train a model and save it
      skmnist predict lenet.keras digit.png    predict what a picture shows
      skmnist evaluate lenet.keras             measure its accuracy and errors
      skmnist reproduce lenet                  a documented recipe on all of MNIST
    """
