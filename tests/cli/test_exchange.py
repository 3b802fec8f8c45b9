"""WCxf in and out, and references, on the command line."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path

import bsinv as package
import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.records import Scan
from bsinv.errors import MissingExtraError, PredictionError, StoreError
from bsinv.fitter.predict import predict
from bsinv.fitter.runs.exchange import wcxf_of_run
from bsinv.fitter.runs.run import fit_only
from bsinv.models.wcxf.documents import read_wcxf, write_wcxf

Command = Callable[..., tuple[int, str, str]]

ANALYSIS = """\
name: exchange
model: {model}
likelihoods: [belle_2013_kpnunu_value]
parameters: {parameters}
seed: 7
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Results file of a small fit, made once for each model and parameters."""
    made: dict[tuple[str, str], Path] = {}

    def run(model: str, parameters: str) -> Path:
        if (model, parameters) not in made:
            directory = tmp_path_factory.mktemp("run")
            file = directory / "exchange.yaml"
            file.write_text(ANALYSIS.format(model=model, parameters=parameters))
            job = fit_only(str(file), directory)
            made[model, parameters] = job.directory / "run.h5"
        return made[model, parameters]

    return run


WET = "{dC_L_tautau: {prior: {uniform: [-20, 6]}}, dC_R_emu: 0.5}"


def value_of(bsinv: Command, *arguments: object) -> float:
    code, text, _ = bsinv("predict", "BR(B+->Knunu)", *arguments, "--json")
    assert code == 0
    return float(json.loads(text)["predictions"][0]["value"])


def test_predict_from_a_file(bsinv: Command, tmp_path: Path) -> None:
    values = {"CL_bsnumunumu": 2.0, "CR_bsnuenutau": {"Re": 1.0, "Im": 1.0}}
    given = {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": values}
    for name in ("point.yaml", "point.json"):
        write_wcxf(tmp_path / name, given)
        expected = predict("BR(B+->Knunu)", dC_L_mumu=2.0, dC_R_taue=1.0, Im_dC_R_taue=1.0)
        assert value_of(bsinv, "--wcxf", name) == pytest.approx(expected, rel=1e-12)
        half = predict("BR(B+->Knunu)", dC_L_mumu=1.0, dC_R_taue=0.5, Im_dC_R_taue=0.5)
        got = value_of(bsinv, "--wcxf", name, "--set", "kappa=0.5")
        assert got == pytest.approx(half, rel=1e-12)
    standard = value_of(bsinv, "--wcxf", "point.json", "--set", "kappa=0")
    assert standard == pytest.approx(predict("BR(B+->Knunu)"), rel=1e-12)
    code, text, _ = bsinv("predict", "BR(B+->Knunu)", "--wcxf", "point.json", "--errors")
    assert code == 0
    assert "point.json: kappa = 1" in text


FILE_MODEL = """\
name: file-model
model: {wcxf: points/point.yaml, scale_by: kappa}
likelihoods: [belle_2013_kpnunu_value]
parameters: {kappa: {prior: {uniform: [-3, 1]}}}
sampler: {ensembles: 2, walkers: 8, target_ess: 50, target_rhat: 1.2, checkpoint_seconds: 0.001}
seed: 7
"""


def file_model(folder: Path, **values: object) -> Path:
    """Analysis of a file beside it."""
    (folder / "points").mkdir(parents=True, exist_ok=True)
    given = {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": values}
    write_wcxf(folder / "points" / "point.yaml", given)
    (folder / "a.yaml").write_text(FILE_MODEL)
    return folder / "a.yaml"


def test_a_file_is_the_model_of_an_analysis(tmp_path: Path) -> None:
    path = file_model(tmp_path / "other", CL_bsnutaunutau=-8.0, CR_bsnuenutau={"Re": 1, "Im": 2})
    loaded = package.load(path)
    assert (loaded.model.name, loaded.names) == ("wcxf:points/point.yaml", ("kappa",))
    by_hand = package.load(
        {
            "name": "by-hand",
            "model": "wet",
            "likelihoods": ["belle_2013_kpnunu_value"],
            "parameters": {
                "dC_L_tautau": {"prior": {"uniform": [-100, 100]}},
                "dC_R_taue": {"equals": "dC_L_tautau", "times": -0.125},
                "Im_dC_R_taue": {"equals": "dC_L_tautau", "times": -0.25},
            },
        }
    )
    kappa = np.array([[-3.0], [0.0], [0.3], [1.0]])
    np.testing.assert_allclose(
        loaded.log_likelihood(kappa), by_hand.log_likelihood(-8.0 * kappa), rtol=1e-12
    )


def test_a_run_of_a_file_needs_it_once(bsinv: Command, tmp_path: Path) -> None:
    path = file_model(tmp_path, CL_bsnutaunutau=-8.0, C9_bsmumu=0.5)
    assert bsinv("fit", path, "--out", "out")[0] == 0
    (tmp_path / "points" / "point.yaml").rename(tmp_path / "elsewhere")
    run = tmp_path / "out" / "run.h5"
    for command in (("resume",), ("plot", "--out", "again"), ("show",), ("show", "--cite")):
        code, text, told = bsinv(*command, run)
        assert code == 0, told
    assert "1712.05298" in text
    code, text, _ = bsinv("export-wcxf", run)
    (tmp_path / "best.yaml").write_text(text)
    best = json.loads(bsinv("show", run, "--json")[1])["best_fit"]["values"][0]
    assert read_wcxf("best.yaml")["values"] == {
        "CL_bsnutaunutau": pytest.approx(-8.0 * best),
        "C9_bsmumu": pytest.approx(0.5 * best),
    }
    file_model(tmp_path, CL_bsnutaunutau=-7.9, C9_bsmumu=0.5)
    code, _, told = bsinv("run", path, "--out", "out")
    assert code == 2
    assert "belongs to another run" in told
    assert "file points/point.yaml" in told


def test_a_file_of_smeft_is_matched_and_told_of(bsinv: Command, tmp_path: Path) -> None:
    pytest.importorskip("wilson")
    path = file_model(tmp_path)
    values = {"lq1_3323": 1e-8, "phiBox": 1e-8}
    given = {"eft": "SMEFT", "basis": "Warsaw", "scale": 1000.0, "values": values}
    write_wcxf(tmp_path / "points" / "point.yaml", given)
    code, text, _ = bsinv("validate", path)
    assert code == 0
    assert "wcxf:points/point.yaml: phiBox is a coefficient that no observable here sees." in text


def test_a_file_that_needs_wilson_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_model(tmp_path)
    given = {"eft": "SMEFT", "basis": "Warsaw", "scale": 1000.0, "values": {"lq1_3323": 1e-8}}
    write_wcxf(tmp_path / "points" / "point.yaml", given)
    monkeypatch.setattr("bsinv.models.wcxf.point._wilson", lambda: None)
    with pytest.raises(MissingExtraError, match=r"a\.yaml:2: model\.wcxf: .*wilson"):
        package.load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory)."),
        ("<!DOCTYPE html>\n<html>", "a web page, not a WCxf file; download the file itself"),
        ("eft: WET\nbasis: [flavio", "not a WCxf file in YAML, line 2"),
        ("eft: WET\nbasis: flavio\nscale: 4.8", "WCxf: the key 'values' is missing."),
        (
            "eft: WET\nbasis: 4\nscale: 4.8\nvalues: {}",
            "WCxf: basis is 4; give a name such as 'flavio'.",
        ),
        (
            "eft: WET\nbasis: flavio\nscale: 4.8\nvalues: {C9_bsmumu: .nan}",
            "WCxf: C9_bsmumu is nan, which is not finite.",
        ),
        (
            "eft: WET\nbasis: flavio\nscale: 4.8\nvalues: {1: 2}",
            "WCxf: values must map names of coefficients to numbers.",
        ),
        (
            "eft: SMEFT\nbasis: Warsaw\nscale: 4.8\nvalues: {lq1_3323: 1.0e-8}",
            "WCxf: the scale 4.8 GeV is not one of the SMEFT",
        ),
    ],
)
def test_files_that_are_none(
    bsinv: Command, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "bad.yaml").write_text(content)
    code, text, told = bsinv("predict", "RK(nunu)", "--wcxf", "bad.yaml")
    assert (code, text) == (2, "")
    assert told.startswith("bsinv: error: bad.yaml: ")
    assert message in told
    assert "Traceback" not in told


def test_model_and_file(bsinv: Command) -> None:
    code, _, told = bsinv("predict", "RK(nunu)", "--wcxf", "a.yaml", "--model", "wet")
    assert code == 2
    assert "--model and --wcxf both say where coefficients are from: give one." in told


def test_export(bsinv: Command, fitted: Callable[..., Path], tmp_path: Path) -> None:
    run = fitted("wet", WET)
    best = json.loads(bsinv("show", run, "--json")[1])["best_fit"]["values"][0]
    code, text, _ = bsinv("export-wcxf", run)
    assert code == 0
    (tmp_path / "printed.yaml").write_text(text)
    assert bsinv("export-wcxf", run, "--out", "written.json")[0] == 0
    printed, written = read_wcxf(tmp_path / "printed.yaml"), read_wcxf(tmp_path / "written.json")
    assert printed == written
    assert written["values"] == {
        "CL_bsnutaunutau": pytest.approx(best),
        "CR_bsnumunue": pytest.approx(0.5),
    }
    assert written["metadata"]["description"] == "Best fit of exchange, model wet"
    expected = predict("BR(B+->Knunu)", dC_L_tautau=best, dC_R_emu=0.5)
    assert value_of(bsinv, "--wcxf", "written.json") == pytest.approx(expected, rel=1e-12)
    code, _, told = bsinv("export-wcxf", run, "--basis", "Warsaw")
    assert code == 2
    assert "the basis 'Warsaw' is that of the model 'smeft', not of 'wet'" in told


def test_export_of_smeft_and_other_bases(bsinv: Command, fitted: Callable[..., Path]) -> None:
    pytest.importorskip("wilson")
    run = fitted("smeft", "{lq1_tautau: {prior: {uniform: [-1, 1]}}, Lambda: 3}")
    own = json.loads(bsinv("show", run, "--json")[1])["best_fit"]["values"][0]
    expected = predict("BR(B+->Knunu)", "smeft", lq1_tautau=own, Lambda=3.0)
    for basis, tolerance in (("flavio", 1e-12), ("JMS", 1e-9), ("Bern", 1e-6), ("Warsaw", 1e-3)):
        assert bsinv("export-wcxf", run, "--basis", basis, "--out", "a.yaml")[0] == 0
        assert read_wcxf("a.yaml")["basis"] == basis
        # Bern holds a G_F of its own; running of SMEFT here and by wilson differs by a per mille.
        got = value_of(bsinv, "--wcxf", "a.yaml")
        assert got == pytest.approx(expected, rel=tolerance, abs=0.0)
    from wilson import wcxf

    with Path("a.yaml").open() as stream:
        loaded = wcxf.WC.load(stream)
    loaded.validate()
    code, _, told = bsinv("export-wcxf", run, "--basis", "jms")
    assert code == 2
    assert "unknown WCxf basis 'jms' in the WET: did you mean 'JMS'?" in told


def test_export_of_what_has_no_name(fitted: Callable[..., Path]) -> None:
    plain = read(fitted("wet", WET))
    text = plain.analysis_text.replace("dC_R_emu: 0.5", "C_SL_tautau: 3, dC_R_emu: 0.5")
    results = dataclasses.replace(plain, analysis_text=text)
    with pytest.raises(PredictionError, match=r"C_SL has no name in the WCxf basis 'flavio'"):
        wcxf_of_run(results)
    values = wcxf_of_run(results, ignore_others=True)["values"]
    assert set(values) == {"CL_bsnutaunutau", "CR_bsnumunue"}
    with pytest.raises(StoreError, match="there is no best fit yet"):
        wcxf_of_run(dataclasses.replace(plain, best_fit=None))


def test_cite(bsinv: Command, fitted: Callable[..., Path]) -> None:
    run = fitted("wet", WET)
    code, text, _ = bsinv("show", "--cite", run)
    assert code == 0
    assert "Belle, arXiv:1303.3719, doi:10.1103/PhysRevD.87.111103, 2013 [arXiv:1303.3719]" in text
    assert "not the texkeys of INSPIRE" in text
    assert "@article{arXiv:1202.3665,\n" in text
    records = json.loads(bsinv("show", "--cite", run.with_name("exchange.yaml"), "--json")[1])
    uses = {record["key"]: record["used_for"] for record in records}
    assert uses["arXiv:1303.3719"] == ["datum belle_2013_kpnunu_value"]
    assert uses["arXiv:2207.12468"] == ["form factors BtoK_FLAG2021_HPQCD2022_BSZ"]
    assert "theory of BR(B+->Knunu)" in uses["arXiv:1409.4557"]
    # The form factors of other processes are not asked for.
    assert "arXiv:1503.05534" not in uses
    assert re.findall(r"@\w+\{([^,]+),", text) == list(uses)
    assert all(re.fullmatch(r"[A-Za-z0-9.:/+-]+", key) for key in uses)


def test_cite_what_is_not_there(bsinv: Command) -> None:
    code, _, told = bsinv("show", "--cite", "none.h5")
    assert code == 2
    assert "no such results file" in told
    code, _, told = bsinv("show", "--cite", "b2snunu-lf")
    assert code == 2
    assert "neither a file nor a built-in analysis" in told


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("form-factors", "BtoK_FLAG2021_HPQCD2022_BSZ (default)"),
        ("constants", "1.1663788e-05"),
        ("groups", "b2s-invisible-global"),
        ("parameters", "B->K::alpha^f+_0@BSZ2015"),
    ],
)
def test_lists(bsinv: Command, what: str, part: str) -> None:
    code, text, told = bsinv("list", what)
    assert (code, told) == (0, "")
    assert part in text
    for record in json.loads(bsinv("list", what, "--json")[1]):
        assert record["name"] in text


@pytest.mark.parametrize(
    ("code", "name", "here", "factor"),
    [
        ("eos", "B->K::alpha^f+_0@BSZ2015", "BtoK_a0_f+", 1.0),
        ("eos", "life_time::B_u", "tau_Bplus", 1e12),
        ("EOS", "sbnunu::Re{cVL}", "cVL", 1.0),
        ("flavio", "B->K* BSZ a1_T23", "BtoKstar_a1_T23", 1.0),
        ("flavio", "tau_B+", "tau_Bplus", pytest.approx(6.582119569e-13)),
    ],
)
def test_names_of_another_code(
    bsinv: Command, code: str, name: str, here: str, factor: float
) -> None:
    records = json.loads(bsinv("list", "parameters", "--names", code, "--json")[1])
    (found,) = (record for record in records if record["name"] == name)
    assert (found["here"], found["factor"]) == (here, factor)
    assert found["description"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("parameters --names eoss", "unknown code 'eoss': did you mean 'eos'?"),
        ("data --names eos", "--names goes with the list of parameters, not with that of data."),
        ("form-factor", "unknown list 'form-factor': did you mean 'form-factors'?"),
    ],
)
def test_lists_that_are_none(bsinv: Command, arguments: str, message: str) -> None:
    code, _, told = bsinv("list", *arguments.split())
    assert code == 2
    assert message in told


def test_export_for_other_tools(
    bsinv: Command, fitted: Callable[..., Path], tmp_path: Path
) -> None:
    run = fitted("wet", WET)
    # There is nothing but a fit: each format says what it needs, and writes nothing.
    for form in ("arviz", "getdist", "csv", "hepdata"):
        code, _, told = bsinv("export", run, "--to", form, "--out", "made")
        assert code == 2
        assert "run" in told
        assert "first." in told
    code, _, told = bsinv("export", run, "--to", "arvis")
    assert code == 2
    assert "one of 'arviz', 'getdist', 'csv', 'hepdata': did you mean 'arviz'?" in told
    assert not (tmp_path / "made").exists()


def test_polynomials_of_the_format_popxf(bsinv: Command, tmp_path: Path) -> None:
    path = tmp_path / "out" / "rates.json"
    code, out, _ = bsinv("export-popxf", "BR(B+->Knunu)", "--draws", "0", "--out", str(path))
    assert code == 0
    assert out == f"{path}: 1 observables, POPxf, basis flavio\n"
    document = json.loads(path.read_text())
    assert document["data"]["observable_central"]["('', '', 'RR')"] == [predict("BR(B+->Knunu)")]
    assert document["metadata"]["reproducibility"][0]["tool"]["version"] == package.__version__
    code, out, _ = bsinv("export-popxf", "RK(nunu)", "--draws", "2")
    assert json.loads(out)["data"]["observable_uncertainties"] == {"total": [0.0]}
    for given, said in (
        (("--draws", "1"), "--draws 1: 0, or 2 and more"),
        (("BR(Bs->inv)",), "depends on no coefficient of this basis"),
        (("nothing",), "unknown observable 'nothing'"),
        (("--basis", "JMS"), "unknown basis of POPxf 'JMS'"),
    ):
        code, _, error = bsinv("export-popxf", *given)
        assert code == 2
        assert said in error


def test_exports_leave_results_and_analyses_alone(
    bsinv: Command, fitted: Callable[..., Path]
) -> None:
    run = fitted("wet-lfu", "{dC_L: {prior: {uniform: [-6, 20]}}}")
    before = run.read_bytes()
    for command in (
        ("export-popxf", "RK(nunu)", "--draws", "0"),
        ("export-wcxf", run),
    ):
        code, _, told = bsinv(*command, "--out", run)
        wanted = f"bsinv: error: {run}: is there and a results file: give another name, or remove"
        assert (code, told.startswith(wanted)) == (2, True), told
        assert run.read_bytes() == before
    code, _, told = bsinv("export", run, "--to", "csv", "--discard", 3)
    assert (code, told) == (2, "bsinv: error: --discard: run 'exchange' has no samples.\n")


def test_tables_of_one_name_are_files_apart(
    bsinv: Command, fitted: Callable[..., Path], tmp_path: Path
) -> None:
    run = read(fitted("wet-lfu", "{dC_L: {prior: {uniform: [-6, 20]}}}"))
    grid = np.linspace(0.0, 1.0, 3)
    scans = tuple(Scan(name, ("dC_L",), (grid,), grid) for name in ("a+", "a*"))
    twice = write(tmp_path / "t.h5", dataclasses.replace(run, scans=scans))
    code, text, told = bsinv("export", twice, "--to", "csv", "--out", tmp_path / "o")
    assert (code, told) == (0, "")
    names = sorted(file.name for file in (tmp_path / "o").iterdir())
    assert names == ["t_scan_a_.csv", "t_scan_a__2.csv"], text
