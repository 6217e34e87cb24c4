"""Recurrent classifier."""

from dataclasses import field
from typing import Literal

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._support.kinds import Fraction, PositiveInt
from skmnist._support.parameters import estimator


@estimator
class LSTMClassifier(BaseKerasClassifier):
    """Recurrent network: reads an image row by row, each row a time step; softmax at the end.

    Parameters
    ----------
    {network_parameters}
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    TransformerClassifier : Sees an image as a sequence of patches, all at once.
    CNNClassifier : Convolutional network; more accurate on images.
    KerasClassifier : A network of your own.

    References
    ----------
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, for gated recurrent units.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import LSTMClassifier, MnistScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> classifier = LSTMClassifier(learning_rate=0.003, epochs=20, random_state=0)
    >>> model = make_pipeline(MnistScaler(), classifier)
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.93
    True
    """

    units: PositiveInt = field(default=128, kw_only=False)
    n_layers: PositiveInt = 1
    bidirectional: bool = False
    cell: Literal["lstm", "gru"] = "lstm"
    dropout: Fraction = 0.2
    epochs: int = 10
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.lstm)
