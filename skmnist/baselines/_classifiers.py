"""The classifiers of the baselines, with the measurements behind their settings.

Accuracies are means of 5-fold cross-validation on 5,000 images each: those of
:func:`skmnist.datasets.load_mnist_sample`, and, after a comma, the first 5,000 training images of
Fashion-MNIST.  "At 60,000" are accuracies on the test parts after training on all.

Several classifiers see images of unit length (``Normalizer``).  The squared distance of two such
images lies between 0 and 2, whatever their size, so that one `gamma` suits images of any size.
"""

from __future__ import annotations

import warnings

from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import VarianceThreshold
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import BernoulliNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skmnist.baselines._hog import HOG

# Megabytes of the kernel cache of a support vector machine: enough for all pairs of two classes of
# MNIST, so that none is computed twice.
_CACHE = 1000


class NystroemUpTo(Nystroem):
    """Nyström features with at most as many landmarks as there are images.

    :class:`~sklearn.kernel_approximation.Nystroem` does the same with a warning, which is meant
    for users who chose the number themselves.
    """

    def fit(self, X, y=None):
        """Draw the landmarks."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "n_components > n_samples", UserWarning)
            return super().fit(X, y)


def _pca(share):
    """Return a PCA that keeps this share of the variance, whatever the image size."""
    return PCA(share, svd_solver="covariance_eigh")


def knn():
    """Find the nearest neighbours.

    Weights matter more than the number of neighbours: with equal ones, three neighbours often
    disagree and the lowest label wins the tie (0.936 instead of 0.940); five neighbours give
    0.937, one gives 0.940.  Brute force finds the same neighbours as the trees, thirty times as
    fast, because in 784 dimensions a tree excludes hardly anything.
    """
    return KNeighborsClassifier(n_neighbors=3, weights="distance", algorithm="brute")


def naive_bayes():
    """Use only whether each pixel has ink.

    0.838.  Thresholds from 0.2 to 0.4 do equally well, as do values of `alpha` below 1.  Grey
    levels help less: ``MultinomialNB`` has 0.832, and ``GaussianNB`` with its default
    `var_smoothing` 0.601, because pixels that are nearly always black have nearly no variance, so
    that any ink there outweighs all other pixels; even its best value gives only 0.807.
    """
    return BernoulliNB(binarize=0.2, alpha=0.01)


def logistic_regression():
    """Fit a linear model of the probabilities.

    0.905; the default ``C=1.0`` overfits a little (0.899).  The default solver, lbfgs, is as
    accurate but does not always converge in its 100 iterations, and on two cores takes 1.0 s for
    4,000 images; newton-cg needs nine iterations and 0.2 s.  A `tol` of 1e-3 is less
    than half the work, but at 60,000 costs 0.004 on MNIST (0.9215) and 0.001 on Fashion-MNIST.
    """
    return LogisticRegression(C=0.1, solver="newton-cg")


def linear_svm():
    """Separate each class from the others by a plane.

    C of 0.003, 0.01, 0.03, 0.1, 1: 0.893, 0.901, 0.901, 0.897, 0.870; on Fashion-MNIST 0.01 gives
    0.839 and 0.03 gives 0.842.
    """
    return LinearSVC(C=0.03)


def rbf_svm():
    """Separate pairs of classes with a Gaussian kernel.

    Without ``Normalizer``, ``gamma="scale"`` gives 0.960, 0.862 and 0.02 gives 0.964, 0.864, but
    suits 28 x 28 pixels only.  With it 1, 2, 3 give 0.961, 0.964, 0.964 and 0.863, 0.863, 0.864,
    in half to four fifths of the time.
    """
    return make_pipeline(Normalizer(), SVC(C=10, gamma=2, cache_size=_CACHE))


def nystroem():
    """Approximate the kernel by the distances to 1,000 training images, and fit it linearly.

    With three folds: ridge regression with alpha=0.1 gives 0.953, 0.863; alpha=1 gives 0.945,
    0.855; ``LinearSVC`` 0.949, 0.859 in five times the time.  Gamma 1 gives 0.954, 0.859, gamma 4
    0.945, 0.855; 500 images 0.943.
    """
    return make_pipeline(Normalizer(), NystroemUpTo(gamma=2, n_components=1000), _ridge())


def _ridge():
    """At 60,000, alpha of 0.001, 0.01 and 0.1: 0.964, 0.964, 0.963, and 0.866 for all."""
    return RidgeClassifier(alpha=0.1)


def decision_tree():
    """Grow one tree.

    At 60,000, pruned with `ccp_alpha` of 0.0003 0.887, 0.815; 0.0001 0.887, 0.801; not pruned
    0.886, 0.800.  On 5,000 images that prunes next to nothing: entropy 0.776, Gini 0.779, and
    0.784 to a depth of 10, too few leaves for more images.
    """
    return DecisionTreeClassifier(criterion="entropy", ccp_alpha=3e-4)


def random_forest():
    """Vote among trees, each grown on a resample, with a few candidate pixels at each split.

    Entropy 0.940, 0.849; Gini 0.937, 0.846; Gini with a tenth of the pixels at each split instead
    of their root 0.938, 0.844.
    """
    return RandomForestClassifier(criterion="entropy")


def extra_trees():
    """Vote among trees whose splits are drawn at random.

    A tenth of the pixels at each split 0.945, 0.852; their root 0.943, 0.848, with entropy 0.944,
    0.849.
    """
    return ExtraTreesClassifier(max_features=0.1)


def hist_gradient_boosting():
    """Add up trees that each correct the ones before, on pixels in 255 bins.

    A learning rate of 0.2 gives 0.981 on MNIST at 60,000, but diverges on Fashion-MNIST (0.782),
    although after training on 10,000 it is as good there as the default of 0.1: 0.872 and 0.871.
    Without early stopping, which scikit-learn turns on above 10,000 images, all images are used.
    """
    return HistGradientBoostingClassifier(max_features=0.1, early_stopping=False)


def lda():
    """Separate classes that share one covariance matrix.

    Pixels at the border hardly vary, so the matrix is nearly singular: 0.833 without shrinkage,
    0.860, 0.863, 0.873, 0.876 with 0.05, 0.1, 0.2, 0.3, and 0.876 with that of Ledoit and Wolf.
    """
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")


def nearest_centroid():
    """Take the class whose mean image is nearest.

    0.806; medians 0.730; shrunken means 0.806, 0.805, 0.803 for 0.1, 0.3, 0.5.  Pixels that are
    the same in all images are dropped, because scikit-learn warns of them.
    """
    return make_pipeline(VarianceThreshold(), NearestCentroid())


def pca_svm():
    """Separate pairs of classes by a Gaussian kernel on principal components.

    0.85 of the variance, which about 50 components hold: 0.968, 0.863, more than ``rbf_svm`` in a
    fifth of its time.  Gamma 1 gives 0.965, 0.859, gamma 3 0.969, 0.859.  Without ``Normalizer``
    0.965, 0.854.
    """
    return make_pipeline(Normalizer(), _pca(0.85), SVC(C=10, gamma=2, cache_size=_CACHE))


def hog_svm():
    """Separate pairs of classes by a Gaussian kernel on histograms of oriented gradients.

    With three folds: cells of 4 pixels 0.978, 0.871, of 5 0.974, 0.852, of 7 0.970, 0.843;
    blocks of 3 cells 0.978, 0.871, of 1 0.973, 0.858.  The components that hold 0.8 of the
    variance give 0.976, 0.871 in 0.4 of the time; ``Normalizer`` changes nothing, because the
    blocks are normalised.  These are with C=10; with five folds, C of 1, 3, 10 gives 0.977, 0.977,
    0.977 and 0.873, 0.878, 0.875.
    """
    return make_pipeline(HOG(), _pca(0.8), SVC(C=3, cache_size=_CACHE))


def sklearn_mlp():
    """Train scikit-learn's own network until its loss stops falling.

    With three folds: 0.936, 0.854 with `tol` of 0.001, five epochs long; 0.928, 0.840 with
    ``early_stopping=True``, which holds out a tenth of the images and needs two of every class.
    """
    return MLPClassifier(256, tol=1e-3, n_iter_no_change=5)


def dummy():
    """Predict the most frequent class, whatever the image."""
    return DummyClassifier()
