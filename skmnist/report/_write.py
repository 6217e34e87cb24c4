"""Make the page and write it to a file."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skmnist._support.optional import check_installed

if TYPE_CHECKING:
    from skmnist.comparison import Comparison

_HERE = Path(__file__).parent
_NEEDED = ("jinja2", "matplotlib", "PIL")


def check_requirements() -> None:
    """Raise if a package that reports need is not installed.

    Call it before a comparison that takes hours.

    Raises
    ------
    ImportError
        If jinja2 or matplotlib is missing; says what to install.

    See Also
    --------
    write_report : Write a report to a file.

    Examples
    --------
    >>> from skmnist.report import check_requirements
    >>> check_requirements()
    """
    for name in _NEEDED:
        check_installed(name, "A report", extra="report")


def make_report(comparison: Comparison, *, date: datetime | None = None) -> str:
    """Return the report of a comparison as text: one page of HTML that needs no other file.

    The page has the table of scores and costs, which can be sorted by any column; the
    differences that can be trusted; the scores of every fold; scores against time; and the
    learning curves of networks.  For each model it has the confusions, the mistakes with their
    images, and whether its probabilities can be trusted.  It also says what was measured, how,
    and on which machine.  The same comparison and date give the same text.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.
    date : datetime.datetime, default=None
        Time to state in the report; None for now.

    Returns
    -------
    html : str
        The page.

    Raises
    ------
    ImportError
        If jinja2 or matplotlib is missing; says what to install.

    See Also
    --------
    write_report : Write the report to a file.
    skmnist.compare : Compare classifiers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import compare
    >>> from skmnist.report import make_report
    >>> X, y = load_digits(return_X_y=True)
    >>> html = make_report(compare(["knn", "naive-bayes"], X, y, cv=3))
    >>> html.startswith("<!doctype html>")
    True
    """
    check_requirements()
    import jinja2
    from markupsafe import Markup

    from skmnist.report._page import page

    date = datetime.now().astimezone() if date is None else date
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (_HERE / "report.js").read_text(encoding="utf-8")
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        page(comparison),
        date=date.strftime("%Y-%m-%d %H:%M %Z").strip(),
        style=Markup(style),
        script=Markup(script),
        # The browser runs only this script, whatever labels and errors contain.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def write_report(
    comparison: Comparison, path: str | os.PathLike[str], *, date: datetime | None = None
) -> None:
    """Write the report of a comparison to a file.

    The file is written under another name in the same folder and then moved, so that it is never
    incomplete.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.
    path : str or path-like
        File to write; one that exists is replaced.
    date : datetime.datetime, default=None
        Time to state in the report; None for now.

    Raises
    ------
    ImportError
        If jinja2 or matplotlib is missing; says what to install.
    OSError
        If the file cannot be written.

    See Also
    --------
    make_report : Return the report as text; describes its contents.
    check_requirements : Check beforehand that the packages are installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import compare
    >>> from skmnist.report import write_report
    >>> X, y = load_digits(return_X_y=True)
    >>> comparison = compare(["knn", "naive-bayes"], X, y, cv=3, data="scikit-learn's digits")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(comparison, Path(folder, "report.html"))
    ...     "scikit-learn" in Path(folder, "report.html").read_text(encoding="utf-8")
    True
    """
    path = Path(os.fspath(path))
    content = make_report(comparison, date=date).encode("utf-8", errors="replace")
    mode = _mode(path)
    handle, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _mode(path):
    """Return the permissions of the file, or those of new files if it does not exist."""
    if path.exists():
        return path.stat().st_mode & 0o777
    # Python can read the umask only by setting it; Linux also shows it in a file.
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        umask = next(line.split()[1] for line in lines if line.startswith("Umask:"))
        return 0o666 & ~int(umask, 8)
    return 0o644
