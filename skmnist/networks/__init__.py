"""Network architectures: functions from an image shape to an uncompiled :class:`keras.Model`.

Every builder has the form ``build(image_shape, n_classes, *, <hyper-parameters>, seed=None)``,
gives each layer its own seed, and does not change global state.  Networks of classifiers end in a
softmax over the classes.  :func:`autoencoder` and :func:`augmentation` have no parameter
``n_classes``, and it is optional for :func:`gan`.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skmnist.classifiers._families import *
    from skmnist.networks.augmentation import augmentation as augmentation
    from skmnist.networks.autoencoder import autoencoder as autoencoder
    from skmnist.networks.gan import gan as gan

# Every public module but that of the layers defines the builder of its own name.
__all__ = sorted(
    module.name
    for module in pkgutil.iter_modules(__path__)
    if not module.name.startswith("_") and module.name != "custom_layers"
)
globals().update(
    {name: getattr(importlib.import_module(f"{__name__}.{name}"), name) for name in __all__}
)
