"""Inside everything that scikit-learn does with a classifier."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.classifiers.cases import CASES
from tests.marks import slow_but

GOOD = {"epochs": 25, "learning_rate": 0.01}
META = {
    "voting": lambda e: VotingClassifier([("net", e), ("nb", GaussianNB())], voting="soft"),
    "bagging": lambda e: BaggingClassifier(e, n_estimators=2, random_state=0),
    "calibrated": lambda e: CalibratedClassifierCV(e, cv=2),
    "calibrated-isotonic": lambda e: CalibratedClassifierCV(e, method="isotonic", cv=2),
    "calibrated-temperature": lambda e: CalibratedClassifierCV(e, method="temperature", cv=2),
    "stacking": lambda e: StackingClassifier(
        [("net", e), ("nb", GaussianNB())], LogisticRegression(), cv=2
    ),
    "adaboost": lambda e: AdaBoostClassifier(e, n_estimators=2, random_state=0),
    "ovr": OneVsRestClassifier,
    "pipeline": lambda e: make_pipeline(StandardScaler(), e),
}


@pytest.mark.parametrize(
    "meta", slow_but(["voting", "calibrated", "pipeline"], META, "several fits of 25 epochs")
)
def test_meta_estimators(case, meta, three):
    X, y = three
    estimator = META[meta](case.make(**GOOD)).fit(X, y)
    assert estimator.score(X, y) > 0.7
    proba = estimator.predict_proba(X)
    assert proba.shape == (90, 3)
    assert np.isfinite(proba).all()


@pytest.mark.slow("many fits")
def test_images_in_cross_validation(case, three):
    """Cross-validation, search and voting take images as they are."""
    X, y = three
    images = X.reshape(-1, 8, 8)
    estimator = case.make(**GOOD)
    scores = cross_validate(estimator, images, y, cv=2, error_score="raise")["test_score"]
    np.testing.assert_array_equal(scores, cross_val_score(estimator, X, y, cv=2))
    search = GridSearchCV(estimator, {"epochs": [25]}, cv=2, error_score="raise").fit(images, y)
    assert search.best_score_ == scores.mean()
    voting = VotingClassifier([("a", estimator), ("b", clone(estimator))], voting="soft")
    assert voting.fit(images, y).score(images, y) > 0.8


@pytest.mark.slow("many fits of 25 epochs")
def test_class_sorted_data(case, digits):
    """Folds are stratified, so data sorted by class score as shuffled data do."""
    X, y = digits
    estimator = case.make(**GOOD)
    order = np.argsort(y, kind="stable")
    for run in (
        lambda X, y: GridSearchCV(estimator, {"epochs": [25]}, cv=3).fit(X, y).best_score_,
        lambda X, y: cross_val_score(estimator, X, y, cv=5).mean(),
    ):
        shuffled, by_class = run(X, y), run(X[order], y[order])
        assert shuffled > 0.75
        assert by_class > shuffled - 0.06


@pytest.mark.slow("many fits of 25 epochs")
def test_sorted_training_data(case, digits):
    """Within one fit the order of the rows does not matter to the quality either."""
    X, y = digits
    order = np.argsort(y, kind="stable")
    params = dict(GOOD, early_stopping=True, validation_fraction=0.2)
    by_class = case.make(**params).fit(X[order], y[order])
    shuffled = case.make(**params).fit(X, y)
    assert by_class.score(X, y) > shuffled.score(X, y) - 0.05


@pytest.mark.slow("many fits of 25 epochs")
def test_halving_grid_search(case, digits):
    X, y = digits
    grid = {"learning_rate": [0.0001, 0.01]}
    search = HalvingGridSearchCV(
        case.make(epochs=10), grid, cv=2, factor=2, random_state=0, error_score="raise"
    ).fit(X, y)
    assert search.best_params_ == {"learning_rate": 0.01}


@pytest.mark.slow("many fits of 25 epochs")
def test_halving_grid_search_over_epochs(case, three):
    """The number of epochs may be the resource."""
    search = HalvingGridSearchCV(
        case.make(),
        {"learning_rate": [0.0001, 0.01]},
        cv=2,
        factor=2,
        resource="epochs",
        min_resources=5,
        max_resources=20,
        random_state=0,
        error_score="raise",
    ).fit(*three)
    assert search.best_params_["learning_rate"] == 0.01
    assert search.best_estimator_.n_iter_ == search.n_resources_[-1]


@pytest.mark.slow("many fits of 25 epochs")
def test_permutation_importance(case, three):
    X, y = three
    result = permutation_importance(
        case.make(**GOOD).fit(X, y), X, y, n_repeats=1, random_state=0, scoring="neg_log_loss"
    )
    assert result.importances_mean.shape == (64,)
    assert result.importances_mean.max() > 0
    # The first pixel of every digit is blank: nothing to permute.
    assert result.importances_mean[0] == 0


@pytest.mark.slow("many fits of 25 epochs")
def test_learning_and_validation_curves(case, digits):
    X, y = digits
    sizes, _, scores = learning_curve(
        case.make(**GOOD), X, y, train_sizes=[0.2, 1.0], cv=2, error_score="raise"
    )
    assert sizes.tolist() == [30, 150]
    assert scores[1].mean() > scores[0].mean()
    _, scores = validation_curve(
        case.make(learning_rate=0.01), X, y, param_name="epochs", param_range=[1, 25], cv=2
    )
    assert scores[1].mean() > scores[0].mean()


@pytest.mark.slow("many fits of 25 epochs")
def test_incremental_learning_curve(case, digits):
    X, y = digits
    _, train, _ = learning_curve(
        case.make(learning_rate=0.01),
        X,
        y,
        train_sizes=[0.5, 1.0],
        cv=2,
        exploit_incremental_learning=True,
        error_score="raise",
    )
    assert np.isfinite(train).all()


@pytest.mark.slow("many fits of 25 epochs")
def test_cross_val_predict(case, three):
    X, y = three
    proba = cross_val_predict(case.make(**GOOD), X, y, cv=3, method="predict_proba")
    assert proba.shape == (90, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    assert (proba.argmax(axis=1) == y).mean() > 0.8
    decision = cross_val_predict(case.make(**GOOD), X, y, cv=3, method="decision_function")
    np.testing.assert_array_equal(decision.argmax(axis=1), proba.argmax(axis=1))


MULTICLASS_SCORERS = [
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "matthews_corrcoef",
    "neg_log_loss",
    "roc_auc_ovr",
    "roc_auc_ovo_weighted",
    "top_k_accuracy",
    "d2_log_loss_score",
    "neg_brier_score",
]
BINARY_SCORERS = [
    "accuracy",
    "balanced_accuracy",
    "neg_log_loss",
    "roc_auc",
    "roc_auc_ovr",
]
# These ask for a positive label where the labels are strings.
POSITIVE_SCORERS = ["average_precision", "f1", "neg_brier_score", "precision", "recall"]


def test_multiclass_scorers(case, three):
    result = cross_validate(
        case.make(), *three, scoring=MULTICLASS_SCORERS, cv=2, error_score="raise"
    )
    for scorer in MULTICLASS_SCORERS:
        assert np.isfinite(result[f"test_{scorer}"]).all(), scorer


@pytest.mark.slow("many fits of 25 epochs")
@pytest.mark.parametrize("labels", [(0, 1), (-1, 1), ("no", "yes"), (False, True)])
def test_binary_scorers(case, labels, two):
    X, y = two
    y = np.array(labels)[y]
    scorers = BINARY_SCORERS + ([] if isinstance(labels[0], str) else POSITIVE_SCORERS)
    result = cross_validate(case.make(**GOOD), X, y, scoring=scorers, cv=2, error_score="raise")
    for scorer in scorers:
        assert np.isfinite(result[f"test_{scorer}"]).all(), scorer
    assert result["test_roc_auc"].mean() > 0.9


@pytest.mark.slow("trains until it has learned")
def test_every_case_learns(digits):
    X, y = digits
    for name, case in CASES.items():
        score = case.make(**GOOD).fit(X[:200], y[:200]).score(X[200:], y[200:])
        assert score > 0.75, name
