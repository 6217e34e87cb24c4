"""Vision transformer classifier."""

from dataclasses import field
from numbers import Integral, Real

from skmnist import networks
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._compat.sklearn import Interval, StrOptions
from skmnist._support.parameters import estimator


@estimator
class TransformerClassifier(BaseKerasClassifier):
    """Vision transformer: patches with learned positions, encoder layers, softmax.

    Parameters
    ----------
    patch_size : int >= 1, default=7
        Height and width of a patch, in pixels.  Images that are no multiple of it are padded with
        zeros on all sides.
    n_layers : int >= 1, default=3
        Number of encoder layers: self-attention and a two-layer perceptron, each after a layer
        normalization and around a shortcut.
    n_heads : int >= 1, default=4
        Number of attention heads.
    d_model : int >= 1, default=64
        Number of features of a patch inside the encoder; a multiple of `n_heads`.
    mlp_ratio : float > 0, default=2
        Number of hidden units of the perceptrons, in multiples of `d_model`.
    pooling : {"average", "token"}, default="average"
        What the output layer sees of the encoded patches: their average, or a further token
        that stands in front of them.
    dropout : float in [0, 1), default=0.1
        Fraction of the values dropped from the embedding and the outputs of attentions and
        perceptrons, while training.
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

    patch_size: int = field(default=7, kw_only=False)
    n_layers: int = 3
    n_heads: int = 4
    d_model: int = 64
    mlp_ratio: float = 2
    pooling: str = "average"
    dropout: float = 0.1
    epochs: int = 12
    learning_rate_schedule: str | None = "auto"

    _network = staticmethod(networks.transformer)
    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "patch_size": [Interval(Integral, 1, None, closed="left")],
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "d_model": [Interval(Integral, 1, None, closed="left")],
        "mlp_ratio": [Interval(Real, 0, None, closed="neither")],
        "pooling": [StrOptions({"average", "token"})],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }
