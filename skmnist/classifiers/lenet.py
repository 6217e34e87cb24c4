"""LeNet classifier."""

from collections.abc import Sequence
from dataclasses import field
from numbers import Integral, Real
from typing import Any

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._compat.sklearn import Interval, StrOptions
from skmnist._support.parameters import SizesConstraint, estimator


@estimator
class LeNetClassifier(BaseKerasClassifier):
    """LeNet: convolutions with pooling between them, a dense layer, softmax.

    The convolutions are unpadded, as in the original.  Where the images are too small for that
    (8 x 8 images are), all of them are padded to keep the image size instead, and of the
    poolings only the last ones are left that leave eight pixels a side.

    Parameters
    ----------
    filters : sequence of int >= 1, default=(6, 16, 120)
        Number of filters of each convolution.  A 2 x 2 pooling follows each but the last.
    kernel_size : int >= 1 or tuple of two, default=3
        Height and width of the kernels, in pixels.
    dense_units : int >= 1, default=84
        Number of units of the dense layer before the output.
    activation : str or callable, default="relu"
        Keras activation of the convolutions and of the dense layer.
    pooling : {"average", "max"}, default="average"
        What a pooling takes of its four pixels.
    dropout : float in [0, 1), default=0.0
        Fraction of the dense layer's units dropped while training.
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    MLPClassifier : Multilayer perceptron; faster, and blind to what is near what.
    KerasClassifier : A network of your own.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86(11), 1998.  The defaults are the commonly taught
    variant with 3 x 3 kernels, ReLU and a softmax.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import LeNetClassifier, MnistScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = make_pipeline(MnistScaler(), LeNetClassifier(random_state=0))
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.96
    True
    """

    filters: Sequence[int] = field(default=(6, 16, 120), kw_only=False)
    kernel_size: Any = 3
    dense_units: int = 84
    activation: Any = "relu"
    pooling: str = "average"
    dropout: float = 0.0
    epochs: int = 10

    _network = staticmethod(networks.lenet)
    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "filters": [SizesConstraint()],
        "kernel_size": [
            Interval(Integral, 1, None, closed="left"),
            SizesConstraint(lengths=(2,)),
        ],
        "dense_units": [Interval(Integral, 1, None, closed="left")],
        "activation": [str, callable, None],
        "pooling": [StrOptions({"average", "max"})],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }
