"""A file of one kind where another is needed, words that are nearly right: one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bsinv.chains.files.kinds import kind_of

Command = Callable[..., tuple[int, str, str]]

ANALYSES = {
    "validate": (),
    "fit": (),
    "run": (),
    "check": (),
    "evidence": (),
    "limit": ("--of", "mu"),
    "significance": ("--of", "mu"),
    "project": (),
}
RESULTS: dict[str, tuple[str, ...]] = {
    "show": (),
    "plot": (),
    "compare": ("other.h5",),
    "export": ("--to", "csv"),
    "export-wcxf": (),
    "resume": (),
}


@pytest.fixture
def results(tmp_path: Path, quick: Path) -> Path:
    from bsinv.chains.files.store import write
    from bsinv.fitter.checked import CheckedFile
    from bsinv.fitter.runs.job import begun

    path = tmp_path / "out" / "run.h5"
    write(path, begun(CheckedFile(quick)))
    return path


def refused(found: tuple[int, str, str]) -> str:
    code, text, told = found
    assert (code, text, told.count("\n")) == (2, "", 1)
    return told.removeprefix("bsinv: error: ").rstrip("\n")


@pytest.mark.parametrize("name", ANALYSES)
def test_results_in_place_of_an_analysis(bsinv: Command, results: Path, name: str) -> None:
    before = sorted(Path.cwd().rglob("*"))
    told = refused(bsinv(name, results, *ANALYSES[name]))
    assert told == (
        f"{results}: this is a results file, and an analysis file (YAML) is needed. 'bsinv resume "
        f"{results}' goes on with results."
    )
    assert sorted(Path.cwd().rglob("*")) == before


@pytest.mark.parametrize("name", RESULTS)
def test_an_analysis_in_place_of_results(bsinv: Command, quick: Path, name: str) -> None:
    needed = "and a results file (*.h5) is needed: 'bsinv run"
    told = refused(bsinv(name, quick, *RESULTS[name]))
    assert told == f"{quick}: this is an analysis, {needed} {quick}' makes one."
    told = refused(bsinv(name, "belle2-wet-eos", *RESULTS[name]))
    assert told.startswith(f"belle2-wet-eos: this is a built-in analysis, {needed} belle2-wet-eos'")


def test_results_in_place_of_other_files(bsinv: Command, quick: Path, results: Path) -> None:
    rival = ("project", "belle2-signal-strength", "--rival", results)
    assert "an analysis file (YAML) is needed" in refused(bsinv(*rival))
    samples = ("project", "belle2-signal-strength", "--samples", results)
    assert refused(bsinv(*samples)) == (
        f"{results}: this is a results file, and a file of samples (YAML) is needed."
    )
    assert "this is a results file" in refused(bsinv("pack", "new", results))
    for name in ("merge", "status"):
        told = refused(bsinv(name, results))
        assert told == f"{results}: this is a file, and a directory of results is needed."


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89HDF\r\n\x1a\n\0\0", "a results file"),
        (b"bsinv results\n".ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n", "a results file"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"name: x\nmodel: wet\nlikelihoods: [a]\n", "an analysis"),
        (b'{"model": "wet", "likelihoods": []}', "an analysis"),
        (b'{"channels": [], "measurements": []}', "a HistFactory workspace"),
        (b"eft: WET\nbasis: flavio\nscale: 5\nvalues: {}\n", "a WCxf file"),
        (b"", ""),
        (b"x,y\n1,2\n", ""),
        (b"\xff\xfe\0", ""),
    ],
)
def test_kinds(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("limit", "--of", "mu", "--method", "clss"), "'bayes': did you mean 'cls'?"),
        (("limit", "--of", "mu", "--background", "smm"), "'rescaled-sm': did you mean 'sm'?"),
        (("limit", "--of", "mu", "--format", "hep"), "'hepdata': did you mean 'hepdata'?"),
        (("toys", "--nuisances", "priors"), "'prior': did you mean 'prior'?"),
        (("toys", "--at", "bst"), "'sm': did you mean 'best'?"),
        (("project", "--assumption", "scald"), "'scaled': did you mean 'scaled'?"),
        (
            ("project", "--samples", "fcc-e"),
            "samples 'fcc-e': neither a file (YAML) nor of the package, which has 'fcc-ee': did "
            "you mean 'fcc-ee'?",
        ),
    ],
)
def test_words_nearly_right(bsinv: Command, arguments: tuple[str, ...], told: str) -> None:
    name, *options = arguments
    assert refused(bsinv(name, "belle2-signal-strength", *options)).endswith(told)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "QUICK"),
        ("run", "QUICK", "belle2-wet-eos"),
        ("resume", "RESULTS"),
        ("sample", "RESULTS"),
        ("toys", "RESULTS"),
        ("toys", "QUICK", "--shard", "1/2"),
        ("limit", "QUICK", "--of", "dC_L"),
        ("significance", "QUICK", "--of", "dC_L"),
        ("evidence", "QUICK"),
        ("project", "QUICK"),
        ("compare", "RESULTS", "RESULTS", "--toys", "10"),
    ],
)
def test_no_executor(
    bsinv: Command, quick: Path, results: Path, arguments: tuple[str, ...]
) -> None:
    """Refused before a word on the results, and before any file."""
    before = sorted(Path.cwd().rglob("*"))
    files = {"QUICK": quick, "RESULTS": results}
    asked = [files.get(one, one) for one in arguments]
    told = refused(bsinv(*asked, "--executor", "proceses:2"))
    assert told.startswith("unknown executor 'proceses:2': did you mean 'processes'?")
    assert sorted(Path.cwd().rglob("*")) == before


def test_no_executor_in_python(quick: Path, results: Path, tmp_path: Path) -> None:
    from bsinv.errors import ParameterError
    from bsinv.fitter.runs import run
    from bsinv.fitter.runs.studies import limits, significance, toys

    out = tmp_path / "new"
    for call in (
        lambda name: run.run(quick, out, executor=name),
        lambda name: run.resume(results, executor=name),
        lambda name: run.sample_only(results, executor=name),
        lambda name: toys.toys_only(quick, out=out, executor=name),
        lambda name: limits.limits_only("belle2-signal-strength", "mu", {}, out=out, executor=name),
        lambda name: significance.significance_only(
            "belle2-signal-strength", "mu", {}, out=out, executor=name
        ),
    ):
        with pytest.raises(ParameterError, match="unknown executor 'proceses:2'"):
            call("proceses:2")
        with pytest.raises(ParameterError, match="the methods submit and shutdown"):
            call(3)
    assert not out.exists()


def test_csv_of_limits_alone(bsinv: Command, tmp_path: Path) -> None:
    out = tmp_path / "limits"
    assert bsinv("limit", "belle2-signal-strength", "--of", "mu", "--out", out)[0] == 0
    code, _, told = bsinv("export", out / "run.h5", "--to", "csv", "--out", tmp_path / "csv")
    assert (code, told) == (0, "")
    (file,) = (tmp_path / "csv").iterdir()
    (made,) = out.glob("limit-*.csv")
    assert file.read_text() == made.read_text()
    assert file.name == f"run_{made.name}"


def test_no_shards_of_the_posterior(bsinv: Command, results: Path) -> None:
    told = refused(bsinv("toys", results, "--at", "posterior", "--shard", "1/2"))
    assert told == "--shard: data of the posterior are drawn at once, not in chunks."
