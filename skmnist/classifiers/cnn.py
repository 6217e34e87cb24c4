"""Convolutional classifier."""

from dataclasses import field
from typing import Literal

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Activation, Fraction, KernelSize, PositiveInt, Sizes
from skmnist._support.parameters import estimator


@estimator
class CNNClassifier(BaseKerasClassifier):
    """Convolutional network: convolutions and poolings in blocks, a dense layer, softmax.

    The convolutions are padded to keep the image size.  A block whose pooling would leave less
    than two pixels a side goes without it.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    LeNetClassifier : Fewer and smaller convolutions; faster, and less accurate.
    ResNetClassifier : Residual network, for more layers than these.
    KerasClassifier : A network of your own.

    References
    ----------
    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
    ICLR 2015, for blocks of small convolutions.

    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import CNNClassifier, MnistScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = make_pipeline(MnistScaler(), CNNClassifier(random_state=0))
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.97
    True
    """

    filters: Sizes = field(default=(32, 64), kw_only=False)
    convs_per_block: PositiveInt = 2
    kernel_size: KernelSize = 3
    pooling: Literal["max", "average"] = "max"
    batch_norm: bool = True
    dense_units: PositiveInt = 128
    activation: Activation = "relu"
    dropout: Fraction = 0.3
    epochs: int = 7
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.cnn)
