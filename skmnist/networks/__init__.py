"""Network architectures: functions from an image shape to an uncompiled :class:`keras.Model`.

Every builder has the form ``build(image_shape, n_classes, *, <hyper-parameters>, seed=None)``,
gives each layer its own seed, ends in a softmax over the classes, and touches no global state.
"""

from skmnist.networks.lenet import lenet
from skmnist.networks.mlp import mlp

__all__ = ["lenet", "mlp"]
