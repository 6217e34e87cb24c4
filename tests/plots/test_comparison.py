"""Plots of what skmnist.compare returns."""

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from skmnist import MLPClassifier, compare, plots
from tests.plots.cases import X, Y, closed_figures  # noqa: F401


class Broken(LinearSVC):
    def fit(self, X, y):
        raise ValueError("no")


@pytest.mark.slow("trains and draws everything")
def test_every_plot_of_a_comparison():
    network = MLPClassifier((8,), epochs=2, random_state=0)
    models = [("network", network), ("svm", LinearSVC()), ("broken", Broken())]
    letters = np.array(list("abcdefghij"))[Y]
    result = compare(models, X[:300], letters[:300], cv=2)
    svm, net = (next(row for row in result.rows if row.model == m) for m in ("svm", "network"))

    folds = plots.FoldScoresDisplay.from_comparison(result)
    assert folds.models_ == [row.model for row in result.rows]
    np.testing.assert_allclose(folds.means_[0], result.rows[0].mean("accuracy"))
    times = plots.AccuracyTimeDisplay.from_comparison(result)
    assert sorted(times.models) == ["network", "svm"]
    history = plots.TrainingHistoryDisplay.from_comparison(result)
    assert history.histories == {"network": [fold.history for fold in net.folds]}
    for row in (svm, net):
        mistakes = plots.MisclassifiedDisplay.from_comparison(result, row.model)
        n_wrong = 300 - sum(round(fold.scores["accuracy"] * len(fold.test)) for fold in row.folds)
        assert len(mistakes.images) == n_wrong
        np.testing.assert_array_equal(letters[mistakes.indices], mistakes.y_true)
        pairs = plots.ConfusedPairsDisplay.from_comparison(result, row.model, n_pairs=1, n_images=1)
        assert sum(count for *_, count in pairs.pairs_) == n_wrong
    reliability = plots.ReliabilityDisplay.from_comparison(result, "network")
    assert reliability.counts.sum() == 300
