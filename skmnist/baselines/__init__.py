"""Classical classifiers to measure a network against, with defaults that suit small images.

The defaults were chosen by measurements, which the documentation of the baselines reports and
``BASELINES`` summarises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skmnist._support.lazy import lazy_exports

if TYPE_CHECKING:
    from skmnist.baselines._hog import HOG as HOG
    from skmnist.baselines._make import list_baselines as list_baselines
    from skmnist.baselines._make import make_baseline as make_baseline
    from skmnist.baselines._table import BASELINES as BASELINES
    from skmnist.baselines._table import Baseline as Baseline
    from skmnist.baselines._table import Measured as Measured
    from skmnist.baselines._table import Published as Published

# Public name -> the module that defines it. Listing the names loads no scikit-learn.
__all__, __getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BASELINES": "_table",
        "Baseline": "_table",
        "HOG": "_hog",
        "Measured": "_table",
        "Published": "_table",
        "list_baselines": "_make",
        "make_baseline": "_make",
    },
)
