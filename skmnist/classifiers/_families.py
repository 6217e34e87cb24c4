"""The families of networks, one row each; everything else that lists them reads this table.

A family "mlp" has its builder in ``skmnist/networks/mlp.py``, under the same name, and its class
in ``skmnist/classifiers/mlp.py``.  Importing this module loads neither of them: ``skmnist`` and
``skmnist.classifiers`` take the names that they export from here.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # The rows once more, because type checkers do not run programs.
    from skmnist.classifiers.cnn import CNNClassifier as CNNClassifier
    from skmnist.classifiers.convnext import ConvNeXtClassifier as ConvNeXtClassifier
    from skmnist.classifiers.lenet import LeNetClassifier as LeNetClassifier
    from skmnist.classifiers.lstm import LSTMClassifier as LSTMClassifier
    from skmnist.classifiers.mlp import MLPClassifier as MLPClassifier
    from skmnist.classifiers.resnet import ResNetClassifier as ResNetClassifier
    from skmnist.classifiers.transformer import TransformerClassifier as TransformerClassifier
    from skmnist.networks.cnn import cnn as cnn
    from skmnist.networks.convnext import convnext as convnext
    from skmnist.networks.lenet import lenet as lenet
    from skmnist.networks.lstm import lstm as lstm
    from skmnist.networks.mlp import mlp as mlp
    from skmnist.networks.resnet import resnet as resnet
    from skmnist.networks.transformer import transformer as transformer


@dataclass(frozen=True)
class Measured:
    """What a network with its defaults achieves; ``benchmarks/accuracy.py`` measures it.

    Parameters
    ----------
    mnist, fashion : float or None
        Accuracy on the 10,000 test images; None if it was not measured.
    n_parameters, epochs : int
        Of the network, and of the fit.
    fit_seconds, predict_microseconds : int
        Of a fit on 60,000 images, and of the prediction of one of 10,000.
    """

    mnist: float | None
    fashion: float | None
    n_parameters: int
    epochs: int
    fit_seconds: int
    predict_microseconds: int


@dataclass(frozen=True)
class Family:
    """A family of networks.

    Parameters
    ----------
    name : str
        Name of the family, of its modules and of its builder.
    class_name : str
        Name of the classifier.
    title : str
        What it is in a few words, as ``compare`` and ``skmnist list`` say it.
    summary : str
        What it is and has, for the list of all there is.
    network : str
        What its network is.
    purpose : str
        What it is a network for.
    epochs : int
        Epochs in a comparison on a few thousand images.
    reason : str
        Why so many.
    measured : Measured
        What it achieves.
    small : mapping
        Parameters of a network that tests can train in no time.
    other : mapping of str to list
        Values off the default of each parameter, for tests; the first ones go together.
    """

    name: str
    class_name: str
    title: str
    summary: str
    network: str
    purpose: str
    epochs: int
    reason: str
    measured: Measured
    small: Mapping[str, Any]
    other: Mapping[str, list[Any]]

    @property
    def classifier(self):
        """The class of the classifier."""
        return getattr(importlib.import_module(f"skmnist.classifiers.{self.name}"), self.class_name)

    @property
    def builder(self):
        """The function that builds the network."""
        return getattr(importlib.import_module(f"skmnist.networks.{self.name}"), self.name)


# An epoch over 4,000 images is a fifteenth of one over MNIST, so the classes' own defaults are
# too few in a comparison.  Accuracy on the sample, 3 of 5 folds, after 5, 10, 15, 20 and 30 epochs:
# MLP 0.930, 0.939, 0.944, 0.945, 0.940; LeNet 0.957, 0.965, 0.967, 0.968, 0.976, where the
# second fifteen epochs take as long as the first, which is most of the time of a comparison.
_ROWS = [
    Family(
        "mlp",
        "MLPClassifier",
        title="multilayer perceptron",
        summary="multilayer perceptron: hidden layers, dropout, L1 and L2 penalties",
        network="multilayer perceptron: dense layers on the pixels in a row",
        purpose="a first baseline, speed",
        epochs=15,
        reason="15 epochs: more add no accuracy on 4,000 images",
        measured=Measured(0.9761, 0.8737, 101_770, 5, 8, 3),
        small={"hidden_layer_sizes": (12,)},
        other={
            "hidden_layer_sizes": [(5,), [6, 4], ()],
            "activation": ["tanh", None],
            "batch_norm": [True],
            "dropout": [0.0, 0.5],
            "l1": [0.01],
            "l2": [0.01],
        },
    ),
    Family(
        "lenet",
        "LeNetClassifier",
        title="convolutional network",
        summary="the classic convolutional network",
        network="LeNet: unpadded convolutions, average pooling",
        purpose="teaching; accuracy in seconds",
        epochs=15,
        reason="15 epochs: 30 take twice the time for 0.01 more",
        measured=Measured(0.9908, 0.8958, 109_994, 10, 49, 18),
        small={"filters": (4, 6, 8), "dense_units": 24},
        other={
            "filters": [(2,), [2, 3, 4]],
            "kernel_size": [2, (3, 2)],
            "dense_units": [7],
            "activation": ["tanh"],
            "pooling": ["max"],
            "dropout": [0.3],
        },
    ),
    Family(
        "cnn",
        "CNNClassifier",
        title="deeper convolutional network",
        summary="deeper convolutional network, with batch normalization",
        network="blocks of padded convolutions with batch normalization",
        purpose="accuracy",
        epochs=8,
        reason="8 epochs: 15 take 1.6 times the time for 0.002 more",
        measured=Measured(0.9954, 0.9296, 468_394, 7, 265, 132),
        small={"filters": (4,), "convs_per_block": 1, "dense_units": 12},
        other={
            "filters": [(2,), [2, 3]],
            "convs_per_block": [2],
            "kernel_size": [2, (3, 2)],
            "pooling": ["average"],
            "batch_norm": [False],
            "dense_units": [7],
            "activation": ["tanh"],
            "dropout": [0.3],
        },
    ),
    Family(
        "resnet",
        "ResNetClassifier",
        title="residual network",
        summary="residual network, for depth, with batch normalization",
        network="residual network, pre-activation blocks",
        purpose="accuracy; depth",
        epochs=8,
        reason="8 epochs: 15 take 1.6 times the time for 0.005 more",
        measured=Measured(0.9947, 0.9295, 308_650, 7, 521, 245),
        small={"filters": (4,)},
        other={
            "filters": [(2,), [2, 3]],
            "n_blocks": [2],
            "kernel_size": [2],
            "activation": ["tanh"],
            "dropout": [0.3],
        },
    ),
    Family(
        "convnext",
        "ConvNeXtClassifier",
        title="depthwise convolutional network",
        summary="ConvNeXt: depthwise convolutions between perceptrons",
        network="ConvNeXt: depthwise convolutions and perceptrons on patches",
        purpose="accuracy with few weights",
        epochs=8,
        reason="8 epochs: 15 take twice the time for 0.004 more",
        measured=Measured(0.9918, None, 222_730, 7, 1506, 1684),
        small={"filters": (6,), "patch_size": 1},
        other={
            "filters": [(4,), [3, 4]],
            "n_blocks": [2],
            "patch_size": [3],
            "kernel_size": [2, (3, 2)],
            "dropout": [0.0, 0.5],
        },
    ),
    Family(
        "lstm",
        "LSTMClassifier",
        title="recurrent network on rows",
        summary="network for sequences, on the rows of images",
        network="LSTM or GRU that reads an image row by row",
        purpose="sequences",
        epochs=15,
        reason="15 epochs, as the perceptron",
        measured=Measured(0.9899, 0.8935, 81_674, 10, 98, 38),
        small={"units": 8},
        other={
            "units": [3],
            "n_layers": [2],
            "bidirectional": [True],
            "cell": ["gru"],
            "dropout": [0.0, 0.5],
        },
    ),
    Family(
        "transformer",
        "TransformerClassifier",
        title="transformer on patches",
        summary="network for sequences, on the patches of images",
        network="transformer encoder on patches",
        purpose="attention",
        epochs=15,
        reason="15 epochs, as the perceptron",
        measured=Measured(0.9846, 0.8845, 105_354, 12, 246, 67),
        small={"n_layers": 1, "n_heads": 2, "d_model": 8},
        other={
            "patch_size": [2, 3],
            "n_layers": [2],
            "n_heads": [1, 4],
            "d_model": [4],
            "mlp_ratio": [1, 1.5],
            "pooling": ["token"],
            "dropout": [0.0, 0.5],
        },
    ),
]
FAMILIES = MappingProxyType({family.name: family for family in _ROWS})
