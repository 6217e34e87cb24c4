"""What all displays have in common: whose axes they draw on, and what they leave alone."""

import inspect
import re
import sys
from itertools import pairwise
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from skmnist import MLPClassifier, plots
from skmnist.plots._axes import COLORS, MARKERS, shorten, style
from tests.plots.cases import closed_figures  # noqa: F401

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((12, 8, 8))
TRUE, PREDICTED = np.arange(12) % 3, np.arange(12) % 4 % 3
PROBABILITIES = RANDOM.dirichlet(np.ones(3), 12)


@pytest.fixture(scope="module")
def network():
    return MLPClassifier((4,), epochs=1, random_state=0).fit(IMAGES, TRUE)


def displays(network, **options):
    """Return a function for each display that draws it."""
    history = {"loss": [2.0, 1.0], "accuracy": [0.5, 0.6], "val_loss": [1.0, 2.0]}
    values = {"a": (0.9, 1.0), "b": (0.8, 2.0)}
    scores = {"a": [0.9, 0.8], "b": [0.7, 0.8]}
    return {
        "history": lambda: plots.TrainingHistoryDisplay.from_history(history, **options),
        "folds": lambda: plots.FoldScoresDisplay.from_scores(scores, **options),
        "time": lambda: plots.AccuracyTimeDisplay.from_values(values, **options),
        "pairs": lambda: plots.ConfusedPairsDisplay.from_predictions(
            TRUE, PREDICTED, IMAGES, **options
        ),
        "misclassified": lambda: plots.MisclassifiedDisplay.from_predictions(
            TRUE, PREDICTED, IMAGES, **options
        ),
        "reliability": lambda: plots.ReliabilityDisplay.from_predictions(
            TRUE, PROBABILITIES, **options
        ),
        "first layer": lambda: plots.FirstLayerDisplay.from_estimator(network, **options),
        "saliency": lambda: plots.SaliencyDisplay.from_estimator(
            network, IMAGES[:3], TRUE[:3], **options
        ),
    }


NAMES = sorted(displays(None))


def test_shared_texts_are_filled_in():
    for name in plots.__all__:
        display = getattr(plots, name)
        methods = [m for m in vars(display) if not m.startswith("_")]
        docs = [inspect.getdoc(part) for part in (display, *(getattr(display, m) for m in methods))]
        assert not re.search(r"\{[A-Za-z_]+\}$", "\n".join(docs), re.MULTILINE)
        for method in methods:
            doc = inspect.getdoc(getattr(display, method))
            assert f"display : {name}\n" in doc
            for parameter in inspect.signature(getattr(display, method)).parameters.values():
                assert parameter.name == "self" or f"\n{parameter.name} : " in doc
                if parameter.default not in (parameter.empty, None):
                    shown = str(parameter.default)
                    entry = doc.split(f"\n{parameter.name} : ")[1].partition("\n")[0]
                    assert entry.replace('"', "").endswith(f"default={shown}")


def test_every_display_is_tried():
    assert len(NAMES) == len(plots.__all__)


@pytest.mark.slow("draws every plot again")
@pytest.mark.parametrize("name", NAMES)
def test_without_axes_there_is_a_new_figure_of_pyplot(name, network):
    before = dict(matplotlib.rcParams)
    user = pyplot.figure()
    display = displays(network)[name]()
    assert pyplot.gcf() is display.figure_ is not user  # so that pyplot.show() shows it
    assert display.ax_ in display.figure_.axes
    assert user.axes == []
    assert dict(matplotlib.rcParams) == before
    display.figure_.canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_given_axes_are_drawn_on_and_nothing_else_changes(name, network):
    before = dict(matplotlib.rcParams)
    figure, (left, right) = pyplot.subplots(1, 2)
    other = pyplot.figure()
    pyplot.figure(figure)
    pyplot.sca(left)
    display = displays(network, ax=right)[name]()
    assert pyplot.gca() is left
    assert pyplot.get_fignums() == [figure.number, other.number]
    assert display.figure_ is figure
    assert left.axison
    assert not left.has_data()
    assert dict(matplotlib.rcParams) == before
    figure.canvas.draw()
    boundary = left.get_position().x1
    drawn = [axes for axes in figure.axes if axes is not left]
    assert all(axes.get_position().x0 > boundary for axes in drawn)  # within the right half


@pytest.mark.slow("draws every plot again")
@pytest.mark.parametrize("name", NAMES)
def test_figures_that_pyplot_does_not_know(name, network):
    figure = Figure(layout="constrained")
    for ax in (figure.subplots(), figure.add_axes((0.1, 0.1, 0.8, 0.8))):
        display = displays(network, ax=ax)[name]()
        assert display.figure_ is figure
    half = Figure(layout="constrained").subfigures(1, 2)[1]
    assert displays(network, ax=half.subplots())[name]().figure_ is half
    assert pyplot.get_fignums() == []
    figure.canvas.draw()


