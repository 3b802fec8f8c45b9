"""Pages of synthetic runs, and what is in a page."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
from bsinv.chains.report.about import About, Datum, Reported, Source
from bsinv.chains.report.page import report_html
from bsinv.chains.statistics.diagnostics import diagnose

from ..conftest import make_run

# Tags that a page is made of; whatever else is in it came through from a file.
KNOWN = {
    *("html", "head", "meta", "title", "link", "style", "body", "a", "svg", "defs", "path", "use"),
    *("header", "h1", "h2", "h3", "p", "div", "nav", "ol", "ul", "li", "main", "section", "table"),
    *("caption", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary", "figure"),
    *("figcaption", "img", "span", "sup", "br"),
}
VOID = {"meta", "link", "img", "br", "path", "use"}


class Page(HTMLParser):
    """A page taken apart; unbalanced tags are a failure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.images: list[dict[str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "img":
            self.images.append(dict(attrs))
        if tag in ("h1", "h2", "h3"):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        if inside != "style":
            self.words.append(data)
        if inside in ("h1", "h2", "h3"):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def sections(self) -> list[str]:
        return [text for level, text in self.headings if level > 1]


def reported(run, title="", **about):
    known = {
        "file": "run.h5",
        "size": 12,
        "sha256": "ab" * 32,
        "description": "Is there a left-handed current?",
        "model": "wet-lfu",
        "model_text": "vector operators",
        "lagrangian": "\\mathcal{L} = C_L\n+ \\mathrm{h.c.}",
        "data": (
            Datum(
                "belle2-2023-bknunu",
                ("BR(B+->Knunu)",),
                (Source("Belle II, 2023", "https://arxiv.org/abs/2311.14647"),),
            ),
        ),
        "sources": (Source("Belle II, 2023", "https://arxiv.org/abs/2311.14647", ("datum x",)),),
        "bibtex": "@article{arXiv:2311.14647}",
        "analysis": "wet-scalar.yaml",
    }
    verdict = diagnose(run.ensembles) if run.ensembles else None
    return Reported(title or run.name, run, About(**known | about), verdict)


@pytest.fixture(scope="module")
def whole():
    """The page of one run with everything that a fit and a chain make."""
    return Page(report_html([reported(make_run())], "1.2.3"))


@pytest.fixture
def page():
    """Takes runs or entries of a report; gives the page taken apart."""

    def make(*entries):
        ready = [entry if isinstance(entry, Reported) else reported(entry) for entry in entries]
        return Page(report_html(ready, "1.2.3"))

    return make
