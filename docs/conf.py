"""Settings of the documentation site: ``python -m sphinx docs docs/_build/html``.

Nothing here needs the network, neither to build the site nor to read it.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

# The examples draw pictures, and no window is to open for them.
os.environ["MPLBACKEND"] = "Agg"

from docutils import nodes  # noqa: E402

import skmnist  # noqa: E402

project = "skmnist"
author = copyright = "the authors of skmnist"
version = release = skmnist.__version__

extensions = [
    "api_pages",
    "offline_links",
    "offline_math",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "auto_examples/*.ipynb"]
templates_path = ["_templates"]
nitpicky = True
# Quotes in types and code are those to be typed.
smartquotes = False

# -- Markdown ----------------------------------------------------------------------------------
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4

# -- API ---------------------------------------------------------------------------------------
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
# Methods are written out on the page of their class, not on pages of their own.
numpydoc_show_class_members = False
# Types are linked where they name a class; docs/_ext/api_pages.py adds our own.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    # numpydoc links these to the Python manual, which nobody needs.
    **{
        word: word
        for word in (
            *("None", "bool", "boolean", "True", "False", "list", "tuple", "str", "string"),
            *("dict", "float", "int", "callable", "iterable", "sequence", "contextmanager"),
            *("namedtuple", "generator", "array", "scalar", "numpy"),
        )
    },
    "array-like": ":term:`array-like`",
    "Bunch": ":class:`~sklearn.utils.Bunch`",
    "Pipeline": ":class:`~sklearn.pipeline.Pipeline`",
    "DataFrame": ":class:`~pandas.DataFrame`",
    **{
        name: f":class:`{name}`"
        for name in (
            *("keras.Model", "keras.layers.Layer", "keras.callbacks.Callback"),
            *("keras.losses.Loss", "keras.optimizers.Optimizer", "keras.utils.PyDataset"),
            *("matplotlib.axes.Axes", "matplotlib.figure.Figure"),
        )
    },
}

# -- Examples ----------------------------------------------------------------------------------
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "within_subsection_order": "ExampleTitleSortKey",
    "doc_module": ("skmnist",),
    "reference_url": {"skmnist": None},
    "backreferences_dir": "api/generated/examples",
    "download_all_examples": False,
    "show_signature": False,
    # Its page wants scripts from elsewhere; each example says how long it took.
    "write_computation_times": False,
}

# -- HTML --------------------------------------------------------------------------------------
html_theme = "pydata_sphinx_theme"
html_title = "skmnist"
html_static_path = ["_static"]
html_css_files = ["skmnist.css"]
html_favicon = "_static/favicon.svg"
html_copy_source = html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {
    "logo": {"text": "skmnist"},
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc", "sg_download_links"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_sidebars = {"index": [], "changelog": [], "getting-started": []}


def trim_code(app, doctree):
    """Take away the empty line that ends a doctest in Markdown, which only pytest needs."""
    for block in doctree.findall(nodes.literal_block):
        if len(block) == 1 and isinstance(block[0], nodes.Text):
            # Sphinx colours a block only if its source says the same.
            block.rawsource = block.astext().rstrip()
            block[0] = nodes.Text(block.rawsource)


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", trim_code)
