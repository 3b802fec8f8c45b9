"""Formulas as MathML, which browsers draw themselves: no script, and no request to another host."""

from __future__ import annotations

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

__all__ = ["setup"]

_LOG = logging.getLogger(__name__)


def _formula(node: nodes.Element, display: str) -> str:
    latex = node.astext().strip()
    # Numbers and tags of equations are not used here.
    latex = re.sub(r"\\begin\{(equation|align)\*?\}|\\end\{(equation|align)\*?\}", "", latex)
    try:
        return convert(latex, display=display)
    except Exception as error:  # of many kinds, none of which is documented
        _LOG.warning("formula %r: %s: %s", latex, type(error).__name__, error, location=node)
        return f"<code>{latex}</code>"


def _inline(translator: nodes.NodeVisitor, node: nodes.math) -> None:
    translator.body.append(_formula(node, "inline"))
    raise nodes.SkipNode


def _block(translator: nodes.NodeVisitor, node: nodes.math_block) -> None:
    formula = f'<div class="formula">{_formula(node, "block")}</div>'
    translator.body.append(formula)
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
