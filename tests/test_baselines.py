import warnings

import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from skmnist import MnistScaler
from skmnist.baselines import BASELINES, list_baselines, make_baseline


def test_names():
    assert list_baselines() == ["knn", "naive-bayes", "logistic-regression"]


def test_list_is_a_copy():
    list_baselines().clear()
    assert list_baselines()


@pytest.mark.parametrize("name", list_baselines())
def test_baseline_is_an_unfitted_pipeline_on_scaled_pixels(name):
    baseline = make_baseline(name)
    assert isinstance(baseline, Pipeline)
    assert isinstance(baseline[0], MnistScaler)
    with pytest.raises(Exception, match="not fitted"):
        check_is_fitted(baseline)
    assert repr(clone(baseline)) == repr(baseline)
    assert make_baseline(name) is not baseline


@pytest.mark.parametrize(
    ("name", "accuracy"), [("knn", 0.97), ("naive-bayes", 0.82), ("logistic-regression", 0.93)]
)
@pytest.mark.parametrize("as_images", [False, True])
def test_accuracy_without_a_warning(name, accuracy, as_images):
    digits = load_digits()
    X = digits.images if as_images else digits.data
    X_train, X_test, y_train, y_test = train_test_split(
        X, digits.target, stratify=digits.target, random_state=0
    )
    # On busy cores, BLAS's threads wait for each other longer than they work on images this small.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("error")  # such as ConvergenceWarning
        baseline = make_baseline(name).fit(X_train, y_train)
    assert baseline.score(X_test, y_test) > accuracy


def test_every_baseline_says_why():
    assert all(recipe.title and recipe.reason for recipe in BASELINES.values())


def test_unknown_name_names_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown baseline 'naive_bayes'.*Did you mean 'naive-b"):
        make_baseline("naive_bayes")


@pytest.mark.parametrize("name", ["svm", None, 3, ["knn"]])
def test_unknown_name_lists_the_valid_ones(name):
    with pytest.raises(ValueError, match="'knn', 'naive-bayes', 'logistic-regression'"):
        make_baseline(name)
