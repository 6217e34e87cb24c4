"""Programs in processes of their own."""

import multiprocessing
import os
import subprocess
import sys
import textwrap
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Imported once by a server, from which programs are forked: seconds less for each of them.
_IMPORTED = ["tensorflow", "keras", "sklearn", "pandas", "joblib"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_IMPORTED)


def run_python(code, *, cwd, timeout=120, **environment):
    """Run a program in a fresh process; return it completed, with its output as bytes."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=cwd,
        env=_environment() | environment,
        capture_output=True,
        timeout=timeout,
    )


def run_forked(code, *, cwd, timeout=120, **environment):
    """Run a program in a process that has imported TensorFlow but done nothing with it.

    For programs that need another process, and do not care how it begins. Returns the same as
    `run_python`.
    """
    folder = Path(cwd)
    files = [folder / ".stdout", folder / ".stderr"]
    process = _context.Process(
        target=_run, args=(textwrap.dedent(code), str(cwd), _environment() | environment, files)
    )
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise subprocess.TimeoutExpired(code, timeout)
    outputs = [path.read_bytes() for path in files]
    for path in files:
        path.unlink()
    return subprocess.CompletedProcess(code, process.exitcode, *outputs)


def check_ran(process):
    """Fail with a program's own error output if it failed; return its standard output."""
    assert process.returncode == 0, process.stderr.decode()[-3000:]
    return process.stdout.decode()


def _environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "COV_", "PYTEST"))}
    return env | {"PYTHONPATH": str(ROOT)}


def _run(code, cwd, environment, files):
    """Run a program as ``python -c`` does, with its output in files."""
    for number, path in enumerate(files, start=1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [str(ROOT)]
    sys.argv = ["-c"]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(code, "<string>", "exec"), main.__dict__)
