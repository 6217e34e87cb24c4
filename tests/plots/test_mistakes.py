"""Confused pairs, misclassified images, and reliability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import LinearSVC

from skmnist.plots import ConfusedPairsDisplay, MisclassifiedDisplay, ReliabilityDisplay
from tests.plots.cases import X, Y, closed_figures, comparison  # noqa: F401

MODEL = make_pipeline(MinMaxScaler(), GaussianNB()).fit(X[:900], Y[:900])
X_TEST, Y_TEST = X[900:], Y[900:]
WRONG = MODEL.predict(X_TEST) != Y_TEST


def shown(artists):
    return np.array([artist.get_array() for artist in artists])


# Confused pairs.

TRUE = np.array(["cat", "cat", "cat", "dog", "dog", "owl", "owl", "cat"])
PREDICTED = np.array(["dog", "dog", "cat", "owl", "dog", "owl", "dog", "dog"])
IMAGES = np.arange(8 * 6, dtype=float).reshape(8, 2, 3)


def test_pairs_are_counted_and_sorted():
    display = ConfusedPairsDisplay.from_predictions(TRUE, PREDICTED, IMAGES)
    # The two with one image each in the order of the classes.
    assert display.pairs_ == [("cat", "dog", 3), ("dog", "owl", 1), ("owl", "dog", 1)]
    np.testing.assert_array_equal(shown(display.images_[0]), IMAGES[[0, 1, 7]])
    np.testing.assert_array_equal(shown(display.images_[1]), IMAGES[[3]])
    np.testing.assert_array_equal(shown(display.images_[2]), IMAGES[[6]])
    texts = [line[0].get_ylabel() for line in display.axes_]
    assert texts[0].split() == ["cat", "taken", "for", "dog", "3", "images"]
    assert texts[1].endswith("1 image")
    visible = [[panel.axison for panel in line] for line in display.axes_]
    assert visible == [[True] * 3 + [False] * 3, *[[True] + [False] * 5] * 2]


def test_number_of_pairs_and_images():
    display = ConfusedPairsDisplay.from_predictions(
        TRUE, PREDICTED, IMAGES, n_pairs=1, n_images=2, matrix=False
    )
    assert display.axes_.shape == (1, 2)
    np.testing.assert_array_equal(shown(display.images_[0]), IMAGES[[0, 1]])
    assert display.matrix_ is None
    assert len(display.pairs_) == 3  # all are known, whatever is shown


def test_the_matrix_has_all_counts_and_colours_for_mistakes():
    display = ConfusedPairsDisplay.from_predictions(TRUE, PREDICTED)
    np.testing.assert_array_equal(
        display.matrix_.confusion_matrix, [[1, 3, 0], [0, 1, 1], [0, 1, 1]]
    )
    drawn = display.matrix_.im_.get_array()
    assert drawn.mask.diagonal().all()
    assert drawn[0, 1] == 3
    text = [[cell.get_text() for cell in line] for line in display.matrix_.text_]
    assert text == [["1", "3", ""], ["", "1", "1"], ["", "1", "1"]]
    assert display.axes_.size == 0
    assert display.matrix_.ax_ is display.ax_


def contrast(a, b):
    """Return the contrast of two colours after the WCAG."""

    def luminance(color):
        channels = np.array(color[:3])
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted([luminance(a), luminance(b)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("most", [1, 3, 17, 63])
def test_counts_can_be_read_on_their_colour(most):
    from matplotlib.colors import to_rgba

    counts = np.minimum(np.arange(64), most).reshape(8, 8)
    display = ConfusedPairsDisplay(counts, classes=np.arange(8)).plot()
    image = display.matrix_.im_
    for (i, j), text in np.ndenumerate(display.matrix_.text_):
        value = image.get_array()[i, j]
        ground = to_rgba("white") if np.ma.is_masked(value) else image.cmap(image.norm(value))
        if text.get_text():
            assert contrast(ground, to_rgba(text.get_color())) > 4.5


def test_many_classes_have_colours_instead_of_counts():
    y = np.arange(47)
    display = ConfusedPairsDisplay.from_predictions(y, np.roll(y, 1))
    assert display.matrix_.text_ is None
    assert any(axes.get_ylabel() == "misclassified images" for axes in display.figure_.axes)


def test_no_mistake_at_all():
    display = ConfusedPairsDisplay.from_predictions(TRUE, TRUE, IMAGES)
    assert display.pairs_ == []
    texts = [text.get_text() for axes in display.figure_.axes for text in axes.texts]
    assert "no image was misclassified" in texts
    gallery = MisclassifiedDisplay.from_predictions(TRUE, TRUE, IMAGES)
    assert [text.get_text() for text in gallery.ax_.texts] == ["no image was misclassified"]
    assert gallery.images_ == []


@pytest.mark.slow("compares networks")
def test_confused_pairs_of_estimator_and_comparison():
    display = ConfusedPairsDisplay.from_estimator(MODEL, X_TEST, Y_TEST)
    assert sum(count for _, _, count in display.pairs_) == WRONG.sum()
    assert display.images_[0][0].get_array().shape == (8, 8)
    best = ConfusedPairsDisplay.from_comparison(comparison())
    assert best.pairs_ == []
    bad = ConfusedPairsDisplay.from_comparison(comparison(), "bad")
    assert bad.pairs_ == [("a", "b", 1), ("b", "a", 1)]
    np.testing.assert_array_equal(shown(bad.images_[1]), comparison().X[[2]])


# Misclassified images.

PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.0005, 0.9995], [0.45, 0.55]])


def test_the_most_confident_mistakes_come_first():
    y_true, y_pred = np.array([1, 1, 0, 0]), np.array([0, 1, 1, 1])
    display = MisclassifiedDisplay.from_predictions(
        y_true, y_pred, IMAGES[:4], y_proba=PROBABILITIES
    )
    np.testing.assert_array_equal(display.indices, [2, 0, 3])
    np.testing.assert_array_equal(display.proba_pred, [0.9995, 0.9, 0.55])
    np.testing.assert_array_equal(display.proba_true, [0.0005, 0.1, 0.45])
    np.testing.assert_array_equal(shown(display.images_), IMAGES[[2, 0, 3]])
    titles = [panel.get_title() for panel in display.axes_.flat]
    assert titles[0] == "true 0: <0.1%\npred. 1: >99.9%"
    assert titles[1] == "true 1: 10%\npred. 0: 90%"
    assert display.n_predicted == 4


def test_without_probabilities_the_order_stays():
    display = MisclassifiedDisplay.from_predictions(
        TRUE, PREDICTED, IMAGES, n_images=3, n_columns=2
    )
    np.testing.assert_array_equal(display.indices, [0, 1, 3, 6, 7])
    assert display.axes_.shape == (2, 2)
    assert display.axes_[0, 0].get_title() == "true cat\npred. dog"
    assert not display.axes_[1, 1].axison
    assert len(display.images_) == 3


def test_classes_in_another_order_than_sorted():
    display = MisclassifiedDisplay.from_predictions(
        ["b", "a"], ["a", "b"], IMAGES[:2], y_proba=[[0.3, 0.7], [0.9, 0.1]], classes=["b", "a"]
    )
    np.testing.assert_array_equal(display.proba_pred, [0.9, 0.7])
    np.testing.assert_array_equal(display.indices, [1, 0])


def test_misclassified_of_estimators():
    display = MisclassifiedDisplay.from_estimator(MODEL, X_TEST, Y_TEST)
    assert len(display.images) == WRONG.sum()
    assert (np.diff(display.proba_pred) <= 0).all()
    np.testing.assert_array_equal(display.images[0].ravel(), X_TEST[display.indices[0]])
    svm = LinearSVC().fit(X[:300], Y[:300])
    assert MisclassifiedDisplay.from_estimator(svm, X_TEST, Y_TEST).proba_pred is None
    for kind in (MisclassifiedDisplay, ConfusedPairsDisplay, ReliabilityDisplay):
        for unfitted in (GaussianNB(), GridSearchCV(GaussianNB(), {})):
            with pytest.raises(NotFittedError):
                kind.from_estimator(unfitted, X, Y)


def test_misclassified_of_a_comparison():
    display = MisclassifiedDisplay.from_comparison(comparison(), "bad")
    np.testing.assert_array_equal(display.indices, [0, 2])  # rows of X, not of the predictions
    np.testing.assert_array_equal(shown(display.images_), comparison().X[[0, 2]])
    np.testing.assert_allclose(display.proba_pred, [0.7, 0.6])
    assert MisclassifiedDisplay.from_comparison(comparison(), "no probabilities").proba_pred is None
    with pytest.raises(ValueError, match="broken failed in fold 1: ValueError: no"):
        MisclassifiedDisplay.from_comparison(comparison(), "broken")


def test_colour_images_and_one_hot_labels():
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    one_hot = np.eye(3)
    display = MisclassifiedDisplay.from_predictions(one_hot[[0, 1]], one_hot[[2, 1]], images)
    drawn = display.images_[0].get_array()
    assert drawn.shape == (4, 4, 3)
    np.testing.assert_allclose(drawn, images[0] / images[0].max())
    assert display.y_pred.tolist() == [2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"X": IMAGES.reshape(8, 6)}, "6 features, which do not make a square image"),
        ({"X": IMAGES[:3]}, "inconsistent numbers of samples"),
        ({"X": np.zeros((8, 2, 2, 2))}, r"one or three channels\. Got shape \(8, 2, 2, 2\)"),
        (
            {"X": IMAGES.reshape(8, 6), "image_shape": (2, 2)},
            r"must have 6 pixels, .* Got \(2, 2\) with 4 pixels",
        ),
        ({"y_proba": np.ones((8, 3))}, "that sum to 1 in each row"),
        ({"y_proba": np.full((8, 2), 0.5)}, "2 columns, but there are 3 classes: cat, dog, owl"),
        ({"y_proba": np.ones(8)}, r"a column for each class.* Got shape \(8,\)"),
        ({"y_proba": np.full((8, 2), 0.5), "classes": ["cat", "dog"]}, "labels owl have no column"),
        ({"y_pred": PREDICTED[:3]}, "inconsistent numbers of samples"),
    ],
)
def test_predictions_that_do_not_fit(options, message):
    given_ = {"y_true": TRUE, "y_pred": PREDICTED, "X": IMAGES} | options
    with pytest.raises(ValueError, match=message):
        MisclassifiedDisplay.from_predictions(**given_)


def test_rows_of_images_that_are_no_squares():
    rows = IMAGES.reshape(8, 6)
    display = MisclassifiedDisplay.from_predictions(TRUE, PREDICTED, rows, image_shape=(2, 3))
    np.testing.assert_array_equal(display.images, IMAGES[display.indices])


# Reliability.


def test_expected_calibration_error_by_hand():
    # Confidences 0.9 and 0.8 in the bin up to 1, of which one is right; 0.6 and 0.7 in the bin
    # below, of which both are right.
    y_proba = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
    display = ReliabilityDisplay.from_predictions(
        [0, 0, 0, 1], y_proba, n_bins=4, strategy="uniform"
    )
    np.testing.assert_array_equal(display.counts, [0, 0, 2, 2])
    np.testing.assert_allclose(display.accuracy[2:], [1.0, 0.5])
    np.testing.assert_allclose(display.confidence[2:], [0.65, 0.85])
    assert np.isnan(display.accuracy[:2]).all()
    assert display.expected_calibration_error_ == pytest.approx(0.5 * 0.35 + 0.5 * 0.35)
    np.testing.assert_allclose(display.line_.get_xdata(), [0.65, 0.85])
    np.testing.assert_allclose(display.line_.get_ydata(), [1.0, 0.5])
    assert [bar.get_height() for bar in display.bars_] == [0, 0, 2, 2]
    assert "expected calibration error 0.350" in display.ax_.texts[0].get_text()


@pytest.mark.slow("draws many plots")
@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 5),
    n_bins=st.integers(1, 12),
    strategy=st.sampled_from(["uniform", "quantile"]),
)
def test_bins_against_a_loop(seed, n_classes, n_bins, strategy):
    from matplotlib.figure import Figure

    random = np.random.default_rng(seed)
    y_proba = random.dirichlet(np.ones(n_classes), 60)
    y_true = random.integers(0, n_classes, 60)
    display = ReliabilityDisplay.from_predictions(
        y_true,
        y_proba,
        classes=np.arange(n_classes),
        n_bins=n_bins,
        strategy=strategy,
        ax=Figure().subplots(),
    )
    confidence, right = y_proba.max(axis=1), y_proba.argmax(axis=1) == y_true
    error = 0.0
    for low, high, count in zip(display.edges[:-1], display.edges[1:], display.counts, strict=True):
        inside = (confidence > low) & (confidence <= high)
        inside |= (confidence == display.edges[0]) & (low == display.edges[0])
        assert inside.sum() == count
        if count:
            error += count / 60 * abs(right[inside].mean() - confidence[inside].mean())
    assert display.counts.sum() == 60
    assert display.expected_calibration_error_ == pytest.approx(error)
    if strategy == "quantile":
        assert np.ptp(display.counts) <= 2


def test_intervals_of_wilson():
    from statsmodels.stats.proportion import proportion_confint

    y_proba = np.repeat([[0.75, 0.25], [0.35, 0.65]], [40, 20], axis=0)
    display = ReliabilityDisplay.from_predictions(np.r_[np.zeros(33), np.ones(27)], y_proba)
    # Of the bin up to 0.7, 20 of 20 are right; of that up to 0.8, 33 of 40.
    ends = [segment[:, 1] for segment in display.intervals_.get_segments()]
    expected = [proportion_confint(k, n, method="wilson") for k, n in ((20, 20), (33, 40))]
    np.testing.assert_allclose(ends, expected, rtol=1e-6)


def test_equal_confidences_share_a_bin():
    display = ReliabilityDisplay.from_predictions(
        [0, 1, 1], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], strategy="quantile"
    )
    np.testing.assert_array_equal(display.counts, [3])
    assert display.expected_calibration_error_ == pytest.approx(1 / 3)


def test_reliability_of_estimators_and_comparisons():
    display = ReliabilityDisplay.from_estimator(MODEL, X_TEST, Y_TEST)
    assert display.counts.sum() == len(Y_TEST)
    assert display.name == "GaussianNB"  # not Pipeline
    accuracy = display.accuracy[display.counts > 0] @ display.counts[display.counts > 0]
    assert accuracy / len(Y_TEST) == pytest.approx(MODEL.score(X_TEST, Y_TEST))
    of_row = ReliabilityDisplay.from_comparison(comparison(), "bad")
    assert (of_row.name, of_row.counts.sum()) == ("bad", 4)
    with pytest.raises(ValueError, match="no probabilities gives no probabilities"):
        ReliabilityDisplay.from_comparison(comparison(), "no probabilities")
    with pytest.raises(AttributeError, match="LinearSVC has no predict_proba"):
        ReliabilityDisplay.from_estimator(LinearSVC().fit(X[:99], Y[:99]), X, Y)
    with pytest.raises(ValueError, match="labels 9 have no column"):
        few = LogisticRegression().fit(X[Y < 9][:99], Y[Y < 9][:99])
        ReliabilityDisplay.from_estimator(few, X, Y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 0}, "n_bins must be an integer of at least 1. Got 0"),
        ({"n_bins": 2.5}, "n_bins must be an integer"),
        ({"strategy": "equal"}, "'uniform' or 'quantile'. Got 'equal'"),
    ],
)
def test_bins_that_there_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        ReliabilityDisplay.from_predictions([0, 1], [[0.5, 0.5]] * 2, **options)
