"""The base of all displays: axes to draw on, and parameter texts that are written once."""

from __future__ import annotations

import inspect
import json
import re
import textwrap

import numpy as np

from skmnist._support.parameters import entries
from skmnist.plots._axes import gallery_shape, grid_of_axes, single_axes

# A line {name} in a docstring of a display stands for one of these texts.  {default} is the
# default of the parameter in that method, and {class} the display.
_TEXTS = entries("""
estimator : fitted classifier
    Any estimator with `predict`, pipelines and searches included.
X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
(n_samples, height, width, channels)
    Images, as the estimator takes them.
y : array-like of shape (n_samples,) or (n_samples, n_classes)
    True labels, or one-hot rows.
y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
    True labels, or one-hot rows.
y_pred : array-like of shape (n_samples,) or (n_samples, n_classes)
    Predicted labels, or one-hot rows.
classes : array-like of shape (n_classes,), default={default}
    Labels of the columns of `y_proba`; None for the sorted labels that occur.
comparison : Comparison
    Result of :func:`skmnist.compare`.
model : str, default={default}
    Label of the model; None for the best one.
image_shape : tuple of int, default={default}
    Height, width and perhaps channels of images that are given as rows; None for squares.
n_columns : int >= 1, default={default}
    Number of images side by side.
ax : matplotlib Axes, default={default}
    Axes to draw on; None for a new figure.
ax_ : matplotlib Axes
    The first of these axes.
figure_ : matplotlib Figure
    Figure that contains them.
""")
_RETURNS = "Returns\n-------\ndisplay : {class}\n    The display"
_TEXTS["returns_drawn"] = f"{_RETURNS}, drawn."
_TEXTS["returns_itself"] = f"{_RETURNS} itself."
_TEXTS["NotFittedError"] = "NotFittedError\n    If the estimator is not fitted."
_PLACEHOLDER = re.compile(r"^( *)\{(\w+)\}$", re.MULTILINE)


class Display:
    """Base of the displays.

    A line ``{name}`` in a docstring of a subclass is replaced by the text of that name: the entry
    of a parameter in a method above it, or else the text in this module.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.__doc__:  # python -OO has none
            return
        cls.__doc__ = _filled(cls.__doc__, _TEXTS, cls)
        texts = dict(_TEXTS)
        for name, method in vars(cls).items():
            function = getattr(method, "__func__", method)
            if not name.startswith("_") and inspect.isfunction(function):
                function.__doc__ = _filled(function.__doc__, texts, cls, function)
                texts |= _documented_parameters(function)

    @property
    def _plot(self):
        """The name of the method that draws, for messages."""
        return f"{type(self).__name__}.plot"

    def _single_axes(self, ax, size):
        """Return `ax`, or the axes of a new figure of this size in inches."""
        return single_axes(self._plot, ax, size)

    def _grid_of_axes(self, ax, shape, size, **gridspec):
        """Return axes of this shape and their figure, as :func:`grid_of_axes` does."""
        return grid_of_axes(self._plot, ax, shape, size, **gridspec)

    def _set_gallery(self, ax, n_images, n_columns, size_of):
        """Set `axes_`, `ax_` and `figure_` for a gallery, and switch off the axes not needed.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of them or None
            What the user gave.
        n_images : int
            Number of images to show.
        n_columns : int
            Number of images side by side.
        size_of : callable
            Returns width and height of a new figure in inches, from the number of rows and of
            columns.
        """
        given = isinstance(ax, (list, tuple, np.ndarray))
        n_panels = np.size(np.asarray(ax, dtype=object)) if given else n_images
        shape = gallery_shape(n_panels, n_columns)
        self.axes_, self.figure_ = self._grid_of_axes(ax, shape, size_of(*shape))
        self.ax_ = self.axes_[0, 0]
        for panel in self.axes_.flat[n_images:]:
            panel.set_axis_off()


def _filled(doc, texts, cls, function=None):
    """Return a docstring with the entries that its placeholders stand for."""
    if not doc:
        return doc
    parameters = {} if function is None else inspect.signature(function).parameters

    def entry(match):
        indent, name = match.groups()
        text = texts[name].replace("{class}", cls.__name__)
        if name in parameters:
            default = parameters[name].default
            shown = json.dumps(default) if isinstance(default, str) else repr(default)
            text = text.replace("{default}", shown)
        return textwrap.indent(text, indent)

    return _PLACEHOLDER.sub(entry, doc)


def _documented_parameters(function):
    """Return the entries of the parameters in a docstring, with ``{default}`` for defaults."""
    doc = inspect.getdoc(function) or ""
    _, _, section = doc.partition("\nParameters\n----------\n")
    found = entries(re.split(r"\n\n\w[\w ]*\n---", section)[0])
    return {
        name: re.sub(r"\A(.*), default=.*", r"\1, default={default}", text)
        for name, text in found.items()
    }
