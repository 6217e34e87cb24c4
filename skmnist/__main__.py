"""Entry point of the command line: ``skmnist`` and ``python -m skmnist``."""

from __future__ import annotations

import sys


def main():
    """Run the command line.

    Returns
    -------
    code : int
        Exit code, where the command line could not even be loaded.  Otherwise it exits by itself.
    """
    try:
        import rich  # noqa: F401  the commands need it, though not all of them, and not at once

        from skmnist.cli import cli
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich"):
            raise
        from skmnist._support.optional import pip_install

        sys.stderr.write(
            f"Error: the command line needs {error.name}, which is not installed: "
            f"{pip_install('cli')}\n"
        )
        return 2
    return cli()


if __name__ == "__main__":
    sys.exit(main())
