"""``skmnist train``: train a model and write it to a file."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import time
from pathlib import Path

import click

import skmnist
from skmnist.cli._completion import complete_models
from skmnist.cli._data import has_test_images, load_part, note_of_hold_out
from skmnist.cli._errors import Failure, UserError
from skmnist.cli._levels import is_standard, levels_of, to_standard
from skmnist.cli._model_files import check_target, divisor_of, save_model
from skmnist.cli._options import data_option, json_option, limit_option, seed_option
from skmnist.cli._output import count, plain_warnings, print_notes, print_text

# How many images are measured for the size of their characters.
_MEASURED = 1000
# Differences from the background that are noise of the paper rather than strokes, of 255.
_PAPER = 25


def parse_settings(given):
    """Parse the parameters that ``--set`` names.

    Parameters
    ----------
    given : sequence of str
        ``name=value`` each; a value is a Python literal, or text.

    Returns
    -------
    settings : dict
        Names and values.
    """
    settings = {}
    for setting in given:
        name, sign, value = setting.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise UserError(f"--set takes NAME=VALUE, such as epochs=5, got {setting!r} instead.")
        try:
            settings[name] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            if any(sign in value for sign in "[]{}()'\""):
                raise UserError(f"--set {setting}: the value is not a list or text.") from None
            settings[name] = value.strip()
    return settings


@click.command("train")
@click.argument("name", shell_complete=complete_models)
@data_option(
    "sample",
    "sample (4,000 MNIST digits to train on, 1,000 to test, no download), mnist, fashion, "
    "emnist-letters and others (skmnist datasets), or your own files.",
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write the model: .keras for a network, .joblib or .pkl for any model.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the classifier. Can be given more than once.",
)
@click.option(
    "--epochs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Number of passes over the training images; for networks only.",
)
@seed_option("Seed of the model and of --limit.")
@limit_option("Train on only N of the images, shuffled and stratified.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@json_option
def command(name, data, out, settings, epochs, seed, limit, force, as_json):
    """Train the model NAME and write it to a file.

    NAME is one of skmnist list; recipe:NAME for a recipe. Prints the accuracy on the test images,
    if there are any.

    \b
    Examples:
      skmnist train lenet --out lenet.keras
      skmnist train mlp --set hidden_layer_sizes=[128,64] --out mlp.keras
      skmnist train lenet --data mnist --epochs 5 --out lenet.keras
      skmnist train recipe:lenet --data mnist --out recipe.keras
      skmnist train knn --data digits.npz --out knn.joblib

    A .keras file holds a network and its labels, no code. A .joblib or .pkl file is a pickle of the
    whole pipeline: open such files only if you trust their source, because they can run code.

    The file is written after training: Ctrl-C leaves none.

    Exit code: 0; 1 if training or writing failed; 2 for wrong usage; 130 after Ctrl-C.
    """
    settings = parse_settings(settings)
    with plain_warnings():
        model = _make(name, seed)
        is_network = hasattr(model[-1], "epochs")
        check_target(out, is_network, force)
        if epochs is not None and not is_network:
            raise UserError(f"{name} is not trained in epochs; leave out --epochs.")
        _configure(model, {**settings, **({"epochs": epochs} if epochs else {})})
        train = load_part(data, "train", limit, seed)
        test = load_part(data, "test") if has_test_images(data) else None
        shape = train.images.shape[1:]
        if test is not None and test.images.shape[1:] != shape:
            raise UserError(
                f"The test images of {data} have another size than the training images."
            )
        n_images = count(len(train.labels), "image")
        print_notes(note_of_hold_out(data))
        click.echo(f"Training {name} on {n_images} of {data}.", err=True)
        seconds = _fit(model, train)
        facts = _facts(name, model, train, seconds)
        facts |= {"data": data, "seed": seed, "settings": settings, **_test_facts(model, test)}
        if out.suffix == ".keras":
            facts["divisor"] = divisor_of(model, train.images[:100])
            if facts["divisor"] is None:
                raise Failure("The pipeline does more than scale pixels; name a .joblib file.")
        save_model(model, facts, out)
    facts |= {"file": str(out), "bytes": out.stat().st_size}
    print_text(json.dumps(facts, indent=2) if as_json else _report(facts))


def _make(name, seed):
    from skmnist.comparison import resolve_models

    try:
        [(_, model)] = resolve_models([name], flat=False, random_state=seed)
    except (ValueError, ImportError) as error:
        raise UserError(str(error)) from error
    return model


def _configure(model, settings):
    """Set parameters of the classifier, or of the step whose name is the prefix."""
    for name, value in settings.items():
        step, delimiter, _ = name.partition("__")
        holder = model if delimiter and step in model.named_steps else model[-1]
        try:
            holder.set_params(**{name: value})
        except ValueError as error:
            raise UserError(f"--set {name}: {error}") from error


def _fit(model, part):
    """Fit, with one line per epoch on stderr, and return the seconds it took."""
    from skmnist._compat.sklearn import InvalidParameterError

    network = model[-1]
    is_network = hasattr(network, "epochs")
    if is_network:
        network.set_params(verbose=1)
    start = time.perf_counter()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            model.fit(part.images, part.labels)
    except (InvalidParameterError, TypeError) as error:
        raise UserError(str(error)) from error
    except Exception as error:  # classifiers may raise anything
        raise Failure(f"Training failed: {type(error).__name__}: {error}") from error
    seconds = time.perf_counter() - start
    if is_network:
        network.set_params(verbose=0)
    return seconds


def _facts(name, model, part, seconds):
    """Return facts about a fitted model, for JSON."""
    import numpy as np

    network = model[-1]
    measured = part.images[:: max(1, -(-len(part.images) // _MEASURED))]
    levels = levels_of(measured)
    facts = {
        "skmnist": skmnist.__version__,
        "model": name,
        "classes": np.asarray(model.classes_).tolist(),
        "names": {str(label): text for label, text in part.names.items()},
        "image_shape": list(part.images.shape[1:]),
        "box": _box(measured, levels),
        "levels": levels,
        "n_train": len(part.labels),
        "fit_seconds": seconds,
        "n_epochs": getattr(network, "n_iter_", None) if hasattr(network, "epochs") else None,
        "n_parameters": None,
    }
    if hasattr(network, "model_"):
        facts["n_parameters"] = int(network.model_.count_params())
    return facts


def _box(images, levels):
    """Return the side of the box into which the characters of most images fit."""
    import numpy as np

    if levels["background"]:  # paper has noise
        light = to_standard(images, levels)
        images = np.where(light > _PAPER, light, 0)
    sides = []
    for axis in (1, 2):  # ink, projected onto each axis
        inked = images.any(axis=axis)
        first, last = inked.argmax(axis=1), inked[:, ::-1].argmax(axis=1)
        sides.append(np.where(inked.any(axis=1), inked.shape[1] - first - last, 0))
    return max(1, min(int(np.median(np.max(sides, axis=0))), *images.shape[1:]))


def _test_facts(model, part):
    """Return the accuracy on test images and its interval; None if there are no images."""
    if part is None:
        return {"n_test": 0, "test_accuracy": None, "test_interval": None}
    from skmnist.statistics import accuracy_interval

    n_correct = int((model.predict(part.images) == part.labels).sum())
    return {
        "n_test": len(part.labels),
        "test_accuracy": n_correct / len(part.labels),
        "test_interval": list(accuracy_interval(n_correct, len(part.labels))),
    }


def _report(facts):
    fitted = [f"Fitted in {facts['fit_seconds']:.1f} s"]
    if facts["n_epochs"]:
        fitted.append(count(facts["n_epochs"], "epoch"))
    if facts["n_parameters"]:
        fitted.append(count(facts["n_parameters"], "parameter"))
    if facts["n_test"]:
        low, high = facts["test_interval"]
        accuracy = (
            f"Accuracy on {count(facts['n_test'], 'test image')}: {facts['test_accuracy']:.4f} "
            f"(95 % interval {low:.4f} to {high:.4f})."
        )
    else:
        accuracy = f"There are no test images in {facts['data']} to measure the accuracy on."
    size = facts["bytes"] / 1e6
    levels = facts["levels"]
    if not is_standard(levels):
        polarity = "dark on light" if levels["ink"] < levels["background"] else "light on dark"
        accuracy += (
            f"\nThe images are {polarity}, with background {levels['background']} and strokes "
            f"{levels['ink']} of 255; predict converts pictures accordingly."
        )
    return f"{', '.join(fitted)}.\n{accuracy}\nWritten to {facts['file']} ({size:.1f} MB)."
