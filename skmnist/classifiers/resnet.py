"""Residual classifier."""

from dataclasses import field

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Activation, Fraction, KernelSize, PositiveInt, Sizes
from skmnist._support.parameters import estimator


@estimator
class ResNetClassifier(BaseKerasClassifier):
    """Residual network: a convolution, stages of residual blocks, global average, softmax.

    A block adds the outcome of two convolutions to what it was given.  Normalization and
    activation come before each convolution, so that nothing stands in the way of what is passed
    on.  The first block of each stage but the first halves height and width, and passes on a
    1 x 1 convolution of its input.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    CNNClassifier : Convolutional network without shortcuts.
    KerasClassifier : A network of your own.

    References
    ----------
    He, Zhang, Ren and Sun, "Identity mappings in deep residual networks", ECCV 2016.  Dropout
    stands where Zagoruyko and Komodakis, "Wide residual networks", BMVC 2016, put it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import MnistScaler, ResNetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = make_pipeline(MnistScaler(), ResNetClassifier(random_state=0))
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.97
    True
    """

    filters: Sizes = field(default=(32, 64, 128), kw_only=False)
    n_blocks: PositiveInt = 1
    kernel_size: KernelSize = 3
    activation: Activation = "relu"
    dropout: Fraction = 0.2
    epochs: int = 7
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.resnet)
