"""What makes the tests of reports quick."""

from tests.comparison.conftest import quick_collections  # noqa: F401
