"""The report of a comparison: one HTML file with its tables, plots and images of mistakes.

jinja2 and matplotlib are an extra, ``pip install "skmnist[report]"``, and are imported when a
report is made; :func:`check_requirements` checks beforehand that they are installed.
"""

from __future__ import annotations

from skmnist.report._write import check_requirements, make_report, write_report

__all__ = ["check_requirements", "make_report", "write_report"]
