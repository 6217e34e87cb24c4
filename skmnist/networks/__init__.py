"""Network architectures: functions from an image shape to an uncompiled :class:`keras.Model`.

Every builder has the form ``build(image_shape, n_classes, *, <hyper-parameters>, seed=None)``,
gives each layer its own seed, and does not change global state.  Networks of classifiers end in a
softmax over the classes.  :func:`autoencoder` and :func:`augmentation` have no parameter
``n_classes``, and it is optional for :func:`gan`.
"""

from skmnist.networks.augmentation import augmentation
from skmnist.networks.autoencoder import autoencoder
from skmnist.networks.cnn import cnn
from skmnist.networks.gan import gan
from skmnist.networks.lenet import lenet
from skmnist.networks.lstm import lstm
from skmnist.networks.mlp import mlp
from skmnist.networks.resnet import resnet
from skmnist.networks.transformer import transformer

__all__ = [
    "augmentation",
    "autoencoder",
    "cnn",
    "gan",
    "lenet",
    "lstm",
    "mlp",
    "resnet",
    "transformer",
]
