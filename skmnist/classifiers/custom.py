"""Classifier around a network of the user's own."""

import os
from dataclasses import field
from typing import Any

from skmnist import _keras
from skmnist._bridge.estimators.classifier import BaseKerasClassifier
from skmnist._bridge.fitting.from_keras import load, wrap
from skmnist._bridge.fitting.tasks import Classification, ClassificationInOrder
from skmnist._bridge.models.foreign import described
from skmnist._compat.sklearn import HasMethods, validate_parameters
from skmnist._keras import keras
from skmnist._support.parameters import estimator


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
    classes : array-like of shape (n_classes,) or None, default=None
        Label of each output of the network, in their order.  None for the sorted labels of y.
        Either way ``classes_`` and the columns of predictions are sorted.
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
    classes: Any = None
    optimizer: Any = None
    loss: Any = None
    metrics: Any = None

    _parameter_constraints = {
        **BaseKerasClassifier._parameter_constraints,
        "classes": ["array-like", None],
        "model": [callable, HasMethods(["get_config", "get_weights"])],
        "optimizer": [*BaseKerasClassifier._parameter_constraints["optimizer"], None],
        "loss": [*BaseKerasClassifier._parameter_constraints["loss"], None],
        "metrics": [*BaseKerasClassifier._parameter_constraints["metrics"], None],
    }

    @classmethod
    def from_keras(cls, model, *, classes=None, unit_pixels=None, custom_objects=None, **params):
        """Make a fitted classifier of a trained Keras model, without training it.

        Its predictions are the model's own.  :meth:`partial_fit` goes on from the model's
        weights, and so does :meth:`fit`.

        Parameters
        ----------
        model : keras.Model, str or os.PathLike
            A model with one softmax output per class, or one sigmoid output for two; it is
            copied.  Or the path of a file that it was saved to: ``.keras``, or ``.h5`` in the
            legacy format.  Files with code in them, as a ``Lambda`` layer has it, are refused.
        classes : array-like of shape (n_classes,), default=None
            Label of each output of the model, in their order.  None for 0, 1, 2, ...  It becomes
            the parameter of the same name.
        unit_pixels : bool or None, default=None
            True is short for ``pixel_range="unit"``: the model was trained on pixels in [0, 1],
            and levels of grey are divided by 255.  False, or None where `params` hold no
            `pixel_range`, is short for ``pixel_range="as-is"``: the model is given X as it is.
            Either way it is a parameter of the classifier, so that later fits and those of clones
            keep it.  ``pixel_range="auto"`` finds out whether the model rescales its input.
        custom_objects : dict or None, default=None
            Classes and functions in the file that Keras does not know, by name.
        **params : dict
            Other constructor parameters of the classifier.

        Returns
        -------
        classifier : KerasClassifier
            Fitted classifier; ``n_iter_`` is 0 and ``history_`` has no epochs.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        TypeError
            If `model` is neither a model nor a path.
        ValueError
            If the file cannot be read, or the model or `classes` do not fit.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from sklearn.datasets import load_digits
        >>> from skmnist import KerasClassifier, MLPClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> X = X / 16
        >>> fitted = MLPClassifier(random_state=0).fit(X, y)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "digits.keras"
        ...     fitted.model_.save(path)
        ...     wrapped = KerasClassifier.from_keras(path)
        >>> bool((wrapped.predict(X) == fitted.predict(X)).all())
        True
        """
        _keras.start()
        if isinstance(model, (str, os.PathLike)):
            model = load(model, custom_objects)
        elif not isinstance(model, keras.Model):
            raise TypeError(
                f"{cls.__name__}.from_keras takes a keras.Model or the path of a saved one. Got "
                f"{described(model)} instead."
            )
        if unit_pixels is not None and "pixel_range" in params:
            raise ValueError(
                f"The range of pixels is given twice: unit_pixels={unit_pixels!r} and "
                f"pixel_range={params['pixel_range']!r}. Set one of them."
            )
        params.setdefault("pixel_range", "unit" if unit_pixels else "as-is")
        _keras.check_eager()
        classifier = cls(model, classes=classes, **params)
        validate_parameters(classifier)
        wrap(classifier, classifier._request(), model)
        return classifier

    def _builder(self):
        return self.model

    def _builder_params(self):
        routed = self._routed_params().items()
        return {k.removeprefix("model__"): v for k, v in routed if k.startswith("model__")}

    def _request(self, **given):
        task = Classification if self.classes is None else ClassificationInOrder(self.classes)
        return super()._request(
            **{"task": task, "checks_outputs": True, "may_rescale_inside": True, **given}
        )
