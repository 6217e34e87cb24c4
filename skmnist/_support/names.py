"""Looking things up by name, and naming the nearest one when there is none."""

from __future__ import annotations

import difflib


def did_you_mean(name, valid):
    """Return ``" Did you mean 'x'?"`` for the nearest valid name, or an empty string."""
    near = difflib.get_close_matches(name, list(valid), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def find_named(name, table, kind):
    """Return the entry of a table with a given name.

    Parameters
    ----------
    name : str
        Name passed by the user.
    table : mapping of str to object
        Entries by name.
    kind : str
        Kind of the entries, for the message.

    Returns
    -------
    entry : object
        The entry.

    Raises
    ------
    ValueError
        If there is no such entry; the message suggests the nearest name.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    hint = did_you_mean(name, table) if isinstance(name, str) else ""
    raise ValueError(f"Unknown {kind} {name!r}.{hint} There are: {', '.join(map(repr, table))}.")
