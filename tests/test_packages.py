"""The list of packages in pyproject.toml is that of the folders."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
NO_PACKAGES = {"tests", "tools", "benchmarks", "examples", "docs", "build", "venv", ".venv", "out"}


def test_every_folder_of_code_is_shipped():
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = written["tool"]["setuptools"]["packages"]
    places = (file.parent.relative_to(ROOT).parts for file in ROOT.rglob("__init__.py"))
    inside = [parts for parts in places if not parts or parts[0] not in NO_PACKAGES]
    found = [".".join(("bsinv", *parts)) for parts in inside if not any(p[0] == "." for p in parts)]
    assert sorted(listed) == sorted(found)
