"""Write cli/names.json: what a shell completes without importing the package.

python tools/make_completion.py            # writes the file
python tools/make_completion.py --check    # fails if it is not what it would write
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bsinv.fitter.figures.kinds import KINDS
from bsinv.models.registry import models
from bsinv.physics.observables import observables

FILE = Path(__file__).parents[1] / "cli" / "names.json"


def names() -> str:
    """Text of the file."""
    found = {
        "models": {
            name: [entry.name for entry in model.parameters]
            for name, model in sorted(models().items())
        },
        "observables": sorted(observables()),
        "figures": {name: list(kind.layers) for name, kind in sorted(KINDS.items())},
    }
    return json.dumps(found, indent=0, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        FILE.write_text(names(), encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != names():
        sys.exit(f"{FILE.name} is not what the code says: run tools/make_completion.py")


if __name__ == "__main__":
    main()
