"""A command of one's own, beside those of `bsinv`.

    python examples/extending/command.py odds b2snunu-lfu dC_L=-5

In the package: one function beside the others, which parses, calls and prints.
"""

from typing import Annotated

import typer
from bsinv.cli.commands import app
from bsinv.errors import BsinvError


@app.command()
def odds(
    analysis: Annotated[str, typer.Argument(help="Built-in analysis or YAML file.")],
    values: Annotated[list[str], typer.Argument(help="Parameters as NAME=VALUE.")],
) -> None:
    """Print -2 ln L of a point relative to the start."""
    import bsinv

    loaded = bsinv.load(analysis)
    given = {name: float(value) for name, _, value in (entry.partition("=") for entry in values)}
    log = loaded.log_likelihood(loaded.point(given)) - loaded.log_likelihood(loaded.point())
    print(f"-2 Delta ln L = {-2.0 * log[0]:.3f}")


if __name__ == "__main__":
    try:
        app()
    except BsinvError as error:
        raise SystemExit(str(error)) from error
