"""The page of published results (docs/results/published.md) and the gallery that it is made of."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import bsinv
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tools():
    """The two tools, as if run from their folder."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        made = {}
        for name in ("make_published", "make_gallery"):
            spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
            made[name] = importlib.util.module_from_spec(spec)
            sys.modules[name] = made[name]
            spec.loader.exec_module(made[name])
        yield made
    finally:
        sys.path.remove(str(ROOT / "tools"))
        for name in made:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def published(tools):
    return tools["make_published"]


@pytest.fixture(scope="module")
def gallery(tools):
    return tools["make_gallery"]


def rows(published):
    return [row for section in published.table()["sections"] for row in section["rows"]]


def test_page_is_what_the_summaries_give(published):
    assert published.page() == published.PAGE.read_text(encoding="utf-8")
    assert list(published.check()) == []


def test_gallery_is_not_stale(gallery):
    assert gallery.check() == []


def test_every_row_has_a_source_or_is_not_available(published):
    assert len(rows(published)) > 50
    for row in rows(published):
        assert list(published.faults(row)) == []
        cells = published.line(row).strip("| ").split(" | ")
        if "source" not in row:
            assert cells[1] == "not available"
        else:
            assert re.search(r"\d{4}\.\d{4,5}, \S", published.source(row))


def test_every_paper_is_there(published):
    """The overview's three papers, and those that are compared besides."""
    text = published.page()
    for paper in (
        *("2209.05223", "2309.12741", "2403.12485", "2507.12393", "2602.09666", "2312.12507"),
        *("2403.13887", "2503.19025", "2311.14629"),
    ):
        assert paper in text


def test_digitised_numbers_are_marked(published):
    marked = [row for row in rows(published) if row.get("digitised")]
    assert marked
    for row in rows(published):
        read_off = "read by" in row.get("source", {}).get("where", "")
        assert read_off == bool(row.get("digitised"))
    assert "digitised" in published.line(marked[0])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"published": None}, "a published value needs a source"),
        ({"source": None}, "a published value needs a source"),
        ({"source": {"arxiv": "unknown", "where": "abstract"}}, "arXiv number and a place"),
        ({"source": {"arxiv": "2309.12741", "where": ""}}, "arXiv number and a place"),
        ({"why": ""}, "why is missing"),
        ({"ours": None}, "ours is missing"),
        ({"sigma": 3}, "'sigma' is none of"),
        ({"of": {"mu": "belle2 / nothing"}}, "no 'nothing' in examples/belle2/summary.json"),
        ({"of": {"mu": "nowhere / mu"}}, "nowhere/summary.json is missing"),
        ({"of": {"mu": "belle2 / belle2-signal-strength"}}, "and no number"),
        ({"ours": "{other:.1f}"}, "'other' in its text"),
        ({"calculate": {"x": "mu / 0"}}, "mu / 0 is not finite"),
    ],
)
def test_faults_of_rows(published, change, told):
    good = {
        "what": "Strength",
        "published": "4.6",
        "source": {"arxiv": "2311.14647", "where": "abstract"},
        "of": {"mu": "belle2 / belle2-signal-strength / best fit / values / mu"},
        "ours": "{mu:.1f}",
        "why": "agrees",
    }
    assert published.line(good) == "| Strength | 4.6 | 2311.14647, abstract | 4.6 |  | agrees |"
    bad = {key: one for key, one in {**good, **change}.items() if one is not None}
    with pytest.raises(published.PublishedError, match=re.escape(told)):
        published.line(bad)


@pytest.mark.parametrize(
    ("row", "found", "told"),
    [
        ({"number": {"value": 2.0, "plus": 0.5, "minus": 1.0}}, 3.0, "+2.0 σ"),
        ({"number": {"value": 2.0, "plus": 0.5, "minus": 1.0}}, 1.0, "−1.0 σ"),
        ({"number": {"value": 2.0, "plus": 0.5, "minus": 1.0}}, 2.001, "0.0 σ"),
        ({"number": {"value": 2.0}}, 2.1, "+5.0 %"),
        ({"number": {"value": 0.0}}, 0.25, "+0.25"),
        ({"number": {"range": [1.0, 2.0]}}, 1.5, "inside"),
        ({"number": {"range": [1.0, 2.0]}}, 3.0, "1.50 of the upper end"),
        ({"number": {"range": [1.0, 2.0]}}, 0.5, "0.50 of the lower end"),
        ({"holds": ["x > 2"]}, 3.0, "holds"),
        ({"holds": ["x > 2", "x < 1"]}, 3.0, "**does not hold**"),
        ({"holds": ["x = 3"]}, 3.001, "holds"),
        ({}, 1.0, ""),
    ],
)
def test_differences(published, row, found, told):
    assert published.difference({**row, "compare": "x"}, {"x": found}) == told


def test_a_stale_page_is_told(published, tmp_path, monkeypatch):
    page = tmp_path / "published.md"
    monkeypatch.setattr(published, "PAGE", page)
    monkeypatch.setattr(published, "ROOT", tmp_path)
    assert "published.md: stale" in next(published.check())
    page.write_text(published.page(), encoding="utf-8")
    assert list(published.check()) == []


