"""The page in a real browser: no request, no script, nothing wider than the window, printable.

Needs the Python package playwright (extra ``browser``) and a Chromium of the system.
"""

from __future__ import annotations

import dataclasses
import shutil
from itertools import pairwise

import pytest
from bsinv.chains.report.page import report_html

from ..conftest import make_run
from .conftest import reported

api = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: pip install 'bsinv[browser]'"
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The browser asks nobody for anything of its own either.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WIDTHS = (400, 800, 1400)


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with api.sync_playwright() as running:
        try:
            opened = running.chromium.launch(executable_path=path, args=list(QUIET))
        except api.Error as error:  # such as a stub that asks for another package
            pytest.skip(f"no browser: {path} does not start: {str(error)[:200]}")
        yield opened
        opened.close()


def watched(page, file):
    """What goes wrong on a page, and what it asks for: both are sentences of this list."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))

    def sort(route):
        url = route.request.url
        if url == file.as_uri() or url.startswith("data:"):
            route.continue_()
        else:
            wrong.append(f"asked for {url[:80]}")
            route.abort()

    page.route(lambda url: True, sort)
    return wrong


@pytest.fixture(scope="module", params=["one run", "two runs"])
def shown(request, browser, tmp_path_factory):
    """A page that is open, with what went wrong and what it asked for."""
    first = make_run()
    formula = r"\mathcal{L} = " + "+ C " * 60
    if request.param == "two runs":
        first = dataclasses.replace(first, predictions=(), spectra=())
        other = dataclasses.replace(first, name="other-" * 20, notes=("x" * 300,), ensembles=())
        entries = [reported(first), reported(other)]
    else:
        entries = [reported(first, lagrangian=formula)]
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(report_html(entries), "utf-8")
    context = browser.new_context()
    page = context.new_page()
    wrong = watched(page, file)
    page.goto(file.as_uri(), wait_until="load")
    yield page, wrong
    context.close()


def test_nothing_is_asked_for_and_nothing_goes_wrong(shown):
    page, wrong = shown
    assert page.title()
    assert wrong == []


def test_a_request_and_a_script_would_be_seen(browser, tmp_path):
    # That the listeners above notice what they listen for.
    file = tmp_path / "bad.html"
    file.write_text("<img src='http://example.org/x.png'><script>console.log('here')</script>")
    page = browser.new_page()
    seen = watched(page, file)
    page.goto(file.as_uri())
    assert "asked for http://example.org/x.png" in seen
    assert "console: here" in seen
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_never_wider_than_the_window(shown, width):
    page, _ = shown
    page.set_viewport_size({"width": width, "height": 900})
    sizes = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert sizes[0] <= sizes[1] == width


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_wide_scrolls_in_its_own_box(shown, width):
    page, _ = shown
    page.set_viewport_size({"width": width, "height": 900})
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e =>
             !e.closest('.scroll, pre') && e.getBoundingClientRect().right > innerWidth + 0.5
           ).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert beyond == []
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every(e => e.tabIndex === 0 && "
        "e.getAttribute('aria-label'))"
    )


def test_pictures_are_there_and_have_texts(shown):
    page, _ = shown
    images = page.evaluate(
        "[...document.images].map(e => [e.alt, e.complete && e.naturalWidth > 0])"
    )
    assert len(images) in (5, 7)  # of one run, of two
    for alt, drawn in images:
        assert len(alt) > 40
        assert drawn
    # Formulas have a size, and a text for who cannot see them.
    formulas = page.evaluate(
        "[...document.querySelectorAll('svg.m')].map(e => [e.getAttribute('aria-label'), "
        "e.getBoundingClientRect().width, e.querySelector('use').getBBox().width])"
    )
    assert formulas
    assert all(label and width > 2 and drawn > 2 for label, width, drawn in formulas)


def test_headings_go_down_one_level_at_a_time(shown):
    page, _ = shown
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(e => +e.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_dark_text_on_a_light_page(shown):
    page, _ = shown
    page.emulate_media(color_scheme="dark")
    colours = page.evaluate(
        "(() => { const s = getComputedStyle(document.body); "
        "return [s.color, s.backgroundColor].map(c => c.match(/[0-9]+/g).slice(0, 3)) })()"
    )
    page.emulate_media(color_scheme=None)
    text, ground = (sum(map(int, colour)) for colour in colours)
    assert text < 150
    assert ground > 700


def test_it_can_be_printed(shown):
    page, wrong = shown
    content = page.pdf(format="A4", print_background=True)
    assert content.startswith(b"%PDF")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 900})  # of A4 with margins
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main table, main img')].filter(e =>
             e.getBoundingClientRect().right > innerWidth + 0.5).length"""
    )
    hidden = page.evaluate(
        "[...document.querySelectorAll('details:not(.screen) pre')].filter(e => "
        "e.getBoundingClientRect().height < 5).length"
    )
    page.emulate_media(media="screen")
    assert cut == 0
    assert hidden == 0
    assert wrong == []
