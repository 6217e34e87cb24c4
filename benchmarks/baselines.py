"""Every baseline on all of MNIST and Fashion-MNIST: 60,000 training images, 10,000 test images.

Run ``python benchmarks/baselines.py`` with the data where skmnist finds them (docs/data.md says
where), or name baselines: ``python benchmarks/baselines.py knn lda --data mnist``; ``--fast``
takes the fast ones, all others ``--slow``.  Every line is printed when it is known, and the sum of
the seconds at the end.  On an otherwise idle machine, the fast ones take some minutes, the others
about an hour.

With ``--save`` each result goes to ``skmnist/baselines/results.json`` as it comes, and the tables
in ``docs/baselines.md`` are written anew at the end; ``--docs`` does only the latter.
"""

import argparse
import json
import os
import platform
import re
import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from skmnist import datasets
from skmnist.baselines import list_baselines, make_baseline

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "skmnist" / "baselines" / "results.json"
DOCS = ROOT / "docs" / "baselines.md"
FETCH = {"mnist": datasets.fetch_mnist, "fashion_mnist": datasets.fetch_fashion_mnist}


def machine():
    """Return the machine and the versions that matter in one line."""
    versions = []
    for name in ("numpy", "scikit-learn", "scikit-image"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return ", ".join([cores, f"Python {platform.python_version()}", *versions])


def measure(name, data, seed):
    """Return accuracy, seconds of the fit and of predicting the test images, and of the cores."""
    train, test = (FETCH[data](subset=subset) for subset in ("train", "test"))
    model = make_baseline(name, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an accuracy without convergence would be no baseline
        start, busy = time.perf_counter(), time.process_time()
        model.fit(train.images, train.target)
        fitted = time.perf_counter()
        accuracy = model.score(test.images, test.target)
    predicting = time.perf_counter() - fitted
    return accuracy, fitted - start, predicting, time.process_time() - busy


def save(name, data, result):
    """Put one result into the file, leaving the others."""
    results = json.loads(RESULTS.read_text("utf-8"))
    results["measured on"] = machine()
    accuracy, fit, predict, _ = result
    # JSON knows one kind of mapping: {name: {data: [accuracy, fit seconds, predict seconds]}}.
    entry = [round(accuracy, 4), round(fit, 2), round(predict, 2)]
    results["baselines"].setdefault(name, {})[data] = entry
    new = RESULTS.with_suffix(".new")
    new.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    new.replace(RESULTS)


def write_docs():
    """Write the tables of the documentation, each between its two comments."""
    from skmnist.baselines._markdown import TABLES

    text = DOCS.read_text("utf-8")
    for name, table in TABLES.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text, found = place.subn(lambda match, t=table: f"{match[1]}\n{t()}\n{match[2]}", text)
        if found != 1:
            raise SystemExit(f"{DOCS} has no place for the table {name!r}.")
    DOCS.write_text(text, "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(list_baselines())}; default: all")
    parser.add_argument("--fast", action="store_true", help="the fast ones")
    parser.add_argument("--slow", action="store_true", help="the others")
    parser.add_argument("--data", choices=list(FETCH), nargs="+", default=list(FETCH))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", action="store_true", help="keep the results in the package")
    parser.add_argument("--docs", action="store_true", help="only write the tables of the docs")
    args = parser.parse_args()
    if args.docs:
        return write_docs()
    fast = list_baselines("fast")
    names = args.names or list_baselines()
    if args.fast or args.slow:
        names = [name for name in names if (name in fast) == args.fast]
    print(machine(), flush=True)
    for data in args.data:
        total = 0.0
        for name in names:
            accuracy, fit, predict, busy = result = measure(name, data, args.seed)
            total += fit + predict
            print(
                f"{data} {name}: {accuracy:.4f}, fit {fit:.1f} s, predict {predict:.1f} s; "
                f"the cores were busy for {busy:.1f} s",
                flush=True,
            )
            if args.save:
                save(name, data, result)
        print(f"{data}: {total:.0f} s in all", flush=True)
    if args.save:
        # A new process: the package read the results when it was imported.
        os.execv(sys.executable, [sys.executable, __file__, "--docs"])


if __name__ == "__main__":
    main()
