"""Plots of networks, predictions and comparisons, as scikit-learn Displays.

matplotlib is an extra, ``pip install "skmnist[plots]"``, and is imported when something is drawn.
Displays change neither its settings nor axes that you did not pass.  Without `ax`, a display draws
into a new figure of pyplot, as scikit-learn's displays do.
"""

from __future__ import annotations

from skmnist.plots._accuracy_time import AccuracyTimeDisplay
from skmnist.plots._confused_pairs import ConfusedPairsDisplay
from skmnist.plots._first_layer import FirstLayerDisplay
from skmnist.plots._fold_scores import FoldScoresDisplay
from skmnist.plots._misclassified import MisclassifiedDisplay
from skmnist.plots._reliability import ReliabilityDisplay
from skmnist.plots._saliency import SaliencyDisplay
from skmnist.plots._training_history import TrainingHistoryDisplay

__all__ = [
    "AccuracyTimeDisplay",
    "ConfusedPairsDisplay",
    "FirstLayerDisplay",
    "FoldScoresDisplay",
    "MisclassifiedDisplay",
    "ReliabilityDisplay",
    "SaliencyDisplay",
    "TrainingHistoryDisplay",
]
