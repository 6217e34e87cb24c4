"""Files for contributors: what they name is there, and they agree with each other."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import skmnist
from skmnist import _version

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHANGELOG = (ROOT / "docs" / "changelog.md").read_text()
# Which distribution brings a command that a commit hook runs.
COMMANDS = {
    "check-added-large-files": "pre-commit-hooks",
    "check-jsonschema": "check-jsonschema",
    "codespell": "codespell",
    "lint-dependency-groups": "dependency-groups",
    "lint-imports": "import-linter",
    "ruff": "ruff",
    "validate-pyproject": "validate-pyproject",
    "zizmor": "zizmor",
}
TYPED = ("baselines", "comparison", "datasets", "pictures", "plots", "recipes", "report")
TYPED += ("statistics",)
_BOUND = ("self", "cls")


def in_group(name):
    """Return the names of the distributions of a dependency group."""
    found = set()
    for line in GROUPS[name]:
        if isinstance(line, dict):
            found |= in_group(line["include-group"])
        else:
            found.add(re.match(r"[\w-]+", line).group())
    return found


def sessions():
    """Return the names of all sessions: that of the function, unless the decorator has another."""
    names = set()
    for node in ast.parse((ROOT / "noxfile.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            given = [
                keyword.value.value
                for decorator in node.decorator_list
                if isinstance(decorator, ast.Call)
                for keyword in decorator.keywords
                if keyword.arg == "name"
            ]
            names.add(given[0] if given else node.name)
    return names


def steps(path):
    workflow = yaml.safe_load(path.read_text())
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def texts():
    """Yield what tells users and contributors how to install something."""
    for folder, pattern in [(".", "*.md"), ("docs", "*.md"), ("skmnist", "*.py")]:
        glob = (ROOT / folder).glob if folder == "." else (ROOT / folder).rglob
        yield from glob(pattern)
    yield from (ROOT / "benchmarks").glob("*.py")
    yield from (*WORKFLOWS, ROOT / ".ci" / "run", ROOT / "noxfile.py")


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["ci", "docs", "nightly", "release"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_runs_what_there_is(path):
    lanes = re.findall(r"^(\w+)\(\) \{", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
            continue
        command, *arguments = step["run"].split()
        if command == "nox":
            named = arguments[1 : arguments.index("--")] if "--" in arguments else arguments[1:]
            assert arguments[0] == "-s" and set(named) <= sessions()
        elif command == ".ci/run":
            assert arguments and set(arguments) <= set(lanes)
        else:
            assert command == "python"


@pytest.mark.parametrize("name", [".ci/run", "noxfile.py", "CONTRIBUTING.md"])
def test_files_that_are_named_exist(name):
    named = re.findall(r"(?:tests|benchmarks|constraints)/[\w/.-]*\w", (ROOT / name).read_text())
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_and_tasks_exist(name):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert not [link for link in links if not (ROOT / link).exists()]
    assert set(re.findall(r"nox -s ([\w-]+)", text)) <= sessions()


def test_readme_has_one_line_that_tests():
    """A fresh environment may have a pip that does not know groups yet."""
    lines = re.findall(
        r"^python -m pip install .*pytest.*$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert len(lines) == 1
    update, install, *test = lines[0].split(" && ")
    assert update == "python -m pip install -U pip"
    assert install == 'python -m pip install -e ".[all]" --group test'
    assert test[0].startswith("python -m pytest")


def test_extras_and_groups_that_are_named_exist():
    extras, groups = set(), set()
    for path in texts():
        text = path.read_text()
        for names in re.findall(r"(?:skmnist|[\"' ]\.)\[([a-z, ]+)\]", text):
            extras |= {name.strip() for name in names.split(",")}
        groups |= set(re.findall(r"--group ([a-z]+)", text))
    assert {"all", "cli", "demo", "plots"} <= extras <= set(PROJECT["optional-dependencies"])
    assert {"bench", "dev", "docs", "test", "unit"} <= groups <= set(GROUPS)


def test_all_is_every_extra():
    (line,) = PROJECT["optional-dependencies"]["all"]
    named = set(re.fullmatch(r"skmnist\[(.*)\]", line).group(1).split(","))
    assert named == set(PROJECT["optional-dependencies"]) - {"all"}


def test_hooks_run_what_contributors_install():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    commands = {hook["entry"].split()[0] for hook in repo["hooks"]}
    assert commands == set(COMMANDS)
    assert {COMMANDS[command] for command in commands} <= in_group("lint")
    assert in_group("lint") | in_group("types") | in_group("test") <= in_group("dev")


def test_citation_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0" and citation["message"]
    assert citation["title"] == PROJECT["name"]
    assert citation["abstract"].rstrip(".") == PROJECT["description"]
    assert citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]


def test_changelog_is_sorted_by_kind():
    releases = CHANGELOG.split("\n## ")[1:]
    assert releases[0].startswith("Unreleased\n")
    for release in releases:
        title, _, rest = release.partition("\n")
        assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", title)
        before, *parts = re.split(r"^### (.*)$", rest, flags=re.MULTILINE)
        kinds = parts[::2]
        order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
        assert kinds == [kind for kind in order if kind in kinds]
        assert not re.search(r"^- ", before, re.MULTILINE)
        assert all(re.search(r"^- ", part, re.MULTILINE) for part in parts[1::2])


def test_types_are_packaged():
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["skmnist"]}
    assert (ROOT / "skmnist" / "py.typed").read_bytes() == b""


def public_functions():
    for name in TYPED:
        module = importlib.import_module(f"skmnist.{name}")
        for public in module.__all__:
            value = getattr(module, public)
            if inspect.isfunction(value):
                yield f"{name}.{public}", value
            elif inspect.isclass(value) and public != "HOG":  # whose methods are scikit-learn's
                for method, part in vars(value).items():
                    part = part.fget if isinstance(part, property) else part
                    part = getattr(part, "__func__", part)
                    if inspect.isfunction(part) and not method.startswith("_"):
                        yield f"{name}.{public}.{method}", part


FUNCTIONS = dict(public_functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_function_is_annotated(name):
    signature = inspect.signature(FUNCTIONS[name])
    parameters = [
        part for part in signature.parameters.values() if part.name not in ("self", "cls")
    ]
    assert not [part.name for part in parameters if part.annotation is part.empty]
    assert signature.return_annotation is not signature.empty


def test_version_is_that_of_the_distribution(monkeypatch):
    assert skmnist.__version__ == _version.find_version() == metadata.version("skmnist")

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert _version.find_version() == "0+unknown"


def test_version_is_read_when_it_is_asked_for():
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import skmnist;"
        "print('importlib.metadata' in sys.modules, hasattr(skmnist, '__version__'),"
        " 'importlib.metadata' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "True", "True"]
