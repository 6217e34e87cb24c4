"""Classifier around a network of the user's own."""

from dataclasses import field
from typing import Any

from sklearn.utils._param_validation import HasMethods

from skmnist.bridge import images
from skmnist.bridge.base import BaseKerasClassifier
from skmnist.bridge.parameters import estimator


@estimator
class KerasClassifier(BaseKerasClassifier):
    """A network of your own, with everything the other classifiers have.

    Parameters
    ----------
    model : callable or keras.Model
        A function that returns a :class:`keras.Model`, or a model.

        A function may have parameters ``image_shape`` (height, width, channels), ``n_classes``
        and ``seed``, which it is given; any other is set as ``model__name``, in the constructor,
        by :meth:`set_params` and in grids.  A model is copied in every fit, which goes on from
        the weights it has; it stays as it is.

        The network ends in a softmax over the classes, or in one sigmoid unit for two classes; or
        it ends without either, and `loss` is a Keras loss with ``from_logits=True``.  Its input
        may be images or flat.  A model that comes compiled keeps its optimizer, loss and
        metrics, except for those of these parameters that are not None.
    {common_parameters}

    Attributes
    ----------
    {common_attributes}

    See Also
    --------
    skmnist.networks : The networks of the other classifiers, as functions to start from.
    MLPClassifier : Multilayer perceptron.
    LeNetClassifier : Convolutional network.

    Examples
    --------
    >>> import keras
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skmnist import KerasClassifier
    >>> def network(image_shape, n_classes, units=32):
    ...     return keras.Sequential(
    ...         [
    ...             keras.Input(image_shape),
    ...             keras.layers.Flatten(),
    ...             keras.layers.Dense(units, activation="relu"),
    ...             keras.layers.Dense(n_classes, activation="softmax"),
    ...         ]
    ...     )
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = KerasClassifier(network, epochs=10, random_state=0)
    >>> search = GridSearchCV(classifier, {"model__units": [4, 64]}, cv=3).fit(X / 16, y)
    >>> search.best_params_
    {'model__units': 64}
    """

    _routed_prefixes = (*BaseKerasClassifier._routed_prefixes, "model")

    model: Any = field(default=None, kw_only=False)
    optimizer: Any = None
    loss: Any = None
    metrics: Any = None

    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "model": [callable, HasMethods(["get_config", "get_weights"])],
        "optimizer": [*BaseKerasClassifier._parameter_constraints["optimizer"], None],
        "loss": [*BaseKerasClassifier._parameter_constraints["loss"], None],
        "metrics": [*BaseKerasClassifier._parameter_constraints["metrics"], None],
    }

    def _builder(self):
        return self.model

    def _builder_params(self):
        routed = self._routed_params().items()
        return {k.removeprefix("model__"): v for k, v in routed if k.startswith("model__")}

    def _check_outputs(self, fitted, rows):
        pictures = images.as_images(rows[:16], fitted.network.input_shape)
        fitted.outputs.check(fitted.network.predict(pictures))
