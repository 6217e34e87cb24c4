"""Metrics of predictions on labelled images, as ``skmnist evaluate`` prints them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from skmnist._support.confusions import confused_pairs


@dataclass(frozen=True)
class ClassResult:
    """Results for the images of one class.

    Parameters
    ----------
    label : object
        The label.
    n : int
        Number of images with the label.
    recall : float or None
        Share of these that are predicted correctly; None if there are none.
    precision : float or None
        Share of the images predicted as this class that belong to it; None if none are.
    """

    label: object
    n: int
    recall: float | None
    precision: float | None


@dataclass(frozen=True)
class Confusion:
    """Images of one class that are predicted as another.

    Parameters
    ----------
    label, predicted : object
        The label, and the predicted label.
    n : int
        Number of images.
    """

    label: object
    predicted: object
    n: int


@dataclass(frozen=True)
class Evaluation:
    """Metrics of predictions.

    Parameters
    ----------
    n : int
        Number of images.
    accuracy : float
        Share of correct predictions.
    interval : tuple of 2 float
        Its 95 % interval, by Wilson's method.
    log_loss : float or None
        Mean of the negative logarithm of the probability of the true label; None without
        probabilities.
    calibration_error : float or None
        As of :func:`skmnist.statistics.expected_calibration_error`; None without probabilities.
    classes : dict of label to ClassResult
        Results by class.
    confusions : tuple of Confusion
        Confused pairs, the most frequent first.
    """

    n: int
    accuracy: float
    interval: tuple[float, float]
    log_loss: float | None
    calibration_error: float | None
    classes: dict
    confusions: tuple[Confusion, ...]

    def to_dict(self):
        """Return all metrics as a dict for JSON."""
        content = asdict(self)
        content["classes"] = [asdict(entry) for entry in self.classes.values()]
        return content

    def report(self, names, n_pairs):
        """Return the metrics as text.

        Parameters
        ----------
        names : dict of label to str or None
            Names of the labels.
        n_pairs : int
            How many confused pairs to list.
        """
        shown = {
            label: f"{label} ({name})" if name else str(label) for label, name in names.items()
        }
        low, high = self.interval
        lines = [
            f"accuracy           {self.accuracy:.4f} (95 % interval {low:.4f} to {high:.4f})",
            f"log loss           {_figure(self.log_loss)}",
            f"calibration error  {_figure(self.calibration_error)}",
            "",
        ]
        width = max(5, *map(len, shown.values()))
        lines.append(f"{'class':<{width}}  images  recall  precision")
        lines += [
            f"{shown[label]:<{width}}  {entry.n:>6}  {_figure(entry.recall):>6}  "
            f"{_figure(entry.precision):>9}"
            for label, entry in self.classes.items()
        ]
        if self.confusions and n_pairs:
            lines += ["", "taken for another most often:"]
            lines += [
                f"{shown[pair.label]} as {shown[pair.predicted]}: {pair.n}"
                for pair in self.confusions[:n_pairs]
            ]
        return "\n".join(lines)


def evaluation_of(labels, predicted, probabilities, classes):
    """Compute the metrics of predictions.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        The true labels; each is one of `classes`.
    predicted : ndarray of shape (n,)
        The predicted labels.
    probabilities : ndarray of shape (n, n_classes) or None
        Their probabilities, in the order of `classes`.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.

    Returns
    -------
    evaluation : Evaluation
        The metrics.
    """
    from sklearn.metrics import confusion_matrix, log_loss

    from skmnist.statistics import accuracy_interval, expected_calibration_error

    right = labels == predicted
    matrix = confusion_matrix(labels, predicted, labels=classes)
    listed = np.asarray(classes).tolist()
    results = {
        label: ClassResult(
            label,
            int(matrix[i].sum()),
            _share(matrix[i, i], matrix[i].sum()),
            _share(matrix[i, i], matrix[:, i].sum()),
        )
        for i, label in enumerate(listed)
    }
    loss = error = None
    if probabilities is not None:
        rows = probabilities.astype(np.float64)  # in float32, they sum to one only approximately
        loss = float(log_loss(labels, rows / rows.sum(axis=1, keepdims=True), labels=classes))
        error = expected_calibration_error(labels, probabilities, classes=classes)
    return Evaluation(
        n=len(labels),
        accuracy=float(right.mean()),
        interval=accuracy_interval(int(right.sum()), len(right)),
        log_loss=loss,
        calibration_error=error,
        classes=results,
        confusions=tuple(Confusion(listed[i], listed[j], n) for i, j, n in confused_pairs(matrix)),
    )


def _share(part, whole):
    return float(part / whole) if whole else None


def _figure(value):
    return "none" if value is None else f"{value:.4f}"
