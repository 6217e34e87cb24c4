"""Learning curves of training."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.pipeline import make_pipeline

from skmnist import MLPClassifier, MnistScaler
from skmnist.plots import TrainingHistoryDisplay
from tests.plots.cases import X, Y, closed_figures, comparison  # noqa: F401

HISTORY = {
    "loss": [2.0, 1.0, 0.5, 0.4],
    "learning_rate": [0.1, 0.1, 0.1, 0.1],
    "accuracy": [0.2, 0.4, 0.6, 0.8],
    "val_loss": [1.5, 1.0, 1.1, 1.2],
    "val_accuracy": [0.3, 0.5, 0.6, 0.7],
}


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


@pytest.fixture(scope="module")
def network():
    model = MLPClassifier((4,), epochs=3, validation_fraction=0.2, random_state=0)
    return make_pipeline(MnistScaler(), model).fit(X, Y)


def test_curves_are_the_history_against_epochs_from_one():
    display = TrainingHistoryDisplay.from_history(HISTORY)
    assert display.metrics_ == ["loss", "accuracy"]  # without the learning rate
    for panel, metric in zip(display.axes_, display.metrics_, strict=True):
        training, validation = display.lines_[metric]
        np.testing.assert_array_equal(training.get_ydata(), HISTORY[metric])
        np.testing.assert_array_equal(validation.get_ydata(), HISTORY[f"val_{metric}"])
        np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4])
        assert training.get_linestyle() != validation.get_linestyle()
        assert (panel.get_xlabel(), panel.get_ylabel()) == ("epoch", metric)


def test_the_epoch_of_the_lowest_validation_loss_is_marked():
    display = TrainingHistoryDisplay.from_history(HISTORY, name="net")
    assert display.best_epochs_ == {"net": [2]}
    rings = [
        [line for line in panel.lines if line.get_fillstyle() == "none"] for panel in display.axes_
    ]
    assert [[(r.get_xdata()[0], r.get_ydata()[0]) for r in panel] for panel in rings] == [
        [(2, 1.0)],
        [(2, 0.5)],
    ]
    assert "lowest validation\nloss (epoch 2)" in texts(display.ax_.get_legend())


def test_without_validation_nothing_is_best():
    history = {"loss": HISTORY["loss"]}
    display = TrainingHistoryDisplay.from_history(history, name="net")
    assert display.best_epochs_ == {"net": [None]}
    assert texts(display.ax_.get_legend()) == ["training"]


def test_several_histories_have_looks_and_names_of_their_own():
    display = TrainingHistoryDisplay.from_history({f"net {i}": HISTORY for i in range(20)})
    loss = display.lines_["loss"]
    assert len(loss) == 40
    assert len({(line.get_color(), line.get_marker()) for line in loss}) == 20
    names = texts(display.axes_[-1].get_legend())
    assert names[:20] == [f"net {i}" for i in range(20)]


def test_chosen_metrics():
    display = TrainingHistoryDisplay.from_history(HISTORY, metrics=["learning_rate", "val_loss"])
    assert display.metrics_ == ["learning_rate", "loss"]
    with pytest.raises(ValueError, match=r"no metrics auc\. Its metrics are loss, learning"):
        TrainingHistoryDisplay.from_history(HISTORY, metrics=["auc"])
    with pytest.raises(ValueError, match="history has no epochs"):
        TrainingHistoryDisplay.from_history({})


def test_a_network_at_the_end_of_pipeline_and_search(network):
    history = network[-1].history_
    display = TrainingHistoryDisplay.from_estimator(network)
    assert list(display.histories) == ["MLPClassifier"]
    np.testing.assert_array_equal(display.lines_["loss"][0].get_ydata(), history["loss"])
    search = GridSearchCV(network, {"mlpclassifier__epochs": [2]}, cv=2).fit(X, Y)
    best = search.best_estimator_[-1].history_
    both = TrainingHistoryDisplay.from_estimator({"plain": network, "search": search})
    assert both.histories == {"plain": [history], "search": [best]}
    assert len(best["loss"]) == 2


def test_early_stopping_is_marked():
    model = MLPClassifier((4,), early_stopping=True, n_iter_no_change=1, random_state=0)
    model.set_params(epochs=200, learning_rate=0.05).fit(X, Y)
    display = TrainingHistoryDisplay.from_estimator(model)
    assert model.n_iter_ < 200
    marks = [line for line in display.ax_.lines if line.get_marker() == "|"]
    assert [mark.get_xdata()[0] for mark in marks] == [model.n_iter_]
    assert marks[0].get_ydata()[0] == model.history_["val_loss"][-1]
    assert "stopped early" in texts(display.ax_.get_legend())


def test_networks_of_scikit_learn():
    model = SklearnMLPClassifier((4,), max_iter=3, early_stopping=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, Y)
    display = TrainingHistoryDisplay.from_estimator(model, name="sklearn")
    assert display.metrics_ == ["loss", "score"]
    np.testing.assert_array_equal(display.lines_["score"][0].get_ydata(), model.validation_scores_)
    assert list(display.histories) == ["sklearn"]


def test_estimators_without_history(network):
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(clone(network))
    with pytest.raises(AttributeError, match="LogisticRegression keeps no history"):
        TrainingHistoryDisplay.from_estimator(LogisticRegression().fit(X[:99], Y[:99]))
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2, refit=False).fit(X[:99], Y[:99])
    with pytest.raises(AttributeError, match="made with refit=False"):
        TrainingHistoryDisplay.from_estimator(search)


def test_a_comparison_has_a_line_for_each_fold():
    display = TrainingHistoryDisplay.from_comparison(comparison())
    assert list(display.histories) == ["good"]
    assert [len(line.get_xdata()) for line in display.lines_["loss"]] == [2, 3]
    with pytest.raises(ValueError, match="No history of training was recorded for bad"):
        TrainingHistoryDisplay.from_comparison(comparison(), models=["good", "bad"])
    with pytest.raises(ValueError, match=r"no model 'x'\. Its models are good, bad"):
        TrainingHistoryDisplay.from_comparison(comparison(), models=["x"])
