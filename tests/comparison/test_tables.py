"""How a comparison is written: text, Markdown, HTML, CSV, frames, JSON."""

import html.parser
import io
import json
import math
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.svm import SVC

from skmnist import compare
from skmnist.comparison import Comparison, Fold, Row
from skmnist.comparison._differences import find_differences
from skmnist.comparison._tables import blocks
from tests.comparison.cases import X, y

METRICS = ("accuracy", "neg_log_loss")


def fold(accuracy, seconds=1.0, **values):
    test = np.arange(100)
    values = {"n_parameters": 1234, "pickled_bytes": 2_500_000, "peak_memory_bytes": 12e6} | values
    return Fold(
        {"accuracy": accuracy, "neg_log_loss": -accuracy},
        fit_seconds=seconds,
        predict_microseconds=1000 * seconds,
        test=test,
        predicted=np.where(test < round(100 * accuracy), 0, 1),
        **values,
    )


def make(rows=None, names=METRICS, **values):
    if rows is None:
        lacking = {"n_parameters": None, "pickled_bytes": None, "peak_memory_bytes": None}
        second = [fold(0.5, **lacking), fold(0.7, **lacking)]
        for each in second:
            each.scores["neg_log_loss"] = math.nan
            each.reasons["neg_log_loss"] = "no <i>probabilities</i> | at all"
        rows = (
            Row("good|one", SVC(), (fold(0.9, 1.0), fold(0.96, 3.0)), 1.0),
            Row("<b>second</b> & more", SVC(), tuple(second), 1.0),
            Row("bad", SVC(), (Fold(error="ValueError: " + "long\nmessage " * 20),), 1.0),
        )
    compared = [row for row in rows if row.error is None]
    labels = np.zeros(100, int)
    defaults = {
        "metrics": names,
        "differences": find_differences(compared, names[0], labels, rope=0.01, alpha=0.05),
        "X": np.zeros((100, 28, 28)),
        "y": labels,
        "classes": np.arange(10),
        "n_images": 1200,
        "n_folds": len(rows[0].folds),
        "fixed_test": len(rows[0].folds) == 1,
        "random_state": 4,
        "rope": 0.01,
        "alpha": 0.05,
        "n_cores": 8,
        "machine": "Linux x86_64",
        "versions": {"skmnist": "0.1.0"},
    }
    return Comparison(rows, **(defaults | values))


@pytest.fixture
def comparison():
    return make()


# The cells.


def test_cells(comparison):
    header, good, second, bad = comparison.table()
    assert header == [
        "model",
        "accuracy",
        "95 % interval",
        "neg log loss",
        "95 % interval",
        "fit s",
        "predict µs/image",
        "weights",
        "pickle MB",
        "peak MB",
    ]
    assert good[:2] == ["good|one", "0.9300 ± 0.0424"]
    assert good[3] == "-0.9300 ± 0.0424"
    assert good[5:] == ["2.00", "2,000.0", "1,234", "2.50", "12"]
    assert second[3:5] == ["-", "-"]
    assert second[7:] == ["-", "-", "-"]
    assert bad == ["bad", "failed", *[""] * 8]
    low, high = comparison.rows[0].interval("accuracy")
    assert good[2] == f"{low:.4f} to {high:.4f}"


def test_shapes(comparison):
    assert comparison.image_shape == (28, 28)
    assert comparison.n_classes == 10
    assert [row.model for row in comparison.failures] == ["bad"]


# Text.


def test_text(comparison):
    text = str(comparison)
    lines = text.splitlines()
    assert max(map(len, lines)) < 80
    assert repr(comparison) == text
    assert lines[1].replace(" ", "").replace("-", "") == ""
    joined = " ".join(text.split())
    for expected in (
        "1,200 images of 28 x 28 pixels, 10 classes. Cross-validation: 2 folds, the same for all "
        "models, seed 4.",
        "8 cores, Linux x86_64; skmnist 0.1.0.",
        "bad failed in fold 1: ValueError: long message long",
        "<b>second</b> & more has no neg log loss: no <i>probabilities</i> | at all",
        "Nadeau and Bengio's",
        str(comparison.differences[0]),
        "Holm's method for 1 pair; practically equal means by less than 0.01.",
    ):
        assert expected in joined
    # Every cell is somewhere in the text, whatever it was split into.
    for line in comparison.table():
        for cell in line:
            assert cell in text


