"""Print the lowest versions that pyproject.toml allows, as requirements for pip.

    python tools/lowest_versions.py [EXTRA ...] > constraints.txt

Every dependency of the package (and of the extras named) must state a floor, ``name>=version``: one
without would be tested with today's version only, and break unseen with an older one.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

FLOOR = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)\s*>=\s*(?P<version>[0-9][0-9a-z.]*)(?:\s*,.*)?$")


def lowest(requirements: list[str]) -> list[str]:
    """Requirements pinned at their floors.

    Parameters
    ----------
    requirements : list of str
        As in pyproject.toml, such as ``numpy>=1.26``.

    Returns
    -------
    list of str
        Such as ``numpy==1.26``.

    Raises
    ------
    SystemExit
        If one of them has no floor.
    """
    pinned = []
    for requirement in requirements:
        found = FLOOR.match(requirement.partition(";")[0].strip())
        if found is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} has no floor, such as 'name>=1.2'")
        pinned.append(f"{found['name']}=={found['version']}")
    return pinned


def main(extras: list[str]) -> None:
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    groups = project["project"].get("optional-dependencies", {})
    for name in extras:
        if name not in groups:
            raise SystemExit(f"no extra {name!r}: there are {', '.join(groups)}")
    wanted = [*project["project"]["dependencies"], *(line for e in extras for line in groups[e])]
    print("\n".join(lowest(wanted)))


if __name__ == "__main__":
    main(sys.argv[1:])
