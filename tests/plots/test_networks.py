"""First-layer weights and saliency."""

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skmnist import (
    Autoencoder,
    CNNClassifier,
    KerasClassifier,
    LSTMClassifier,
    MLPClassifier,
    MnistScaler,
    TransformerClassifier,
)
from skmnist.classifiers._families import FAMILIES
from skmnist.plots import FirstLayerDisplay, SaliencyDisplay
from tests.marks import slow_but
from tests.plots.cases import X, Y, closed_figures  # noqa: F401

X_FEW, Y_FEW = X[:60], Y[:60]
ROWS = np.random.default_rng(0).random((40, 12))  # images of 3 x 4


def shown(artists):
    return np.array([artist.get_array() for artist in artists])


def fitted(kind, *args, X=X_FEW, y=Y_FEW, **params):
    return kind(*args, epochs=1, random_state=0, **params).fit(X, y)


def kernel(network, name):
    return network.model_.get_layer(name).kernel.numpy()


# First layer.


@pytest.mark.slow("traces graphs anew for every case")
def test_units_of_a_dense_layer_are_images_of_their_weights():
    network = fitted(MLPClassifier, (5,))
    display = FirstLayerDisplay.from_estimator(network)
    np.testing.assert_array_equal(display.kernels, kernel(network, "hidden_1").T.reshape(5, 8, 8))
    np.testing.assert_array_equal(shown(display.images_), display.kernels)
    limits = {image.get_clim() for image in display.images_}  # one scale, zero in its middle
    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high
    assert display.titles is None
    assert "hidden_1" in display.colorbar_.ax.get_ylabel()


def test_outliers_do_not_leave_the_others_grey():
    kernels = np.random.default_rng(0).uniform(-1, 1, (4, 20, 20))
    kernels[0, 0, 0] = 50
    display = FirstLayerDisplay(kernels).plot()
    assert display.images_[0].get_clim()[1] < 1.1
    assert display.colorbar_.extend == "both"
    kernels[0, 0, 0] = 0
    assert FirstLayerDisplay(kernels).plot().colorbar_.extend == "neither"
    assert FirstLayerDisplay(0 * kernels).plot().images_[0].get_clim() == (-1, 1)


def test_softmax_regression_has_an_image_for_each_class():
    letters = np.array(list("abcdefghij"))
    network = fitted(MLPClassifier, (), y=letters[Y_FEW])
    display = FirstLayerDisplay.from_estimator(network)
    assert display.titles == list("abcdefghij")
    weights = kernel(network, "probabilities")
    np.testing.assert_array_equal(display.kernels, weights.T.reshape(10, 8, 8))


@pytest.mark.parametrize("name", slow_but(["mlp", "cnn"], FAMILIES, "builds every network"))
def test_first_layer_of_every_network(name):
    import keras

    network = fitted(FAMILIES[name].classifier, **FAMILIES[name].small)
    display = FirstLayerDisplay.from_estimator(network)
    first = next(layer for layer in network.model_.layers if layer.weights)
    assert display.layer == f"layer {first.name}"
    if isinstance(first, keras.layers.Conv2D):
        weights = kernel(network, first.name)
        assert len(display.kernels) == weights.shape[-1]
        for i, image in enumerate(display.kernels):
            np.testing.assert_array_equal(image, weights[:, :, 0, i])


@pytest.mark.slow("traces graphs anew for every case")
def test_channels_are_images_of_their_own():
    images = np.random.default_rng(0).random((20, 8, 8, 3)).astype(np.float32)
    y = np.arange(20) % 2
    network = fitted(CNNClassifier, X=images, y=y, filters=(2,), dense_units=2)
    display = FirstLayerDisplay.from_estimator(network)
    assert display.titles[:4] == ["1, ch. 1", "1, ch. 2", "1, ch. 3", "2, ch. 1"]
    np.testing.assert_array_equal(
        display.kernels[5], kernel(network, "convolution_1_1")[:, :, 2, 1]
    )
    dense = fitted(MLPClassifier, (2,), X=images, y=y)
    weights = kernel(dense, "hidden_1").reshape(8, 8, 3, 2)
    np.testing.assert_array_equal(
        FirstLayerDisplay.from_estimator(dense).kernels[4], weights[:, :, 1, 1]
    )


@pytest.mark.slow("traces graphs anew for every case")
def test_patches_of_a_transformer():
    network = fitted(TransformerClassifier, patch_size=3, n_layers=1, d_model=4, n_heads=1)
    display = FirstLayerDisplay.from_estimator(network)
    weights = kernel(network, "embedding")
    assert weights.shape == (9, 4)
    # What the embedding answers to a patch of one pixel is the weight of this pixel.
    np.testing.assert_array_equal(display.kernels[:, 1, 2], weights[5])


