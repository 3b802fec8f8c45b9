"""Run the command line with ``python -m bsinv``."""

from .cli.commands import main

if __name__ == "__main__":
    main()
