"""Files of trained models: written atomically, and read with all that prediction needs.

A ``.keras`` file is Keras's own with one more member, ``skmnist.json``, which Keras ignores; it
holds no code.  ``.joblib``, ``.pkl`` and ``.pickle`` files are pickles of the whole pipeline, with
the same content in an attribute.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skmnist._support.shapes import square_side
from skmnist.cli._errors import Failure, UserError

KERAS, PICKLES = ".keras", (".joblib", ".pkl", ".pickle")
_LEGACY = (".h5", ".hdf5")
_MEMBER, _ATTRIBUTE, _FORMAT = "skmnist.json", "skmnist_facts_", 1
_NEEDED = ("classes", "names", "image_shape", "box", "data")


def check_target(path, is_network, force):
    """Check before training that a model can be written to a path.

    Parameters
    ----------
    path : Path
        The file to write.
    is_network : bool
        Whether the model is a network, which a Keras file can hold.
    force : bool
        Whether an existing file may be replaced.
    """
    if path.suffix == KERAS and not is_network:
        raise UserError(
            f"A .keras file holds networks only; for this model name a {' or '.join(PICKLES)} file."
        )
    if path.suffix not in (KERAS, *PICKLES):
        raise UserError(
            f"--out must end in {KERAS}, or in {' or '.join(PICKLES)} for a pickle, got "
            f"{path.name!r}."
        )
    if path.is_dir():
        raise UserError(f"{str(path)!r} is a folder; --out names a file.")
    if path.exists() and not force:
        raise UserError(f"{str(path)!r} is there already; --force replaces it.")
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {str(path.parent)!r} to write {path.name} to.")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"The folder {str(path.parent)!r} cannot be written to.")


def save_model(pipeline, facts, path):
    """Write a fitted pipeline to a file, which is either complete or absent.

    Parameters
    ----------
    pipeline : Pipeline
        For a Keras file, the steps before the network must divide pixels by a number and do
        nothing else.
    facts : dict
        Facts about the model, for JSON.
    path : Path
        The file.
    """
    facts = {"format": _FORMAT, **facts}
    write = _write_keras if path.suffix == KERAS else _write_pickle
    try:
        # In the same folder, because a move is atomic only within a file system.
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        try:
            write(pipeline, facts, name)
            os.chmod(name, 0o666 & ~_umask())  # mkstemp's files are private
            os.replace(name, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)
    except OSError as error:
        raise Failure(f"{path} could not be written: {error}") from error


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_keras(pipeline, facts, name):
    pipeline[-1].model_.save(name)
    with zipfile.ZipFile(name, "a") as archive:
        archive.writestr(_MEMBER, json.dumps(facts, indent=2))


def _write_pickle(pipeline, facts, name):
    import joblib

    setattr(pipeline, _ATTRIBUTE, facts)
    joblib.dump(pipeline, name)


def divisor_of(pipeline, images):
    """Return the number by which the steps before the classifier divide pixels, or None.

    It is None if they do anything else.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted pipeline.
    images : ndarray of shape (n, height, width), dtype uint8
        Some images that are not all black.
    """
    import numpy as np

    scaled = np.asarray(pipeline[:-1].transform(images))
    if scaled.size != images.size or not scaled.max() > 0:
        return None
    divisor = round(float(images.max() / scaled.max()), 3)
    same = np.allclose(scaled.ravel(), images.ravel() / divisor, rtol=0, atol=1e-6)
    return divisor if same and divisor in (1.0, 255.0) else None


@dataclass(frozen=True)
class LoadedModel:
    """Trained model that was read from a file.

    Parameters
    ----------
    estimator : estimator
        Fitted classifier, or a pipeline that ends in one.
    facts : dict
        Facts that skmnist stored in the file; empty for a file of another program.
    image_shape : tuple of 2 int
        Height and width of its images.
    unit : bool
        Whether pixels must be divided by 255 before they are given to it.
    notes : tuple of str
        Assumptions about what the file does not say.
    """

    estimator: Any
    facts: dict
    image_shape: tuple[int, int]
    unit: bool = False
    notes: tuple[str, ...] = ()

    @property
    def classes(self):
        """Labels that the model can predict, sorted."""
        return self.estimator.classes_

    @property
    def box(self):
        """Side of the box that characters filled in the training images; None if unknown."""
        return self.facts.get("box")

    @property
    def levels(self):
        """Levels of background and ink of the training images; None if unknown."""
        levels = self.facts.get("levels")
        whole = isinstance(levels, dict) and set(levels) == {"background", "ink"}
        if not whole or not all(isinstance(v, int) and 0 <= v <= 255 for v in levels.values()):
            return None
        return levels if levels["ink"] != levels["background"] else None

    def name_of(self, label):
        """Return the name of a label, or None if it has none."""
        return self.facts.get("names", {}).get(str(label))

    def predict(self, images):
        """Predict images.

        Parameters
        ----------
        images : ndarray of shape (n, height, width), dtype uint8
            In the levels of the training images.

        Returns
        -------
        labels : ndarray of shape (n,)
            The labels.
        probabilities : ndarray of shape (n, n_classes) or None
            In the order of `classes`; None if the model has none.

        Raises
        ------
        Failure
            If the model raises an error.
        """
        try:
            return self._predict(images)
        except Exception as error:  # foreign models may raise anything
            raise Failure(f"The model cannot predict: {type(error).__name__}: {error}") from error

    def _predict(self, images):
        import numpy as np

        X = images / np.float32(255) if self.unit else images
        first = self.estimator[0] if hasattr(self.estimator, "steps") else self.estimator
        X = X.reshape(len(X), *getattr(first, "input_shape_", (math.prod(self.image_shape),)))
        if not hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict(X)), None
        probabilities = np.asarray(self.estimator.predict_proba(X))
        return np.asarray(self.classes)[probabilities.argmax(axis=1)], probabilities


def load_model(name, *, classes=None, pixels=None):
    """Read a model.

    Parameters
    ----------
    name : str
        The file: one that :func:`save_model` wrote, any other Keras file, or any other pickle of
        a fitted classifier.
    classes : list or None, default=None
        Label of each output of a network that skmnist did not save; None for 0, 1, 2, ...
    pixels : {"unit", "bytes"} or None, default=None
        Whether a model that skmnist did not save takes pixels in [0, 1] or from 0 to 255; None to
        guess.

    Returns
    -------
    model : LoadedModel
        The model.
    """
    path = Path(name)
    if not path.exists():
        hint = "" if path.suffix else f"; train it: skmnist train {name} --out {name}.keras"
        raise UserError(f"There is no file {name!r}{hint}.")
    if path.is_dir():
        raise UserError(f"{name!r} is a folder, not the file of a model.")
    if path.suffix in PICKLES:
        estimator, facts = _read_pickle(path)
    elif path.suffix in (KERAS, *_LEGACY):
        estimator, facts = None, _read_facts(path)
    else:
        raise UserError(
            f"A model is read from a file that ends in {', '.join((KERAS, *_LEGACY, *PICKLES))}, "
            f"got {name!r}."
        )
    if facts and (classes or pixels):
        raise UserError(f"{name!r} tells its labels and pixels itself; leave out the options.")
    if classes and estimator is not None:
        raise UserError("--classes is for Keras files; a pickle has its own labels.")
    if facts:
        if estimator is None:
            unit = facts["divisor"] == 255
            estimator = _wrap(path, facts["classes"], lambda model: unit)
        return LoadedModel(estimator, facts, tuple(facts["image_shape"]))
    if estimator is not None:
        shape, note = _shape_of(path, estimator), []
        if pixels is None:
            note = ["pixels are given to the model as bytes, 0 to 255: --pixels unit divides them"]
        return LoadedModel(estimator, {}, shape, pixels == "unit", tuple(note))
    return _load_foreign_keras(path, classes, pixels)


def _load_foreign_keras(path, classes, pixels):
    notes = []

    def takes_unit_pixels(model):
        if pixels is not None:
            return pixels == "unit"
        from skmnist._bridge.models.input_scale import white_inside

        shape = getattr(model, "input_shape", (None, None))[1:]
        rescales = None not in shape and white_inside(model, shape) > 1
        notes.append(
            "pixels are given as bytes, because the network rescales them itself"
            if rescales
            else "pixels are divided by 255, as most networks want: --pixels bytes leaves them"
        )
        return not rescales

    estimator = _wrap(path, classes, takes_unit_pixels)
    if classes is None:
        notes.append("labels are the numbers of the outputs, from 0: --classes names them")
    sides = estimator.model_.input_shape[1:]
    if len(sides) == 3 and sides[2] != 1:
        raise UserError(f"{str(path)!r} takes images of {sides[2]} channels, not grey ones.")
    shape = tuple(sides[:2]) if len(sides) > 1 else _square(path, sides[0])
    return LoadedModel(estimator, {}, shape, notes=tuple(notes))


def _wrap(path, classes, takes_unit_pixels):
    from skmnist import KerasClassifier
    from skmnist._bridge.fitting.from_keras import load

    try:
        model = load(path)
        unit = takes_unit_pixels(model)
        return KerasClassifier.from_keras(model, classes=classes, unit_pixels=unit)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(str(error)) from error


def _read_facts(path):
    """Return the facts that skmnist stored in a Keras file; {} if there are none."""
    try:
        with zipfile.ZipFile(path) as archive:
            facts = json.loads(archive.read(_MEMBER))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {}  # not written by skmnist, or not an archive, which Keras will report
    return _checked(facts, path)


def _read_pickle(path):
    import joblib

    try:
        estimator = joblib.load(path)
    except Exception as error:  # a pickle can raise anything
        message = str(error) or type(error).__name__
        raise UserError(f"{str(path)!r} could not be read as a pickled model: {message}") from error
    if not hasattr(estimator, "predict") or not hasattr(estimator, "classes_"):
        raise UserError(
            f"{str(path)!r} holds no fitted classifier, but an object of type "
            f"{type(estimator).__name__}."
        )
    return estimator, _checked(getattr(estimator, _ATTRIBUTE, {}), path)


def _checked(facts, path):
    """Return the stored facts, or raise UserError if some that are needed are missing."""
    if facts == {}:  # a pickle that skmnist did not write
        return facts
    if not isinstance(facts, dict) or not isinstance(facts.get("format"), int):
        raise UserError(f"{str(path)!r} is damaged: what skmnist wrote into it cannot be read.")
    if facts["format"] > _FORMAT:
        raise UserError(f"{str(path)!r} was written by a newer version of skmnist.")
    needed = _NEEDED if path.suffix in PICKLES else (*_NEEDED, "divisor")
    missing = [name for name in needed if name not in facts]
    if missing:
        raise UserError(f"{str(path)!r} is damaged: it does not tell {', '.join(missing)}.")
    return facts


def _shape_of(path, estimator):
    """Return the image height and width of a classifier that skmnist did not save."""
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    shape = getattr(steps[0], "image_shape_", None)
    if shape is not None:
        return tuple(shape[:2])
    n_features = getattr(estimator, "n_features_in_", None)
    if n_features is None:
        raise UserError(f"{str(path)!r} does not tell the size of its images.")
    return _square(path, n_features)


def _square(path, n_pixels):
    side = square_side(n_pixels)
    if side is None:
        raise UserError(
            f"{str(path)!r} takes {n_pixels} numbers, which do not form a square image."
        )
    return (side, side)