@pytest.mark.slow("traces cells of every kind")
def test_gates_of_recurrent_layers():
    network = fitted(LSTMClassifier, units=3)
    display = FirstLayerDisplay.from_estimator(network)
    assert display.titles == ["input gate", "forget gate", "new content", "output gate"]
    weights = network.model_.get_layer("lstm_1").cell.kernel.numpy()
    np.testing.assert_array_equal(display.kernels[1], weights[:, 3:6].T)
    both = fitted(LSTMClassifier, units=3, cell="gru", bidirectional=True)
    display = FirstLayerDisplay.from_estimator(both)
    assert display.titles[2:4] == ["new content, down", "update gate, up"]
    layer = both.model_.get_layer("gru_1").backward_layer
    np.testing.assert_array_equal(display.kernels[3], layer.cell.kernel.numpy()[:, :3].T)


@pytest.mark.slow("traces graphs anew for every case")
def test_autoencoders_and_networks_of_ones_own():
    network = fitted(Autoencoder, hidden_layer_sizes=(6,), latent_dim=2, noise=0.1)
    assert FirstLayerDisplay.from_estimator(network).kernels.shape == (6, 8, 8)

    def own(image_shape, n_classes):
        inner = keras.Sequential(
            [keras.Input(image_shape), keras.layers.Flatten(), keras.layers.Dense(3)]
        )
        outputs = [keras.layers.Dense(n_classes, activation="softmax")]
        return keras.Sequential(
            [keras.Input(image_shape), keras.layers.BatchNormalization(), inner, *outputs]
        )

    network = fitted(KerasClassifier, own)
    assert FirstLayerDisplay.from_estimator(network).kernels.shape == (3, 8, 8)


def test_linear_models_and_networks_of_scikit_learn():
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(X_FEW, Y_FEW)
    display = FirstLayerDisplay.from_estimator(linear)
    np.testing.assert_array_equal(display.kernels, linear[-1].coef_.reshape(10, 8, 8))
    assert display.titles == [str(i) for i in range(10)]
    binary = LogisticRegression().fit(X[Y < 2], Y[Y < 2])
    assert FirstLayerDisplay.from_estimator(binary).titles == ["1 against 0"]
    svm = SVC(kernel="linear").fit(X[Y < 3], Y[Y < 3])
    assert FirstLayerDisplay.from_estimator(svm).titles == ["0 / 1", "0 / 2", "1 / 2"]
    network = SklearnMLPClassifier((5,), solver="lbfgs", random_state=0).fit(X_FEW, Y_FEW)
    display = FirstLayerDisplay.from_estimator(network)
    np.testing.assert_array_equal(display.kernels, network.coefs_[0].T.reshape(5, 8, 8))


def test_shape_of_images_that_are_no_squares():
    y = np.arange(40) % 2
    linear = LogisticRegression().fit(ROWS, y)
    with pytest.raises(ValueError, match=r"12 features, which do not make a square image\. Pass"):
        FirstLayerDisplay.from_estimator(linear)
    display = FirstLayerDisplay.from_estimator(linear, image_shape=(3, 4))
    np.testing.assert_array_equal(display.kernels[0], linear.coef_.reshape(3, 4))
    # A network knows it, and so does the scaler.
    network = fitted(MLPClassifier, (2,), X=ROWS, y=y, image_shape=(3, 4))
    assert FirstLayerDisplay.from_estimator(network).kernels.shape == (2, 3, 4)
    scaled = make_pipeline(MnistScaler(), LogisticRegression()).fit(ROWS.reshape(40, 3, 4), y)
    assert FirstLayerDisplay.from_estimator(scaled).kernels.shape == (1, 3, 4)


def test_number_of_images():
    display = FirstLayerDisplay.from_estimator(fitted(MLPClassifier, (9,)), n_images=5, n_columns=3)
    assert display.axes_.shape == (2, 3)
    assert len(display.images_) == 5
    assert len(display.kernels) == 9
    assert "5 of 9 shown" in display.colorbar_.ax.get_ylabel()


