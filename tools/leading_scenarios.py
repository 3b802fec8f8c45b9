"""Goodness of fit and evidence of the leading scenarios: a block of docs/results/scenarios.md.

    python tools/leading_scenarios.py            # compute what is new, write the block
    python tools/leading_scenarios.py --check    # exit 1 if the block is stale

The leading ones are the first five of the table that tools/make_scenarios.py writes. What is
computed is kept in the folder --cache (build/scenarios) with what it was made of.

Evidences are means of the likelihood over priors that all scenarios have in common: BR(B+ -> K+ X),
the rate of the new part alone, uniform up to 1e-4 (and half and twice of it), the mass uniform in
its range, form factors as they float. They are averaged over quasi-random points of mass and rate,
with the coupling that has this rate; nuisance parameters are integrated out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import bsinv
import make_scenarios as scenarios  # type: ignore[import-not-found]
import numpy as np
from bsinv.chains.statistics.toys import goodness
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.checked import CheckedFile
from bsinv.fitter.evidence import log_normalisation, marginalised
from bsinv.fitter.runs.fingerprint import fingerprint
from ruamel.yaml import YAML
from scipy.special import logsumexp
from scipy.stats import qmc

NUMBER = 5
RATE = "BR(B+->Knunu)"
# Upper ends of the rate of the new part: half, default, twice.
ENDS = (0.5e-4, 1e-4, 2e-4)
# Strata of the rate, and points in each: the likelihood is that of small rates.
STRATA = {(0.0, 2e-5): 8192, (2e-5, 5e-5): 4096, (5e-5, 1e-4): 1024, (1e-4, 2e-4): 1024}
NULL = "Standard Model"
# Toys of the goodness of fit take minutes, and say the same of all: of these alone.
SEED, TOYS, WITH_TOYS = 1, 200, (NULL, "one-particle")
Record = dict[str, Any]


def leaders(text: str, data: str) -> list[str]:
    """First scenarios of a table of the page."""
    block = text.partition(f"<!-- {data} -->\n")[2].partition("<!-- end -->")[0]
    return re.findall(r"^\| `([\w-]+)` \|", block, re.MULTILINE)[:NUMBER]


def null_analysis(entry: dict[str, Any], data: str) -> Analysis:
    """Analysis without signal, form factors and other inputs as in the scenarios."""
    spec = YAML(typ="safe").load(scenarios.example(entry))
    spec["likelihoods"] = [scenarios.DATA[data]["likelihood"]]
    spec["inputs"] = scenarios.DATA[data]["inputs"]
    spec["parameters"] = {entry["coupling"][0]: 0.0, entry["mass"][0]: 1.0}
    for key in ("fit", "auxiliary"):
        spec.pop(key, None)
    made: Analysis = bsinv.load(spec)
    return made


def points(analysis: CheckedFile, entry: dict[str, Any], low: float, high: float, size: int) -> Any:
    """Points of the common prior with rates of the new part between two ends: (size, d)."""
    problem = analysis.problem
    uniform = qmc.Halton(2, rng=SEED).random(size)
    theta = problem.sample_prior(np.random.default_rng(SEED), size)
    mass, coupling = (
        problem.names.index(name) for name in (entry["mass"][0], scenarios.fitted(entry))
    )
    theta[:, mass] = problem.bounds[mass] @ np.stack([1.0 - uniform[:, 0], uniform[:, 0]])
    found = []
    for value in (0.0, 1.0, 2.0):
        theta[:, coupling] = value
        found.append(np.asarray(problem.observable(RATE, theta)))
    one, two = (rates - found[0] for rates in found[1:])
    open_ = one > 0.0
    power = np.log2(np.median(two[open_] / one[open_]))
    if abs(power - round(power)) > 1e-6 or not np.allclose(two, 2.0**power * one, rtol=1e-6):
        sys.exit(f"{entry['name']}: the rate is no power of the coupling")
    rate = low + (high - low) * uniform[:, 1]
    with np.errstate(divide="ignore"):
        theta[:, coupling] = np.where(open_, (rate / one) ** (1.0 / power), np.inf)
    return theta


def log_mean(logs: Any) -> tuple[float, float]:
    """Logarithm of the mean of exp(logs), and its relative error for random points."""
    value = float(logsumexp(logs) - np.log(len(logs)))
    return value, float(np.exp(logs - value).std() / np.sqrt(len(logs)))


def evidence(entry: dict[str, Any], data: str) -> Record:
    """Ln Z for each end of the common prior, with errors."""
    analysis = marginalised(scenarios.analysis_of(entry, data, "published"))[0]
    constant = log_normalisation(analysis.problem.terms)
    means = {}
    for (low, high), size in STRATA.items():
        theta = points(analysis, entry, low, high, size)
        means[low, high] = log_mean(analysis.problem.log_likelihood(theta))
    found: Record = {}
    for end in ENDS:
        parts = {ends: mean for ends, mean in means.items() if ends[0] < end}
        weights = np.log([(min(high, end) - low) / end for low, high in parts])
        logs = weights + np.array([mean for mean, _ in parts.values()])
        total = float(logsumexp(logs))
        errors = np.exp(logs - total) * np.array([error for _, error in parts.values()])
        found[f"{end:g}"] = [total + constant, float(np.sqrt((errors**2).sum()))]
    return found


def null_evidence(analysis: Analysis) -> list[float]:
    """Ln Z without signal, with its error: the mean over form factors and inputs."""
    made = marginalised(analysis)[0]
    theta = made.problem.sample_prior(np.random.default_rng(SEED), 2048)
    value, error = log_mean(made.problem.log_likelihood(theta))
    return [value + log_normalisation(made.problem.terms), error]


def fit(analysis: Analysis, toys: int) -> Record:
    """Gain over the Standard Model and goodness of fit, with toys or without."""
    best = analysis.fit(minos=[], retries=2)
    study = analysis.toys("best", max(toys, 1), seed=SEED, best=best)
    total = goodness(study)[0][0]
    return {
        "gain": best.minus_two_delta_log if best.reference_label else 0.0,
        "deviance": total.deviance,
        "degrees": total.degrees,
        "chi2": total.asymptotic,
        "toys": [total.toys.value, total.toys.error, total.toys.total if toys else 0],
    }


def cached(name: str, data: str, folder: Path) -> Record:
    """Numbers of a scenario, or of the Standard Model, from the folder, or made and kept there."""
    entry = scenarios.SCENARIOS.get(name) or scenarios.SCENARIOS["one-particle"]
    null = name == NULL
    analysis = (
        null_analysis(entry, data) if null else scenarios.analysis_of(entry, data, "published")
    )
    toys = TOYS if name in WITH_TOYS else 0
    told = [fingerprint(analysis, 1), entry, ENDS, list(map(list, STRATA)), toys, SEED]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    path = folder / f"leading-{name.replace(' ', '-')}-{data}.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["digest"] == digest:
            return dict(stored["found"])
    print(f"{name}: {data}", file=sys.stderr, flush=True)
    logs: Any = null_evidence(analysis) if null else evidence(entry, data)
    found = {"evidence": logs, **fit(analysis, toys)}
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps({"digest": digest, "found": found}, indent=1), encoding="utf-8")
    partial.replace(path)
    return found


def probability(value: float, error: float, total: int) -> str:
    """P of toys with its error; a bound where none or all are beyond; empty without toys."""
    if not total:
        return ""
    if value in (0.0, 1.0):
        return f"< {error:.2g}" if value == 0.0 else f"> {1.0 - error:.2g}"
    return f"{value:.2f} ± {error:.2f}"


def table(names: list[str], data: str, folder: Path) -> str:
    """The block of the page."""
    null = cached(NULL, data, folder)
    zero, zero_error = null["evidence"]
    lines = scenarios.head(
        *("scenario", "−2Δ ln L", "ln B ≤ q/2", "ln Z", "ln B", "half", "twice"),
        *("deviance / degrees of freedom", "p (χ²)", "p (toys)"),
    )
    for name in [*names, NULL]:
        found = cached(name, data, folder)
        factors = ["", "", f"{zero:.2f}", "", "", ""]
        if name != NULL:
            half, default, twice = (found["evidence"][f"{end:g}"] for end in ENDS)
            error = np.hypot(default[1], zero_error)
            factors = [
                f"{found['gain']:.1f}",
                f"{0.5 * found['gain']:.1f}",
                f"{default[0]:.2f} ± {default[1]:.2f}",
                f"{default[0] - zero:.2f} ± {error:.2f}",
                f"{half[0] - zero:.2f}",
                f"{twice[0] - zero:.2f}",
            ]
        lines += scenarios.row(
            f"`{name}`" if name != NULL else name,
            *(text.replace("-", "−") for text in factors),
            f"{found['deviance']:.1f} / {found['degrees']}",
            f"{found['chi2']:.2f}",
            probability(*found["toys"]),
        )
    return str(lines)


def main(arguments: list[str] | None = None) -> None:
    """Compute what is missing and write, or compare, the blocks of the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--cache", type=Path, default=scenarios.ROOT / "build" / "scenarios", metavar="DIR"
    )
    parser.add_argument("--data", nargs="+", choices=scenarios.DATA, default=["belle2"])
    parser.add_argument("--check", action="store_true", help="exit 1 if the block is stale")
    asked = parser.parse_args(arguments)
    text = scenarios.PAGE.read_text(encoding="utf-8")
    parts = {
        f"leading-{data}": table(leaders(text, data), data, asked.cache) for data in asked.data
    }
    made = scenarios.page(text, parts)
    if made == text:
        return
    if asked.check:
        sys.exit(f"{scenarios.PAGE}: stale; run tools/leading_scenarios.py")
    scenarios.PAGE.write_text(made, encoding="utf-8")
    print(f"{scenarios.PAGE}: written")


if __name__ == "__main__":
    main()
