"""What importing skmnist costs, as ratios to importing scikit-learn.

Run ``python benchmarks/import_time.py``.  Each line is imported in a fresh interpreter, all lines
in turn, for a number of rounds; the medians are compared.
"""

import argparse
import statistics
import subprocess
import sys
import time

LINES = {
    "python": "pass",
    "import sklearn": "import sklearn",
    "import skmnist": "import skmnist",
    "from skmnist import MLPClassifier; MLPClassifier()": (
        "from skmnist import MLPClassifier; MLPClassifier()"
    ),
    "from sklearn.neural_network import MLPClassifier": (
        "from sklearn.neural_network import MLPClassifier"
    ),
    "import keras": "import keras",
    "from scikeras.wrappers import KerasClassifier": (
        "from scikeras.wrappers import KerasClassifier"
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    seconds = {line: [] for line in LINES}
    for _ in range(rounds):
        for line, code in LINES.items():
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL, cwd="."
            )
            seconds[line].append(time.perf_counter() - start)
    medians = {line: statistics.median(times) for line, times in seconds.items()}
    print(f"median of {rounds} fresh interpreters, seconds and ratio to `import sklearn`")
    for line, median in medians.items():
        print(f"{median:7.2f}  {median / medians['import sklearn']:6.2f}  {line}")


if __name__ == "__main__":
    main()
