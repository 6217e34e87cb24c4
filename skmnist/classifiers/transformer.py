"""Vision transformer classifier."""

from dataclasses import field
from typing import Literal

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Fraction, Positive, PositiveInt
from skmnist._support.parameters import estimator


@estimator
class TransformerClassifier(BaseKerasClassifier):
    """Vision transformer: patches with learned positions, encoder layers, softmax.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    LSTMClassifier : Reads an image row by row.
    CNNClassifier : Convolutional network; more accurate on few and small images.
    KerasClassifier : A network of your own.

    References
    ----------
    Dosovitskiy et al., "An image is worth 16x16 words: transformers for image recognition at
    scale", ICLR 2021.

    Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import MnistScaler, TransformerClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> classifier = TransformerClassifier(
    ...     patch_size=2, n_layers=1, learning_rate=0.003, epochs=15, random_state=0
    ... )
    >>> model = make_pipeline(MnistScaler(), classifier)
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.93
    True
    """

    patch_size: PositiveInt = field(default=7, kw_only=False)
    n_layers: PositiveInt = 3
    n_heads: PositiveInt = 4
    d_model: PositiveInt = 64
    mlp_ratio: Positive = 2
    pooling: Literal["average", "token"] = "average"
    dropout: Fraction = 0.1
    epochs: int = 12
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.transformer)
