"""Multilayer perceptron classifier."""

from dataclasses import field

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Activation, Fraction, NonNegative, Sizes
from skmnist._support.parameters import estimator


@estimator
class MLPClassifier(BaseKerasClassifier):
    """Multilayer perceptron: flattened pixels, dense hidden layers, softmax.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    LeNetClassifier : Convolutional network; more accurate on images.
    KerasClassifier : A network of your own.
    sklearn.neural_network.MLPClassifier : scikit-learn's, without dropout or Keras.

    References
    ----------
    The defaults are the model of the TensorFlow quickstart for beginners,
    https://www.tensorflow.org/tutorials/quickstart/beginner: 128 units with ReLU, dropout of
    0.2, Adam, five epochs in batches of 32.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import MLPClassifier, MnistScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = make_pipeline(MnistScaler(), MLPClassifier(epochs=30, random_state=0))
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.95
    True
    """

    hidden_layer_sizes: Sizes = field(default=(128,), kw_only=False)
    activation: Activation = "relu"
    batch_norm: bool = False
    dropout: Fraction = 0.2
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0

    _network = staticmethod(networks.mlp)
