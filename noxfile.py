"""Tasks of a contributor: ``nox -l`` lists them, ``nox -s lint`` runs one of them.

Most of them run in the environment that nox itself is installed in, which CONTRIBUTING.md sets up:
TensorFlow is too large to be installed once for every task.
"""

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "none"

PROJECT = nox.project.load_toml("pyproject.toml")
# What must work on every system, and with versions that are not released yet.
SMOKE = (
    "tests/classifiers/test_every_network.py",
    "tests/preprocessing",
    "tests/test_statistics.py",
)
# Readers of files, which are tried on more damaged ones than by day.
FUZZED = ("tests/datasets/test_idx.py", "tests/datasets/test_npz.py")
# Wheels of libraries as they are today.
NIGHTLY_INDEX = "https://pypi.anaconda.org/scientific-python-nightly-wheels/simple"


@nox.session
def tests(session):
    """Run the tests; arguments after -- go to pytest."""
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(name="tests-all")
def tests_all(session):
    """Run the whole suite, the slow tests included; arguments after -- go to pytest."""
    session.run("python", "-m", "pytest", "--slow", *session.posargs)


@nox.session
def lint(session):
    """Check style, layers, spelling, workflows and project files."""
    session.run("pre-commit", "run", "--all-files", *session.posargs)


@nox.session
def types(session):
    """Check the types of the public functions."""
    session.run("mypy", *session.posargs)


@nox.session
def coverage(session):
    """Report the lines that no test runs, those of subprocesses included."""
    session.run("coverage", "erase")
    run = ("coverage", "run", "-m", "pytest", "--slow")
    session.run(*run, *session.posargs, success_codes=[0, 1])
    session.run("coverage", "combine")
    session.run("coverage", "report")


@nox.session
def docs(session):
    """Build the site; -D plot_gallery=0 after -- leaves the examples out."""
    session.run("python", "-m", "sphinx", *session.posargs, "docs", "docs/_build/html")


@nox.session
def bench(session):
    """Compare the speed with that of peers, on a machine with nothing else to do."""
    session.run("python", "benchmarks/peers.py", *session.posargs)


@nox.session
def smoke(session):
    """Run quick tests of every estimator."""
    session.run("python", "-m", "pytest", *SMOKE, *session.posargs)


@nox.session
def floor(session):
    """Run quick tests with the lowest versions, in an environment of their own."""
    session.run("bash", ".ci/run", "floor")


@nox.session(venv_backend="virtualenv")
def nightly(session):
    """Run quick tests with libraries that are not released, in an environment of their own."""
    session.install("-e", ".[demo,frames]", *nox.project.dependency_groups(PROJECT, "unit"))
    session.install(
        *("--pre", "--upgrade", "--extra-index-url", NIGHTLY_INDEX),
        *("numpy", "scipy", "scikit-learn"),
    )
    session.run("python", "-m", "pip", "uninstall", "-y", "tensorflow", "keras")
    session.install("--pre", "tf-nightly", "keras-nightly")
    examples = "--hypothesis-profile=nightly"
    session.run("python", "-m", "pytest", examples, *SMOKE, *FUZZED, *session.posargs)
