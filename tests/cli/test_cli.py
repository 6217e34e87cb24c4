import importlib
import json
import shutil
import subprocess

import pytest
from click.shell_completion import BashComplete

import skmnist
from skmnist.baselines import list_baselines
from skmnist.cli import cli
from skmnist.cli._group import COMMANDS
from skmnist.cli.completion import VARIABLE
from skmnist.recipes import list_recipes
from tests.cli.cases import python, run


def test_list_names_every_model_and_recipe():
    result = run("list")
    assert result.exit_code == 0
    for name in ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression", *list_recipes()):
        assert f"  {name} " in result.stdout
    assert result.stdout.count("  lenet ") == 2
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_version():
    assert run("--version").stdout.strip() == f"skmnist, version {skmnist.__version__}"


def test_list_as_json():
    content = json.loads(run("list", "--json").stdout)
    names = {kind: [entry["name"] for entry in content[kind]] for kind in content}
    assert names["recipes"] == list_recipes()
    assert names["baselines"] == list_baselines()
    assert {"mlp", "lenet"} <= set(names["networks"])
    assert content["recipes"][0]["model"] == f"recipe:{names['recipes'][0]}"
    assert all(entry["title"] and entry["reason"] for entry in content["networks"])
    assert all(entry["fast"] in (True, False) for entry in content["baselines"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_file_of_its_name(name):
    module = importlib.import_module(f"skmnist.cli.{name}")
    assert module.command.name == name
    assert name in run("--help").stdout
    text = run(name, "--help").stdout
    assert f"skmnist {name}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_unknown_command():
    result = run("comapre")
    assert result.exit_code == 2
    assert "No such command 'comapre'" in result.stderr


@pytest.mark.parametrize("command", ["list", "train", "predict", "evaluate"])
def test_ctrl_c_in_any_command(command, monkeypatch, trained):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("json.dumps", interrupt)
    arguments = {
        "list": ["--json"],
        "train": ["knn", "--data", trained / "digits.npz", "--out", trained / "x.pkl"],
        "predict": [trained / "knn.joblib", trained / "digits.npz", "--json"],
        "evaluate": [trained / "knn.joblib", "--data", trained / "digits.npz", "--json"],
    }[command]
    if command == "train":
        monkeypatch.setattr("joblib.dump", interrupt)
    result = run(command, *arguments)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[-1] == "Interrupted."
    assert not (trained / "x.pkl").exists()
    assert not list(trained.glob(".*"))


# Completion.


def completed(*words):
    completion = BashComplete(cli, {}, "skmnist", VARIABLE)
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


def test_names_are_completed(trained):
    assert completed("tr") == ["train"]
    assert {"lenet", "lstm"} <= set(completed("train", "l"))
    assert completed("train", "recipe:tf") == ["recipe:tf-quickstart"]
    assert completed("reproduce", "tf") == ["tf-quickstart"]
    assert completed("train", "lenet", "--data", "fa") == ["fashion", "fa"]  # and files
    assert {"lenet", "lstm"} <= set(completed("compare", "mlp", "l"))
    assert completed("compare", "--data", "fa") == ["fashion", "fa"]
    assert completed("evaluate", "a.keras", "--data", "emnist-l")[0] == "emnist-letters"
    assert completed("datasets", "fetch", "emnist-d") == ["emnist-digits"]
    assert completed("predict", "a.keras", "--fi") == ["--fit"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_takes_the_script(tmp_path):
    script = tmp_path / "script"
    script.write_text(run("completion", "bash").stdout)
    done = subprocess.run(
        ["bash", "-c", f"source {script}; complete -p skmnist"], capture_output=True, text=True
    )
    assert "_skmnist_completion" in done.stdout, done.stderr


# As a program.


@pytest.mark.parametrize("module", ["click", "rich"])
def test_missing_extra_for_the_command_line(module):
    code = f"import sys; sys.modules[{module!r}] = None; import runpy; "
    result = python("-c", code + "runpy.run_module('skmnist', run_name='__main__')")
    assert result.returncode == 2
    assert result.stdout == ""
    assert module in result.stderr and 'pip install "skmnist[cli]"' in result.stderr
    assert result.stderr.count("\n") == 1


def test_help_and_list_load_nothing():
    helps = [["--help"], ["--version"], ["completion", "bash"], ["list"], ["list", "--json"]]
    helps += [[name, "--help"] for name in COMMANDS]
    code = (
        "import sys\n"
        "from skmnist.cli import cli\n"
        f"for arguments in {helps!r}:\n"
        "    cli(arguments, standalone_mode=False)\n"
        "print('loaded', sorted({'tensorflow', 'keras', 'sklearn', 'scipy', 'pandas', 'numpy'}"
        " & set(sys.modules)))"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "loaded []"
