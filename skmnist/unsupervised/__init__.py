"""Unsupervised estimators: autoencoders and generators of images."""

from skmnist.unsupervised.autoencoder import Autoencoder
from skmnist.unsupervised.gan import GANGenerator
from skmnist.unsupervised.outlier_detector import AutoencoderOutlierDetector

__all__ = ["Autoencoder", "AutoencoderOutlierDetector", "GANGenerator"]
