"""LeNet classifier."""

from dataclasses import field
from typing import Literal

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Activation, Fraction, KernelSize, PositiveInt, Sizes
from skmnist._support.parameters import estimator


@estimator
class LeNetClassifier(BaseKerasClassifier):
    """LeNet: convolutions with pooling between them, a dense layer, softmax.

    The convolutions are unpadded, as in the original.  Where the images are too small for that
    (8 x 8 images are), all of them are padded to keep the image size instead, and of the
    poolings only the last ones are left that leave eight pixels a side.

    Parameters
    ----------
    {network_parameters}
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

    filters: Sizes = field(default=(6, 16, 120), kw_only=False)
    kernel_size: KernelSize = 3
    dense_units: PositiveInt = 84
    activation: Activation = "relu"
    pooling: Literal["average", "max"] = "average"
    dropout: Fraction = 0.0
    epochs: int = 10

    _network = staticmethod(networks.lenet)
