"""Leave out what Sphinx writes here: examples that ran already, and pages made of docstrings."""

collect_ignore = ["conf.py", "conftest.py", "_ext"]
collect_ignore_glob = ["_build/*", "auto_examples/*", "api/generated/*"]
