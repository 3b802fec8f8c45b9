"""Parts of the gallery that are no run of one analysis file: they drive the other tools.

    python tools/gallery_parts.py NAME     # prints the record of a part, computed or from build/

Each part takes the folder of cached results, the folder of examples that its pictures go to, and
workers; it gives the record for summary.json of that folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import efficiency_figure as efficiency  # type: ignore[import-not-found]
import leading_scenarios as leading  # type: ignore[import-not-found]
import make_published as published  # type: ignore[import-not-found]
import make_scenarios as scenarios  # type: ignore[import-not-found]
import numpy as np
import one_particle_fits as one_particle  # type: ignore[import-not-found]
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.executors import Workers
from bsinv.fitter.runs.fingerprint import fingerprint
from bsinv.likelihoods.reweighted.inspection.efficiency import channels, efficiency_ratio
from PIL import Image
from scipy.stats import chi2, norm

# Of a picture.
MOST_BYTES = 200_000
ROOT = Path(__file__).resolve().parent.parent
# Best fits in the plane of R_K and R_K*, and their names there.
RATES_OF = {
    "s12-talk": "S̃₁/₂, data of 2024",
    "s12-today": "S̃₁/₂, all data",
    "v12-talk": "V₁/₂, data of 2024",
    "v12-today": "V₁/₂, all data",
}
# Scenarios whose evidence is compared: the two that lead.
EVIDENCES = ("one-particle", "fermion-pair-vector")
# Masses of the tables of limits, GeV.
LIMITS_AT = (0.5, 1.0, 1.5, 2.0, 2.1, 2.5, 3.0)
Record = dict[str, Any]


@dataclass(frozen=True)
class FitScenario:
    """Fit of one scenario to the Belle II likelihood alone, as workers do it."""

    def __call__(self, problem: None, item: tuple[str, str]) -> Record:
        """Record of `make_scenarios`."""
        name, folder = item
        made = scenarios.cached(scenarios.SCENARIOS[name], "belle2", "published", Path(folder))
        return dict(made)


@dataclass(frozen=True)
class FitOneParticle:
    """Fits of one particle of a width, as workers do them."""

    def __call__(self, problem: None, item: tuple[float, str]) -> Record:
        """Best mass and rate, and best rates with 68 % intervals at given masses."""
        width, response = item
        of = one_particle.analysis(width, response)
        mass, low, high = one_particle.best_mass(of)
        rate, lower, upper, q = one_particle.profile(of, mass)
        return {
            "m_X": [mass, low, high],
            "BR": [rate, lower, upper],
            "q_0": q,
            "sigma": {"local": np.sqrt(q), "two degrees of freedom": norm.isf(chi2.sf(q, 2))},
            "at": {f"{at:g}": list(one_particle.profile(of, at)[:3]) for at in one_particle.MASSES},
        }


def rates_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """R_K against R_K* of the neutrino modes: data, lines of models, best fits of doublets."""
    files = [str(cache / "runs" / name / "run.h5") for name in RATES_OF]
    labels = [word for text in RATES_OF.values() for word in ("--label", text)]
    target = folder / "rates.png"
    command = ["plot", *files, *labels, "--kind", "rates", "--out", str(target)]
    ran([sys.executable, "-m", "bsinv", *command])
    small_picture(target, target)
    return {"runs": list(RATES_OF)}


def scenarios_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Every scenario against the Belle II likelihood, and the figure of spectra."""
    items = [(name, str(cache / "scenarios")) for name in scenarios.SCENARIOS]
    found = workers.gather(FitScenario(), items)
    picture("spectra_figure.py", folder / "spectra.png")
    return {
        name: {key: record[key] for key in ("mass", "coupling", "gain", "sigma", "valid")}
        | {"rates": {rate: record["rates"][rate] for rate in scenarios.RATES}}
        for (name, _), record in zip(items, found, strict=True)
    }


def kept(path: Path, analysis: Analysis, make: Callable[[], Record]) -> Record:
    """A record from a file, or made and kept there if the analysis is another one now."""
    of = fingerprint(analysis, analysis.seed)
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["of"] == of:
            return dict(stored["found"])
    found = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"of": of, "found": found}, indent=1), encoding="utf-8")
    return found


