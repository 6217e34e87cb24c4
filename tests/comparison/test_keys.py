"""Keys of results: equal for what is equal, in every process; different for what is different."""

import copy
import functools
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from skmnist import KerasClassifier, MLPClassifier, compare
from skmnist.comparison import _cache_keys
from skmnist.comparison._cache_keys import key_of
from tests.comparison import keyed

ROOT = Path(__file__).resolve().parents[2]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | hnp.arrays(st.sampled_from(["u1", "f4", "i8", "?", "U2"]), hnp.array_shapes(max_side=3))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def count(value):
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(count, value)) if isinstance(value, (list, tuple)) else 1


def changed(value, number):
    """Return a value with the leaf of a number replaced by something else."""
    if isinstance(value, dict):
        parts = changed(list(value.values()), number)
        return dict(zip(value, parts, strict=True))
    if isinstance(value, (list, tuple)):
        parts = list(value)
        for index, part in enumerate(parts):
            if number < count(part):
                parts[index] = changed(part, number)
                break
            number -= count(part)
        return type(value)(parts)
    if isinstance(value, np.ndarray):
        other = value.copy()
        other.flat[-1] = "zz" if value.dtype.kind == "U" else other.flat[-1] == 0
        return other if not np.array_equal(other, value) else other.astype("U3")
    return (value, "changed")


@given(VALUES, st.data())
def test_copies_have_the_same_key_and_changes_another(value, data):
    assert key_of(value) == key_of(copy.deepcopy(value))
    # It is the value that counts, not whether the same object stands in two places.
    assert key_of([value, value]) == key_of([value, copy.deepcopy(value)])
    if leaves := count(value):
        number = data.draw(st.integers(0, leaves - 1))
        assert key_of(value) != key_of(changed(value, number))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        ("1", 1),
        (None, "None"),
        (b"a", "a"),
        ([1], (1,)),
        ([], ()),
        ([[1], 2], [[1, 2]]),
        (["ab", "c"], ["a", "bc"]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({1, 2}, {1, 3}),
        ({1, 2}, [1, 2]),
        (np.zeros(4, "f4"), np.zeros(2, "f8")),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.arange(2), np.arange(2)[::-1]),
        (np.array(["a", None], object), np.array(["b", None], object)),
        (np.int64(1), np.int32(1)),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        (sparse.csr_array([[1, 0]]), sparse.csr_array([[0, 1]])),
        (np.random.RandomState(1), np.random.RandomState(2)),
        (np.random.default_rng(1), np.random.default_rng(2)),
        ({1: 2}.get, {1: 3}.get),
        (np.sin, np.cos),
        (functools.partial(max, 1), functools.partial(max, 2)),
        (SVC(), SVC(C=2)),
        (SVC(C=1), SVC(C=1.0)),
        (SVC, SVC()),
        (FunctionTransformer(np.log1p), FunctionTransformer(np.sqrt)),
        (MLPClassifier(), MLPClassifier(random_state=0)),
        (MLPClassifier(), MLPClassifier(optimizer="sgd")),
        (MLPClassifier(), MLPClassifier(optimizer__momentum=0.5)),
        (MLPClassifier(), KerasClassifier()),
    ],
)
def test_different_values(one, other):
    assert key_of(one) != key_of(other)


def test_order_of_sets_does_not_matter():
    assert key_of({1, 2, "a"}) == key_of({"a", 2, 1})


def test_layout_in_memory_does_not_matter():
    array = np.arange(6.0).reshape(2, 3)
    assert key_of(array) == key_of(np.asfortranarray(array)) == key_of(array[:, ::1][::1])
    ones = sparse.csr_array(([1, 1], ([0, 1], [1, 0])), shape=(2, 2))
    before = key_of(ones)
    assert ones.has_canonical_format is not None  # which SciPy notes in the matrix
    assert key_of(ones) == before


def test_values_that_hold_themselves():
    one, other = [1], [1]
    one.append(one)
    other.append(other)
    assert key_of(one) == key_of(other) != key_of([1, [1]])


