"""``skmnist predict``: labels of pictures, predicted by a trained model."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from skmnist.cli import _levels
from skmnist.cli._ascii_art import as_text
from skmnist.cli._errors import Failure, UserError
from skmnist.cli._model_files import load_model
from skmnist.cli._options import json_option
from skmnist.cli._output import plain_warnings, print_notes, print_text


@click.command("predict")
@click.argument("model", type=click.Path())
@click.argument("images", nargs=-1, required=True, type=click.Path())
@click.option(
    "--top",
    default=1,
    show_default=True,
    metavar="K",
    type=click.IntRange(min=1),
    help="Print the K most probable labels.",
)
@click.option(
    "--fit",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "mnist", "resize"]),
    help="mnist crops, scales and centres as MNIST was; resize only resizes; auto is mnist, but "
    "leaves arrays as they are if they have the model's size and are light on dark.",
)
@click.option(
    "--invert",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "yes", "no"]),
    help="Whether the pictures are dark on light. With --fit resize, auto is no.",
)
@click.option(
    "--box",
    metavar="N",
    type=click.IntRange(min=1),
    help="Side of the box that a character is scaled to. By default that of the training images, "
    "or 20 of 28 pixels.",
)
@click.option("--explain", is_flag=True, help="Say what was done to each picture, and show it.")
@click.option(
    "--save-steps",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the picture after each step to FOLDER, as PNG files.",
)
@click.option(
    "--classes",
    metavar="A,B,...",
    help="Label of each output, for Keras files that skmnist did not write.",
)
@click.option(
    "--pixels",
    type=click.Choice(["unit", "bytes"]),
    help="Whether a model that skmnist did not write takes pixels in [0, 1] or from 0 to 255.",
)
@json_option
def command(model, images, top, fit, invert, box, explain, save_steps, classes, pixels, as_json):
    """Predict with a trained MODEL what IMAGES show.

    MODEL is a file that skmnist train wrote, or a .keras or .h5 file of another network for grey
    images, or a pickled classifier (.joblib, .pkl). Pickles can run code: open only those that
    you trust.

    IMAGES are PNG, JPEG and other pictures of any size, each of one character on a plain
    background; or arrays: .npy, .npz (x_test, or else all), IDX (also .gz). They are converted to
    grey and light on dark, cropped to the ink, scaled to 20 x 20 pixels and centred in 28 x 28 by
    their centre of mass, as MNIST was; or likewise to the model's own size, polarity and white.

    \b
    Examples:
      skmnist predict lenet.keras digit.png
      skmnist predict lenet.keras *.jpg --top 3 --explain
      skmnist predict lenet.keras t10k-images-idx3-ubyte.gz --json > labels.json
      skmnist predict fashion.keras shirt.png --fit resize --invert yes
      skmnist predict other.keras digit.png --classes zero,one,two,three

    Prints file, label and probability of each picture, separated by tabs.

    Exit code: 0; 1 if a picture could not be predicted; 2 for wrong usage; 130 after Ctrl-C.
    """
    for path in images:
        if not os.path.exists(path):
            raise UserError(f"There is no file {path!r}.")
        if os.path.isdir(path):
            raise UserError(f"{path!r} is a folder; name the files in it.")
    with plain_warnings():
        loaded = load_model(model, classes=_parse_classes(classes), pixels=pixels)
        print_notes(*loaded.notes)
        if box is not None and box > min(loaded.image_shape):
            raise UserError(f"--box is more than the {min(loaded.image_shape)} pixels of an image.")
        prepare = _preparation(loaded, fit, invert, box)
        pictures, failures = _read(images, loaded.image_shape)
        fitted = [(picture, prepare(picture)) for picture in pictures]
        failures += [
            (picture.name, f"There is no ink in {picture.name!r}.")
            for picture, f in fitted
            if f.is_blank
        ]
        good = [(picture, f) for picture, f in fitted if not f.is_blank]
        found = _predict(loaded, [f.pixels for _, f in good], top)
    if save_steps is not None:
        _save_steps(fitted, save_steps)
    for _, error in failures:
        click.echo(f"Error: {error}", err=True)
    if as_json:
        entries = [
            _entry(picture, f, labels, explain)
            for (picture, f), labels in zip(good, found, strict=True)
        ]
        failed = [{"image": name, "error": error} for name, error in failures]
        click.echo(json.dumps({"model": model, "images": entries, "failures": failed}, indent=2))
    else:
        for (picture, f), labels in zip(good, found, strict=True):
            print_text("\t".join([picture.name, *map(_label_text, labels)]))
            if explain:
                print_text(_explanation(picture, f))
    sys.exit(1 if failures else 0)


def _parse_classes(text):
    """Return the labels between commas, as numbers if all are numbers."""
    if text is None:
        return None
    labels = [label.strip() for label in text.split(",")]
    try:
        return [int(label) for label in labels]
    except ValueError:
        return labels


def _preparation(loaded, fit, invert, box):
    """Return the function that converts a picture to an image for the model."""
    from skmnist.pictures import to_mnist, to_shape

    chosen = {"auto": "auto", "yes": True, "no": False}[invert]
    levels = loaded.levels
    if fit == "resize":
        if box is not None:
            raise UserError("--box has no meaning with --fit resize.")
        inverts = False if chosen == "auto" else chosen

        def resize(picture):
            fitted = to_shape(picture, shape=loaded.image_shape, invert=inverts)
            # Without --invert, only the white of the picture is known.
            return _in_levels(fitted, levels, only_white=chosen == "auto")

        return resize
    box = loaded.box if box is None else box

    def prepare(picture):
        is_kept = fit == "auto" and picture.is_array
        if is_kept and not _levels.is_standard(levels):
            kept = _as_trained(picture, levels, loaded.image_shape)
            if kept is not None:
                return kept
        fitted = to_mnist(picture, shape=loaded.image_shape, box=box, invert=chosen, keep=is_kept)
        return _in_levels(fitted, levels)

    return prepare


def _as_trained(picture, levels, shape):
    """Return an image of a data set unchanged if it is like the training images, or None."""
    from skmnist.pictures import NormalizedPicture, PictureStep

    pixels = picture.pixels[..., 0] if picture.pixels.shape[2:] == (1,) else picture.pixels
    if pixels.shape != tuple(shape) or not _levels.has_background(pixels, levels):
        return None
    is_blank = not _levels.to_standard(pixels, levels).any()
    text = "as it is: like the training images"
    return NormalizedPicture(pixels, (PictureStep("kept", text, pixels),), is_blank)


def _in_levels(fitted, levels, *, only_white=False):
    """Convert an image that is light on dark to the levels of the training images."""
    from skmnist.pictures import NormalizedPicture, PictureStep

    if fitted.is_blank or _levels.is_standard(levels):
        return fitted
    if only_white:
        if _levels.white_of(levels) >= 128:  # the white of paper needs no change
            return fitted
        pixels = _levels.to_white(fitted.pixels, levels)
        text = f"white is {_levels.white_of(levels)}, as in the training images"
    else:
        pixels = _levels.from_standard(fitted.pixels, levels)
        text = (
            f"background {levels['background']} and strokes {levels['ink']}, as in the training "
            "images"
        )
    return NormalizedPicture(pixels, (*fitted.steps, PictureStep("levels", text, pixels)))


def _read(paths, image_shape):
    """Return the pictures, and (file, error) of files that cannot be read."""
    from skmnist.pictures import read_pictures

    pictures, failures = [], []
    for path in paths:
        try:
            pictures += read_pictures(path, image_shape=image_shape)
        except ImportError as error:
            raise UserError(str(error)) from error
        except (OSError, ValueError) as error:
            failures.append((path, " ".join(str(error).split())))
    return pictures, failures


def _predict(loaded, images, top):
    """Return the most probable labels of each image as (label, name, probability)."""
    import numpy as np

    if not images:
        return []
    labels, probabilities = loaded.predict(np.stack(images))
    if probabilities is None:
        if top > 1:
            raise UserError("This model gives no probabilities; leave out --top.")
        return [[(label, loaded.name_of(label), None)] for label in labels.tolist()]
    classes = np.asarray(loaded.classes).tolist()
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return [
        [(classes[i], loaded.name_of(classes[i]), float(row[i])) for i in best]
        for row, best in zip(probabilities, order.tolist(), strict=True)
    ]


def _label_text(prediction):
    label, name, probability = prediction
    text = f"{label} ({name})" if name else f"{label}"
    return text if probability is None else f"{text}\t{probability:.4f}"


def _entry(picture, fitted, labels, explain):
    entry = {
        "image": picture.name,
        "label": labels[0][0],
        "name": labels[0][1],
        "probability": labels[0][2],
        "top": [{"label": label, "name": name, "probability": p} for label, name, p in labels],
    }
    if explain:
        read = {"name": "read", "text": picture.source}
        entry["steps"] = [read, *({"name": s.name, "text": s.text} for s in fitted.steps)]
    return entry


def _explanation(picture, fitted):
    lines = [f"read    {picture.source}", *fitted.explain().splitlines()]
    shown = [f"|{line}|" for line in as_text(fitted.pixels)]
    return "\n".join(f"  {line}" for line in [*lines, *shown])


def _save_steps(fitted, folder):
    """Write the steps to files named after number, picture and step."""
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (picture, f) in enumerate(fitted, 1):
            stem = "".join(c if c.isalnum() else "-" for c in Path(picture.name).name)
            for index, step in enumerate(f.steps, 1):
                name = f"{number}-{stem}-{index}-{step.name}.png"
                Image.fromarray(step.pixels).save(folder / name)
    except OSError as error:
        raise Failure(f"The steps could not be written to {str(folder)!r}: {error}") from error
