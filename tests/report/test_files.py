import os
import stat
import sys
from datetime import UTC, datetime

import matplotlib
import matplotlib.pyplot
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from skmnist.report import check_requirements, make_report, write_report
from tests.report.cases import made, measured

DATE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


# The text depends on the comparison alone, and nothing else on it.


@pytest.mark.slow("draws every plot of a report several times")
def test_same_comparison_gives_the_same_bytes():
    html = make_report(measured(), date=DATE)
    other = make_report(measured(), date=datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
    assert other != html
    assert other.replace("2031-05-06 07:08", "2026-01-02 03:04") == html


@pytest.mark.slow("draws every plot of a report")
def test_addresses_of_functions_are_left_out():
    text = make_report(made(1, estimator=FunctionTransformer(lambda X: X)))
    assert "&lt;lambda&gt;&gt;)" in text
    assert " at 0x" not in text


@pytest.mark.slow("draws every plot of a report several times")
def test_settings_of_matplotlib_neither_matter_nor_change():
    html = make_report(made(1, history=True), date=DATE)
    changed = {"lines.linewidth": 9, "svg.fonttype": "none", "axes.facecolor": "red"}
    with matplotlib.rc_context(changed):
        before, figures = dict(matplotlib.rcParams), matplotlib.pyplot.get_fignums()
        assert make_report(made(1, history=True), date=DATE) == html
        assert dict(matplotlib.rcParams) == before
        assert matplotlib.pyplot.get_fignums() == figures


@pytest.mark.slow("draws every plot of a report")
def test_comparison_is_not_changed():
    comparison = made(2)
    before = [comparison.X.copy(), comparison.y.copy(), repr(comparison.to_dict())]
    make_report(comparison)
    after = [comparison.X, comparison.y, repr(comparison.to_dict())]
    assert (before[0] == after[0]).all() and (before[1] == after[1]).all()
    assert before[2] == after[2]


# Files.


def test_file_is_the_report(tmp_path):
    first = made(1, data="digits")
    write_report(first, tmp_path / "report.html", date=DATE)
    assert (tmp_path / "report.html").read_bytes() == make_report(first, date=DATE).encode()
    write_report(made(1), str(tmp_path / "report.html"), date=DATE)
    assert "digits" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.slow("draws every plot of a report")
@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_permissions_are_those_of_new_files(tmp_path):
    (tmp_path / "other").write_text("")
    write_report(made(1), tmp_path / "report.html")
    mode = stat.S_IMODE((tmp_path / "other").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == mode
    (tmp_path / "report.html").chmod(0o600)
    write_report(made(1), tmp_path / "report.html")
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o600


def test_old_file_stays_if_writing_fails(tmp_path, monkeypatch):
    (tmp_path / "report.html").write_text("old")

    def full(*args):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_report(made(1), tmp_path / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


def test_folder_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_report(made(1), tmp_path / "none" / "report.html")


# Requirements.


@pytest.mark.parametrize("name", ["jinja2", "matplotlib", "PIL"])
def test_missing_library_is_named_before_any_work(monkeypatch, name):
    check_requirements()
    monkeypatch.setitem(sys.modules, name, None)
    message = rf'needs {name}, which is not installed: pip install "skmnist\[report\]"'
    with pytest.raises(ImportError, match=message):
        check_requirements()
    with pytest.raises(ImportError, match=message):
        make_report(None)


@pytest.mark.slow("draws every plot of a report")
def test_default_estimators_are_written_in_full_and_as_made():
    text = make_report(made(1, estimator=KNeighborsClassifier(n_neighbors=3)))
    assert "KNeighborsClassifier(n_neighbors=3)" in text
    assert "leaf_size=30" in text
