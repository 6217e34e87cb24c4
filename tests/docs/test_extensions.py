"""What docs/_ext does for the site: links to other projects, formulas, docstrings, constants."""

import sys
from types import SimpleNamespace

import pytest
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module", autouse=True)
def extensions(request):
    """Put docs/_ext on the path, as docs/conf.py does."""
    folder = str(request.config.rootpath / "docs" / "_ext")
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "sklearn.pipeline.Pipeline",
            "https://scikit-learn.org/stable/modules/generated/sklearn.pipeline.Pipeline.html",
        ),
        ("sklearn.datasets", "https://scikit-learn.org/stable/api/sklearn.datasets.html"),
        ("keras.Model", "https://www.tensorflow.org/api_docs/python/tf/keras/Model"),
        ("numpy.ndarray", "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.html"),
        ("metadata_routing", "https://scikit-learn.org/stable/metadata_routing.html"),
        # Names that the libraries do not have, and libraries whose pages are not known.
        ("sklearn.pipeline.Pipelin", None),
        ("numpy.no_such_module.ndarray", None),
        ("click.Command", None),
        ("MLPClassifer", None),
        ("", None),
    ],
)
def test_address(name, expected):
    from offline_links import address

    assert address(name) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "names : ndarray of shape (n_features_in_,)",
            "names : ndarray of shape (`n_features_in_`,)",
        ),
        ("X : ndarray of shape (n, *shape_)", r"X : ndarray of shape (n, \*`shape_`)"),
        ("X : ndarray of shape (n, `shape_`)", "X : ndarray of shape (n, `shape_`)"),
        ("dtype : ``*_`` or float_32", "dtype : ``*_`` or float_32"),
        ("Text with n_features_in_ and no type.", "Text with n_features_in_ and no type."),
    ],
)
def test_names_in_types_are_quoted(line, expected):
    from api_pages import quote_names_in_types

    lines = [line]
    quote_names_in_types(None, "class", "name", None, {}, lines)
    assert lines == [expected]


@given(st.lists(st.text(alphabet="ab1` :,()", max_size=30), max_size=3))
def test_lines_without_such_names_stay(lines):
    from api_pages import quote_names_in_types

    given_lines = list(lines)
    quote_names_in_types(None, "class", "name", None, {}, lines)
    assert lines == given_lines


def translated(node):
    import offline_math

    translator = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        offline_math._block(translator, node)
    return "".join(translator.body)


def test_formulas_are_mathml():
    html = translated(nodes.math_block("", r"t = \bar d \Big/ \sqrt{\frac{1}{n}}"))
    assert "<math" in html and "<mfrac>" in html and "<msqrt>" in html


def test_formula_that_cannot_be_read_is_a_warning(monkeypatch):
    import offline_math

    said = []
    monkeypatch.setattr(offline_math._log, "warning", lambda *args, **kwargs: said.append(args))
    translated(nodes.math_block("", r"\nosuchcommand{1}"))
    assert len(said) == 1
    assert "nosuchcommand" in str(said[0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("skmnist.recipes.RECIPES", "A mapping with the keys ``'tf-quickstart'``, "),
        ("skmnist.__version__", "``'"),
    ],
)
def test_constants_are_described(name, expected):
    from api_pages import describe

    assert describe(name).startswith(expected)
