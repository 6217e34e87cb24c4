"""Recurrent classifier."""

from dataclasses import field
from numbers import Integral, Real

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._compat.sklearn import Interval, StrOptions
from skmnist._support.parameters import estimator


@estimator
class LSTMClassifier(BaseKerasClassifier):
    """Recurrent network: reads an image row by row, each row a time step; softmax at the end.

    Parameters
    ----------
    units : int >= 1, default=128
        Number of units of each recurrent layer, in each direction.
    n_layers : int >= 1, default=1
        Number of recurrent layers.  Each but the last hands on its state after every row.
    bidirectional : bool, default=False
        Whether each layer also reads the rows from the bottom up, with units of its own.
    cell : {"lstm", "gru"}, default="lstm"
        Kind of recurrent layer: long short-term memory, or gated recurrent units.
    dropout : float in [0, 1), default=0.2
        Fraction of a recurrent layer's outputs dropped while training.
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

    units: int = field(default=128, kw_only=False)
    n_layers: int = 1
    bidirectional: bool = False
    cell: str = "lstm"
    dropout: float = 0.2
    epochs: int = 10
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.lstm)
    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "units": [Interval(Integral, 1, None, closed="left")],
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "cell": [StrOptions({"lstm", "gru"})],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }
