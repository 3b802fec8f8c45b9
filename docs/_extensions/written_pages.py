"""Pages that are written at each build, into docs/generated: reference, API, files of the root."""

from __future__ import annotations

from pathlib import Path

from links import DOCS, ROOT, SHOWN, relinked
from sphinx.application import Sphinx
from written_api import api_pages
from written_reference import reference_pages

__all__ = ["setup"]

FOLDER = DOCS / "generated"
NOTEBOOKS = ROOT / "examples"


def _write(app: Sphinx) -> None:
    pages = {**reference_pages(), **api_pages(), **_of_root()}
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = FOLDER / name
        # Pages that stay as they are need not be read again.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _of_root() -> dict[str, str]:
    pages = {
        Path(page).name: relinked((ROOT / file).read_text("utf-8"), ROOT / file, DOCS / page)
        for file, page in SHOWN.items()
    }
    return pages | {path.name: path.read_text("utf-8") for path in NOTEBOOKS.glob("*.ipynb")}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
