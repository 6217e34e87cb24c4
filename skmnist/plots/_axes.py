"""Axes to draw on, and the style of all displays."""

from __future__ import annotations

import numpy as np

from skmnist._support.optional import require

# The colours of Okabe and Ito ("Color universal design", 2008) without yellow, which is hard to
# see on paper.  Several are equally dark in print, so colours never stand alone: 8 markers and 7
# colours make 56 pairs.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
GREY = "#595959"
PALE = "#BFBFBF"
BLUE, ORANGE = COLORS[:2]
SMALL = 8  # points: the smallest text of any display


def style(i):
    """Return colour and marker of the i-th thing drawn."""
    return {"color": COLORS[i % len(COLORS)], "marker": MARKERS[i % len(MARKERS)]}


def shorten(text, width):
    """Return `text` on one line, without its middle if it is longer than `width`."""
    text = " ".join(str(text).split())
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def check_matplotlib(caller):
    """Raise ImportError if matplotlib is not installed.

    Parameters
    ----------
    caller : str
        Name of the method that draws, for the message.
    """
    require("matplotlib", caller, extra="plots")


def single_axes(caller, ax, figsize):
    """Return `ax`, or the axes of a new figure of pyplot.

    Parameters
    ----------
    caller : str
        Name of the method that draws, for messages.
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
    """Return a grid of axes: the user's, in place of the user's, or of a new figure of pyplot.

    Parameters
    ----------
    caller : str
        Name of the method that draws, for messages.
    ax : matplotlib Axes, array-like of them or None
        What the user gave.  A single one is switched off, and its place is divided.
    shape : tuple of int
        Number of rows and of columns.
    figsize : tuple of float
        Width and height of the new figure in inches.
    **gridspec : dict
        Options of the grid, such as ``width_ratios``.

    Returns
    -------
    axes : ndarray of matplotlib Axes of shape `shape`
        Where to draw.
    figure : matplotlib Figure or SubFigure
        Figure that contains them.
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
                f"{caller} draws {n_rows * n_columns} panels, so 'ax' must be that many axes, or "
                f"a single one to divide. Got {axes.size} axes instead."
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
        else:  # axes from figure.add_axes, in any place
            box = ax.get_position()
            edges = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
            grid = figure.add_gridspec(n_rows, n_columns, **edges, **gridspec)
    axes = [[figure.add_subplot(grid[i, j]) for j in range(n_columns)] for i in range(n_rows)]
    if current is not None:
        figure.sca(current)  # otherwise the last panel would be the figure's current axes
    return np.array(axes, dtype=object), figure


def ink_on(color):
    """Return black or white, whichever has more contrast to a colour (WCAG 2)."""
    channels = np.array(color[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return "black" if linear @ [0.2126, 0.7152, 0.0722] > 0.179 else "white"


def gallery_shape(n, n_columns):
    """Return the rows and columns of a gallery of `n` pictures."""
    n_columns = max(1, min(n, n_columns))
    return max(1, -(-n // n_columns)), n_columns


def show_image(ax, image, limits, **options):
    """Draw one image on `ax`, without ticks: ink is dark, and pixels are squares.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    image : ndarray of shape (height, width) or (height, width, 3)
        Pixels.
    limits : tuple of float
        Values to draw as white and as black.
    **options : dict
        Other options of ``imshow``.

    Returns
    -------
    artist : matplotlib AxesImage
        The drawn image.
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


def write_instead(ax, text):
    """Write `text` in the middle of otherwise empty axes."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, wrap=True)
