"""Fit light invisible particles to the data: docs/results/scenarios.md and examples/scenarios.

    python tools/make_scenarios.py                       # fit what is new, write the page
    python tools/make_scenarios.py --only scalar-pair    # some scenarios; prints their rows
    python tools/make_scenarios.py --check               # exit 1 if page or examples are stale

Everything that is fitted stands in tools/scenarios.yaml: a new entry there is a new row of every
table. A fit is kept in the folder --cache (build/scenarios) with what it was made of, and made
again when analysis, data or likelihood have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import bsinv
import numpy as np
from bsinv.chains.records import BestFit
from bsinv.data.measurements import measurements
from bsinv.data.records import Measurement
from bsinv.errors import BsinvError
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.reports.predictions import support_report
from bsinv.fitter.runs.fingerprint import fingerprint
from bsinv.likelihoods.base import name_of
from bsinv.likelihoods.measured import observables_of, usable
from bsinv.models import model
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
TABLE = YAML(typ="safe").load((ROOT / "tools" / "scenarios.yaml").read_text(encoding="utf-8"))
SCENARIOS = {entry["name"]: entry for entry in TABLE["scenarios"]}
DATA = {entry["name"]: entry for entry in TABLE["data"]}
RATES = ("BR(B+->Knunu)", "BR(B0->K*nunu)")
# Masses in GeV at which spectra of operators are compared, and edges of bins of q2 in GeV^2.
MASSES, EDGES = (0.3, 0.7, 1.5), (0.0, 2.0, 5.0, 10.0, 15.0, 22.0)
# Of the profile of the mass, GeV.
SPACING = 0.08
DARK = (
    *("two-body", "two-body-br", "dm-scalar", "dm-scalar-complex", "dm-fermion"),
    *("dm-fermion-majorana", "dm-vector", "dm-vector-real", "sterile-neutrino"),
)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PAGE, EXAMPLES = ROOT / "docs" / "results" / "scenarios.md", ROOT / "examples" / "scenarios"
Record = dict[str, Any]
# By scenario, data and response.
Results = dict[tuple[str, str, str], Record]


def example(entry: Mapping[str, Any]) -> str:
    """Analysis file of a scenario, fitted to the Belle II likelihood alone."""
    coupling, highest = entry["coupling"]
    lines = [f"{key}: {entry[key]}" for key in ("name", "description", "model")]
    lines += ["likelihoods:", "  - belle2-2023-bknunu"]
    prior, name = f"{{prior: {{uniform: [0, {highest}]}}, start: 3.0}}", fitted(entry)
    lines.append("parameters:")
    grid = f"{name}: [0, {highest}, 60]"
    if "mass" in entry:
        mass, low, high = entry["mass"]
        lines.append(f"  {mass}: {{prior: {{uniform: [{low}, {high}]}}}}")
        # One step of the grid away from where phase space ends.
        edges = f"{max(low, 0.05)}, {round(high - 0.05, 2)}, 60"
        grid = f"{mass}: [{edges}], {grid}"
    if name == coupling:
        lines.append(f"  {coupling}: {prior}")
    else:
        power = entry["power"]
        shown = mass if power == 1 else f"{mass}**{power}"
        lines += [f'  {coupling}: {{expression: "c * {shown}"}}', "auxiliary:"]
        lines.append(f"  c: {prior[:-1]}, unit: {unit(entry)}}}")
    lines += ["form_factors:", "  B->K: {set: BtoK_FLAG2021_HPQCD2022_BSZ, treatment: float}"]
    if "mass" in entry:
        lines.append(f"fit: {{grids: [{{axes: {{{grid}}}, others: held}}]}}")
    lines.append("sampler: {ensembles: 2, walkers: 96, target_ess: 1000, target_rhat: 1.02}")
    return "\n".join([*lines, "seed: 1", ""])


def fitted(entry: Mapping[str, Any]) -> str:
    """Name of the parameter that is fitted for the coupling."""
    return "c" if entry.get("power") else str(entry["coupling"][0])


def unit(entry: Mapping[str, Any]) -> str:
    """Unit of the fitted parameter."""
    known = {parameter.name: parameter.unit for parameter in model(entry["model"]).parameters}
    power = entry.get("power", 0)
    return known[entry["coupling"][0]] + (f" GeV^-{power}" if power else "")


def analysis_of(entry: Mapping[str, Any], data: str, response: str) -> Analysis:
    """Analysis of a scenario with other data, or the other response."""
    spec = YAML(typ="safe").load(example(entry))
    spec["likelihoods"] = [{"name": DATA[data]["likelihood"], "response": response}]
    spec["inputs"] = DATA[data]["inputs"]
    spec.pop("fit", None)
    made: Analysis = bsinv.load(spec)
    return made


def lower(analysis: Analysis, best: BestFit, mass: str, minos: list[str]) -> tuple[BestFit, Any]:
    """Profile of the mass; the fit again from there if it finds a lower point."""
    low, high = analysis.bounds[analysis.names.index(mass)]
    axes = {mass: np.linspace(low, high - 0.02, 1 + int((high - low) / SPACING))}
    scan = analysis.profile(axes=axes, best=best)
    if np.nanmax(scan.log_penalised) > best.log_penalised + 0.005:
        index = int(np.nanargmax(scan.log_penalised))
        others = dict(zip(scan.other_names, scan.other_values[index], strict=True))
        start = analysis.point({**others, mass: axes[mass][index]})[0]
        best = analysis.fit(starts=[start], minos=minos, retries=2)
        scan = analysis.profile(axes=axes, best=best)
    return best, np.stack([axes[mass], 2.0 * (best.log_penalised - scan.log_penalised)])


def interval(best: BestFit, name: str, profile: Any = None) -> list[float | None]:
    """Value and ends where -2 ln L rises by 1: MINOS, else the profile; None where it does not."""
    column = best.names.index(name)
    value, ends = float(best.values[column]), []
    for side in (0, 1):
        error, end = best.minos[column, side], None
        if np.isfinite(error):
            end = value + float(error)
        elif profile is not None:
            order = 1 if side else -1
            axis, height = profile[:, (profile[0] - value) * order > 0][:, ::order]
            above = np.flatnonzero(height > 1.0)
            if len(above):
                i = above[0]
                x = (value, *axis)[i : i + 2]
                y = (0.0, *height)[i : i + 2]
                end = float(x[0] + (x[1] - x[0]) * (1.0 - y[0]) / (y[1] - y[0]))
        ends.append(end)
    return [value, *ends]


def rates(analysis: Analysis, theta: np.ndarray) -> dict[str, float]:
    """Every observable that an upper limit of the catalogue is about, where it is predicted."""
    names = {name_of(asked) for record in limits().values() for asked in observables_of(record)[:1]}
    names |= {name for parts in TABLE["parts"].values() for name in parts} | set(RATES)
    found = {}
    for name in sorted(names):
        try:
            value = float(analysis.observable(name, theta[None])[0])
        except BsinvError:
            continue
        if np.isfinite(value):
            found[name] = value
    return found


def fit(analysis: Analysis, entry: Mapping[str, Any]) -> Record:
    """Best fit, intervals, comparison with the Standard Model and all rates."""
    mass = entry["mass"][0] if "mass" in entry else None
    asked = [name for name in (mass, fitted(entry)) if name]
    # Two more starts are enough, since the profile looks at the whole range of the mass.
    best, profile = analysis.fit(minos=asked, retries=2), None
    if mass:
        best, profile = lower(analysis, best, mass, asked)
    report = support_report(analysis.problem, best)
    return {
        "mass": interval(best, mass, profile) if mass else None,
        "coupling": interval(best, fitted(entry)),
        "profile": None if profile is None else np.round(profile, 4).tolist(),
        "gain": best.minus_two_delta_log,
        "test": best.reference_test,
        "sigma": best.reference_sigma,
        "remark": best.reference_remark,
        "status": best.status,
        "valid": best.valid,
        "peak": bool(report is not None and len(report.peaks)),
        "pull": float(best.term_pulls[best.term_names.index("belle2-2023-bknunu")]),
        "rates": rates(analysis, best.values),
        "standard": rates(analysis, best.reference_values),
    }


def cached(entry: Mapping[str, Any], data: str, response: str, folder: Path) -> Record:
    """A fit from the folder, or made and kept there."""
    analysis = analysis_of(entry, data, response)
    made_of = json.dumps([fingerprint(analysis, 1), entry, TABLE["parts"]])
    digest = hashlib.sha256(made_of.encode()).hexdigest()
    path = folder / f"{entry['name']}-{data}-{response}.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["digest"] == digest:
            return dict(stored["fit"])
    print(f"{entry['name']}: {data}, {response} response", file=sys.stderr, flush=True)
    found = fit(analysis, entry)
    if not found["valid"]:
        print(f"  not valid: {found['status']}", file=sys.stderr, flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps({"digest": digest, "fit": found}, indent=1), encoding="utf-8")
    partial.replace(path)
    return found


def results(names: Iterable[str], folder: Path) -> Results:
    """All fits of some scenarios; the linear response where a peak is narrower than a bin."""
    found = {}
    for name in names:
        for data in DATA:
            record = cached(SCENARIOS[name], data, "published", folder)
            found[name, data, "published"] = record
            if record["peak"]:
                found[name, data, "linear"] = cached(SCENARIOS[name], data, "linear", folder)
    return found


@lru_cache(maxsize=1)
def limits() -> dict[str, Measurement]:
    """Upper limits of the catalogue with one number each, predicted or bounded from below."""
    return {
        record.id: record
        for record in measurements().values()
        if record.kind == "upper_limit"
        and record.limit is not None
        and (usable(record) or record.id in TABLE["parts"])
    }


def bound(limit: Measurement) -> float:
    """Number of a limit; `limits` holds none without."""
    assert limit.limit is not None
    return limit.limit


def is_recast(record: Measurement) -> bool:
    """Whether a limit is a recast or not confirmed, so that it excludes nothing by itself."""
    experiment = record.reference.experiment or ""
    return record.status == "recast" or "recast" in experiment or not record.confirmed


def predicted(record: Measurement, known: Mapping[str, float]) -> float | None:
    """Prediction of what a limit is on, or a lower bound of it; None if there is none."""
    parts = TABLE["parts"].get(record.id) or [name_of(one) for one in observables_of(record)]
    if not all(name in known for name in parts):
        return None
    return sum(known[name] for name in parts)


def speaking(fits: Iterable[Record]) -> set[str]:
    """Limits on something that one of the fits moves away from the Standard Model."""
    found = set()
    for record in fits:
        for key, limit in limits().items():
            new, old = predicted(limit, record["rates"]), predicted(limit, record["standard"])
            # A millionth of the limit is no rate that matters to it.
            if new is not None and abs(new - (old or 0.0)) > 1e-6 * bound(limit):
                found.add(key)
    return found


def exceeded(record: Record) -> dict[str, float]:
    """Limits exceeded at a best fit, with the factor; those that were replaced are left out."""
    found = {}
    for key, limit in limits().items():
        value = predicted(limit, record["rates"])
        if limit.status == "superseded" or value is None or key not in speaking([record]):
            continue
        if value > bound(limit):
            found[key] = value / bound(limit)
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def number(value: float, digits: int = 2) -> str:
    """Two or more significant digits, with a power of ten above a thousand."""
    if abs(value) >= 1000.0:
        power = int(np.floor(np.log10(abs(value))))
        return f"{value / 10.0**power:.{digits - 1}f}·10{str(power).translate(SUPERSCRIPTS)}"
    if abs(value) >= 10.0**digits:
        return f"{value:.0f}".replace("-", "−")
    shown = f"{value:#.{digits}g}" if value else "0"
    return shown.rstrip(".").replace("-", "−")


def measured(entry: Iterable[float | None]) -> str:
    """Value with its errors, an upper end where there is no lower one, or that nothing is known."""
    value, low, high = entry
    assert value is not None
    if low is None or high is None:
        if low is None and high is None:
            return "any"
        sign, end = ("<", high) if low is None else (">", low)
        assert end is not None
        return f"{sign} {number(end, 2 if end < 1.0 else 3)}"
    down, up = value - low, high - value
    # Two digits of the smaller error, one if the other is so much larger that they say nothing.
    smaller = min(down, up)
    digits = max(0, int(max(down, up) < 10.0 * smaller) - int(np.floor(np.log10(smaller))))
    if round(down, digits) == round(up, digits):
        return f"{value:.{digits}f} ± {down:.{digits}f}"
    return f"{value:.{digits}f} −{down:.{digits}f} +{up:.{digits}f}"


def times(factor: float) -> str:
    """By how much a limit is exceeded: three digits where two would be none."""
    return f"{factor:.2f}" if factor < 1.095 else number(factor)


def mass_of(record: Record) -> str:
    """Mass with errors; empty without one."""
    return "" if record["mass"] is None else measured(record["mass"])


def coupling_of(entry: Mapping[str, Any], record: Record) -> str:
    """Coupling with errors and unit."""
    name, power = entry["coupling"][0], entry.get("power", 0)
    if power:
        name += f"/{entry['mass'][0]}" + (f"^{power}" if power > 1 else "")
    shown = unit(entry)
    return f"{measured(record['coupling'])} ({name}{'' if shown == '1' else ', ' + shown})"


def significance(record: Record) -> str:
    """Standard deviations, with the kind unless it is the usual one of these fits."""
    if record["test"] == "none":
        return "none"
    kind = "" if record["test"] == "local, one-sided" else f" ({record['test']})"
    return f"{record['sigma']:.1f}{kind}"


def verdict(record: Record) -> str:
    """For each decay the limit that is exceeded most; recasts are marked and never alone."""
    best: dict[str, str] = {}
    for key, factor in exceeded(record).items():
        limit = limits()[key]
        decay = short(limit)
        if decay not in best and not is_recast(limit):
            best[decay] = f"{decay} {times(factor)}"
    return ", ".join(best.values()) or "none"


def short(limit: Measurement) -> str:
    """Decay of a limit as in the tables."""
    return str(TABLE["decays"].get(limit.observables[0], limit.observables[0]))


def row(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |\n"


def head(*titles: str) -> str:
    """First two lines of a table."""
    return row(*titles) + "|" + "---|" * len(titles) + "\n"


def ordered(found: Results, data: str) -> list[str]:
    """Scenarios by what they gain, the best first."""
    names = {name for name, used, response in found if (used, response) == (data, "published")}
    return sorted(names, key=lambda name: (-round(found[name, data, "published"]["gain"], 1), name))


def fits_table(found: Results, data: str) -> str:
    """Best fits of every scenario to one set of data."""
    lines = head(
        *("scenario", "operator", "mass [GeV]", "coupling", "−2Δ ln L", "σ", "B⁺→K⁺", "B⁰→K*⁰"),
        *("pull of Belle II", "90 % limits exceeded"),
    )
    for name in ordered(found, data):
        record, entry = found[name, data, "published"], SCENARIOS[name]
        shown = [number(1e6 * record["rates"][rate]) for rate in RATES]
        lines += row(
            f"`{name}`",
            entry["operator"],
            mass_of(record),
            coupling_of(entry, record),
            f"{max(record['gain'], 0.0):.1f}" + ("" if record["valid"] else " (no valid minimum)"),
            significance(record),
            *shown,
            f"{record['pull']:.1f}".replace("-0.0", "0.0").replace("-", "−"),
            verdict(record),
        )
    return lines


def limits_table(found: Results) -> str:
    """Every limit that the best fits to the Belle II likelihood exceed."""
    counts = len(limits()), len(speaking(found.values()))
    lines = f"{counts[0]} upper limits are predicted, {counts[1]} change with these operators.\n\n"
    lines += head("scenario", "exceeded", "recasts, which do not count")
    for name in ordered(found, "belle2"):
        cells: tuple[dict[str, list[str]], ...] = ({}, {})
        for key, factor in exceeded(found[name, "belle2", "published"]).items():
            limit = limits()[key]
            part = " in part" if limit.status == "component" else ""
            source = f"{limit.reference.experiment} {limit.reference.year}{part} {times(factor)}"
            cells[is_recast(limit)].setdefault(short(limit), []).append(source)
        texts = ["; ".join(f"{k}: {', '.join(v)}" for k, v in cell.items()) for cell in cells]
        lines += row(f"`{name}`", texts[0] or "none", texts[1] or "none")
    return lines


def response_table(found: Results) -> str:
    """Both responses where a peak is narrower than a bin."""
    lines = head("scenario", "data", "response", "mass [GeV]", "coupling", "−2Δ ln L")
    for name, data, response in found:
        if (name, data, "linear") in found:
            record = found[name, data, response]
            shown = coupling_of(SCENARIOS[name], record)
            gain = f"{record['gain']:.2f}"
            lines += row(f"`{name}`", DATA[data]["label"], response, mass_of(record), shown, gain)
    return lines


def published_table(found: Results) -> str:
    """Published fits beside ours."""
    lines = head("", "published", "here", "why")
    for entry in TABLE["published"]:
        if not all((name, data, "published") in found for name, data in entry["ours"]):
            continue
        texts = []
        for name, data in entry["ours"]:
            record = found[name, data, "published"]
            coupling = coupling_of(SCENARIOS[name], record)
            texts.append(f"`{name}`: {mass_of(record)} GeV, {coupling}, {significance(record)} σ")
        lines += row(entry["hypothesis"], entry["value"], "; ".join(texts), entry["remark"])
    return lines


def spectrum(name: str, coupling: str, mass: float) -> np.ndarray:
    """What an operator adds to B -> K and B -> K* in bins of q2, and to B_s -> invisible."""
    settings = {coupling: 1.0}
    first = model(name).parameters[0]
    if first.unit == "GeV":
        settings[first.name] = mass
    found = [_added("BR(Bs->inv)", name, settings)]
    for low, high in pairwise(EDGES):
        for decay, end in (("BR(B+->Knunu)", 22.0), ("BR(B0->K*nunu)", 18.0)):
            if high <= end or low < end:
                ends = {"q2min": low, "q2max": min(high, end)}
                found.append(_added(decay, name, {**settings, **ends}))
    return np.array(found)


def _added(decay: str, name: str, settings: dict[str, float]) -> float:
    kinematics = {key: settings[key] for key in ("q2min", "q2max") if key in settings}
    return float(bsinv.predict(decay, name, **settings) - bsinv.predict(decay, **kinematics))


def other_operators() -> str:
    """Operators that are no scenario: those with the spectra of one, and those without B -> K."""
    own = [(entry["model"], entry["coupling"][0]) for entry in SCENARIOS.values()]
    shapes = {
        name: [spectrum(*pair, mass) for mass in MASSES]
        for name, pair in zip(SCENARIOS, own, strict=True)
    }
    lines = head("model", "coupling", "spectra of", "its coupling, times")
    silent: dict[str, list[str]] = {}
    for name in DARK:
        for parameter in model(name).parameters[1:] if name != "two-body-br" else ():
            if parameter.name.startswith(("Im_", "Gamma_")) or (name, parameter.name) in own:
                continue
            if parameter.name.endswith(("_bd", "_sd")) or parameter.name in ("ctau", "BR_inv"):
                continue  # no operators of b -> s
            found = [spectrum(name, parameter.name, mass) for mass in MASSES]
            if max(abs(shape[1::2]).max() for shape in found) < 1e-12:
                silent.setdefault(name, []).append(f"`{parameter.name}`")
                continue
            lines += row(f"`{name}`", f"`{parameter.name}`", *_like(found, shapes))
    told = (f"{', '.join(couplings)} of `{name}`" for name, couplings in silent.items())
    return f"{lines}\nWithout B → K: {'; '.join(told)}.\n"


def _like(found: list[np.ndarray], shapes: Mapping[str, list[np.ndarray]]) -> tuple[str, str]:
    """Scenario with proportional spectra, and the ratio of the couplings."""
    for name, known in shapes.items():
        ratios = []
        for one, other in zip(found, known, strict=True):
            ratio = one.sum() / other.sum()
            if abs(one - ratio * other).max() > 1e-9 * abs(one).max():
                break
            ratios.append(ratio**-0.5)
        else:
            steady = np.ptp(ratios) < 1e-9 * ratios[0]
            return f"`{name}`", number(float(ratios[0]), 3) if steady else "by its rate"
    return "none", ""


def blocks(found: Results) -> dict[str, str]:
    """What the script writes into the page, by the name of the mark."""
    return {
        **{data: fits_table(found, data) for data in DATA},
        "limits": limits_table(found),
        "responses": response_table(found),
        "operators": other_operators(),
        "published": published_table(found),
    }


def page(text: str, parts: Mapping[str, str]) -> str:
    """Text of the page with the blocks of now between its marks."""
    for name, content in parts.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->\n")
        if not begin or not end:
            sys.exit(f"{PAGE}: the marks <!-- {name} --> and <!-- end --> are needed")
        text = f"{before}{begin}{content}{end}{after}"
    return text


def main(arguments: list[str] | None = None) -> None:
    """Make the fits that are missing and write, or compare, page and examples."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "scenarios", metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, metavar="NAME", help="print these")
    parser.add_argument("--check", action="store_true", help="exit 1 if something is stale")
    asked = parser.parse_args(arguments)
    if asked.only:
        found = results(asked.only, asked.cache)
        print("\n".join(fits_table(found, data) for data in DATA) + "\n" + limits_table(found))
        return
    files = {EXAMPLES / f"{name}.yaml": example(entry) for name, entry in SCENARIOS.items()}
    strange = set(EXAMPLES.glob("*.yaml")) - set(files)
    if strange:
        sys.exit(f"not in tools/scenarios.yaml: {', '.join(sorted(map(str, strange)))}")
    parts = blocks(results(SCENARIOS, asked.cache))
    files[PAGE] = page(PAGE.read_text(encoding="utf-8"), parts)
    for path, text in files.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if asked.check:
            sys.exit(f"{path}: stale; run tools/make_scenarios.py")
        path.write_text(text, encoding="utf-8")
        print(f"{path}: written")


if __name__ == "__main__":
    main()
