"""What is fitted and tested: splits, groups, a fixed test set, and kinds of images and labels."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from skmnist import compare
from skmnist.comparison._splits import read_samples
from tests.comparison.cases import DIGITS, NUMBERED, Recorder, X, y

GROUPS = np.arange(300) // 7


@pytest.fixture(autouse=True)
def nothing_seen():
    Recorder.seen.clear()


def predicted_of(name="a"):
    """Return the images of each fold; before, there is a warm-up with sixteen of them."""
    return [rows for what, rows in Recorder.seen[name] if what == "predict" and len(rows) > 16]


def trained_of(name="a"):
    return [rows for what, rows in Recorder.seen[name] if what == "fit"]


def scores_of(*arguments, **options):
    return compare(GaussianNB(var_smoothing=1e-3), *arguments, **options).rows[0].values("accuracy")


# Splits.


def test_same_splits_for_all_and_stratified():
    comparison = compare(
        [("a", Recorder("a")), ("b", Recorder("b"))], NUMBERED, y, cv=3, random_state=5
    )
    assert Recorder.seen["a"] == Recorder.seen["b"]
    expected = list(StratifiedKFold(3, shuffle=True, random_state=5).split(NUMBERED, y))
    assert predicted_of() == [test.tolist() for _, test in expected]
    assert trained_of() == [train.tolist() for train, _ in expected]
    assert not comparison.fixed_test
    for row in comparison.rows:
        for fold, (_, test) in zip(row.folds, expected, strict=True):
            np.testing.assert_array_equal(fold.test, test)


def test_random_splits_are_drawn_once():
    models = [("a", Recorder("a")), ("b", Recorder("b"))]
    compare(models, NUMBERED, y, cv=ShuffleSplit(2), random_state=None)
    compare(models, NUMBERED, y, cv=2, random_state=None)
    assert Recorder.seen["a"] == Recorder.seen["b"]
    assert len(predicted_of()) == 4


def test_seed_decides_the_folds():
    same, again, other = (scores_of(X, y, cv=3, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(same, again)
    assert not np.array_equal(same, other)


def test_default_is_five_folds():
    np.testing.assert_array_equal(scores_of(X, y), scores_of(X, y, cv=5))


def test_splitter_iterable_masks_and_lists_agree():
    splits = list(KFold(4).split(X))
    expected = scores_of(X, y, cv=KFold(4))
    assert len(expected) == 4
    masks = [tuple(np.isin(np.arange(300), rows) for rows in split) for split in splits]
    for cv in (splits, iter(splits), masks, [(a.tolist(), b.tolist()) for a, b in splits]):
        np.testing.assert_array_equal(scores_of(X, y, cv=cv), expected)


def test_predefined_split():
    fold = np.where(np.arange(300) < 200, -1, 0)
    comparison = compare(Recorder("a"), NUMBERED, y, cv=PredefinedSplit(fold))
    assert predicted_of() == [list(range(200, 300))]
    assert comparison.fixed_test


# Groups.


@pytest.mark.parametrize(
    ("cv", "same_as"),
    [
        (3, StratifiedGroupKFold(3, shuffle=True, random_state=4)),
        (GroupKFold(3), GroupKFold(3)),
        (LeaveOneGroupOut(), LeaveOneGroupOut()),
    ],
)
@pytest.mark.parametrize("kind", [np.asarray, list, pd.Series])
def test_groups_are_kept_together(cv, same_as, kind):
    groups = GROUPS if cv == 3 else GROUPS // 10
    compare(Recorder("a"), NUMBERED, y, cv=cv, groups=kind(groups), random_state=4)
    expected = list(same_as.split(NUMBERED, y, groups))
    assert predicted_of() == [test.tolist() for _, test in expected]
    for train, test in zip(trained_of(), predicted_of(), strict=True):
        assert not set(groups[np.int64(train)]) & set(groups[np.int64(test)])


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
@pytest.mark.parametrize("cv", [KFold(3), list(KFold(3).split(X))])
def test_splits_that_tear_groups_apart_are_refused(cv):
    with pytest.raises(ValueError, match=r"keep groups together, but split 1 fits to and tests"):
        compare("knn", X, y, cv=cv, groups=GROUPS)
    rows = np.arange(300)
    apart = [(rows[GROUPS < 20], rows[GROUPS >= 20])]
    assert compare("naive-bayes", X, y, cv=apart, groups=GROUPS).rows[0].error is None


# A fixed test set.


def test_fixed_test_set_is_used_as_it_is():
    comparison = compare(
        Recorder("a"), NUMBERED[:200], y[:200], X_test=NUMBERED[200:], y_test=y[200:]
    )
    assert trained_of() == [list(range(200))]
    assert predicted_of() == [list(range(200, 300))]
    assert comparison.fixed_test and comparison.n_folds == 1
    assert comparison.n_images == 300
    np.testing.assert_array_equal(comparison.y, y[200:])
    np.testing.assert_array_equal(comparison.X[:, 0], np.arange(200, 300))
    fold = comparison.rows[0].folds[0]
    np.testing.assert_array_equal(fold.test, np.arange(100))
    assert fold.scores["accuracy"] == np.mean(fold.predicted == y[200:])


def test_whole_training_set_is_not_copied():
    samples = read_samples(X, y, X[:9], y[:9], None, None, 0)
    train, _ = samples.train(samples.splits[0])
    assert np.shares_memory(train, X)


def test_classes_of_both_parts_count():
    X_train, y_train = X[y < 8], y[y < 8]
    comparison = compare("naive-bayes", X_train, y_train, X_test=X, y_test=y)
    assert comparison.classes.tolist() == list(range(10))
    fold = comparison.rows[0].folds[0]
    assert fold.probabilities.shape == (300, 10)
    assert not fold.probabilities[:, 8:].any()
    np.testing.assert_allclose(fold.probabilities.sum(axis=1), 1, rtol=1e-5)


# Kinds of images and labels.


def test_kinds_of_images_agree(tmp_path):
    expected = scores_of(X, y, cv=2)
    memmap = np.memmap(tmp_path / "images", dtype=X.dtype, mode="w+", shape=X.shape)
    memmap[:] = X
    for images in (X.tolist(), pd.DataFrame(X), pl.DataFrame(X), memmap, X.astype(np.uint8)):
        np.testing.assert_array_equal(scores_of(images, y, cv=2), expected)
    frame = pd.DataFrame(X, index=np.arange(300)[::-1])
    np.testing.assert_array_equal(scores_of(frame, y, cv=2), expected)


def test_images_of_height_and_width():
    images = DIGITS.images[:300]
    comparison = compare("naive-bayes", images, y, cv=2)
    assert comparison.image_shape == (8, 8)
    assert comparison.X.shape == (300, 8, 8)
    np.testing.assert_array_equal(
        comparison.rows[0].values("accuracy"),
        compare("naive-bayes", X, y, cv=2).rows[0].values("accuracy"),
    )


def test_sparse_images():
    row = compare(KNeighborsClassifier(), sparse.csr_array(X), y, cv=2).rows[0]
    dense = compare(KNeighborsClassifier(), X, y, cv=2).rows[0]
    np.testing.assert_array_equal(row.values("accuracy"), dense.values("accuracy"))


def test_kinds_of_labels_agree():
    names = np.array(["even", "odd"])[y % 2]
    expected = scores_of(X, y % 2, cv=2)
    for labels in (names, names.tolist(), names.astype(object), pd.Series(names), pl.Series(names)):
        np.testing.assert_array_equal(scores_of(X, labels, cv=2), expected)
    comparison = compare(GaussianNB(), X, names, cv=2)
    assert comparison.classes.tolist() == ["even", "odd"]
    assert set(comparison.rows[0].folds[0].predicted) == {"even", "odd"}


def test_default_data_are_the_sample():
    comparison = compare("naive-bayes", cv=2)
    assert comparison.n_images == 5000
    assert comparison.image_shape == (784,)
    assert comparison.data == "sample"
    assert comparison.rows[0].mean("accuracy") > 0.8
    assert "of sample" in str(comparison)


# Mistakes.


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (X, None, "Got no y"),
        (None, y, "Got no X"),
        (X, y[:-1], "inconsistent numbers of samples"),
        (X[:8], y[:8], "n_splits=5"),
        (X, np.eye(10)[y], r"one label per image\. Got shape \(300, 10\).*argmax"),
    ],
)
def test_wrong_data(images, labels, message):
    with pytest.raises(ValueError, match=message):
        compare("knn", images, labels)


def test_labels_that_cannot_be_sorted_are_told_before_work():
    labels = np.array([1, "one"] * 150, dtype=object)
    with pytest.raises(TypeError, match="not supported between"):
        compare(Recorder("a"), X, labels, cv=KFold(2))
    assert not Recorder.seen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 1}, "n_splits=1"),
        ({"cv": []}, "at least one split"),
        ({"cv": "five"}, "five"),
        ({"cv": [([], [1, 2])]}, "Split 1 of cv has no images to fit to"),
        ({"cv": [([0, 1], [2, 3]), ([1, 2], [])]}, "Split 2 of cv has no images"),
        ({"groups": GROUPS[:-1]}, "inconsistent numbers of samples"),
        ({"random_state": "zero"}, "Got 'zero'"),
        ({"rope": -0.1}, r"rope must be a number of at least 0\. Got -0\.1"),
        ({"rope": float("nan")}, "rope"),
        ({"alpha": 0}, r"alpha must be a number between 0 and 1\. Got 0"),
        ({"alpha": "0.05"}, "alpha"),
        ({"X_test": X}, "Got no y_test"),
        ({"y_test": y}, "Got no X_test"),
        ({"X_test": X, "y_test": y[1:]}, "inconsistent numbers"),
        ({"X_test": X[:, 1:], "y_test": y}, r"the same shape\. Got \(64,\) and \(63,\)"),
        ({"X_test": X, "y_test": y, "cv": 3}, r"nothing to split\. Got cv too"),
        ({"X_test": X, "y_test": y, "groups": GROUPS}, r"nothing to split\. Got groups too"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        compare(Recorder("a"), X, y, **options)
    assert not Recorder.seen  # told before any work
