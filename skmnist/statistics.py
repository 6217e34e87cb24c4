"""Whether the difference between two classifiers can be trusted."""
