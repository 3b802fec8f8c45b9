"""What sections of a page are made of: plain records, turned into HTML by the template alone."""

from __future__ import annotations

from dataclasses import dataclass

from ..tables.table import Table
from .about import Datum, Source

__all__ = [
    "Block",
    "Data",
    "Fold",
    "Grid",
    "Items",
    "Lagrangian",
    "Part",
    "Picture",
    "Section",
    "Sources",
    "Text",
]


@dataclass(frozen=True)
class Text:
    """A paragraph; `kind` is empty, ``"good"``, ``"warning"`` or ``"hint"``."""

    text: str
    kind: str = ""
    form: str = "text"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    texts: tuple[str, ...]
    form: str = "items"


@dataclass(frozen=True)
class Grid:
    """A table of results."""

    table: Table
    form: str = "grid"


@dataclass(frozen=True)
class Data:
    """Likelihood terms with what was measured and where: (datum, measured) pairs."""

    rows: tuple[tuple[Datum, str], ...]
    form: str = "data"


@dataclass(frozen=True)
class Sources:
    """References with what they are used for."""

    sources: tuple[Source, ...]
    form: str = "sources"


@dataclass(frozen=True)
class Picture:
    """A picture in the page.

    Attributes
    ----------
    uri : str
        ``data:`` with the whole of it.
    alt : str
        What it shows, with numbers, for who cannot see it.
    caption : str
    width, height : int
        Pixels of CSS.
    """

    uri: str
    alt: str
    caption: str
    width: int
    height: int
    form: str = "picture"


@dataclass(frozen=True)
class Fold:
    """A text as it stands, behind a line that opens it; `printed`: on paper too."""

    title: str
    text: str
    printed: bool = True
    form: str = "fold"


@dataclass(frozen=True)
class Lagrangian:
    """Lines of a formula in LaTeX."""

    lines: tuple[str, ...]
    form: str = "lagrangian"


Block = Text | Items | Grid | Data | Sources | Picture | Fold | Lagrangian


@dataclass(frozen=True)
class Section:
    """A heading with blocks below it; `name` is for links within the page."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Part:
    """Sections of one run, or of the comparison."""

    name: str
    title: str
    sections: tuple[Section, ...]