def test_models_without_weights_of_pixels():
    def on_rows(image_shape, n_classes):
        layers = keras.layers
        return keras.Sequential(
            [
                keras.Input(image_shape),
                layers.Reshape((8, 8)),
                layers.LayerNormalization(),
                layers.Flatten(),
                layers.Dense(n_classes, activation="softmax"),
            ]
        )

    with pytest.raises(TypeError, match="RandomForestClassifier has none"):
        FirstLayerDisplay.from_estimator(RandomForestClassifier(2).fit(X_FEW, Y_FEW))
    with pytest.raises(ValueError, match=r"begins with the layer .* \(LayerNormalization\)"):
        FirstLayerDisplay.from_estimator(fitted(KerasClassifier, on_rows))
    after_pca = make_pipeline(PCA(16), LogisticRegression(max_iter=999)).fit(X_FEW, Y_FEW)
    with pytest.raises(ValueError, match="PCA makes other features of them"):
        FirstLayerDisplay.from_estimator(after_pca)
    with pytest.raises(NotFittedError):
        FirstLayerDisplay.from_estimator(MLPClassifier())


# Saliency.


def test_saliency_of_a_linear_network_is_its_weights():
    network = fitted(MLPClassifier, ())
    weights = kernel(network, "probabilities")
    display = SaliencyDisplay.from_estimator(network, X_FEW[:12], Y_FEW[:12], n_images=11)
    assert len(display.saliency) == 11
    predicted = network.predict(X_FEW[:11])
    np.testing.assert_allclose(
        display.saliency, np.abs(weights.T[predicted]).reshape(-1, 8, 8), rtol=1e-5
    )
    np.testing.assert_array_equal(shown(display.images_), X_FEW[:11].reshape(-1, 8, 8))
    np.testing.assert_array_equal(shown(display.maps_), display.saliency)
    assert display.axes_.shape == (4, 10)
    assert display.axes_[0, 0].get_title() == f"true {Y_FEW[0]}\npred. {predicted[0]}"
    of_three = SaliencyDisplay.from_estimator(network, X_FEW[:2], target=3)
    np.testing.assert_allclose(of_three.saliency[1].ravel(), np.abs(weights[:, 3]), rtol=1e-5)
    each = SaliencyDisplay.from_estimator(network, X_FEW[:2], target=[3, 5])
    np.testing.assert_allclose(each.saliency[1].ravel(), np.abs(weights[:, 5]), rtol=1e-5)
    assert each.axes_[0, 1].get_title().endswith("score of 5")


def test_noise_does_not_change_the_gradient_of_a_linear_network():
    network = fitted(MLPClassifier, ())
    plain = SaliencyDisplay.from_estimator(network, X_FEW[:3])
    smooth = SaliencyDisplay.from_estimator(network, X_FEW[:3], n_draws=5)
    np.testing.assert_allclose(smooth.saliency, plain.saliency, rtol=1e-4)


def test_saliency_of_a_deep_network_is_the_slope_of_its_score():
    def own(image_shape, n_classes):
        layers = keras.layers
        inputs = keras.Input(image_shape)
        hidden = layers.Dense(6, activation="tanh")(layers.Flatten()(inputs))
        score = layers.Dense(1, activation="sigmoid")(hidden)
        return keras.Model(inputs, score)

    y = np.array(["odd", "even"])[(Y_FEW % 2 == 0).astype(int)]
    network = KerasClassifier(own, loss="binary_crossentropy", epochs=3, random_state=0)
    network.fit(X_FEW, y)
    moved = X_FEW[0] + 1e-2 * np.concatenate([np.eye(64), -np.eye(64)])
    log_odds = network.decision_function(moved.astype(np.float32))
    slopes = (log_odds[:64] - log_odds[64:]) / 2e-2
    for target in ("even", "odd"):  # one is the negative score of the other
        display = SaliencyDisplay.from_estimator(network, X_FEW[:1], target=target)
        np.testing.assert_allclose(display.saliency[0].ravel(), np.abs(slopes), atol=2e-3)


@pytest.mark.slow("differentiates many times")
def test_smoothing_averages_and_is_reproducible():
    network = fitted(CNNClassifier, filters=(4,), dense_units=8)
    options = {"n_draws": 3, "noise": 0.3}
    first = SaliencyDisplay.from_estimator(network, X_FEW[:2], **options)
    again = SaliencyDisplay.from_estimator(network, X_FEW[:2], **options)
    np.testing.assert_array_equal(first.saliency, again.saliency)
    other = SaliencyDisplay.from_estimator(network, X_FEW[:2], random_state=1, **options)
    assert np.abs(first.saliency - other.saliency).max() > 1e-6