def test_what_an_estimator_learnt_does_not_count_unless_clones_keep_it():
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    model = GaussianNB()
    before = key_of(model)
    assert key_of(model.fit(X, y)) == before == key_of(clone(model))
    frozen = [FrozenEstimator(GaussianNB().fit(X, labels)) for labels in (y, y, 1 - y, y[::-1])]
    keys = [key_of(model) for model in frozen]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 2 + (not np.array_equal(1 - y, y[::-1]))


@pytest.mark.parametrize("value", [(part for part in ()), sys.stdout])
def test_what_cannot_be_told_raises(value):
    with pytest.raises(Exception, match=r"."):
        key_of([value])


def test_keras_objects_count_by_their_settings():
    import keras

    def model(rate, patience):
        return MLPClassifier(
            optimizer=keras.optimizers.Adam(rate),
            callbacks=[keras.callbacks.EarlyStopping(patience=patience)],
        )

    assert key_of(model(0.1, 3)) == key_of(model(0.1, 3))
    assert len({key_of(model(0.1, 3)), key_of(model(0.2, 3)), key_of(model(0.1, 4))}) == 3


@pytest.mark.slow("imports everything in a fresh process")
def test_same_keys_in_another_process():
    here = keyed.keys()
    process = subprocess.run(
        [sys.executable, "-m", keyed.__name__],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "123"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == here
    # The distributions of a search do not change with NumPy's own random state either.
    np.random.random()
    assert keyed.keys() == here
    assert len(set(here.values())) == len(here)


# Code of the user's.

CODE = """
import numpy as np
from functools import cache
from sklearn.svm import SVC
import helpers

SIZES = (1, 2)

def deep(x):
    return x + 1

def helper(x, scale=1):
    return deep(x) * scale

@cache
def cached(x):
    return x * 2

def transform(X):
    \"\"\"Scale.\"\"\"
    return [helper(x) for x in X][: SIZES[0]] + [cached(1), helpers.shift(2)]

def make(offset):
    def inner(X):
        return X + offset
    return inner

inner = make(1)

class Base:
    def predict_more(self):
        return 1

class Model(Base, SVC):
    table = [1, 2]

    def fit(self, X, y):
        return super().fit(X, y)

    @property
    def ratio(self):
        return 1

    @staticmethod
    def fixed(x):
        return x

    @classmethod
    def of(cls, x):
        return helper(x)

model = Model(C=2)
"""


@pytest.fixture
def user(monkeypatch):
    """Return a function that runs code as a module of the user's, anew each time."""

    def load(code=CODE, helpers="def shift(x):\n    return x\n"):
        for name, text in (("helpers", helpers), ("users", code)):
            module = types.ModuleType(name)
            monkeypatch.setitem(sys.modules, name, module)
            exec(compile(text, f"{name}.py", "exec"), vars(module))
        return sys.modules["users"]

    return load


NAMES = ("transform", "inner", "model")


def test_same_code_has_the_same_key(user):
    first, second = user(), user()
    moved = user("# a comment\n\n" + CODE)
    for name in NAMES:
        keys = {key_of(vars(module)[name]) for module in (first, second, moved)}
        assert len(keys) == 1, name


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("transform", "[: SIZES[0]]", "[: SIZES[1]]"),
        ("transform", "SIZES = (1, 2)", "SIZES = (1, 3)"),  # a constant that it uses
        ("transform", "scale=1", "scale=2"),  # a default
        ("transform", "* scale", "/ scale"),  # a function that is called in a comprehension
        ("transform", "x + 1", "x + 2"),  # a function that this one calls
        ("transform", "return x * 2", "return x * 3"),  # one that is cached
        ("inner", "inner = make(1)", "inner = make(2)"),  # a variable of the closure
        ("inner", "X + offset", "X - offset"),
        ("model", "super().fit(X, y)", "super().fit(X, y[::-1])"),
        ("model", "predict_more(self):\n        return 1", "predict_more(self):\n        return 2"),
        ("model", "table = [1, 2]", "table = [1, 3]"),
        ("model", "ratio(self):\n        return 1", "ratio(self):\n        return 2"),
        ("model", "fixed(x):\n        return x", "fixed(x):\n        return -x"),
        ("model", "scale=1", "scale=2"),  # what a method calls
        ("model", "Model(C=2)", "Model(C=3)"),
    ],
)
def test_changed_code_has_another_key(user, name, before, after):
    assert CODE.count(before) == 1
    first = key_of(vars(user())[name])
    assert key_of(vars(user(CODE.replace(before, after)))[name]) != first


