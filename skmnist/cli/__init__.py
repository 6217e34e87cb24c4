"""The command line: ``skmnist compare`` and the other commands, each in the file of its name.

Results go to stdout; progress, warnings and errors to stderr.  Parts of skmnist are imported by the
command that uses them, so that help comes at once.
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
      skmnist list                             the models and recipes there are
      skmnist compare                          five models on 5,000 MNIST digits
      skmnist train lenet --out lenet.keras    a model, trained and kept
      skmnist predict lenet.keras digit.png    what it sees in a picture
      skmnist evaluate lenet.keras             how good it is, and where it errs
      skmnist reproduce lenet                  a documented recipe on all of MNIST
    """
