"""The layout of results files: documented, and files of earlier versions keep their numbers."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from bsinv.chains.files.parsing import LISTS
from bsinv.chains.files.store import read, write
from bsinv.chains.records import SCHEMA_VERSION

ROOT = Path(__file__).parents[3]
FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.results"))

# What was added to this layout after its file was stored, which is read without.
ADDED = {"/scans/N": {"separate", "separate_names", "separate_terms"}}


def tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page():
    return tool("make_results_page")


@pytest.fixture(scope="module")
def numbers():
    return tool("make_results_fixture").numbers


def place(path):
    """Heading of the page for a path in a file, and the name under it."""
    *groups, name = path.split("/")
    if not groups:
        return "/", name
    groups = ["N" if part.isdigit() and i == 1 else part for i, part in enumerate(groups)]
    inner = groups[2:] if groups[0] in LISTS or groups[0] == "ensembles" else groups[1:]
    head = "/" + "/".join(groups[: len(groups) - len(inner)])
    return head, (f"{head}/{inner[0]}", name) if inner else name


def described(page):
    return page.names_of(page.PAGE.read_text(encoding="utf-8"))


def test_the_page_is_what_the_code_says(page):
    assert page.PAGE.read_text(encoding="utf-8") == page.page()


def test_there_is_a_file_of_this_layout():
    assert f"layout-{SCHEMA_VERSION}.results" in [path.name for path in FIXTURES]
    assert all(path.stat().st_size < 300_000 for path in FIXTURES)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_stored_files_are_read_with_their_numbers(path, numbers, tmp_path):
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    run = read(path)
    # What is read, written anew by this version, holds the same: nothing is lost on the way.
    with h5py.File(write(tmp_path / "again.h5", run), "r") as file:
        found = numbers(file)
    for key, value in expected.items():
        if key in ("checksums", "@schema_version"):
            continue
        assert key in found, key
        if isinstance(value, float):
            assert found[key] == pytest.approx(value, rel=1e-12), key
        elif isinstance(value, dict) and "sum" in value:
            same = {k: v for k, v in value.items() if k != "sum"}
            assert {k: v for k, v in found[key].items() if k != "sum"} == same, key
            assert found[key]["sum"] == pytest.approx(value["sum"], rel=1e-9, abs=1e-12), key
        elif isinstance(value, str) and key in ("fingerprint", "versions", "notes"):
            assert json.loads(found[key]) == json.loads(value), key
        else:
            assert found[key] == value, key


def test_the_file_of_this_layout_has_everything_once(page):
    """Each group, dataset and attribute of the file is described, and the other way round."""
    told = described(page)
    seen = {name: set() for name in told}

    def note(path):
        head, name = place(path)
        if isinstance(name, tuple):  # in a table, a list or a mapping inside a record
            table, name = name
            if table in told:
                seen[table].add(name)
                assert name in told[table], path
                return
            name = table.rpartition("/")[2]
            assert name in told[head], path
            return
        assert head in told, path
        assert name in told[head], path
        seen[head].add(name)

    file = next(path for path in FIXTURES if path.stem == f"layout-{SCHEMA_VERSION}")
    with h5py.File(file, "r") as opened:

        def visit(path, item):
            parts = path.split("/")
            listed = parts[0] in LISTS or parts[0] == "ensembles"
            whole = len(parts) <= (2 if listed else 1) and isinstance(item, h5py.Group)
            if not whole:
                note(path)
            for key in item.attrs:
                if not re.fullmatch(r"random_state_[1-9]\d*", key):
                    note(f"{path}/{key}" if path else key)

        visit_root = [note(key) for key in opened.attrs]
        assert visit_root
        opened.visititems(visit)
    lacking = {head: told[head] - seen[head] for head in told if told[head] - seen[head]}
    assert lacking == ADDED


def test_arrays_have_the_sizes_that_are_told(page):
    """Where a size is told as letters, equal letters of a record are equal lengths."""
    file = next(path for path in FIXTURES if path.stem == f"layout-{SCHEMA_VERSION}")
    run = read(file)
    records = [run.best_fit, run.support, *(one for name in LISTS for one in getattr(run, name))]
    checked = 0
    for record in filter(None, records):
        letters = {}
        for row in page.rows(type(record)):
            value = getattr(record, row.name)
            if not isinstance(value, np.ndarray):
                continue
            assert row.shape, (type(record).__name__, row.name)
            if " or " in row.shape or "..." in row.shape:
                continue
            sizes = [part.strip() for part in row.shape.strip("()").split(",") if part.strip()]
            assert value.ndim == len(sizes), (type(record).__name__, row)
            for size, length in zip(sizes, value.shape, strict=True):
                if size.isdigit():
                    assert length == int(size), row
                elif size.isidentifier():
                    assert letters.setdefault(size, length) == length, (row, letters)
                    checked += 1
    assert checked > 50
