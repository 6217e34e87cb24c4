"""Multilayer perceptron classifier."""

from collections.abc import Sequence
from dataclasses import field
from numbers import Real
from typing import Any

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._compat.sklearn import Interval
from skmnist._support.parameters import SizesConstraint, estimator


@estimator
class MLPClassifier(BaseKerasClassifier):
    """Multilayer perceptron: flattened pixels, dense hidden layers, softmax.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int >= 1, default=(128,)
        Number of units of each hidden layer.  Empty for softmax regression.
    activation : str or callable, default="relu"
        Keras activation of the hidden layers.
    batch_norm : bool, default=False
        Whether to normalize over the batch between each hidden layer and its activation.
    dropout : float in [0, 1), default=0.2
        Fraction of the units dropped after each hidden layer while training.
    l1 : float >= 0, default=0.0
        Penalty on the absolute values of the hidden layers' kernels, added to the loss.
    l2 : float >= 0, default=0.0
        Penalty on the squares of the hidden layers' kernels, added to the loss.
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

    hidden_layer_sizes: Sequence[int] = field(default=(128,), kw_only=False)
    activation: Any = "relu"
    batch_norm: bool = False
    dropout: float = 0.2
    l1: float = 0.0
    l2: float = 0.0

    _network = staticmethod(networks.mlp)
    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "hidden_layer_sizes": [SizesConstraint()],
        "activation": [str, callable, None],
        "batch_norm": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "l1": [Interval(Real, 0, None, closed="left")],
        "l2": [Interval(Real, 0, None, closed="left")],
    }
