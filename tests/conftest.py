"""Settings of all tests."""

from hypothesis import settings

# Where a test does not say how many examples are worth their time; --hypothesis-profile=nightly
# tries many.
settings.register_profile("default", max_examples=30, deadline=None)
settings.register_profile("nightly", max_examples=500, deadline=None)
settings.load_profile("default")
