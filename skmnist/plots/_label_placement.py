"""Place names beside points so that they cover neither points nor each other."""

from __future__ import annotations

import numpy as np

from skmnist.plots._axes import GREY

_DISTANCES = (7, 15, 24, 36, 50)  # points, from the middle of a marker
_ANGLES = np.deg2rad([0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 338, 202, 68, 112, 292, 248])
_MARKER = 5  # points, half the size of a marker


def place_labels(ax, points, names, order, fontsize, lines=()):
    """Write the names of points beside them, each at the nearest free place.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes that the points are drawn on already.
    points : ndarray of shape (n_points, 2)
        All points, in the units of the axes.
    names : sequence of str
        Their names.
    order : sequence of int
        Which points to name; the first ones get the best places.
    fontsize : float
        Size of the names.
    lines : array-like of shape (n_lines, 4), default=()
        Ends of horizontal and vertical lines, as (x, y, x, y) in the units of the axes.  Names
        cover them only if there is no better place.

    Returns
    -------
    labels : list of matplotlib Annotation
        Names in this order, with a thin line to the point if they are not next to it.
    all_placed : bool
        Whether every name has a place of its own; otherwise some overlap.
    """
    from matplotlib.patheffects import withStroke

    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()  # the size of the axes is not known before
    points_per_pixel = 72 / figure.dpi
    middles = ax.transData.transform(points) * points_per_pixel
    frame = np.array(ax.get_window_extent().extents) * points_per_pixel + [3, 3, -3, -3]
    taken = [(x - _MARKER, y - _MARKER, x + _MARKER, y + _MARKER) for x, y in middles]
    better_free = np.empty((0, 4))
    if len(lines):
        ends = ax.transData.transform(np.reshape(lines, (-1, 2))).reshape(-1, 2, 2)
        low, high = ends.min(axis=1) * points_per_pixel, ends.max(axis=1) * points_per_pixel
        better_free = np.hstack([low - 1, high + 1])
    labels, all_placed = [], True
    for i in order:
        label = ax.annotate(names[i], points[i], fontsize=fontsize)
        box = label.get_window_extent()
        label.remove()
        width, height = box.width * points_per_pixel, box.height * points_per_pixel
        obstacles = np.array([*taken[:i], *taken[i + 1 :]]).reshape(-1, 4)
        cost, near, corner = _best_place(middles[i], width, height, obstacles, better_free, frame)
        line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
        label = ax.annotate(
            names[i],
            points[i],
            corner - middles[i],
            textcoords="offset points",
            fontsize=fontsize,
            arrowprops=None if near else line,
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,
        )
        label.set_in_layout(False)
        taken.append((*corner, corner[0] + width, corner[1] + height))
        labels.append(label)
        all_placed = all_placed and cost == 0
    return labels, all_placed


def _best_place(middle, width, height, obstacles, better_free, frame):
    """Return the overlap, whether it is next to the point, and the lower left corner."""
    best = None
    for distance in _DISTANCES:
        for angle in _ANGLES:
            direction = np.array([np.cos(angle), np.sin(angle)])
            # Shift by half the size of the box, so that its edge touches the circle.
            centre = middle + direction * distance
            centre += np.sign(np.round(direction, 6)) * np.array([width, height]) / 2
            corner = centre - np.array([width, height]) / 2
            place = np.array([*corner, corner[0] + width, corner[1] + height])
            cost = _shared(place, obstacles) + _outside(place, frame)
            # Distance counts too, so that a name rather covers a line than moves far away.
            whole = 1000 * cost + _shared(place, better_free) + distance
            if best is None or whole < best[0]:
                best = (whole, cost, distance == _DISTANCES[0], corner)
    return best[1:]


def _shared(place, obstacles):
    """Return the area that a box shares with others."""
    low = np.maximum(place[:2], obstacles[:, :2])
    high = np.minimum(place[2:], obstacles[:, 2:])
    return float(np.prod(np.maximum(high - low, 0), axis=1).sum())


def _outside(place, frame):
    """Return how far a box sticks out of the frame."""
    return float(
        np.maximum(frame[:2] - place[:2], 0).sum() + np.maximum(place[2:] - frame[2:], 0).sum()
    )
