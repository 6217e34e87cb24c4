"""Names, numbers and tables as text to read."""

from __future__ import annotations


def in_words(name):
    """Return a name of a metric or a parameter with spaces in place of underscores."""
    return name.replace("_", " ")


def percent(share, *, decimals=1, space=" "):
    """Return a share in percent, never rounded to 0 % or 100 %.

    Parameters
    ----------
    share : float
        A number from 0 to 1.
    decimals : int, default=1
        Number of digits after the point.
    space : str, default=" "
        What stands between number and sign.

    Returns
    -------
    text : str
        Such as ``"99.5 %"``; ``"> 99.9 %"`` and ``"< 0.1 %"`` for shares nearer to 1 and 0 than
        the digits can show. Exactly 0 and 1 are ``"0.0 %"`` and ``"100.0 %"``.
    """
    step = 10.0 ** -(decimals + 2)
    if 0 < share < step:
        sign, share = f"<{space}", step
    elif 1 - step < share < 1:
        sign, share = f">{space}", 1 - step
    else:
        sign = ""
    return f"{sign}{100 * share:.{decimals}f}{space}%"


def aligned(table, right=()):
    """Return the lines of a table, with a rule below the head.

    Parameters
    ----------
    table : list of list of str
        The cells; the first row is the head.
    right : container of int, default=()
        Numbers of the columns that are aligned to the right.

    Returns
    -------
    lines : list of str
        Without trailing spaces.
    """
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    head, *body = [
        "  ".join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return [head, "  ".join("-" * width for width in widths), *body]
