"""The recipes: what each document builds and trains, and the figures it reports.

This is only a table; ``_make.py`` makes pipelines from its entries.  It holds only what a document
says: a rate of None means that the document names none, and that Keras's default is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Document:
    """Where a recipe was published.

    Parameters
    ----------
    title : str
        Its original title.
    about : str
        Kind of document, its language, and its year if it gives one.
    urls : tuple of str
        The URLs that it gives for its code or data.
    """

    title: str
    about: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Perceptron:
    """Flattened pixels, dense layers, softmax.

    Parameters
    ----------
    units : tuple of int
        Units of each hidden layer, all with ReLU.
    dropout : float
        Fraction dropped after each hidden layer; 0 means no such layer.
    l1 : float
        Penalty on the absolute values of each hidden layer's kernel.
    """

    units: tuple[int, ...]
    dropout: float = 0.0
    l1: float = 0.0


@dataclass(frozen=True)
class Convolutions:
    """Unpadded convolutions, 2 x 2 average pooling after each but the last, dense layer, softmax.

    Parameters
    ----------
    filters : tuple of int
        Filters of each convolution, all with ReLU.
    kernel_size : int
        Height and width of the kernels.
    dense_units : int
        Units of the dense layer, with ReLU.
    """

    filters: tuple[int, ...]
    kernel_size: int
    dense_units: int


@dataclass(frozen=True)
class DocumentedFigure:
    """A number that a document reports.

    Parameters
    ----------
    name : str
        Its name, a key of `FIGURES`.
    value : float
        The number as printed.
    digits : int
        Number of printed decimals.
    """

    name: str
    value: float
    digits: int = 4


# Name -> its name in tables, and whether more is better.
FIGURES = MappingProxyType(
    {
        "test_accuracy": ("test accuracy", True),
        "test_loss": ("test loss", False),
        "train_accuracy": ("train accuracy", True),
        "train_loss": ("train loss", False),
        "val_accuracy": ("val accuracy", True),
        "val_loss": ("val loss", False),
        "test_image_4": ("p(image 4 = 4)", True),
    }
)


@dataclass(frozen=True)
class DocumentedRecipe:
    """A network, how a document trains it, and the figures that the document reports.

    Parameters
    ----------
    title : str
        What it is, in a few words.
    document : Document
        Where it was published.
    data : str
        How the document loads MNIST.
    network : Perceptron or Convolutions
        The architecture; the output is a softmax over ten digits.
    optimizer : {"adam", "rmsprop"}
        Keras's name of the optimizer.
    loss : {"sparse_categorical_crossentropy", "categorical_crossentropy"}
        For labels, or for one-hot rows.
    batch_size, epochs : int
        As documented.
    learning_rate : float or None
        None if the document names none.
    divisor : int or None
        Number by which the document divides pixels; None if it leaves them at 0 to 255.
    validation_fraction : float or None
        Share of the training images on which the document validates.
    saved_as : str or None
        Suffix of the file in which the document saves the model.
    figures : tuple of DocumentedFigure
        Documented figures of the fitted model; training and validation figures are those of the
        last epoch.
    history : tuple of (str, tuple of float)
        Values documented for every epoch, with Keras's names.
    remark : str or None
        Why a figure is not reproduced, in a sentence.
    """

    title: str
    document: Document
    data: str
    network: Perceptron | Convolutions
    optimizer: str
    loss: str
    batch_size: int
    epochs: int
    learning_rate: float | None = None
    divisor: int | None = 255
    validation_fraction: float | None = None
    saved_as: str | None = None
    figures: tuple[DocumentedFigure, ...] = ()
    history: tuple[tuple[str, tuple[float, ...]], ...] = ()
    remark: str | None = None


_SPARSE = "sparse_categorical_crossentropy"
_ONE_HOT = "categorical_crossentropy"
_KERAS_LOADER = "keras.datasets.mnist.load_data()"
_PRACTICE = Document(
    "MNIST数字识别实战",
    "article in Chinese on recognising MNIST's digits in practice",
    ("https://chengyong.blog.csdn.net/article/details/105846692",),
)

RECIPES = MappingProxyType(
    {
        "tf-quickstart": DocumentedRecipe(
            "TensorFlow quickstart for beginners",
            Document(
                "MNIST(Modified National Institute of Standards and Technology dataset)",
                "notebook in Chinese that runs the TensorFlow quickstart for beginners",
                (
                    "https://www.tensorflow.org/?hl=zh-cn",
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
                ),
            ),
            f"{_KERAS_LOADER}, or a local mnist.npz read with numpy.load",
            Perceptron((128,), dropout=0.2),
            optimizer="adam",
            loss=_SPARSE,
            batch_size=32,
            epochs=5,
            figures=(
                DocumentedFigure("test_accuracy", 0.9730),
                DocumentedFigure("test_loss", 0.0867),
                DocumentedFigure("train_accuracy", 0.9764),
                DocumentedFigure("train_loss", 0.0754),
            ),
            history=(
                ("accuracy", (0.9132, 0.9564, 0.9675, 0.9724, 0.9764)),
                ("loss", (0.2988, 0.1456, 0.1080, 0.0887, 0.0754)),
            ),
        ),
        "two-512": DocumentedRecipe(
            "two hidden layers of 512, saved as .h5",
            Document(
                "mnist数据集",
                "blog post in Chinese on the data set and a simple model, 2020-06-02",
                (
                    "http://yann.lecun.com/exdb/mnist/",
                    "https://s3.amazonaws.com/img-datasets/mnist.npz",
                ),
            ),
            "keras.datasets.mnist.load_data(path) of a local mnist.npz; it names the IDX files too",
            Perceptron((512, 512)),
            optimizer="rmsprop",
            loss=_ONE_HOT,
            batch_size=256,
            epochs=10,
            learning_rate=0.001,
            saved_as=".h5",
        ),
        "two-50-validated": DocumentedRecipe(
            "two hidden layers of 50, a tenth held out",
            Document(
                "Deep Neural Network for MNIST",
                "course notebook in English with notes in Chinese",
            ),
            'tensorflow_datasets.load("mnist", as_supervised=True)',
            Perceptron((50, 50)),
            optimizer="adam",
            loss=_SPARSE,
            batch_size=100,
            epochs=5,
            validation_fraction=0.1,
            figures=(
                DocumentedFigure("test_accuracy", 0.9667),
                DocumentedFigure("test_loss", 0.1056),
                DocumentedFigure("train_accuracy", 0.9712),
                DocumentedFigure("train_loss", 0.0948),
                DocumentedFigure("val_accuracy", 0.9743),
                DocumentedFigure("val_loss", 0.0946),
            ),
            history=(
                ("accuracy", (0.8836, 0.9471, 0.9592, 0.9666, 0.9712)),
                ("loss", (0.4082, 0.1819, 0.1378, 0.1132, 0.0948)),
                ("val_accuracy", (0.9385, 0.9520, 0.9600, 0.9690, 0.9743)),
                ("val_loss", (0.2130, 0.1607, 0.1347, 0.1069, 0.0946)),
            ),
            remark="The document draws new validation images in every epoch, and so trains on most "
            "of them too; here they are held out.",
        ),
        "tiny-15": DocumentedRecipe(
            "15 hidden units on pixels 0 to 255",
            _PRACTICE,
            _KERAS_LOADER,
            Perceptron((15,)),
            optimizer="rmsprop",
            loss=_ONE_HOT,
            batch_size=128,
            epochs=20,
            learning_rate=0.001,
            divisor=None,
        ),
        "l1-128-32": DocumentedRecipe(
            "128 and 32 with L1 and dropout, on 0 to 255",
            _PRACTICE,
            _KERAS_LOADER,
            Perceptron((128, 32), dropout=0.01, l1=1e-4),
            optimizer="rmsprop",
            loss=_ONE_HOT,
            batch_size=128,
            epochs=20,
            learning_rate=0.001,
            divisor=None,
        ),
        "lenet": DocumentedRecipe(
            "LeNet with 3 x 3 kernels and ReLU",
            _PRACTICE,
            _KERAS_LOADER,
            Convolutions((6, 16, 120), kernel_size=3, dense_units=84),
            optimizer="rmsprop",
            loss=_ONE_HOT,
            batch_size=128,
            epochs=10,
            learning_rate=0.001,
        ),
        "single-512": DocumentedRecipe(
            "one hidden layer of 512",
            Document(
                "手写数字识别",
                "course notes in Chinese; their pictures date from April 2023",
            ),
            _KERAS_LOADER,
            Perceptron((512,)),
            optimizer="rmsprop",
            loss=_SPARSE,
            batch_size=128,
            epochs=5,
            figures=(
                DocumentedFigure("train_accuracy", 0.988, digits=3),
                DocumentedFigure("test_image_4", 0.9997),
            ),
        ),
    }
)
