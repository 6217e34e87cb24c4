"""Links to other projects' documentation, made by rule.

Sphinx's intersphinx asks every project's server for the list of its pages, so that a build would
need the network, or fail without it.  Here a name is linked if the installed library has it, to
the address that library gives its pages.
"""

import importlib
import inspect

from docutils import nodes

# Package -> address of the page of a name; {name} is the full name, {path} the same with slashes.
_PAGES = {
    "sklearn": "https://scikit-learn.org/stable/modules/generated/{name}.html",
    "numpy": "https://numpy.org/doc/stable/reference/generated/{name}.html",
    "scipy": "https://docs.scipy.org/doc/scipy/reference/generated/{name}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{name}.html",
    "keras": "https://www.tensorflow.org/api_docs/python/tf/{path}",
    "matplotlib": "https://matplotlib.org/stable/api/_as_gen/{name}.html",
}
_MODULES = {
    "sklearn": "https://scikit-learn.org/stable/api/{name}.html",
}
_ADDRESSES = {
    "numpy.random.RandomState": (
        "https://numpy.org/doc/stable/reference/random/legacy.html#numpy.random.RandomState"
    ),
    # Sections of scikit-learn's user guide that docstrings of inherited methods refer to.
    "accuracy_score": "https://scikit-learn.org/stable/modules/model_evaluation.html#accuracy-score",
    "df_output_transform": "https://scikit-learn.org/stable/modules/df_output_transform.html",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
        "https://scikit-learn.org/stable/auto_examples/miscellaneous/plot_set_output.html"
    ),
    "metadata_routing": "https://scikit-learn.org/stable/metadata_routing.html",
}
_GLOSSARY = "https://scikit-learn.org/stable/glossary.html#term-{name}"


def _found(name):
    """Return what a dotted name stands for in an installed library, or None."""
    package, *parts = name.split(".")
    try:
        value = importlib.import_module(package)
    except ImportError:
        return None
    path = package
    for part in parts:
        path = f"{path}.{part}"
        try:
            value = getattr(value, part)
        except AttributeError:
            try:
                value = importlib.import_module(path)
            except ImportError:
                return None
    return value


def address(name):
    """Return the address of the page of a name of another project, or None."""
    if name in _ADDRESSES:
        return _ADDRESSES[name]
    package = name.partition(".")[0]
    if package not in _PAGES:
        return None
    value = _found(name)
    if value is None:
        return None
    pages = _MODULES if inspect.ismodule(value) else _PAGES
    if package not in pages:
        return None
    return pages[package].format(name=name, path=name.replace(".", "/"))


def link(app, env, node, contnode):
    """Answer Sphinx's question where a reference that it does not know leads to."""
    target = node["reftarget"]
    if node["reftype"] == "term":
        uri = _GLOSSARY.format(name=target.replace(" ", "-"))
    else:
        uri = address(target)
    if uri is None:
        return None
    return nodes.reference("", "", contnode, internal=False, refuri=uri)


def setup(app):
    """Register with Sphinx."""
    app.connect("missing-reference", link)
    return {"parallel_read_safe": True}
