"""Marks of test cases."""

import pytest


def slow_but(quick, cases, reason):
    """Return cases to parametrize with: all but the quick ones are marked as slow.

    A case is the value of a parameter, or a tuple of the values of several.
    """
    mark = pytest.mark.slow(reason)
    return [
        case
        if case in quick
        else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=mark)
        for case in cases
    ]
