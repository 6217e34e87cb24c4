"""What the docstrings of several loaders say in the same words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

_TEXTS = {
    "subset": """
subset : {"train", "test", "all"}, default="train"
    Which images to load; "all" is the training images followed by the test images.
""",
    "form": """
return_X_y : bool, default=False
    If True, return ``(data, target)`` instead of a Bunch.
as_frame : bool, default=False
    If True, ``data`` is a pandas DataFrame and ``target`` a Series.
""",
    "data": """
data : ndarray or DataFrame of shape (<samples>, <features>), dtype uint8
    The images row by row; as an ndarray, a view of `images`.
""",
    "frame": """
feature_names : list of str
    ``pixel_<row>_<column>``, from 0.
frame : DataFrame of shape (<samples>, <columns>) or None
    `data` and `target` together, if `as_frame`.
""",
    "pair": """
(data, target) : tuple if `return_X_y` is True
    `data` and `target` alone.
""",
}


def documented(
    samples: str = "n_samples", features: str = "height * width"
) -> Callable[[_Function], _Function]:
    """Fill in the common entries of a loader's docstring.

    A line that holds nothing but the name of one of them in braces, such as ``{frame}``, is
    replaced by it.

    Parameters
    ----------
    samples, features : str
        The shape of the data, as the entries name it.

    Returns
    -------
    decorator : callable
        Changes the docstring and returns the function.
    """
    columns = str(int(features) + 1) if features.isdigit() else f"{features} + 1"

    def entry(match):
        text = _TEXTS[match["name"]].strip()
        for name, value in {"samples": samples, "features": features, "columns": columns}.items():
            text = text.replace(f"<{name}>", value)
        return textwrap.indent(text, match["indent"])

    def decorate(function):
        if function.__doc__:  # python -OO has none
            pattern = r"^(?P<indent> *)\{(?P<name>" + "|".join(_TEXTS) + r")\}$"
            function.__doc__ = re.sub(pattern, entry, function.__doc__, flags=re.MULTILINE)
        return function

    return decorate
