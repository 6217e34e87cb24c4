"""Classifiers of small images: one class per network family, and one for your own network."""

from skmnist.classifiers.cnn import CNNClassifier
from skmnist.classifiers.custom import KerasClassifier
from skmnist.classifiers.lenet import LeNetClassifier
from skmnist.classifiers.lstm import LSTMClassifier
from skmnist.classifiers.mlp import MLPClassifier
from skmnist.classifiers.resnet import ResNetClassifier
from skmnist.classifiers.transformer import TransformerClassifier

__all__ = [
    "CNNClassifier",
    "KerasClassifier",
    "LSTMClassifier",
    "LeNetClassifier",
    "MLPClassifier",
    "ResNetClassifier",
    "TransformerClassifier",
]
