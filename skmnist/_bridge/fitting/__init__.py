"""The order of a fit: read the input, plan, build, train, and keep the result."""