def test_text_of_a_fixed_test_set():
    rows = (Row("a", SVC(), (fold(0.9),), 0.5), Row("b", SVC(), (fold(0.5),), 0.5))
    text = " ".join(str(make(rows, data="mnist", random_state=None)).split())
    assert "±" not in text
    assert "1,200 images of mnist of 28 x 28 pixels" in text
    assert "One test set of 100." in text
    assert "Wilson" in text and "McNemar" in text and "Nadeau" not in text


@pytest.mark.slow("writes many tables")
@given(
    st.lists(st.text("abcdefghij -", min_size=1, max_size=40), min_size=1, max_size=4),
    st.lists(st.from_regex(r"[a-z_]{1,40}", fullmatch=True), min_size=1, max_size=5, unique=True),
)
def test_lines_are_narrow_whatever_the_names(labels, metrics):
    folds = tuple(Fold(dict.fromkeys(metrics, score), fit_seconds=1e5) for score in (0.25, 0.5))
    rows = tuple(Row(label, SVC(), folds, 0.5) for label in labels)
    text = str(make(rows, tuple(metrics)))
    assert max(map(len, text.splitlines())) < 80


@given(
    st.lists(st.integers(1, 30), min_size=2, max_size=8), st.integers(20, 100), st.integers(1, 3)
)
def test_blocks_keep_every_column_once_and_the_first_always(widths, width, gap):
    table = [[f"{i}".ljust(w, "x") for i, w in enumerate(widths)] for _ in range(2)]
    parts = blocks(table, width, gap)
    assert all(part[0][0] == table[0][0] for part in parts)
    assert [cell for part in parts for cell in part[1][1:]] == table[1][1:]
    for part in parts:
        used = sum(map(len, part[0])) + gap * (len(part[0]) - 1)
        assert used <= width or len(part[0]) == 2


# Markdown and HTML.


def test_markdown(comparison):
    lines = comparison.to_markdown().splitlines()
    table = lines[: lines.index("")]
    cells = [
        [cell.strip().replace("\\|", "|") for cell in line.replace("\\|", "\0").split("|")[1:-1]]
        for line in table
    ]
    cells = [[cell.replace("\0", "|") for cell in line] for line in cells]
    assert cells[0] == comparison.table()[0]
    assert cells[2:] == comparison.table()[1:]
    assert cells[1] == [":---", *["---:"] * 9]
    items = [line for line in lines[len(table) :] if line]
    assert all(line.startswith("- ") for line in items)
    assert items[0] == "- " + str(comparison.differences[0]).replace("|", "\\|")
    assert len(items) == 1 + len(comparison.notes())


class Reader(html.parser.HTMLParser):
    """Collects cells and items, and checks that elements are nested as they should be."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.items = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "li":
            self.items.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open and self.open[-1] == "li":
            self.items[-1] += data


def test_html(comparison):
    text = comparison.to_html()
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    assert reader.rows == comparison.table()
    assert reader.items == [*map(str, comparison.differences_to_best()), *comparison.notes()]
    assert "<b>" not in text and "<i>" not in text
    assert comparison._repr_html_() == text
    assert text.count('scope="row"') == 3


# Frames, CSV, JSON.


def test_frame(comparison):
    frame = comparison.to_frame()
    assert frame.index.name == "model"
    good = frame.loc["good|one"]
    assert good["accuracy"] == pytest.approx(0.93)
    assert good["accuracy_std"] == pytest.approx(np.std([0.9, 0.96], ddof=1))
    assert (good["accuracy_low"], good["accuracy_high"]) == comparison.rows[0].interval("accuracy")
    assert good["predict_microseconds"] == 2000
    assert good["n_parameters"] == 1234
    assert good["error"] is None
    second = frame.iloc[1]
    assert np.isnan(second["neg_log_loss"]) and np.isnan(second["n_parameters"])
    assert np.isnan(frame.loc["bad", "accuracy"]) and np.isnan(frame.loc["bad", "pickled_bytes"])
    assert frame.loc["bad", "error"].startswith("fold 1: ValueError")
    assert set(frame.dtypes[:-1]) == {np.dtype(float)}


def test_frames_of_folds_and_differences(comparison):
    folds = comparison.to_frame("folds")
    assert folds.index.names == ["model", "fold"]
    assert folds.loc[("good|one", 2), "accuracy"] == 0.96
    assert len(folds) == 5
    assert folds.loc[("bad", 1), "error"].startswith("ValueError")
    frame = comparison.to_frame("differences")
    (difference,) = comparison.differences
    assert list(frame.columns) == [
        *("better", "worse", "metric", "mean", "low", "high", "p_value", "p_adjusted", "test"),
        *("verdict", "words", "p_worse", "p_equal", "p_better"),
    ]
    assert frame.loc[0, "p_adjusted"] == difference.p_adjusted
    assert tuple(frame.loc[0, ["p_worse", "p_equal", "p_better"]]) == difference.rope


@pytest.mark.parametrize("of", ["models", "folds", "differences"])
def test_csv_is_the_frame(comparison, tmp_path, of):
    frame = comparison.to_frame(of)
    text = comparison.to_csv(of=of)
    names = [name for name in frame.index.names if name]
    read = pd.read_csv(io.StringIO(text), float_precision="round_trip", index_col=names or None)
    if "error" in frame:
        assert frame["error"].tolist() == [None if e != e else e for e in read.pop("error")]
        frame = frame.drop(columns="error")
    pd.testing.assert_frame_equal(read, frame, check_dtype=False, check_exact=True)
    assert comparison.to_csv(tmp_path / "table.csv", of=of) is None
    assert (tmp_path / "table.csv").read_bytes() == text.encode()


def test_no_differences_have_columns_all_the_same(comparison):
    alone = make(comparison.rows[:1])
    assert alone.to_frame("differences").empty
    assert list(alone.to_frame("differences").columns) == list(
        comparison.to_frame("differences").columns
    )
    assert alone.to_csv(of="differences").count("\n") == 1
    assert alone.to_csv(of="differences").split(",")[0] == "better"


@pytest.mark.parametrize("method", ["to_frame", "to_csv"])
def test_unknown_of(comparison, method):
    with pytest.raises(ValueError, match=r"'models', 'folds' or 'differences'\. Got 'x'"):
        getattr(comparison, method)(of="x")


def test_frame_without_pandas(comparison, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"skmnist\[frames\]"):
        comparison.to_frame()
    assert comparison.to_csv().startswith("model,accuracy,")


def test_dict_fits_into_json(comparison):
    content = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    good, second, bad = content["models"]
    assert good["accuracy"] == pytest.approx(0.93)
    assert [each["accuracy"] for each in good["folds"]] == [0.9, 0.96]
    assert good["estimator"] == "SVC()"
    assert second["neg_log_loss"] is second["n_parameters"] is None
    assert bad["accuracy"] is None
    assert bad["error"].startswith("fold 1")
    assert content["differences"][0]["verdict"] == comparison.differences[0].verdict
    assert (content["n_images"], content["image_shape"]) == (1200, [28, 28])


def test_dict_of_a_run_fits_into_json():
    names = np.array(["even", "odd"])[y % 2]
    scoring = {"accuracy": "accuracy", "m": lambda model, X, y: math.inf}
    comparison = compare(
        ["naive-bayes", "decision-tree"],
        X,
        names,
        cv=2,
        scoring=scoring,
        random_state=np.int64(3),
        rope=np.float32(0.25),
        data="digits",
    )
    content = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert content["random_state"] == 3 and content["rope"] == 0.25
    assert content["classes"] == ["even", "odd"]
    assert content["models"][0]["m"] is None
    assert content["data"] == "digits"


def test_versions_and_machine():
    comparison = compare("naive-bayes", X, y, cv=2)
    assert comparison.n_cores >= 1
    assert {"skmnist", "Python", "scikit-learn", "NumPy"} <= set(comparison.versions)
    assert comparison.versions["NumPy"] == np.__version__
    assert comparison.machine