def evidence_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Evidence of two scenarios against the Standard Model, Belle II alone."""
    found: Record = {}
    for name in EVIDENCES:
        entry = scenarios.SCENARIOS[name]

        def make(entry: Record = entry) -> Record:
            null = leading.null_evidence(leading.null_analysis(entry, "belle2"))
            return {"null": null, **leading.evidence(entry, "belle2")}

        analysis = scenarios.analysis_of(entry, "belle2", "published")
        made = kept(cache / f"evidence-{name}.json", analysis, make)
        default = made[f"{leading.ENDS[1]:g}"]
        found[name] = {
            "ln B": default[0] - made["null"][0],
            "error": float(np.hypot(default[1], made["null"][1])),
        }
    return found


def one_particle_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Fits of one particle with central form factors, for widths of 0 and 0.1 GeV."""

    def make() -> Record:
        items = [(width, "published") for width in one_particle.WIDTHS]
        made = workers.gather(FitOneParticle(), items)
        return {f"Gamma_X = {width:g}": one for (width, _), one in zip(items, made, strict=True)}

    analysis = one_particle.analysis(one_particle.WIDTHS[-1], "published")
    return kept(cache / "one-particle.json", analysis, make)


def limits_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Limits at some masses, from the tables of `bsinv limit` that are in the folder."""
    found: Record = {}
    with (folder / "limit-BR_K-m_X-cls.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for row in rows:
        numbers = [float(value) for value in row.values()]
        nearest = min(LIMITS_AT, key=lambda at: abs(at - numbers[0]))
        if abs(nearest - numbers[0]) < 1e-6:
            found[f"{nearest:g}"] = dict(zip(row, numbers, strict=True))
    return found


def efficiency_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Ratio omega of efficiencies, best rates, and couplings without the q2 dependence."""
    picture("efficiency_figure.py", folder / "efficiency.png")
    term, edges = efficiency.Belle2Likelihood(), efficiency.EDGES
    null = efficiency.null_spectrum(edges)
    plain = efficiency.best_rate(term, null / null.sum())
    found: Record = {"Standard Model shape": {"BR": plain[0], "gain": plain[3]}}
    for label, scenario in efficiency.SCENARIOS.items():
        shape = efficiency.dark_spectrum(*scenario)
        omega = efficiency_ratio(shape)[0]
        rate, low, high, gain = efficiency.best_rate(term, shape)
        found[label] = {
            "omega": dict(zip(channels(), omega, strict=True)),
            "BR": [rate, low, high],
            "gain": gain,
            "coupling without omega": np.sqrt(plain[0] / rate) if rate > 0.0 else None,
        }
    return found


def scalar_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Pictures of several runs of the dark scalar, and y_1 of the benchmark."""
    links = cache / "scalar"
    links.mkdir(parents=True, exist_ok=True)
    for name in ("belle2", "total-rate", "relic-density"):
        target = cache / "runs" / f"scalar-dm-{name}"
        if target.exists() and not (links / name).is_symlink():
            (links / name).symlink_to(target)
    tool("scalar_dm_gallery.py", str(links), "--images", str(folder))
    for name in ("scalar-dm-belle2.png", "scalar-dm-relic-density.png"):
        small_picture(folder / name, folder / name)
    told = picture("scalar_dm_figure.py", folder / "scalar-dm-benchmark.png")
    words = told.replace(",", " ").split()
    return {"y_1": float(words[2]), "minus two ln L": float(words[-1])}


def points_part(cache: Path, folder: Path, workers: Workers) -> Record:
    """Predictions at points of models that papers quote."""
    return dict(published.points())


def tool(name: str, *arguments: str) -> str:
    """What a tool prints; an error if it fails."""
    return ran([sys.executable, str(ROOT / "tools" / name), *arguments])


def ran(command: list[str]) -> str:
    """What a command prints; an error if it fails."""
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return subprocess.run(
        command, check=True, text=True, stdout=subprocess.PIPE, env=environment
    ).stdout


def picture(name: str, path: Path) -> str:
    """A picture that a tool draws; what the tool prints."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = tool(name, str(path))
    small_picture(path, path)
    return told


def small_picture(source: Path, target: Path) -> None:
    """Write a picture with a palette of few colours; an error if it is large all the same."""
    with Image.open(source) as image:
        image.convert("RGB").quantize(128).save(target, optimize=True)
    if target.stat().st_size > MOST_BYTES:
        sys.exit(f"{target}: {target.stat().st_size} bytes, more than {MOST_BYTES}")


PARTS: dict[str, Callable[[Path, Path, Workers], Record]] = {
    "rates": rates_part,
    "scenarios": scenarios_part,
    "evidence": evidence_part,
    "one-particle-fits": one_particle_part,
    "limits": limits_part,
    "efficiency": efficiency_part,
    "benchmark": scalar_part,
    "points": points_part,
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=PARTS)
    given = parser.parse_args()
    cache = ROOT / "build" / "gallery"
    with Workers("serial", None) as workers:
        found = PARTS[given.name](cache, cache / "pictures", workers)
    print(json.dumps(found, indent=1, default=float, ensure_ascii=False))


if __name__ == "__main__":
    main()
