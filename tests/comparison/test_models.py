"""What can be compared: names, classes, estimators, and their labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skmnist import LeNetClassifier, MLPClassifier, MnistScaler, compare
from skmnist.baselines import list_baselines
from skmnist.comparison import DEFAULT_MODELS, MODELS, make_model, resolve_models
from skmnist.comparison._models import _distinct
from skmnist.recipes import list_recipes
from tests.comparison.cases import DIGITS, Constant, X, y


def labels_of(*arguments, **options):
    return [label for label, _ in resolve_models(*arguments, **options)]


def test_default_models():
    assert labels_of() == list(DEFAULT_MODELS)
    assert DEFAULT_MODELS == ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression")


def test_baselines_and_recipes_replace_the_default_and_add_to_what_is_given():
    assert labels_of(baselines="all") == list_baselines()
    assert labels_of(baselines="fast") == list_baselines("fast") != list_baselines()
    assert labels_of(baselines="knn") == ["knn"]
    assert labels_of(baselines=("knn", "naive-bayes")) == ["knn", "naive-bayes"]
    assert labels_of(recipes="all") == [f"recipe:{name}" for name in list_recipes()]
    name = list_recipes()[0]
    assert labels_of(recipes=name) == labels_of(f"recipe:{name}") == [f"recipe:{name}"]
    assert labels_of("mlp", baselines=np.array(["knn", "naive-bayes"]), recipes=[name]) == [
        "mlp",
        "knn",
        "naive-bayes",
        f"recipe:{name}",
    ]


def test_every_name_makes_an_estimator_with_a_title_and_a_reason():
    for name, model in MODELS.items():
        assert model.title and model.reason
        if name != "hog-svm":  # needs scikit-image
            assert hasattr(make_model(name, random_state=0), "fit")


def test_named_models_and_classes_get_the_seed():
    found = dict(
        resolve_models(["mlp", "lenet", RandomForestClassifier, GaussianNB], random_state=7)
    )
    assert isinstance(found["mlp"][-1], MLPClassifier)
    assert isinstance(found["lenet"][-1], LeNetClassifier)
    assert found["mlp"][-1].random_state == found["lenet"][-1].random_state == 7
    assert found["RandomForestClassifier"].random_state == 7
    assert isinstance(found["GaussianNB"], GaussianNB)
    ((_, forest),) = resolve_models(RandomForestClassifier, random_state=None)
    assert forest.random_state is None


def test_recipes_get_the_seed():
    ((_, recipe),) = resolve_models(recipes=list_recipes()[0], random_state=7)
    seeds = {v for k, v in recipe.get_params().items() if k.split("__")[-1] == "random_state"}
    assert 7 in seeds


def test_own_estimators_stay_as_they_are():
    own = GaussianNB()
    forest = RandomForestClassifier(2)
    assert [model for _, model in resolve_models([own, forest], random_state=7)] == [own, forest]
    assert forest.random_state is None
    comparison = compare(own, X, y, cv=2)
    assert comparison.rows[0].estimator is own
    assert not hasattr(own, "classes_")


def test_images_that_are_no_squares_reach_networks_as_they_are():
    images = DIGITS.images[:100, :, 1:7]
    ((_, mlp),) = resolve_models("mlp", flat=False)
    mlp.set_params(mlpclassifier__epochs=1).fit(images, y[:100])
    assert mlp[-1].image_shape_ == (8, 6, 1)
    assert compare("knn", images, y[:100], cv=2).rows[0].error is None


def test_search_tells_what_it_found_best():
    search = GridSearchCV(
        make_pipeline(MnistScaler(), KNeighborsClassifier()),
        {"kneighborsclassifier__n_neighbors": [1, 50]},
        cv=2,
    )
    row = compare(search, X, y, cv=2).rows[0]
    assert row.model == "GridSearchCV"
    assert [f.best_params for f in row.folds] == [{"kneighborsclassifier__n_neighbors": 1}] * 2


# Labels.


def test_labels():
    models = [SVC(), ("mine", "knn"), make_pipeline(MnistScaler(), SVC()), "knn", GaussianNB]
    assert labels_of(models) == ["SVC-1", "mine", "SVC-2", "knn", "GaussianNB"]
    assert labels_of({"a": SVC(), "b": "knn", 3: SVC}) == ["a", "b", "3"]
    assert labels_of(("knn", "knn")) == ["knn-1", "knn-2"]
    assert labels_of([("two\nlines", "knn")]) == ["two lines"]
    assert labels_of(iter(["mlp", "knn"])) == ["mlp", "knn"]


@given(st.lists(st.sampled_from(["a", "a-1", "a-2", "a-1-1", "b"]), max_size=8))
def test_labels_are_distinct_and_unique_ones_stay(labels):
    distinct = _distinct(labels)
    assert len(set(distinct)) == len(labels)
    for label, made in zip(labels, distinct, strict=True):
        assert made == label if labels.count(label) == 1 else made.startswith(f"{label}-")


def test_pipeline_and_ensemble_are_compared():
    both = VotingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(random_state=0))])
    comparison = compare([both, Pipeline([("svc", SVC())])], X, y, cv=2)
    assert not comparison.failures
    assert [row.model for row in comparison.rows] == ["SVC", "VotingClassifier"]


# Mistakes.


class Needy(Constant):
    def __init__(self, label):
        super().__init__(label)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("knm",), {}, ValueError, r"Unknown model 'knm'\. Did you mean 'knn'\?"),
        (([("mine", "knm")],), {}, ValueError, "Did you mean 'knn'"),
        ((), {"baselines": "knm"}, ValueError, r"Unknown baseline 'knm'\. Did you mean 'knn'\?"),
        ((), {"baselines": ["mlp"]}, ValueError, "Unknown baseline 'mlp'"),
        ((), {"recipes": "recipe:lenet"}, ValueError, "Unknown recipe 'recipe:lenet'"),
        (("recipe:lennet",), {}, ValueError, "Did you mean 'recipe:lenet'"),
        (([],), {}, ValueError, "at least one model"),
        ((), {"baselines": []}, ValueError, "at least one model"),
        ((Needy,), {}, TypeError, r"Needy needs arguments .*\. Pass an instance"),
        ((GridSearchCV,), {}, TypeError, "GridSearchCV needs arguments"),
        (([3],), {}, TypeError, "Got 3 of type int"),
        ((3,), {}, TypeError, "Got 3 of type int"),
        (([("mine", None)],), {}, TypeError, r"Got \('mine', None\)"),
        ((MnistScaler(),), {}, TypeError, "Got MnistScaler"),
    ],
)
def test_mistakes(arguments, options, error, message):
    with pytest.raises(error, match=message):
        compare(*arguments, X=X, y=y, **options)
