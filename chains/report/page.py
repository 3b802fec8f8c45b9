"""The page: sections in a template, everything from files escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

from ..tables.table import Cell, Label, Table, Union, plain
from .about import Reported
from .blocks import Part, Section
from .commands import absent
from .comparing import compared_sections
from .formulas import formula
from .front import cited, notes, provenance, question, setting
from .results import found

__all__ = ["MARK", "report_html"]

MARK = '<meta name="generator" content="bsinv report">'
"""By which a page is known as one of these."""

_POWER = re.compile(r"\^(-?\d+)")


def report_html(entries: Sequence[Reported], version: str = "") -> str:
    """Write the report of one run, or of several with a comparison in front.

    Parameters
    ----------
    entries : sequence of Reported
        One or more.
    version : str
        Of the package that writes it.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere: styles and pictures are inside, there is no script,
        and a policy in the page forbids both scripts and requests.
    """
    if len(entries) == 1:
        parts = [Part("", "", tuple(_sections(entries[0])))]
        title = entries[0].title
    else:
        parts = [Part("together", "Comparison", tuple(compared_sections(entries)))]
        parts += [
            Part(f"run-{number}", entry.title, tuple(_sections(entry, f"run-{number}-")))
            for number, entry in enumerate(entries, start=1)
        ]
        names = [entry.title for entry in entries]
        title = f"{', '.join(names[:-1])} and {names[-1]}"
    return _rendered(title, parts, version)


def _sections(entry: Reported, prefix: str = "") -> list[Section]:
    made = [question(entry), *setting(entry), *found(entry), *notes(entry.run)]
    made += [provenance(entry), cited(entry), *absent(entry)]
    return [Section(prefix + one.name, one.title, one.blocks) for one in made]


def _rendered(title: str, parts: Sequence[Part], version: str) -> str:
    from jinja2 import DictLoader, Environment, StrictUndefined
    from markupsafe import Markup, escape

    room = files(__package__)
    texts = {name: room.joinpath(name).read_text("utf-8") for name in ("page.html", "page.css")}
    symbols: dict[str, int] = {}

    def symbol(latex: str, name: str) -> Markup:
        """A formula on the line, drawn once in the page; the name where it cannot be set."""
        made = formula(latex)
        if made is None:
            return Markup("")
        number = symbols.setdefault(latex, len(symbols))
        return Markup(
            '<svg class="m" role="img" aria-label="{}" style="{}" viewBox="{}">'
            '<use href="#m{}"/></svg>'
        ).format(name, made.style, made.box, number)

    def drawn() -> Markup:
        shapes = [
            Markup('<path id="m{}" d="{}"/>').format(number, made.path)
            for latex, number in symbols.items()
            if (made := formula(latex)) is not None
        ]
        return Markup("").join(shapes)

    def cell(value: Cell) -> Markup:
        """A cell of a table: names with their symbols, powers raised."""
        if isinstance(value, Label):
            shown = symbol(value.latex, value.name) if value.latex else Markup("")
            code = Markup("<code>{}</code>").format(value.name)
            return shown + Markup(" ") + code if shown else code
        if isinstance(value, Union):  # an interval in each line
            lines = (str(escape(part)) for part in plain(value).split(" ∪ "))
            return Markup(" ∪<br>".join(lines))
        return raised(plain(value))

    def raised(text: str) -> Markup:
        """A text with its powers raised, and numbers kept beside their per cent."""
        shown = _POWER.sub(r"<sup>\1</sup>", str(escape(text)))
        return Markup(_PER_CENT.sub("\\1\N{NO-BREAK SPACE}%", shown))

    environment = Environment(
        loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"cell": cell, "words": _is_words, "long": _is_long, "raised": raised}
    environment.globals |= {"symbol": symbol, "drawn": drawn, "formula": formula}
    # The template and the styles are the package's own; all else goes through autoescape.
    page = environment.get_template("page.html").render(
        title=title,
        parts=parts,
        version=version,
        mark=Markup(MARK),
        style=Markup(texts["page.css"]),
    )
    # Characters that no page may hold, as a name in a damaged file might.
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", page)


_PER_CENT = re.compile(r"(\d) %")
_NUMBER = re.compile(r"[(<>\[]?\s*[-+−]?[\d.∞(\[–]")
# Characters of a cell that is broken into lines.
_LONG = 70
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _is_words(table: Table, column: int) -> bool:
    """Whether a column of a table is text, which is set to the left; numbers are to the right."""
    cells = [row[column] for row in table.rows if row[column] != ""]
    told = [isinstance(one, Label) or not _NUMBER.match(plain(one)) for one in cells]
    return bool(told) and sum(told) * 2 > len(told)


def _is_long(value: Cell) -> bool:
    """Whether a cell is broken into lines."""
    return not isinstance(value, Union) and len(plain(value)) > _LONG
