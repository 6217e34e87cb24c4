"""GANGenerator: what it makes, of which classes, and that its two networks learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skmnist import GANGenerator
from tests.unsupervised.cases import CASES, GANS, outputs, weights


@pytest.mark.parametrize("name", GANS)
def test_samples(name, fitted_once):
    fitted = fitted_once(name)
    for n in (1, 2, 17, np.int64(3)):
        made = fitted.sample(n)
        assert isinstance(made, tuple) == (name == "conditional")
        images = made[0] if isinstance(made, tuple) else made
        assert images.shape == (n, 64)
        assert images.dtype == np.float32
        if name == "conditional":
            assert made[1].shape == (n,)
    assert len(outputs(fitted, None)["X"]) == 9
    assert len(np.atleast_2d(fitted.sample() if name == "gan" else fitted.sample()[0])) == 1
    for n in (0, -2, 1.5, "3", None, True, [3]):
        with pytest.raises(ValueError, match="'n_samples' parameter of sample must be an int >= 1"):
            fitted.sample(n)


@pytest.mark.parametrize("name", GANS)
def test_random_state_of_samples(name, fitted_once, X, y):
    """An int repeats in every call; an instance and None go on."""

    def images(estimator):
        return outputs(estimator, X)["X"]

    fitted = fitted_once(name)
    first = images(fitted)
    np.testing.assert_array_equal(images(fitted), first)
    assert np.abs(images(fitted.set_params(random_state=5)) - first).max() > 1e-3
    assert len(np.unique(first.round(5), axis=0)) == 9
    for random_state in (None, np.random.RandomState(0)):
        fitted.set_params(random_state=random_state)
        assert np.abs(images(fitted) - images(fitted)).max() > 1e-3
    one, same = (images(fitted.set_params(random_state=np.random.RandomState(7))) for _ in range(2))
    np.testing.assert_array_equal(one, same)


@pytest.mark.slow("many fits")
def test_none_is_not_numpys_global_seed(fitted_once):
    """As in fit: None differs whatever the global generators were seeded with."""
    made = []
    for name, key in (("gan", 0), ("variational", 0)):
        fitted = fitted_once(name).set_params(random_state=None)
        for _ in range(2):
            np.random.seed(key)
            made.append(fitted.sample(2))
        assert np.abs(made[-1] - made[-2]).max() > 1e-4


@pytest.mark.slow("traces graphs anew for every case")
def test_each_image_depends_on_its_own_numbers(fitted_once):
    """To the bit, however many are made with it."""
    fitted = fitted_once("gan")
    many = fitted.sample(1100)
    for n in (1, 5, 16, 17, 1024):
        np.testing.assert_array_equal(fitted.sample(n), many[:n])
    fitted = fitted_once("conditional")
    many, _ = fitted.sample(40, y=[1] * 40)
    assert many.shape == (40, 64)
    np.testing.assert_array_equal(fitted.sample(3, y=[1] * 3)[0], many[:3])
    np.testing.assert_array_equal(fitted.sample(3, y=1)[0], many[:3])


def test_asking_for_classes(fitted_once):
    fitted = fitted_once("conditional")
    images, labels = fitted.sample(4, y=[2, 0, 0, 1])
    assert labels.tolist() == [2, 0, 0, 1]
    assert labels.dtype == fitted.classes_.dtype
    assert fitted.sample(3, y=2)[1].tolist() == [2, 2, 2]
    assert fitted.sample(y=[1])[1].tolist() == [1]
    assert fitted.sample(2, y=pd.Series([1, 0]))[1].tolist() == [1, 0]
    # The same latent values with another class are another image.
    other, _ = fitted.sample(4, y=[1, 0, 0, 1])
    assert np.abs(images[0] - other[0]).max() > 1e-3
    np.testing.assert_array_equal(images[1:], other[1:])
    for n in (3, 7, 30):
        _, labels = fitted.sample(n)
        counts = np.bincount(labels, minlength=3)
        assert counts.sum() == n
        assert counts.max() - counts.min() <= 1
    _, labels = fitted.sample(60)
    assert not np.array_equal(labels, np.sort(labels))
    assert not np.array_equal(labels, np.arange(60) % 3)


def test_asking_for_what_was_not_learned(fitted_once):
    fitted = fitted_once("conditional")
    for n, y, message in [
        (2, [0, 7], r"not among the classes.*7"),
        (2, 7, r"not among the classes.*7"),
        (3, [0, 1], "n_samples=3 labels. Got 2 labels"),
        (1, [0, 1], "n_samples=1 labels. Got 2 labels"),
        (2, ["a", "b"], "not among the classes"),
        (1, "a", "not among the classes"),
        (2, [0.5, 1.0], "not among the classes"),
        (2, [[0, 1, 0], [1, 0, 0]], "fitted on labels"),
    ]:
        with pytest.raises(ValueError, match=message):
            fitted.sample(n, y=y)
    with pytest.raises(ValueError, match="fitted without labels"):
        fitted_once("gan").sample(2, y=[0, 1])


LABELS = {
    "strings": np.array(["zero", "one", "two"]),
    "objects": np.array(["zero", "one", "two"], dtype=object),
    "floats": np.array([7.0, -1.0, 3.0]),
    "booleans": np.array([False, True, True]),
}


@pytest.mark.slow("many fits")
@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_any_type(kind, X, y):
    names = LABELS[kind]
    labels = names[y]
    fitted = CASES["conditional"].make(epochs=1).fit(X, labels)
    np.testing.assert_array_equal(fitted.classes_, np.unique(names))
    images, made = fitted.sample(6)
    assert made.dtype == labels.dtype
    assert set(made.tolist()) == set(names.tolist())
    asked = names[[1, 0]]
    for form in (asked, asked.tolist(), pd.Series(asked)):
        np.testing.assert_array_equal(fitted.sample(2, y=form)[1], asked)
    for scalar in (asked[0], asked.tolist()[0]):
        np.testing.assert_array_equal(fitted.sample(2, y=scalar)[1], asked[[0, 0]])
    # The names of classes have no influence, beyond their order.
    codes = np.searchsorted(fitted.classes_, labels)
    same = CASES["conditional"].make(epochs=1).fit(X, codes)
    np.testing.assert_array_equal(weights(same), weights(fitted))
    np.testing.assert_array_equal(same.sample(6)[0], images)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
def test_one_hot_rows(dtype, fitted_once, X, y):
    one_hot = np.eye(3, dtype=dtype)[y]
    fitted = CASES["conditional"].make().fit(X, one_hot)
    np.testing.assert_array_equal(weights(fitted), weights(fitted_once("conditional")))
    assert fitted.classes_.tolist() == [0, 1, 2]
    images, made = fitted.sample(6)
    assert (made.shape, made.dtype) == ((6, 3), dtype)
    assert (made.sum(axis=1) == 1).all()
    same, labels = fitted_once("conditional").sample(6)
    np.testing.assert_array_equal(images, same)
    np.testing.assert_array_equal(made.argmax(axis=1), labels)
    again, rows = fitted.sample(6, y=made)
    np.testing.assert_array_equal(rows, made)
    assert again.shape == images.shape


@pytest.mark.parametrize(
    "labels, message",
    [
        (None, "requires y to be passed"),
        (np.full(120, np.nan), "NaN"),
        (np.linspace(0, 1, 120), "[Uu]nknown label type"),
        (np.zeros(5), "inconsistent"),
        (np.zeros((120, 3)), "one-hot"),
    ],
    ids=["None", "NaN", "continuous", "short", "rows"],
)
def test_bad_labels(labels, message, fitted_once, X, y):
    for method in ("fit", "partial_fit"):
        fitted, new = fitted_once("conditional"), CASES["conditional"].make()
        before = weights(fitted)
        for estimator in (fitted, new):
            with pytest.raises(ValueError, match=message):
                getattr(estimator, method)(X, labels)
        np.testing.assert_array_equal(weights(fitted), before)
        assert set(vars(new)) == set(new.get_params())


@pytest.mark.slow("traces graphs anew for every case")
def test_labels_are_ignored_without_conditional(fitted_once, X, y):
    expected = weights(fitted_once("gan"))
    for labels in (y[::-1], "anything"):
        np.testing.assert_array_equal(weights(CASES["gan"].make().fit(X, labels)), expected)


@pytest.mark.slow("many fits")
def test_one_class(X):
    fitted = CASES["conditional"].make(epochs=1).fit(X, ["only"] * 120)
    _, labels = fitted.sample(3)
    assert labels.tolist() == ["only"] * 3


@pytest.mark.slow("many fits")
def test_classes_of_partial_fit(X, y):
    estimator = CASES["conditional"].make()
    estimator.partial_fit(X[y == 1], y[y == 1], classes=[0, 1, 2])
    assert estimator.classes_.tolist() == [0, 1, 2]
    estimator.partial_fit(X[y == 0], y[y == 0]).partial_fit(X, y, classes=[2, 1, 0])
    before = weights(estimator)
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="not among the classes"):
        estimator.partial_fit(X, y + 1)
    np.testing.assert_array_equal(weights(estimator), before)
    assert estimator.n_iter_ == 3
    assert estimator.sample(2, y=2)[1].tolist() == [2, 2]
    unconditional = CASES["gan"].make().partial_fit(X[:32], y[:32], classes=[0, 1, 2])
    assert not hasattr(unconditional, "classes_")


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("name", GANS)
def test_conditional_cannot_change_in_between(name, fitted_once, X, y):
    fitted = fitted_once(name)
    before, was = weights(fitted), fitted.conditional
    fitted.set_params(conditional=not was, warm_start=True)
    for method in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match=f"conditional={was}.*Got {not was} instead"):
            getattr(fitted, method)(X, y)
    np.testing.assert_array_equal(weights(fitted), before)
    fitted.set_params(warm_start=False).fit(X, y)
    # Fitted anew, the attributes are those of the new fit.
    assert hasattr(fitted, "classes_") == (not was)
    assert isinstance(fitted.sample(2), tuple) == (not was)


@pytest.mark.slow("traces graphs for every loss")
@pytest.mark.parametrize("loss", ["non-saturating", "least-squares", "hinge"])
@pytest.mark.parametrize("name", GANS)
def test_losses(name, loss, X, y):
    fitted = CASES[name].make(loss=loss, epochs=3).fit(X, y)
    history = fitted.history_
    assert np.isfinite([*history.values()]).all()
    for key in ("real_accuracy", "generated_accuracy"):
        assert all(0 <= value <= 1 for value in history[key])
    if loss != "hinge":
        assert min(history["loss"]) > 0
    assert len(set(history["loss"])) == 3
    made = outputs(fitted, X)["X"]
    assert made.min() >= 0
    assert made.max() <= 1


@pytest.mark.slow("trains until it has learned")
@pytest.mark.parametrize("conditional", [False, True])
def test_it_learns(conditional):
    """The discriminator tells real from generated, and what is made is like digits."""
    X, y = load_digits(return_X_y=True, n_class=2)
    generator = GANGenerator(
        8,
        conditional=conditional,
        convolutional=False,
        hidden_layer_sizes=(64,),
        epochs=120,
        learning_rate=0.002,
        random_state=0,
    ).fit(X, y)
    history = generator.history_
    assert max(history["real_accuracy"]) - min(history["real_accuracy"]) > 0.02
    assert max(history["discriminator_loss"]) - min(history["discriminator_loss"]) > 0.02
    made = generator.sample(200)
    images, labels = made if conditional else (made, None)
    assert images.min() >= X.min() - 1e-3
    assert images.max() <= X.max() + 1e-3
    assert images.max() > 12
    # As near to the mean image as real ones are: noise, or all of one colour, is far from it.
    blank, mean = np.full(64, X.mean()), X.mean(axis=0)
    assert np.abs(images.mean(axis=0) - mean).mean() < 0.5 * np.abs(blank - mean).mean()
    assert images.std(axis=0).mean() > 0.3 * X.std(axis=0).mean()
    if conditional:
        judge = LogisticRegression(max_iter=1000).fit(X, y)
        assert judge.score(images, labels) > 0.8


@pytest.mark.parametrize("name", GANS)
def test_pixels_are_in_the_range_of_the_training_data(name, X, y):
    for scale, shift in ((16, 0), (4, -2)):
        given = X * scale + shift
        made = outputs(CASES[name].make(epochs=1).fit(given, y), X)["X"]
        assert made.min() >= given.min() - 1e-4 * scale
        assert made.max() <= given.max() + 1e-4 * scale
        assert made.max() - made.min() > 0.02 * scale


def test_it_has_no_validation(fitted_once, X):
    for name in ("early_stopping", "validation_fraction", "metrics"):
        assert name not in fitted_once("gan").get_params()
    with pytest.raises(TypeError):
        CASES["gan"].make().fit(X, X_val=X)
