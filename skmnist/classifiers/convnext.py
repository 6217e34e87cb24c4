"""ConvNeXt classifier."""

from dataclasses import field

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Fraction, KernelSize, PositiveInt, Sizes
from skmnist._support.parameters import estimator


@estimator
class ConvNeXtClassifier(BaseKerasClassifier):
    """ConvNeXt: stages of depthwise convolutions and perceptrons on patches, softmax.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    ResNetClassifier : Residual network of plain convolutions.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import ConvNeXtClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> ConvNeXtClassifier((16, 32), patch_size=1, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    filters: Sizes = field(default=(32, 64, 128), kw_only=False)
    n_blocks: PositiveInt = 1
    patch_size: PositiveInt = 2
    kernel_size: KernelSize = 5
    dropout: Fraction = 0.1
    epochs: int = 7
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.convnext)
