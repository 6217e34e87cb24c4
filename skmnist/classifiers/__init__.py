"""Classifiers of small images: one class per network family, and one for your own network."""

from skmnist.classifiers.custom import KerasClassifier
from skmnist.classifiers.lenet import LeNetClassifier
from skmnist.classifiers.mlp import MLPClassifier

__all__ = ["KerasClassifier", "LeNetClassifier", "MLPClassifier"]