def test_a_changed_analysis_is_told(gallery, monkeypatch):
    monkeypatch.setattr(gallery, "text_of", lambda entry: "another")
    told = gallery.check()
    assert any("examples/flavour/summary.json: talk-left is stale" in line for line in told)


def test_points_from_scratch(published):
    """All predictions are those stored: to the four digits of a summary."""
    stored = published.summary("predictions")["points"]
    computed = published.points()
    assert set(computed) == set(stored)
    for name, value in computed.items():
        assert value == pytest.approx(stored[name], rel=1e-3), name


@pytest.mark.parametrize(
    "path",
    [
        *("flavour/talk-left", "flavour/talk-right", "flavour/talk-s0", "flavour/talk-v1"),
        "belle2/belle2-signal-strength",
    ],
)
def test_best_fits_from_scratch(published, path):
    folder, name = path.split("/")
    record = published.summary(folder)[name]
    file = ROOT / "examples" / folder / f"{name}.yaml"
    analysis = bsinv.load(file if file.exists() else name)
    best = analysis.fit()
    for parameter, value in record["best fit"]["values"].items():
        found = best.values[best.names.index(parameter)]
        assert abs(found) == pytest.approx(abs(value), rel=5e-3)
    assert best.minus_two_delta_log == pytest.approx(record["best fit"]["gain"], abs=0.01)
    for observable in ("RK(nunu)", "RK*(nunu)"):
        if observable in record["predictions"]:
            value = float(analysis.observable(observable, best.values[None])[0])
            assert value == pytest.approx(record["predictions"][observable], rel=2e-3)


def test_no_posterior_without_convergence(gallery):
    """A corner plot is shown only of a chain whose summary says that it has converged."""
    for entry in gallery.entries().values():
        record = gallery.stored(entry.folder)[entry.name]
        if "corner.png" in entry.pictures:
            assert record["chain"]["converged"], entry.name
        assert ("posterior" in record) == bool(record.get("chain", {}).get("converged"))


def test_an_unconverged_corner_is_refused(gallery, tmp_path):
    entry = gallery.entries()["belle2-wet-eos"]
    with pytest.raises(SystemExit, match="has not converged"):
        gallery.copy_pictures(entry, tmp_path, {"chain": {"converged": False}})


def test_summaries_and_pictures_are_small(gallery):
    for folder, told in gallery.FOLDERS.items():
        path = ROOT / "examples" / folder / "summary.json"
        assert path.stat().st_size < 100_000
        json.loads(path.read_text(encoding="utf-8"))
        for picture in told.get("pictures", {}):
            assert (ROOT / "examples" / folder / picture).stat().st_size < 200_000


def test_rounding(gallery):
    given = {"a": np.float64(1.23456), "b": [np.nan, 2], "c": "text", "d": np.int64(3)}
    assert gallery.rounded(given) == {"a": 1.235, "b": [None, 2], "c": "text", "d": 3}


def test_unknown_names_are_told(gallery, capsys):
    with pytest.raises(SystemExit):
        gallery.main(["--only", "talk-lefft"])
    assert "nothing called 'talk-lefft'; there are" in capsys.readouterr().err


def test_an_executor_that_is_none_is_told(gallery):
    with pytest.raises(SystemExit, match="fork"):
        gallery.main(["--only", "points", "--executor", "fork"])


def test_a_run_that_fails_keeps_what_is_stored(gallery, tmp_path, monkeypatch, capsys):
    """Its name is told, and nothing of its folder is written."""
    monkeypatch.setattr(gallery, "EXAMPLES", tmp_path)
    entry = gallery.Entry("none", "none", str(tmp_path / "none.yaml"), "fit", {})
    monkeypatch.setattr(gallery, "entries", lambda: {"none": entry})
    with gallery.Workers("serial", None) as workers:
        assert gallery.make_runs(["none"], tmp_path / "cache", workers) == ["none"]
    assert "none.yaml" in capsys.readouterr().err
    assert not (tmp_path / "none" / "summary.json").exists()


def test_every_example_folder_with_results_has_a_readme(gallery):
    for folder, told in gallery.FOLDERS.items():
        text = (ROOT / "examples" / folder / "README.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {told['title']}\n")
        assert "```sh\n" in text
        for entry in gallery.entries().values():
            if entry.folder == folder:
                assert entry.command in text


def test_commands_of_readmes_name_what_is_there(gallery):
    """Analyses are files or built in, tools are there, and every verb is one of bsinv."""
    from bsinv.cli.commands import app

    verbs = {entry.name or entry.callback.__name__ for entry in app.registered_commands}
    commands = [
        line
        for folder in gallery.FOLDERS
        for line in gallery.readme(folder).partition("```sh\n")[2].partition("```")[0].splitlines()
    ]
    assert len(commands) > 25
    for command in commands:
        words = command.split()
        if words[0] == "python":
            assert (ROOT / words[1]).is_file(), command
            continue
        assert words[0] == "bsinv"
        assert words[1] in verbs, command
        if words[2].startswith("examples/"):
            assert (ROOT / words[2]).is_file(), command
        elif words[1] in ("run", "fit"):
            bsinv.load(words[2])
