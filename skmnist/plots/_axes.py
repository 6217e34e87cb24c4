"""Axes to draw on, and what all displays look like."""

from __future__ import annotations

import numpy as np

from skmnist._support.optional import require

# The colours of Okabe and Ito ("Color universal design", 2008) but for yellow, which is lost on
# paper.  Several are equally dark in print, so colours never stand alone: there are 8 markers to
# the 7 colours, and 56 pairs of them.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
GREY = "#595959"
PALE = "#BFBFBF"
SMALL = 8  # points: the smallest text of any display


def style(i):
    """Return colour and marker of the i-th thing drawn."""
    return {"color": COLORS[i % len(COLORS)], "marker": MARKERS[i % len(MARKERS)]}


def shorten(text, width):
    """Return `text` with its middle left out if it is longer than `width`, on one line."""
    text = " ".join(str(text).split())
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def check_matplotlib(caller):
    """Raise ImportError if there is no matplotlib.

    Parameters
    ----------
    caller : str
        Who needs it.
    """
    require("matplotlib", caller, extra="plots")


def single_axes(caller, ax, figsize):
    """Return `ax`, or the axes of a new figure of pyplot.

    Parameters
    ----------
    caller : str
        Who draws.
    ax : matplotlib Axes or None
        What the user gave.
    figsize : tuple of float
        Width and height of the new figure in inches.

    Returns
    -------
    ax : matplotlib Axes
        Where to draw.
    """
    check_matplotlib(caller)
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.figure(figsize=figsize, layout="constrained").subplots()


def grid_of_axes(caller, ax, shape, figsize, **gridspec):
    """Return a grid of axes: given, made within a given one, or of a new figure of pyplot.

    Parameters
    ----------
    caller : str
        Who draws.
    ax : matplotlib Axes, array-like of them or None
        What the user gave.  A single one is switched off, and its place divided.
    shape : tuple of int
        Number of rows and of columns.
    figsize : tuple of float
        Width and height of the new figure in inches.
    **gridspec : dict
        How the room is divided: ``width_ratios`` and so on.

    Returns
    -------
    axes : ndarray of matplotlib Axes of shape `shape`
        Where to draw.
    figure : matplotlib Figure or SubFigure
        What they are part of.
    """
    check_matplotlib(caller)
    n_rows, n_columns = shape
    current = None
    if ax is None:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=figsize, layout="constrained")
        grid = figure.add_gridspec(n_rows, n_columns, **gridspec)
    elif isinstance(ax, (list, tuple, np.ndarray)):
        axes = np.asarray(ax, dtype=object)
        if axes.size != n_rows * n_columns:
            raise ValueError(
                f"{caller} draws {n_rows * n_columns} panels, so 'ax' is as many axes, or a "
                f"single one, which is divided. Got {axes.size} axes."
            )
        axes = axes.reshape(shape)
        return axes, axes.flat[0].figure
    else:
        from matplotlib.gridspec import GridSpecFromSubplotSpec

        if n_rows * n_columns == 1:
            return np.array([[ax]], dtype=object), ax.figure
        figure, place = ax.figure, ax.get_subplotspec()
        current = figure.gca()
        ax.set_axis_off()
        if place is not None:
            grid = GridSpecFromSubplotSpec(n_rows, n_columns, subplot_spec=place, **gridspec)
        else:  # put anywhere, with figure.add_axes
            box = ax.get_position()
            edges = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
            grid = figure.add_gridspec(n_rows, n_columns, **edges, **gridspec)
    axes = [[figure.add_subplot(grid[i, j]) for j in range(n_columns)] for i in range(n_rows)]
    if current is not None:
        figure.sca(current)  # or the last panel would be the current axes of the user's figure
    return np.array(axes, dtype=object), figure


def ink_on(color):
    """Return black or white, whichever has the greater contrast to a colour (WCAG 2)."""
    channels = np.array(color[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return "black" if linear @ [0.2126, 0.7152, 0.0722] > 0.179 else "white"


def gallery_shape(n, n_columns):
    """Return the rows and columns of a gallery of `n` pictures."""
    n_columns = max(1, min(n, n_columns))
    return max(1, -(-n // n_columns)), n_columns


def show_image(ax, image, limits, **options):
    """Draw one image on `ax`, without ticks: ink is dark, pixels are squares.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    image : ndarray of shape (height, width) or (height, width, 3)
        Pixels.
    limits : tuple of float
        What is drawn as white and as black.
    **options : dict
        Others of ``imshow``.

    Returns
    -------
    artist : matplotlib AxesImage
        What was drawn.
    """
    if image.ndim == 3:
        low, high = limits
        image = np.clip((image - low) / ((high - low) or 1), 0, 1)
    options = {"cmap": "gray_r", "interpolation": "nearest", **options}
    artist = ax.imshow(image, vmin=limits[0], vmax=limits[1], **options)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_color(PALE)
    return artist


def say(ax, text):
    """Write `text` in the middle of otherwise empty axes."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, wrap=True)
