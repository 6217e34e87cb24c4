"""Fold scores, and scores against time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skmnist.plots import AccuracyTimeDisplay, FoldScoresDisplay
from skmnist.plots._accuracy_time import pareto_front
from tests.plots.cases import closed_figures, comparison  # noqa: F401

SCORES = {"low": [0.7, 0.72, 0.69], "high": [0.9, 0.95, 0.94], "middle": [0.8, 0.8, 0.8]}


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


# Fold scores.


def test_the_best_model_is_on_top_with_its_folds_and_mean():
    display = FoldScoresDisplay.from_scores(SCORES, metric="balanced_accuracy")
    assert display.models_ == ["high", "middle", "low"] == labels(display.ax_.yaxis)
    bottom, top = display.ax_.get_ylim()
    assert bottom > top  # so that the first is on top
    for points, name in zip(display.points_, display.models_, strict=True):
        np.testing.assert_array_equal(points.get_offsets()[:, 0], SCORES[name])
    means = display.mean_points_.get_offsets()
    np.testing.assert_allclose(means[:, 0], [np.mean(SCORES[name]) for name in display.models_])
    np.testing.assert_array_equal(means[:, 1], [0, 1, 2])
    assert display.ax_.get_xlabel() == "balanced accuracy"


def test_equal_scores_of_folds_remain_visible():
    points = FoldScoresDisplay.from_scores({"a": [0.8, 0.8, 0.8]}).points_[0].get_offsets()
    assert len(np.unique(points[:, 1])) == 3
    assert np.abs(points[:, 1]).max() < 0.5  # none is in the row of a neighbour


def test_intervals_are_those_of_nadeau_and_bengio():
    values = np.array([0.90, 0.93, 0.92, 0.95, 0.91])
    display = FoldScoresDisplay.from_scores({"a": values}, confidence=0.9)
    error = values.std(ddof=1) * np.sqrt(1 / 5 + 1 / 4)  # a fifth tested, four fifths trained on
    expected = stats.t.interval(0.9, 4, values.mean(), error)
    np.testing.assert_allclose(display.bars_[0].get_xdata(), expected)
    assert "90% interval of the mean" in str(
        [text.get_text() for text in display.ax_.get_legend().get_texts()]
    )
    wide = FoldScoresDisplay.from_scores({"a": values}, confidence=0.9, test_train_ratio=1.0)
    assert np.ptp(wide.bars_[0].get_xdata()) > np.ptp(expected)


def test_one_fold_has_no_interval_and_no_points_beside_the_mean():
    display = FoldScoresDisplay.from_scores({"a": [0.9], "b": [0.8]})
    assert display.bars_ == [] == display.points_
    np.testing.assert_array_equal(display.mean_points_.get_offsets()[:, 0], [0.9, 0.8])


def test_fold_scores_of_a_comparison():
    display = FoldScoresDisplay.from_comparison(comparison())
    assert display.models_ == ["good", "no probabilities", "bad", "broken"]
    np.testing.assert_array_equal(display.bars_[0].get_xdata(), [0.89, 1.01])  # its own interval
    assert [text.get_text() for text in display.ax_.texts] == ["failed"]
    assert np.isnan(display.means_[-1])
    other = FoldScoresDisplay.from_comparison(comparison(), metric="auc")
    assert other.models_ == ["bad", "good", "no probabilities", "broken"]
    assert [text.get_text() for text in other.ax_.texts] == ["no auc", "failed"]


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ({}, {}, "at least one model"),
        ({"a": [0.9, np.nan]}, {}, "'a' must be one finite number for each fold"),
        ({"a": [[0.9]]}, {}, "'a' must be one finite number for each fold"),
        ({"a": []}, {}, "'a' must be one finite number for each fold"),
        ({"a": [0.9]}, {"confidence": 95}, "confidence must be a number between 0 and 1. Got 95"),
        ({"a": [0.9]}, {"test_train_ratio": 0}, "test_train_ratio must be a number above 0"),
    ],
)
def test_scores_that_cannot_be_drawn(scores, options, message):
    with pytest.raises(ValueError, match=message):
        FoldScoresDisplay.from_scores(scores, **options)


@pytest.mark.parametrize("kind", [FoldScoresDisplay, AccuracyTimeDisplay])
def test_metrics_that_were_not_measured(kind):
    with pytest.raises(ValueError, match=r"no metric 'f1'\. Its metrics are accuracy, auc"):
        kind.from_comparison(comparison(), metric="f1")


# Scores against time.


@given(
    st.lists(
        # Few different numbers, so that ties occur.
        st.tuples(st.integers(0, 5), st.integers(1, 5)),
        min_size=1,
        max_size=12,
    )
)
def test_the_pareto_front_is_what_nobody_beats(pairs):
    scores, seconds = np.array(pairs, dtype=float).T
    beaten = [
        any(
            (s >= score and t <= time) and (s > score or t < time)
            for s, t in zip(scores, seconds, strict=True)
        )
        for score, time in zip(scores, seconds, strict=True)
    ]
    np.testing.assert_array_equal(pareto_front(scores, seconds), np.logical_not(beaten))


VALUES = {"slow": (0.99, 100.0), "beaten": (0.9, 50.0), "fast": (0.8, 0.1), "middle": (0.95, 2.0)}


def test_points_and_front_of_models():
    display = AccuracyTimeDisplay.from_values(VALUES, metric="accuracy")
    assert display.front_ == ["fast", "middle", "slow"]
    drawn = [(line.get_ydata()[0], line.get_xdata()[0]) for line in display.points_]
    assert drawn == list(VALUES.values())
    np.testing.assert_array_equal(display.line_.get_xdata(), [0.1, 2.0, 100.0])
    np.testing.assert_array_equal(display.line_.get_ydata(), [0.8, 0.95, 0.99])
    assert display.line_.get_drawstyle() == "steps-post"
    assert display.ax_.get_xscale() == "log"
    hollow = [line.get_fillstyle() == "none" for line in display.points_]
    assert hollow == [False, True, False, False]
    assert {label.get_text() for label in display.labels_} == set(VALUES)


def names_and_points(display):
    """Return the boxes of the names without their leaders, and of the markers, as drawn."""
    from matplotlib.text import Text

    display.figure_.canvas.draw()
    renderer = display.figure_.canvas.get_renderer()
    names = [Text.get_window_extent(label, renderer) for label in display.labels_]
    data = np.column_stack([np.asarray(display.seconds), np.asarray(display.scores)])
    return names, display.ax_.transData.transform(data)


def random_values(n, seed):
    random = np.random.default_rng(seed)
    return {
        f"a model with a long name {i}": (random.uniform(0.8, 0.99), 10 ** random.uniform(-1, 3))
        for i in range(n)
    }


@pytest.mark.slow("draws many plots")
@pytest.mark.parametrize("n", [6, 20])
@pytest.mark.parametrize("seed", [0, 1])
def test_names_cover_neither_each_other_nor_points(n, seed):
    display = AccuracyTimeDisplay.from_values(random_values(n, seed))
    names, points = names_and_points(display)
    if len(names) < n:  # there was no room for all of them
        legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        assert len(legend) == n + 1
    for i, box in enumerate(names):
        assert not any(box.overlaps(other) for other in names[i + 1 :])
        assert not any(box.contains(*point) for point in points)


def test_crowded_models_are_in_a_legend_with_marks_of_their_own():
    values = {f"model {i}": (0.9 + i / 1e5, 1 + i / 1e3) for i in range(25)}
    values["best"] = (0.99, 0.5)
    display = AccuracyTimeDisplay.from_values(values)
    assert [label.get_text() for label in display.labels_] == ["best"] == display.front_
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend[:3] == ["Pareto front (filled)", "best", "model 24"]  # by score
    assert len(legend) == 27
    looks = {(line.get_color(), line.get_marker()) for line in display.points_}
    assert len(looks) == 26


def test_error_scale_puts_equal_factors_of_the_error_at_equal_distances():
    values = {"a": (0.9, 1.0), "b": (0.99, 2.0), "c": (0.999, 3.0), "perfect": (1.0, 4.0)}
    display = AccuracyTimeDisplay.from_values(values, error_scale=True)
    heights = [
        display.ax_.transData.transform((1, line.get_ydata()[0]))[1] for line in display.points_
    ]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1])
    assert display.points_[3].get_ydata()[0] == pytest.approx(0.9995)  # half of the error of c
    frame = display.ax_.get_window_extent()
    assert frame.y0 < min(heights)
    assert max(heights) < frame.y1
    with pytest.raises(ValueError, match=r"scores of at most 1\. Got 2"):
        AccuracyTimeDisplay.from_values({"a": (2.0, 1.0)}, error_scale=True)


@pytest.mark.slow("draws many plots")
@settings(max_examples=15, deadline=None)
@given(st.floats(0, 0.9995), st.floats(1e-5, 0.5))
def test_error_scale_has_ticks(low, gap):
    from matplotlib.figure import Figure

    values = {"a": (low, 1.0), "b": (min(low + gap, 1.0), 2.0)}
    ax = Figure().subplots()
    AccuracyTimeDisplay.from_values(values, error_scale=True, ax=ax)
    bottom, top = ax.get_ylim()
    shown = [tick for tick in ax.get_yticks() if bottom <= tick <= top]
    assert 2 <= len(shown) <= 40


@pytest.mark.slow("compares networks")
def test_score_against_time_of_a_comparison():
    display = AccuracyTimeDisplay.from_comparison(comparison())
    assert display.models == ["good", "bad", "no probabilities"]
    np.testing.assert_allclose(display.seconds, [2.0, 0.2, 5.0])
    np.testing.assert_allclose(display.scores, [0.95, 0.6, 0.65])
    assert AccuracyTimeDisplay.from_comparison(comparison(), metric="auc").models == ["good", "bad"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "at least one model"),
        ({"a": (0.9, 0.0)}, "'a' needs a finite score and a positive number of seconds"),
        ({"a": (np.nan, 1.0)}, "'a' needs a finite score"),
    ],
)
def test_values_that_cannot_be_drawn(values, message):
    with pytest.raises(ValueError, match=message):
        AccuracyTimeDisplay.from_values(values)
