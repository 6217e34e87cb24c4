"""Figures of :mod:`skmnist.plots` as images in a page."""

from __future__ import annotations

import base64
import io
import re
import warnings
from contextlib import contextmanager

import numpy as np

_DPI = 72  # of matplotlib's SVG files
_CSS_PIXELS = 96  # per inch
_FONT = {"font.family": ["DejaVu Sans"], "font.size": 10.0}  # comes with matplotlib


@contextmanager
def plain_style():
    """Draw in matplotlib's default style within this context, whatever the user has set."""
    import matplotlib.style

    with matplotlib.style.context(["default", _FONT]), warnings.catch_warnings():
        # Labels may be in scripts that the font lacks; the tables show them anyway.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        yield


def plain_text(label):
    """Return a label without formulas, which matplotlib would see between dollar signs."""
    return str(label).replace("$", r"\$")


def new_figure(width, height, edges=None):
    """Return a figure that is not registered with pyplot, and axes in it.

    Parameters
    ----------
    width, height : float
        In inches.
    edges : dict of str to float, default=None
        Edges of the axes, as fractions of the figure: ``left``, ``right``, ``bottom``, ``top``.
        None to make room for the labels around them, which takes twice the time.

    Returns
    -------
    figure : matplotlib Figure
        The figure.
    ax : matplotlib Axes
        The axes.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=None if edges else "constrained")
    return figure, figure.subplots(gridspec_kw=edges)


class Figures:
    """Convert figures to inline SVG, with ids that are unique in the page."""

    def __init__(self):
        self._n_figures = 0

    def svg(self, figure, alt):
        """Return a figure as an ``svg`` element.

        Parameters
        ----------
        figure : matplotlib Figure
            The figure.
        alt : str
            Description of the figure, for people who cannot see it.

        Returns
        -------
        svg : markupsafe.Markup
            An element whose colours can be set with CSS variables: ``--c-000000`` for
            ``#000000``, and so on.
        """
        from markupsafe import Markup, escape

        self._n_figures += 1
        buffer = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", transparent=True, metadata=metadata, dpi=_DPI)
        text = buffer.getvalue()
        inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
        inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.S)
        inner = re.sub(r"<style[^>]*>.*?</style>", "", inner, flags=re.S)
        inner = re.sub(r"<!--.*?-->", "", inner, flags=re.S)
        inner = inner.replace("xlink:href", "href")
        inner = re.sub(r'style="[^"]*"', _with_variables, inner)
        inner = _with_numbered_ids(inner, f"f{self._n_figures}-")
        inner = re.sub(r"\s*\n\s*", "\n", inner)
        width, height = figure.get_size_inches()
        return Markup(
            f'<svg viewBox="0 0 {width * _DPI:g} {height * _DPI:g}" role="img" '
            f'style="--w:{width * _CSS_PIXELS:.0f}px" aria-label="{escape(alt)}">{inner}</svg>'
        )


def _with_variables(match):
    return re.sub(r"#([0-9a-f]{6})\b", r"var(--c-\1,#\1)", match[0])


def _with_numbered_ids(svg, prefix):
    """Give ids numbers in the order of their use, and remove ids that are not used.

    matplotlib makes random ids, and uses some ids in every figure.
    """
    used = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))
    names = {}

    def name(match):
        if match[1] not in used:
            return ""
        return f' id="{names.setdefault(match[1], f"{prefix}{len(names)}")}"'

    svg = re.sub(r'\s+id="([^"]+)"', name, svg)
    svg = re.sub(r'href="#([^"]+)"', lambda match: f'href="#{names[match[1]]}"', svg)
    return re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names[match[1]]})", svg)


def png(figure):
    """Return a figure as the data URI of a PNG image."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, facecolor="white", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def share_limits(panels):
    """Give panels of the same quantity the same limits, so that they can be compared.

    Parameters
    ----------
    panels : dict of str to list of matplotlib Axes
        Panels by the name of their quantity.
    """
    for axes in panels.values():
        limits = np.array([panel.get_ylim() for panel in axes])
        for panel in axes:
            panel.set_ylim(limits[:, 0].min(), limits[:, 1].max())
