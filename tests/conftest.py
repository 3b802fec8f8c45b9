"""Options of the test run: slow tests are skipped unless asked for."""

import pytest


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