def test_changed_module_of_the_users_counts(user):
    first = key_of(user().transform)
    assert key_of(user(helpers="def shift(x):\n    return 2 * x\n").transform) != first
    unused = "def shift(x):\n    return x\ndef other(x):\n    return 3\n"
    assert key_of(user(helpers=unused).transform) == first


def test_methods_and_instances_of_the_users(user):
    code = CODE + "\nclass Tool:\n    def __init__(self, n):\n        self.n = n\n"
    code += (
        "    def __call__(self, X):\n        return X\n    def run(self, X):\n        return X\n"
    )
    tool = user(code).Tool
    assert key_of(tool(1)) == key_of(tool(1)) != key_of(tool(2))
    assert key_of(tool(1).run) == key_of(tool(1).run) != key_of(tool(2).run)


def test_loggers_and_locks_that_code_uses_do_not_hinder(user):
    code = "import logging, threading\nlog = logging.getLogger('x')\nlock = threading.Lock()\n"
    code += "def f(X):\n    with lock:\n        log.info('f')\n    return X\n"
    assert key_of(user(code).f) == key_of(user(code).f)


def test_copying_an_instance_leaves_the_key(user):
    model = user().model
    before = key_of(model)
    copy.deepcopy(model)  # Python notes the names of the slots in the class
    assert key_of(clone(model)) == before


def test_versions_of_distributions_count(monkeypatch):
    before = key_of(SVC())
    assert key_of(SVC()) == before
    _cache_keys._version_of.cache_clear()
    monkeypatch.setattr(_cache_keys.metadata, "version", lambda title: "0.0")
    try:
        assert key_of(SVC()) != before
    finally:
        _cache_keys._version_of.cache_clear()


@pytest.mark.parametrize("place", ["checkout", "lib/site-packages"])
def test_changed_checkout(tmp_path, monkeypatch, place):
    # A checkout keeps its version while its code changes, and so may what is installed from it.
    folder = tmp_path / place / "skmnist"
    (folder / "networks").mkdir(parents=True)
    network = folder / "networks" / "mlp.py"
    keys = []
    for code in ("units = 64", "units = 32", "units = 64"):
        network.write_text(code)
        for cached in (_cache_keys._version_of, _cache_keys._is_installed):
            cached.cache_clear()
        monkeypatch.setattr(_cache_keys, "_OWN_FOLDER", folder, raising=False)
        keys.append(
            (key_of(MLPClassifier()), key_of(MLPClassifier), _cache_keys._version_of("skmnist"))
        )
    assert keys[0] == keys[2]
    assert not set(keys[0]) & set(keys[1])
    network.rename(network.with_name("other.py"))
    _cache_keys._version_of.cache_clear()
    assert key_of(MLPClassifier()) != keys[0][0]
    _cache_keys._version_of.cache_clear()


def test_results_of_a_changed_checkout_are_not_taken(tmp_path, monkeypatch):
    X, y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 2

    def stored(source):
        found = []
        monkeypatch.setattr(_cache_keys, "_digest_of_source", lambda folder: source, raising=False)
        _cache_keys._version_of.cache_clear()
        # The measurement is skmnist's, whosever the model is.
        compare([GaussianNB()], X, y, cv=2, memory=tmp_path, progress=found.append)
        return [step.stored for step in found]

    assert [any(stored(source)) for source in ("a", "b")] == [False, False]
    assert all(stored("b"))
    _cache_keys._version_of.cache_clear()