@pytest.mark.slow("traces graphs anew for every case")
@pytest.mark.parametrize("ending", ["softmax layer", "activation layer", "logits", "unknown"])
def test_the_softmax_is_left_out_however_a_network_ends(ending):
    def own(image_shape, n_classes):
        layers = keras.layers
        model = [keras.Input(image_shape), layers.Flatten(), layers.Dense(n_classes, name="last")]
        model += {
            "softmax layer": [layers.Softmax()],
            "activation layer": [layers.Activation("softmax")],
            "logits": [],
            "unknown": [layers.Softmax(), layers.Reshape((n_classes,))],
        }[ending]
        return keras.Sequential(model)

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=ending == "logits")
    network = fitted(KerasClassifier, own, loss=loss)
    weights = kernel(network, "last")
    expected = weights[:, 4]
    if ending == "unknown":  # the logarithm of the probability: the score, less the mean one
        expected = expected - weights @ network.predict_proba(X_FEW[:1])[0]
    display = SaliencyDisplay.from_estimator(network, X_FEW[:1], target=4)
    np.testing.assert_allclose(display.saliency[0].ravel(), np.abs(expected), rtol=1e-3, atol=1e-5)


def test_classes_in_the_order_of_the_network():
    network = fitted(MLPClassifier, ())
    order = [3, 1, 2, 0, 4, 5, 6, 7, 8, 9]
    wrapped = KerasClassifier.from_keras(network.model_, classes=order)
    display = SaliencyDisplay.from_estimator(wrapped, X_FEW[:1], target=0)
    weights = kernel(network, "probabilities")
    np.testing.assert_allclose(display.saliency[0].ravel(), np.abs(weights[:, 3]), rtol=1e-5)


def test_networks_see_scaled_pixels():
    network = fitted(MLPClassifier, (8,))
    plain = SaliencyDisplay.from_estimator(network, X_FEW[:3]).saliency
    bytes_ = np.rint(X * 255).astype(np.uint8)
    pipeline = make_pipeline(MnistScaler(), clone(network)).fit(bytes_.reshape(-1, 8, 8), Y)
    search = GridSearchCV(pipeline, {"mlpclassifier__epochs": [1]}, cv=2)
    search.fit(bytes_.reshape(-1, 8, 8), Y)
    display = SaliencyDisplay.from_estimator(search, bytes_[:3].reshape(-1, 8, 8))
    last = search.best_estimator_[-1]
    expected = SaliencyDisplay.from_estimator(last, (bytes_[:3] / 255).astype(np.float32))
    np.testing.assert_allclose(display.saliency, expected.saliency, rtol=1e-4, atol=1e-7)
    assert display.images_[0].get_array().max() > 1  # drawn as they were given
    assert plain.shape == (3, 8, 8)


@pytest.mark.slow("traces graphs anew for every case")
def test_rows_that_were_padded_to_a_square():
    y = np.arange(40) % 2
    network = fitted(LSTMClassifier, X=ROWS, y=y, units=2)
    display = SaliencyDisplay.from_estimator(network, ROWS[:2], image_shape=(3, 4))
    assert display.saliency.shape == (2, 3, 4)
    with pytest.raises(ValueError, match="12 features, which do not make a square"):
        SaliencyDisplay.from_estimator(network, ROWS[:2])


def test_saliency_that_cannot_be_drawn():
    network = fitted(MLPClassifier, (4,))
    with pytest.raises(NotFittedError):
        SaliencyDisplay.from_estimator(MLPClassifier(), X_FEW)
    with pytest.raises(TypeError, match=r"of a classifier of skmnist\. Got LogisticRegression"):
        SaliencyDisplay.from_estimator(LogisticRegression().fit(X_FEW, Y_FEW), X_FEW)
    with pytest.raises(ValueError, match="target holds 77; the classes are 0, 1"):
        SaliencyDisplay.from_estimator(network, X_FEW, target=77)
    with pytest.raises(ValueError, match=r"one for each of 10 images\. Got 2"):
        SaliencyDisplay.from_estimator(network, X_FEW, target=[1, 2])
    with pytest.raises(ValueError, match="n_draws=-1"):
        SaliencyDisplay.from_estimator(network, X_FEW, n_draws=-1)
    with pytest.raises(ValueError, match="noise=0"):
        SaliencyDisplay.from_estimator(network, X_FEW, n_draws=2, noise=0)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        SaliencyDisplay.from_estimator(network, X_FEW, Y_FEW[:5])
    after_pca = make_pipeline(PCA(), MLPClassifier((4,), epochs=1)).fit(X[:100], Y[:100])
    with pytest.raises(ValueError, match="PCA makes other features of them"):
        SaliencyDisplay.from_estimator(after_pca, X)
