"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network."""

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

_log = logging.getLogger(__name__)
# docutils knows the sizes of opening and closing brackets, and not those without a side.
_SIDELESS = re.compile(r"\\([bB]igg?)(?![A-Za-z])")


def _mathml(node, as_block):
    """Return the formula of a node; say where it stands if it cannot be read."""
    tex = _SIDELESS.sub(r"\\\1l", node.astext())
    try:
        return tex2mathml(tex, as_block=as_block)
    except MathError as error:
        _log.warning("formula %r: %s", tex, error, location=node)
        return ""


def _inline(translator, node):
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _block(translator, node):
    translator.body.append(f'<div class="formula">{_mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}
