"""Convolutional classifier."""

from collections.abc import Sequence
from dataclasses import field
from numbers import Integral, Real
from typing import Any

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._compat.sklearn import Interval, StrOptions
from skmnist._support.parameters import SizesConstraint, estimator


@estimator
class CNNClassifier(BaseKerasClassifier):
    """Convolutional network: convolutions and poolings in blocks, a dense layer, softmax.

    The convolutions are padded to keep the image size.  A block whose pooling would leave less
    than two pixels a side goes without it.

    Parameters
    ----------
    filters : sequence of int >= 1, default=(32, 64)
        Number of filters of the convolutions of each block.
    convs_per_block : int >= 1, default=2
        Number of convolutions in a block.
    kernel_size : int >= 1 or tuple of two, default=3
        Height and width of the kernels, in pixels.
    pooling : {"max", "average"}, default="max"
        What the 2 x 2 pooling after a block takes of its four pixels.
    batch_norm : bool, default=True
        Whether to normalize over the batch between each convolution and its activation.
    dense_units : int >= 1, default=128
        Number of units of the dense layer before the output.
    activation : str or callable, default="relu"
        Keras activation of the convolutions and of the dense layer.
    dropout : float in [0, 1), default=0.3
        Fraction of the units dropped before and after the dense layer while training.
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

    filters: Sequence[int] = field(default=(32, 64), kw_only=False)
    convs_per_block: int = 2
    kernel_size: Any = 3
    pooling: str = "max"
    batch_norm: bool = True
    dense_units: int = 128
    activation: Any = "relu"
    dropout: float = 0.3
    epochs: int = 7
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.cnn)
    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "filters": [SizesConstraint()],
        "convs_per_block": [Interval(Integral, 1, None, closed="left")],
        "kernel_size": [
            Interval(Integral, 1, None, closed="left"),
            SizesConstraint(lengths=(2,)),
        ],
        "pooling": [StrOptions({"max", "average"})],
        "batch_norm": ["boolean"],
        "dense_units": [Interval(Integral, 1, None, closed="left")],
        "activation": [str, callable, None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }
