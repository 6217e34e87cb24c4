import base64
import io
import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.base import BaseEstimator

from skmnist.report import make_report
from tests.report.cases import EVIL, made, measured
from tests.report.page import check_structure, lines_of, words

DATE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def html():
    return make_report(measured(), date=DATE)


@pytest.fixture(scope="module")
def page(html):
    return check_structure(html)


# Content.


@pytest.mark.slow("compares networks")
def test_table_is_that_of_the_comparison(page):
    header, *lines = measured().table()
    table = page.id("scores")
    titles = [words(th) for th in page.all("th", within=page.all("thead", within=table)[0])]
    assert [*titles[:3], *titles[4:]] == header and titles[3] == "interval drawn"
    found = lines_of(page, table)
    assert [[*line[:3], *line[4:]] for line in found] == [
        [" ".join(cell.split()) for cell in line] for line in lines
    ]
    assert len(page.all("button", within=table)) == len(header)


def test_keys_to_sort_by_are_the_numbers(page):
    table = page.id("scores")
    rows = page.all("tr", within=page.all("tbody", within=table)[0])
    for row, line in zip(measured().rows, rows, strict=True):
        keys = [td["data-key"] for td in page.all("td", within=line) if "data-key" in td]
        values = []
        for metric in measured().metrics:
            values += [row.mean(metric), row.interval(metric)[0]]
        values += [row.fit_seconds, row.predict_microseconds, row.n_parameters]
        values += [row.pickled_bytes, row.peak_memory_bytes]
        known = ["" if v is None or np.isnan(v) else repr(float(v)) for v in values]
        assert keys == known


def test_numbers_of_folds(page):
    for table in page.all("table"):
        caption = words(page.all("caption", within=table)[0])
        if caption == "F1 macro.":
            break
    for row, (model, *cells) in zip(measured().rows, lines_of(page, table), strict=True):
        assert model == " ".join(row.model.split())
        if row.error is None:
            assert cells == [f"{value:.4f}" for value in row.values("f1_macro")]
        else:
            assert cells == ["-"] * 3


def test_verdicts_of_all_pairs(page):
    models = [row.model for row in measured().rows if row.error is None]
    lines = lines_of(page, page.id("verdicts"))
    assert len(lines) == len(models) == 4
    for difference in measured().differences:
        better, worse = models.index(difference.better), models.index(difference.worse)
        there = lines[better][1 + worse].split()[-1]
        back = lines[worse][1 + better].split()[-1]
        expected = {"yes": ("better", "worse"), "no": ("equal", "equal")}
        assert (there, back) == expected.get(difference.verdict, ("open", "open"))
        assert f"{difference}" in " ".join(e.get("title", "") for e in page.all("td"))
    assert {d.verdict for d in measured().differences} >= {"yes", "can't tell"}


def test_table_of_pairs(page):
    lines = lines_of(page, page.id("pairs"))
    for difference, line in zip(measured().differences, lines, strict=True):
        assert line[1:4] == [
            " ".join(difference.worse.split()),
            difference.verdict,
            f"{difference.mean:.4f}",
        ]


def test_summary_names_the_best_and_what_failed(page):
    text = words(next(e for e in page.all("section") if e["aria-labelledby"] == "summary"))
    best = measured().rows[0]
    assert f"{best.model} has the highest accuracy: {best.mean('accuracy'):.4f}" in text
    assert "broken failed" in text
    equal_or_open = [d.worse for d in measured().differences_to_best() if d.verdict == "can't tell"]
    for model in equal_or_open:
        assert model in text.split("These data cannot tell")[1]


def test_confusions_and_mistakes_are_those_of_the_predictions(page):
    comparison = measured()
    row = comparison.rows[0]
    test = np.concatenate([fold.test for fold in row.folds])
    predicted = np.concatenate([fold.predicted for fold in row.folds])
    true = comparison.y[test]
    box = page.id("model-1")
    table = page.all("table", within=box)[0]
    for label, line in zip(comparison.classes, lines_of(page, table), strict=True):
        counts = [np.sum((true == label) & (predicted == other)) for other in comparison.classes]
        assert line[:-1] == [str(label), *(str(n) if n else "" for n in counts)]
        assert line[-1] == f"{100 * np.mean(predicted[true == label] == label):.1f} %"
    wrong = set(test[true != predicted].tolist())
    gallery = next(e for e in page.all("ul", within=box) if e.get("class") == "gallery")
    shown = [int(words(e)[1:]) for e in page.all("span", within=gallery) if "#" in e["text"]]
    assert len(shown) == min(24, len(wrong)) and set(shown) <= wrong
    alts = [img["alt"] for img in page.all("img", within=gallery)]
    of_row = dict(zip(test.tolist(), predicted.tolist(), strict=True))
    expected = [f"Image {i}, a {comparison.y[i]} taken for {of_row[i]}" for i in shown]
    assert alts == expected


def test_most_confident_mistakes_come_first():
    comparison = made(1, n=200, right=0.6)
    row = comparison.rows[0]
    page = check_structure(make_report(comparison))
    test = np.concatenate([fold.test for fold in row.folds])
    sure = np.concatenate([fold.probabilities.max(axis=1) for fold in row.folds])
    predicted = np.concatenate([fold.predicted for fold in row.folds])
    wrong = np.flatnonzero(predicted != comparison.y[test])
    expected = test[wrong[np.argsort(-sure[wrong], kind="stable")]][:24]
    spans = [words(e) for e in page.all("span") if words(e).startswith("#")]
    assert spans == [f"#{i}" for i in expected]


def decoded(address):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))


@pytest.mark.slow("a report for every kind of image, or of label")
@pytest.mark.parametrize(
    "X",
    [
        np.random.default_rng(1).integers(0, 256, (60, 64)).astype(np.uint8),
        np.random.default_rng(1).integers(0, 256, (60, 8, 8)).astype(np.uint8),
        np.random.default_rng(1).integers(0, 256, (60, 64)) / 255,
        np.random.default_rng(1).integers(0, 256, (60, 8, 8, 1)).astype(np.float32),
        pd.DataFrame(np.random.default_rng(1).integers(0, 256, (60, 64))),
    ],
    ids=["rows", "images", "floats", "channel", "frame"],
)
def test_images_are_the_rows_of_the_data_with_dark_ink(X):
    page = check_structure(make_report(made(1, n=60, X=X, right=0.5)))
    images = [e for e in page.all("img") if "taken for" in e["alt"] and "," in e["alt"]]
    numbers = [int(re.match(r"Image (\d+)", image["alt"])[1]) for image in images]
    pixels = np.asarray(X, dtype=float).reshape(-1, 8, 8)[numbers]
    expected = 255 * (1 - pixels / pixels.max())
    assert len(images) == 24
    for image, picture in zip(images, expected, strict=True):
        assert np.abs(decoded(image["src"]).astype(float) - picture).max() <= 1


def test_parameters_are_in_full(page, html):
    text = words(page.id("model-1"))
    parameters = measured().rows[0].estimator.get_params(deep=False)
    assert "Pipeline(" in text and all(f"{name}=" in text for name in parameters)
    assert "..." not in text.split("All parameters")[1]
    assert "batch_size=" in words(
        next(
            page.id(f"model-{i}") for i, row in enumerate(measured().rows, 1) if row.model == "mlp"
        )
    )


def test_environment_and_seed(page):
    text = words(next(e for e in page.all("section") if e["aria-labelledby"] == "method"))
    for title, version in measured().versions.items():
        assert f"{title} {version}" in text
    assert measured().machine in text
    assert f"Seed {measured().random_state}" in text
    assert "2026-01-02 03:04" in text
    assert "500 images of 64 pixels" in text


def test_metric_that_is_missing_is_explained(page):
    assert "has no neg log loss: " in page.all("main")[0]["text"]


def test_search_tells_what_it_found():
    comparison = made(1)
    for i, fold in enumerate(comparison.rows[0].folds):
        object.__setattr__(fold, "best_params", {"n_neighbors": i})
    text = words(check_structure(make_report(comparison)).id("model-1"))
    assert "Best parameters of the search in fold 2: {'n_neighbors': 1}" in text


# Labels and errors are text, whatever they contain.


def test_html_in_labels_stays_text(page, html):
    assert len(page.all("script")) == 1
    assert not [img for img in page.all("img") if img["src"] == "x"]
    assert not page.all("b", within=page.all("h1")[0])
    assert words(page.all("h1")[0]) == "Classifiers compared on digits & <b>more</b>"
    assert any(words(th) == EVIL for th in page.all("th"))
    assert [words(pre) for pre in page.all("pre")].count(f"RuntimeError: cannot fit {EVIL}") == 2


@pytest.mark.slow("a report for every kind of image, or of label")
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(names=["0", "\r"], classes=["0", "00"], data="")
@given(
    names=st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True),
    classes=st.lists(
        st.text(min_size=1).filter(lambda text: "\0" not in text),
        min_size=2,
        max_size=4,
        unique=True,
    ),
    data=st.text(),
)
def test_any_text_may_be_a_label(names, classes, data):
    comparison = made(names=names, classes=sorted(classes), n=40, n_folds=2, data=data)
    page = check_structure(make_report(comparison))
    headers = {th["text"].replace("\r\n", "\n").replace("\r", "\n") for th in page.all("th")}
    for name in names:
        assert any(name.replace("\r\n", "\n").replace("\r", "\n") in text for text in headers)


@pytest.mark.slow("draws every plot of a report")
def test_dollars_in_labels_are_no_formulas():
    names = [r"$\nothing$", "$5 and $6", "a$"]
    check_structure(make_report(made(names=names, classes=[f"${i}$" for i in range(10, 35)])))


# Comparisons of every kind.


class Nameless(BaseEstimator):
    def __repr__(self, N_CHAR_MAX=700):
        raise RuntimeError("no name")


@pytest.mark.slow("draws a report for every kind of comparison")
@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (lambda: made(1), "no other model to test it against"),
        (lambda: made(3, failed=(1,)), "ValueError: it does not work"),
        (lambda: made(2, failed=(0, 1)), "No model has a score."),
        (lambda: made(2, n_folds=1), "one test set of 120 images"),
        (lambda: made(2, n_folds=1, failed=(0, 1)), "No model has a score."),
        (lambda: made(2, probabilities=False), "model 1 gives no probabilities."),
        (lambda: made(2, history=True), "all networks share the same scales"),
        (lambda: made(2, classes=("cat", "dog")), "cat taken for dog"),
        (lambda: made(2, classes=(-1, 1)), "2 classes (-1, 1)"),
        (lambda: made(20, right=0.99, probabilities=False), "All 190 pairs"),
        (lambda: made(2, classes=range(100, 147), n=300), "47 classes"),
        (lambda: made(2, shape=(13,)), "13 features do not make a square image"),
        (lambda: made(2, shape=(4,)), "4 features are too few for an image"),
        (lambda: made(2, shape=(8, 6, 3)), "8 \u00d7 6 \u00d7 3 pixels"),
        (lambda: made(2, shape=(8, 6, 2)), "not grey or colour images"),
        (lambda: made(2, shape=(100, 80), n=40), "100 \u00d7 80 pixels"),
        (lambda: made(1, right=2), "It made no mistake."),
        (lambda: made(2, unscored=(1,)), "model 1 has no accuracy: made up"),
        (lambda: made(1, unscored=(0,)), "No model has a score."),
        (lambda: made(1, data=None), "Classifiers compared"),
        (lambda: made(1, estimator=Nameless()), "Nameless, whose repr raises RuntimeError"),
    ],
)
def test_every_comparison_has_a_report(comparison, said):
    page = check_structure(make_report(comparison()))
    assert said in words(page.all("body")[0])


def test_probabilities_that_are_none_are_reported():
    comparison = made(1)
    comparison.rows[0].folds[0].probabilities[:] = 7
    text = words(check_structure(make_report(comparison)).all("main")[0])
    assert "There is no diagram of the probabilities: y_proba must hold probabilities" in text


def test_repeated_splits_show_an_image_once():
    comparison = made(1, n=60, right=0.5)
    row = comparison.rows[0]
    object.__setattr__(row, "folds", row.folds * 2)
    object.__setattr__(comparison, "n_folds", 6)
    page = check_structure(make_report(comparison))
    spans = [words(e) for e in page.all("span") if words(e).startswith("#")]
    assert len(set(spans)) == len(spans) > 10


@pytest.mark.slow("draws every plot of a report")
def test_report_of_many_models_on_many_images_is_small():
    X = np.random.default_rng(0).integers(0, 256, (6000, 784)).astype(np.uint8)
    html = make_report(made(4, n=6000, X=X, n_folds=2, history=True))
    # These images are noise, which no compression makes smaller: digits take half of it.
    assert len(html) < 4 * 250_000
