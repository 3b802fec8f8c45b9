"""Links of pages to files outside docs: to the page that shows the file, or to the file itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

__all__ = ["SHOWN", "relinked", "setup"]

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
# Files of the root that have a page, written by `written_pages`.
SHOWN = {
    "CHANGELOG.md": "generated/changelog.md",
    "CONTRIBUTING.md": "generated/contributing.md",
    "benchmarks/README.md": "generated/performance.md",
    "examples/README.md": "generated/examples.md",
}
# Pages that need not be there, by the caption under which they are listed.
EXTRA = {"Start here": ["generated/quickstart"], "Results": ["published"]}
_LINK = re.compile(r"\]\((?!https?://|#)([^)\s#]+)(#[^)\s]*)?\)")


def relinked(text: str, source: Path, page: Path) -> str:
    """Let the links of a text that stands in one file hold on the page of another one.

    Parameters
    ----------
    text : str
        Markdown.
    source : Path
        Where it stands: its links are relative to the folder of this file.
    page : Path
        The page of the site that shows it.
    """

    def link(found: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / found[1]))
        if not target.exists():
            return found[0]  # Sphinx warns
        inside = target.relative_to(ROOT).as_posix()
        if inside in SHOWN:
            target = DOCS / SHOWN[inside]
        elif target.suffix == ".ipynb":
            target = DOCS / "generated" / target.name
        elif target.is_dir():
            target = DOCS / SHOWN["examples/README.md"]
        return f"]({os.path.relpath(target, page.parent)}{found[2] or ''})"

    return _LINK.sub(link, text)


def _of_page(app: Sphinx, name: str, content: list[str]) -> None:
    page = Path(app.env.doc2path(name))
    if page.suffix == ".md":
        content[0] = relinked(content[0], page, page)
    if name == app.config.root_doc:
        content[0] = _complete(content[0])


def _complete(index: str) -> str:
    """Add to each list of contents the pages of its folder that it does not name."""

    def listed(found: re.Match[str]) -> str:
        names = found[2].split()
        folders = {Path(name).parent.as_posix() for name in names} - {"generated"}
        there = [
            path.relative_to(DOCS).with_suffix("").as_posix()
            for folder in sorted(folders)
            for path in sorted((DOCS / folder).glob("*.md"))
        ]
        more = EXTRA.get(found[1], ())
        there += [name for name in more if any(DOCS.glob(f"{name}.*"))]
        names += [name for name in there if name not in names]
        return found[0].replace(found[2], "\n".join(names) + "\n")

    return re.sub(r":caption: ([^\n]+)\n:hidden:\n\n(.*?)(?=```)", listed, index, flags=re.DOTALL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("source-read", _of_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
