"""Small image data sets, in the form and with the naming of :mod:`sklearn.datasets`.

``load_mnist_sample`` needs no network; ``fetch_mnist``, ``fetch_fashion_mnist`` and
``fetch_emnist`` look for local copies first and download only what is missing; ``load_npz``,
``load_idx``, ``load_csv`` and ``load_folder`` read your own files; ``fetch_tfds`` reads those of
TensorFlow Datasets, and alone imports TensorFlow.
"""

from skmnist.datasets._cache import locate as locate
from skmnist.datasets._cache import own_folder as own_folder
from skmnist.datasets._csv import load_csv
from skmnist.datasets._emnist import fetch_emnist
from skmnist.datasets._folder import load_folder
from skmnist.datasets._idx import load_idx
from skmnist.datasets._mnist import fetch_fashion_mnist, fetch_mnist
from skmnist.datasets._npz import load_npz
from skmnist.datasets._sample import load_mnist_sample
from skmnist.datasets._tfds import fetch_tfds

# ``locate`` and ``own_folder`` are for the command line, and not public.
__all__ = [
    "fetch_emnist",
    "fetch_fashion_mnist",
    "fetch_mnist",
    "fetch_tfds",
    "load_csv",
    "load_folder",
    "load_idx",
    "load_mnist_sample",
    "load_npz",
]
