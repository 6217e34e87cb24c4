"""Files of images, for the tests of the command line."""

import numpy as np
import pytest

from tests.cli.cases import IMAGES, LABELS, run, write_idx
from tests.comparison.conftest import quick_collections  # noqa: F401


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS)
    return str(path)


@pytest.fixture
def npz_of_both(tmp_path):
    path = tmp_path / "both.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[::-2], y_test=LABELS[::-2])
    return str(path)


@pytest.fixture
def idx(tmp_path):
    folder = tmp_path / "idx"
    folder.mkdir()
    write_idx(folder, "train", IMAGES, LABELS)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with digits.npz, and two models that were trained on it."""
    folder = tmp_path_factory.mktemp("trained")
    data = folder / "digits.npz"
    np.savez(data, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[::-2], y_test=LABELS[::-2])
    for name, out in (("mlp", "mlp.keras"), ("knn", "knn.joblib")):
        result = run("train", name, "--data", data, "--out", folder / out)
        assert result.exit_code == 0, result.output
    return folder
