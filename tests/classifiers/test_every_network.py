"""What every network has to do: the contract of a row in ``tests.classifiers.cases.NETWORKS``.

The base that all share is tested in depth on one of them in the other files.
"""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from tests.classifiers.cases import NETWORKS, weights
from tests.marks import slow_but

OWN = {name: case for name, case in NETWORKS.items() if case.builder}


def in_turn(values):
    """Return (name, value) with half of four values for every family, and each for some.

    What a shape does to a builder, tests/networks finds out for every size.
    """
    names = sorted(set(OWN) - {"mlp"})
    return [(name, values[(i + j) % 4]) for i, name in enumerate(names) for j in (0, 1)]


def test_fits_predicts_scores_and_pickles(any_case, any_fitted, three):
    X, y = three
    proba = any_fitted.predict_proba(X)
    assert proba.shape == (90, 3)
    np.testing.assert_array_equal(any_fitted.predict(X), any_fitted.classes_[proba.argmax(axis=1)])
    assert any_fitted.score(X, y) == np.mean(any_fitted.predict(X) == y)
    copied = pickle.loads(pickle.dumps(any_fitted))
    np.testing.assert_array_equal(copied.predict_proba(X), proba)
    assert copied.get_params().keys() == any_case.make().get_params().keys()
    for estimator in (any_fitted, copied):
        assert estimator.partial_fit(X, y).n_iter_ == 3
    np.testing.assert_array_equal(weights(any_fitted), weights(copied))


@pytest.mark.parametrize("name", slow_but(["mlp"], NETWORKS, "24 epochs of every family"))
def test_learns(name, digits):
    X, y = digits
    fitted = clone(NETWORKS[name].make(epochs=1, learning_rate=0.01)).fit(X, y)
    fitted.set_params(warm_start=True, epochs=24).fit(X, y)
    assert fitted.loss_curve_[-1] < 0.8 * fitted.loss_curve_[0]


@pytest.mark.parametrize("name", slow_but(["mlp", "cnn"], OWN, "three fits of every family"))
def test_seed_decides_everything(name, three):
    params = {"dropout": 0.3} if "dropout" in OWN[name].cls().get_params() else {}
    first, same = (OWN[name].make(**params).fit(*three) for _ in range(2))
    other = OWN[name].make(**params, random_state=1).fit(*three)
    np.testing.assert_array_equal(weights(first), weights(same))
    assert np.abs(weights(first) - weights(other)).max() > 0.01


@pytest.mark.slow("traces every family twice")
@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"mlp"}))
def test_parts_equal_the_whole(name, three):
    """k partial_fits, with pickling in between, equal one fit of k epochs: schedules included."""
    params = {"epochs": 3, "dropout" if name in OWN else "model__dropout": 0.2}
    whole = NETWORKS[name].make(**params).fit(*three)
    partly = NETWORKS[name].make(**params)
    for _ in range(3):
        partly = pickle.loads(pickle.dumps(partly.partial_fit(*three)))
    np.testing.assert_array_equal(weights(partly), weights(whole))
    assert partly.history_ == whole.history_
    np.testing.assert_array_equal(partly.predict_proba(three[0]), whole.predict_proba(three[0]))


def test_a_prediction_depends_on_its_image_alone(any_fitted, three):
    X, _ = three
    together = any_fitted.predict_proba(X)
    alone = np.concatenate([any_fitted.predict_proba(X[i : i + 1]) for i in range(0, 30, 7)])
    np.testing.assert_array_equal(alone, together[0:30:7])


@pytest.mark.slow("traces every family for every shape")
@pytest.mark.parametrize("name, shape", in_turn([(4, 16), (4, 4, 4), (2, 32, 1), (1, 64)]))
def test_images_of_any_shape(name, shape, three):
    X, y = three
    fitted = OWN[name].make(epochs=1).fit(X.reshape(-1, *shape), y)
    assert fitted.image_shape_ == (*shape, 1)[:3]
    np.testing.assert_array_equal(
        fitted.predict_proba(X), fitted.predict_proba(X.reshape(-1, *shape))
    )


@pytest.mark.slow("traces every family for every shape")
@pytest.mark.parametrize("name, n_features", in_turn([1, 20, 2, 7]))
def test_tables_of_any_width(name, n_features, three):
    X, y = three
    fitted = OWN[name].make(epochs=1).fit(X[:, 20 : 20 + n_features], y)
    assert fitted.predict_proba(X[:, 20 : 20 + n_features]).shape == (len(y), 3)


@pytest.mark.slow("traces every family twice")
@pytest.mark.parametrize("name", sorted(set(OWN) - {"mlp"}))
def test_losses_of_one_hot_labels_and_string_labels(name, three):
    X, y = three
    sparse = OWN[name].make().fit(X, y)
    one_hot = OWN[name].make(loss="categorical_crossentropy").fit(X, np.array(list("abc"))[y])
    np.testing.assert_allclose(one_hot.predict_proba(X), sparse.predict_proba(X), atol=1e-4)
    assert set(one_hot.predict(X)) <= set("abc")


def test_transformer_of_impossible_heads():
    X, y = load_digits(return_X_y=True)
    estimator = NETWORKS["transformer"].make(d_model=10, n_heads=4)
    with pytest.raises(ValueError, match=r"d_model.*n_heads=4.*Got 10"):
        estimator.fit(X, y)
    assert not estimator.__sklearn_is_fitted__()


@pytest.mark.slow("traces graphs anew for every case")
def test_batch_normalization_is_in_the_mlp(three):
    import keras

    fitted = NETWORKS["mlp"].make(batch_norm=True).fit(*three)
    kinds = [type(layer) for layer in fitted.model_.layers]
    assert kinds.count(keras.layers.BatchNormalization) == 1
    # Learned in training, used in prediction.
    means = [v for v in fitted.model_.non_trainable_variables if "moving_mean" in v.path]
    assert np.abs(means[0].numpy()).max() > 0
