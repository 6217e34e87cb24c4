"""``skmnist evaluate``: accuracy and errors of a trained model."""

from __future__ import annotations

import json

import click

from skmnist.cli._data import has_test_images, load_part, note_of_hold_out
from skmnist.cli._errors import UserError
from skmnist.cli._model_files import load_model
from skmnist.cli._options import data_option, json_option, limit_option, seed_option
from skmnist.cli._output import count, plain_warnings, print_notes, print_text


@click.command("evaluate")
@click.argument("model", type=click.Path())
@data_option(
    "sample",
    "sample (the 1,000 MNIST digits that train does not use), mnist, fashion, emnist-letters "
    "and others (skmnist datasets), or your own files.",
)
@click.option(
    "--part",
    default="test",
    show_default=True,
    type=click.Choice(["test", "train"]),
    help="Which images to predict.",
)
@limit_option("Predict only N of the images, shuffled and stratified.")
@seed_option("Seed of --limit.")
@click.option(
    "--pairs",
    default=5,
    show_default=True,
    metavar="K",
    type=click.IntRange(min=0),
    help="Print the K most confused pairs of classes.",
)
@click.option(
    "--pixels",
    type=click.Choice(["unit", "bytes"]),
    help="Whether a model that skmnist did not write takes pixels in [0, 1] or from 0 to 255.",
)
@json_option
def command(model, data, part, limit, seed, pairs, pixels, as_json):
    """Measure a trained MODEL on labelled images.

    Prints accuracy with its 95 % interval (Wilson), log loss, calibration error, recall and
    precision of each class, and the most confused classes.

    \b
    Examples:
      skmnist evaluate lenet.keras
      skmnist evaluate lenet.keras --data mnist
      skmnist evaluate lenet.keras --data digits.npz --part train
      skmnist evaluate lenet.keras --json > measured.json

    MODEL is a file that predict accepts too. Pickles can run code: open only those that you trust.
    The images are given to the model as they are. Your own files are a .npz file with x_test and
    y_test (or x_train and y_train, with --part train), or IDX files, a .csv file or a folder of
    pictures, as for compare.

    Exit code: 0; 1 if the model cannot predict; 2 for wrong usage; 130 after Ctrl-C.
    """
    with plain_warnings():
        from skmnist.cli._evaluation import evaluation_of

        loaded = load_model(model, pixels=pixels)
        print_notes(*loaded.notes)
        images = _load(data, part, limit, seed)
        print_notes(note_of_hold_out(data))
        _check(loaded, images, data)
        predicted, probabilities = loaded.predict(images.images)
        result = evaluation_of(images.labels, predicted, probabilities, loaded.classes)
    about = {"model": model, "data": data, "part": part}
    if as_json:
        click.echo(json.dumps({**about, **result.to_dict()}, indent=2))
        return
    print_text(f"{model} on {count(result.n, 'image')} of {data}, {part} part.\n")
    names = {label: images.names.get(label) or loaded.name_of(label) for label in result.classes}
    print_text(result.report(names, pairs))


def _load(data, part, limit, seed):
    try:
        return load_part(data, part, limit, seed)
    except UserError as error:
        if part == "test" and not has_test_images(data):
            raise UserError(
                f"There are no test images in {data}; --part train takes the training images."
            ) from error
        raise


def _check(loaded, images, data):
    """Raise UserError unless the model can predict the images and their labels."""
    import numpy as np

    shape = images.images.shape[1:]
    if tuple(shape) != tuple(loaded.image_shape):
        sizes = [" x ".join(map(str, sides)) for sides in (loaded.image_shape, shape)]
        raise UserError(
            f"The model takes images of {sizes[0]} pixels; those of {data} have {sizes[1]}."
        )
    classes = np.asarray(loaded.classes).tolist()
    unknown = sorted(set(images.labels.tolist()) - set(classes))
    if unknown:
        raise UserError(
            f"The labels {', '.join(map(str, unknown[:10]))} of {data} are unknown to the model, "
            f"whose labels are {', '.join(map(str, classes))}."
        )
    meant = {str(label): name for label, name in images.names.items()}
    if loaded.facts and loaded.facts["names"] != meant:
        trained_on = loaded.facts["data"]
        print_notes(f"the labels of {data} are not those of {trained_on}")