@pytest.mark.slow("draws every plot again")
@pytest.mark.parametrize("name", NAMES)
def test_a_display_is_drawn_again(name, network):
    display = displays(network)[name]()
    first = display.figure_
    assert display.plot() is display
    assert display.figure_ is not first


@pytest.mark.slow("draws every plot again")
@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_too_small_for_print(name, network):
    display = displays(network)[name]()
    display.figure_.canvas.draw()
    sizes = [
        text.get_fontsize()
        for text in display.figure_.findobj(matplotlib.text.Text)
        if text.get_text() and text.get_visible()
    ]
    assert min(sizes) >= 8


@pytest.mark.parametrize(("name", "n"), [("history", 2), ("reliability", 2), ("saliency", 6)])
def test_panels_of_the_users_own(name, n, network):
    axes = Figure().subplots(1, n)
    display = displays(network, ax=axes)[name]()
    assert list(display.axes_.flat) == list(axes)
    with pytest.raises(ValueError, match=f"draws {n} panels, .* Got {n + 1} axes"):
        displays(network, ax=Figure().subplots(1, n + 1))[name]()


def test_models_differ_without_colours():
    looks = [tuple(style(i).values()) for i in range(len(COLORS) * len(MARKERS))]
    assert len(set(looks)) == len(looks)
    for i in range(50):  # any eight in a row have eight markers
        assert len({style(j)["marker"] for j in range(i, i + 8)}) == 8


@pytest.mark.parametrize("name", ["first layer", "saliency", "pairs"])
def test_maps_are_monotonic_in_grey(name, network):
    display = displays(network)[name]()
    image = {
        "first layer": lambda: display.images_[0],
        "saliency": lambda: display.maps_[0],
        "pairs": lambda: display.matrix_.im_,
    }[name]()
    grey = image.cmap(np.linspace(0, 1, 40))[:, :3] @ [0.299, 0.587, 0.114]
    steps = np.diff(grey)
    assert (steps > 0).all() or (steps < 0).all()


@pytest.mark.parametrize("name", ["misclassified", "saliency", "pairs"])
def test_ink_is_dark_and_pixels_are_squares(name, network):
    display = displays(network)[name]()
    image = np.ravel(np.array(display.images_[0], dtype=object))[0]
    assert image.cmap(image.norm(0.0))[0] > image.cmap(image.norm(1.0))[0]
    assert image.get_interpolation() == "nearest"


def test_long_names_lose_their_middle():
    assert shorten("recipe:keras-convnet", 40) == "recipe:keras-convnet"
    assert shorten("recipe:keras-convnet", 11) == "recip…nvnet"
    assert shorten("two\nlines", 20) == "two lines"
    assert len(shorten("x" * 99, 24)) == 24


@pytest.mark.slow("draws many plots")
def test_names_of_many_models_do_not_overlap():
    names = [f"recipe:a-model-with-a-long-name-and-a-number-{i}" for i in range(20)]
    display = plots.FoldScoresDisplay.from_scores({n: [0.8, 0.9] for n in names})
    display.figure_.canvas.draw()
    ticks = [text.get_window_extent() for text in display.ax_.get_yticklabels()]
    assert all(not a.overlaps(b) for a, b in pairwise(ticks))
    whole = display.figure_.bbox
    assert all(box.x0 >= whole.x0 for box in ticks)  # and are not cut off
    history = {name: {"loss": [2.0, 1.0], "accuracy": [0.5, 0.6]} for name in names}
    display = plots.TrainingHistoryDisplay.from_history(history)
    display.figure_.canvas.draw()
    legend = display.axes_[-1].get_legend().get_window_extent()
    assert legend.x1 <= display.figure_.bbox.x1
    assert legend.y0 >= display.figure_.bbox.y0
    assert all(not legend.overlaps(panel.get_window_extent()) for panel in display.axes_)


@pytest.mark.parametrize("name", NAMES)
def test_without_matplotlib(name, network, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"Display\.\w+ needs matplotlib, .*skmnist\[plots\]"):
        displays(network)[name]()


def test_every_model_of_a_comparison_failed():
    failed = SimpleNamespace(model="a", error="fold 1: no", folds=())
    nothing = SimpleNamespace(rows=(failed,), metrics=("accuracy",))
    for kind in (plots.ConfusedPairsDisplay, plots.MisclassifiedDisplay, plots.ReliabilityDisplay):
        with pytest.raises(ValueError, match="Every model of the comparison failed"):
            kind.from_comparison(nothing)
