"""Every network family with its defaults on all of MNIST and Fashion-MNIST.

Run ``python benchmarks/accuracy.py`` with the data where skmnist finds them (docs/data.md says
where), or name families: ``python benchmarks/accuracy.py cnn resnet --data fashion --seed 1``.
Every line is printed when it is known; the Markdown tables at the end are those of the
documentation.

Classifiers: accuracy on the 10,000 test images after the default number of epochs on the 60,000
training images, number of parameters, seconds of the fit, microseconds to predict one of 10,000.

Autoencoder, fitted on MNIST: mean squared error of rebuilt test images beside that of PCA with as
many components; accuracy of logistic regression on the codes; area under the ROC curve of telling
Fashion-MNIST's test images from MNIST's; mean squared distance of noisy test images to the clean
ones, before and after a denoising autoencoder.

GAN, conditional, fitted on MNIST: share of 10,000 samples that a LeNet trained on real digits
recognises as their label; accuracy on the real test images of a LeNet trained on 30,000 samples.
"""

import argparse
import json
import os
import platform
import time

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import skmnist
from skmnist import datasets
from skmnist.classifiers._families import FAMILIES as CLASSIFYING

CLASSIFIERS = {name: family.classifier for name, family in CLASSIFYING.items()}
FAMILIES = (*CLASSIFIERS, "autoencoder", "gan")
FETCH = {"mnist": datasets.fetch_mnist, "fashion": datasets.fetch_fashion_mnist}


def load(name):
    """Return training images and labels, and test images and labels."""
    parts = [FETCH[name](subset=subset) for subset in ("train", "test")]
    return [array for part in parts for array in (part.images, part.target)]


def timed(function, *args):
    start = time.perf_counter()
    result = function(*args)
    return result, time.perf_counter() - start


def classifier(family, data, seed):
    X, y, X_test, y_test = load(data)
    fitted, seconds = timed(CLASSIFIERS[family](random_state=seed).fit, X, y)
    fitted.predict(X_test[:1])  # the first prediction compiles
    predicted, predicting = timed(fitted.predict, X_test)
    return {
        "accuracy": float(np.mean(predicted == y_test)),
        "parameters": fitted.model_.count_params(),
        "epochs": fitted.n_iter_,
        "fit s": seconds,
        "predict µs/image": predicting / len(X_test) * 1e6,
    }


def as_unit(images):
    return images.reshape(len(images), -1).astype(np.float32) / 255


def autoencoder(data, seed):
    X, y, X_test, y_test = load(data)
    X, X_test, others = as_unit(X), as_unit(X_test), as_unit(load("fashion")[2])
    pca = PCA(n_components=32, random_state=seed).fit(X)
    by_pca = pca.inverse_transform(pca.transform(X_test))
    results = {"PCA, 32 components": {"rebuilt": np.mean((by_pca - X_test) ** 2)}}
    kinds = {
        "dense": {},
        "convolutional": {"convolutional": True},
        "variational": {"variational": True},
    }
    is_digit = np.repeat([1, 0], [len(X_test), len(others)])
    for name, params in kinds.items():
        fitted, seconds = timed(skmnist.Autoencoder(random_state=seed, **params).fit, X)
        codes = LogisticRegression(max_iter=200).fit(fitted.transform(X[:20000]), y[:20000])
        scores = [fitted.score_samples(images) for images in (X_test, others)]
        results[name] = {
            "rebuilt": -fitted.score(X_test),
            "codes": codes.score(fitted.transform(X_test), y_test),
            "outliers": roc_auc_score(is_digit, np.concatenate(scores)),
            "fit s": seconds,
        }
    random = np.random.default_rng(seed)
    gaussian = X_test + random.normal(0, 0.4, X_test.shape).astype(np.float32)
    drawn = random.random(X_test.shape)
    peppered = np.where(drawn < 0.2, drawn < 0.1, X_test).astype(np.float32)
    for name, noise, noisy in (
        ("gaussian", 0.4, gaussian),
        ("salt-and-pepper", 0.2, peppered),
    ):
        denoiser = skmnist.Autoencoder(noise=noise, noise_type=name, random_state=seed)
        _, seconds = timed(denoiser.fit, X)
        cleaned = denoiser.reconstruct(noisy)
        results[f"denoising {name}"] = {
            "noisy": np.mean((noisy - X_test) ** 2),
            "cleaned": np.mean((cleaned - X_test) ** 2),
            "fit s": seconds,
        }
    return {kind: {k: float(v) for k, v in row.items()} for kind, row in results.items()}


def gan(data, seed):
    X, y, X_test, y_test = load(data)
    generator = skmnist.GANGenerator(conditional=True, random_state=seed)
    _, seconds = timed(generator.fit, X, y)
    made, asked = generator.sample(40000)
    judge = skmnist.LeNetClassifier(epochs=5, random_state=seed).fit(X, y)
    student = skmnist.LeNetClassifier(epochs=5, random_state=seed).fit(made[10000:], asked[10000:])
    return {
        "recognised": judge.score(made[:10000], asked[:10000]),
        "accuracy of a LeNet trained on samples": student.score(X_test, y_test),
        "accuracy of a LeNet trained on real digits": judge.score(X_test, y_test),
        "epochs": generator.n_iter_,
        "fit s": seconds,
    }


def show(value):
    if isinstance(value, int):
        return f"{value:,}"
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.4f}"


def table(rows):
    """Return rows, dicts by label, as a Markdown table."""
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    lines = [["", *columns], ["---", *("---:" for _ in columns)]]
    lines += [[label, *(show(row.get(key)) for key in columns)] for label, row in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("families", nargs="*", metavar="family", help=", ".join(FAMILIES))
    parser.add_argument("--data", choices=FETCH, help="only this data set")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    families = given.families or FAMILIES
    if not set(families) <= set(FAMILIES):
        parser.error(f"the families are {', '.join(FAMILIES)}")
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"scikit-learn {sklearn.__version__}, skmnist {skmnist.__version__}, seed {given.seed}",
        flush=True,
    )
    tables = {}
    for data in [given.data] if given.data else FETCH:
        for family in families:
            if family in CLASSIFIERS:
                row = classifier(family, data, given.seed)
                tables.setdefault(f"Classifiers, {data}", {})[family] = row
            elif data == "mnist":
                rows = {"autoencoder": autoencoder, "gan": gan}[family](data, given.seed)
                tables[family] = {"gan": {"conditional": rows}}.get(family, rows)
                row = rows
            else:
                continue
            print(f"{data} {family}: {json.dumps(row)}", flush=True)
    for title, rows in tables.items():
        print(f"\n{title}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
