"""Private names of other libraries stand in ``skmnist/_compat`` alone; read from the source."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "skmnist"
WALL = PACKAGE / "_compat"
LOOK_UPS = ("getattr", "hasattr", "setattr", "delattr")
# Python's manual describes it.
DOCUMENTED = ("sys._getframe",)
# Names that look public, and are not documented.
UNDOCUMENTED = {
    *("inner_loop", "inner_optimizer", "lora_enabled", "momentums", "quantization_mode"),
    *("rms_scaling", "use_cudnn", "gradient_registry", "clear_kernel_cache"),
}
# Modules of other libraries that are private, though their names do not begin with a line.
PRIVATE_MODULES = ("keras.src", "tensorflow.python", "tensorflow.core")


def is_private(name):
    dunder = name.startswith("__") and name.endswith("__")
    return name.startswith("_") and not dunder and name.strip("_").isidentifier()


def is_private_module(name):
    return f"{name}.".startswith(tuple(f"{module}." for module in PRIVATE_MODULES)) or any(
        map(is_private, name.split("."))
    )


def is_own_module(name):
    return name.partition(".")[0] == "skmnist"


def of_the_instance(node):
    """Return whether an expression is ``self``, ``cls``, ``super()`` or ``type(self)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        inner = node.args and of_the_instance(node.args[0])
        return node.func.id == "super" or (node.func.id == "type" and bool(inner))
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def definitions(tree):
    """Yield the private names that a module defines: of functions, classes and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if of_the_instance(node.value):
                yield node.attr
        elif isinstance(node, ast.Dict):  # attributes that are set by ``vars(self).update``
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            yield from (key for key in keys if isinstance(key, str))
        if isinstance(node, (ast.Module, ast.ClassDef)):
            for statement in node.body:
                stored = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
                yield from (n.id for n in stored if isinstance(n.ctx, ast.Store))


def accesses(tree):
    """Yield every private attribute that a module reads, sets or looks up by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node, node.value, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id not in LOOK_UPS or len(node.args) < 2:
                continue
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(str(name.value)):
                yield node, node.args[0], name.value


def names_behind_the_wall(trees):
    """Return the private names of others that ``_compat`` uses, in code and in its tables."""
    own = {name for tree in trees for name in definitions(tree)}
    used = {name for tree in trees for _, _, name in accesses(tree)}
    for tree in trees:
        used |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {name for name in used - own if isinstance(name, str) and is_private(name)}


def violations(tree, own, foreign):
    """Return a line for each use of what belongs behind the wall.

    Parameters
    ----------
    tree : ast.Module
        A module outside of it.
    own : set of str
        Private names that skmnist defines.
    foreign : set of str
        Private names of others that are used behind the wall.
    """
    found = []

    def add(node, what):
        found.append(f"line {node.lineno}: {what}")

    for node, owner, name in accesses(tree):
        text = f"{ast.unparse(owner)}.{name}"
        # What is skmnist's by name may still be another library's, unless it is an own instance.
        is_ours = name in own and (of_the_instance(owner) or name not in foreign)
        if not is_ours and text not in DOCUMENTED:
            add(node, text)
    # Parts of f-strings: the end of the name of a layer, for instance.
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = []
        for name in names:
            if is_private_module(name) and not is_own_module(name) and name != "__future__":
                add(node, f"import of {name}")
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if node.attr in UNDOCUMENTED or text in PRIVATE_MODULES:
                add(node, text)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            if node.value in foreign - own or node.value in UNDOCUMENTED:
                add(node, f"the name {node.value!r}")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            module = node.args[0]
            is_named = isinstance(module, ast.Constant) and not is_own_module(module.value)
            if is_named and is_private_module(module.value):
                add(node, f"import of {module.value}")
    return found


def parsed(paths):
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module")
def modules():
    return parsed(sorted(path for path in PACKAGE.rglob("*.py") if WALL not in path.parents))


@pytest.fixture(scope="module")
def own(modules):
    names = {name for tree in modules.values() for name in definitions(tree)}
    names |= {path.stem for path in PACKAGE.rglob("*.py")}
    return {name for name in names if is_private(name)}


@pytest.fixture(scope="module")
def foreign():
    return names_behind_the_wall(parsed(WALL.glob("*.py")).values())


def test_private_names_of_other_libraries_are_in_compat_alone(modules, own, foreign):
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path, tree in modules.items()
        if (lines := violations(tree, own, foreign))
    }
    assert found == {}


def test_the_wall_has_names_behind_it(foreign):
    """Some of each library, so that the check above knows what to look for."""
    assert foreign >= {
        *("_skl_callbacks", "_init_callback_context", "_get_param_names"),
        *("_flatten_layers", "_compile_config", "_learning_rate", "_query_dense", "_fn_kwargs"),
        *("_registry", "_gradient_op_type", "_fit_callbacks"),
    }


@pytest.mark.parametrize(
    "line",
    [
        "import keras.src",
        "from keras.src.backend import get_keras_mask",
        "from sklearn.base import BaseEstimator, _fit_context",
        "from sklearn.utils._param_validation import Interval",
        "import numpy._core.multiarray",
        "importlib.import_module('tensorflow.python.eager.context')",
        "mask_of = keras.src.backend.get_keras_mask",
        "layers = model._flatten_layers()",
        "layers = getattr(model, '_flatten_layers', None)",
        "setattr(optimizer, '_nobody_has_this', list)",
        "names = ('_compile_loss', 'optimizer')",
        "rate = optimizer._learning_rate",
        "state = np.random.mtrand._rand",
        "tracker = self._loss_tracker",
        "names = cls._get_param_names()",
        "inner = optimizer.inner_optimizer",
        "loop = getattr(layer, 'inner_loop')",
    ],
)
def test_what_belongs_behind_the_wall_is_found(line, own, foreign):
    assert len(violations(ast.parse(line), own, foreign)) >= 1


@pytest.mark.parametrize(
    "line",
    [
        "from __future__ import annotations",
        "from skmnist._compat.sklearn import Interval, fit_context",
        "importlib.import_module('skmnist._keras')",
        "frame = sys._getframe(1)",
        "network = type(self)._network",
        "fitted = self._fitted",
        "params = estimator._builder_params()",
        "layers = model.layers",
        "name = '_down'",
        "name = f'{name}_dropout'",
    ],
)
def test_what_is_ours_or_public_is_not_found(line, own, foreign):
    assert violations(ast.parse(line), own, foreign) == []
