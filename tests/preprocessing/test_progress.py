"""scikit-learn's callbacks in the transformers."""

import warnings

import numpy as np
import pytest
from sklearn.callback import ProgressBar
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from skmnist.preprocessing import MnistScaler, OneHotLabelEncoder

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 4, 4), dtype=np.uint8)


class Recorder:
    """Writes down the tasks, and what the fitted transformer makes of the data."""

    def __init__(self):
        self.log, self.made = [], []

    def setup(self, estimator, context):
        self.log.append("setup")

    def teardown(self, estimator, context):
        self.log.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.log.append("begin")

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.log.append("end")
        self.made.append(fitted_estimator.transform(y if X is None else X))


@pytest.mark.parametrize(
    ("transformer", "data"), [(MnistScaler(), IMAGES), (OneHotLabelEncoder(), list("abca"))]
)
def test_one_task(transformer, data):
    recorder = Recorder()
    made = transformer.set_callbacks(recorder).fit_transform(data)
    assert recorder.log == ["setup", "begin", "end", "teardown"]
    np.testing.assert_array_equal(recorder.made[0], made)
    assert "_callback_fit_ctx" not in vars(transformer)


def test_bar_of_a_step_without_a_warning(capsys):
    steps = [("scale", MnistScaler()), ("net", LogisticRegression())]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Pipeline(steps).set_callbacks(ProgressBar()).fit(IMAGES, np.arange(20) % 2)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert all("100%" in line for line in lines)
    assert [("MnistScaler" in line) for line in lines] == [False, True, False]


def test_warnings_name_the_line_of_the_user():
    with pytest.warns(UserWarning, match="negative values") as caught:
        MnistScaler().fit(-IMAGES.astype(float))
    assert caught[0].filename == __file__
