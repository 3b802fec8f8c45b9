"""Options of the test run: slow tests are skipped unless asked for; one thread a process."""

import os
import sys
from pathlib import Path

import pytest

# What machines and strangers do to files is a plain module beside this one.
sys.path.insert(0, str(Path(__file__).parent))
# So is the check of texts in figures.
sys.path.insert(1, str(Path(__file__).parent / "chains" / "plots"))

# Before numpy is imported. The matrices here are small: threads only wait for each other.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption(
        "--slow", action="store_true", help="run the tests that take minutes (marked slow)"
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="takes minutes; run with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)
