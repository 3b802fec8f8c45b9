"""Links of pages: files and headings are there; those to elsewhere have the right form."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("_blocks", Path(__file__).with_name("blocks.py"))
written = importlib.util.module_from_spec(_SPEC)
sys.modules["_blocks"] = written
_SPEC.loader.exec_module(written)

ROOT, PAGES = written.ROOT, written.PAGES
LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")
# Pages that exist in the built site alone; that they are all written is seen when it is built.
GENERATED = re.compile(
    r"docs/generated/(models|observables|likelihoods|data|form-factors|parameters|commands|examples"
    r"|performance|contributing|changelog)\.md|docs/generated/api-\w+\.rst"
)
ARXIV = re.compile(r"\d{2}(0[1-9]|1[0-2])\.\d{4,5}(v\d+)?|[a-z-]+(\.[A-Z]{2})?/\d{7}")


def prose(page):
    """Text without blocks and spans of code."""
    text = re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "`code`", text)


def slugs(page):
    """Anchors of headings, as GitHub and MyST make them."""
    text = re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#{1,4} (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_internal(page):
    for target in LINK.findall(prose(page)):
        if target.startswith("http"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if GENERATED.fullmatch(path.relative_to(ROOT).as_posix()):
            continue
        assert path.exists(), f"{page.name}: {target}: no such file"
        if anchor:
            assert anchor in slugs(path), f"{page.name}: {target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_external(page):
    text = prose(page)
    for target in LINK.findall(text):
        if target.startswith("http"):
            assert re.fullmatch(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?", target), target
    for number in re.findall(r"arxiv\.org/abs/([^)\s]+)", text) + re.findall(
        r"arXiv:([\w./-]*\w)", text
    ):
        assert ARXIV.fullmatch(number), f"{page.name}: {number!r} is no arXiv number"


def test_there_are_links():
    found = [target for page in PAGES for target in LINK.findall(prose(page))]
    assert len(found) > 200
    assert sum("#" in target for target in found) > 40


def test_what_is_no_number():
    assert ARXIV.fullmatch("2311.14647")
    assert ARXIV.fullmatch("hep-ph/9910220")
    assert not ARXIV.fullmatch("2313.14647")
    assert not ARXIV.fullmatch("2311.146")
