"""Run every analysis of examples/flavour; put tables of the results into docs/results/flavour.md.

    python tools/flavour_study.py FOLDER [NAME ...]
    python tools/flavour_study.py FOLDER --tables    # of the results that are there

FOLDER takes the results, one directory for each analysis; runs that are there already are taken up
where they ended. With names only those analyses are run; the tables hold all that have results, and
their pictures are copied to docs/images.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
from bsinv.chains.files.store import read
from bsinv.chains.records import BestFit, Prediction, RunFile
from bsinv.chains.statistics.diagnostics import Verdict, diagnose
from bsinv.data import measurement
from bsinv.errors import BsinvError
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.runs.run import run

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, PAGE = ROOT / "examples" / "flavour", ROOT / "docs" / "results" / "flavour.md"
IMAGES = ROOT / "docs" / "images"
LIMITS = {
    "BR(B+->K+tautau)": ("babar_2017_kptautau", "belle2_2026_kptautau"),
    "BR(B+->K+mu-tau+)": ("babar_2012_kpmumitaupl", "belle_2023_kpmumitaupl"),
    "BR(B+->K+mu+tau-)": ("babar_2012_kpmupltaumi", "belle_2023_kpmupltaumi"),
    "BR(B0->K*0tautau)": ("belle_2023_kst0tautau", "lhcb_2025_kst0tautau"),
    "BR(Bs->tautau)": ("lhcb_2017_bstautau", "lhcb_2017_bstautau"),
    "BR(Bs->mu+-tau-+)": ("lhcb_2019_bsmutau", "lhcb_2019_bsmutau"),
}
# Pictures of the page, and the file of the run that each is.
PICTURES = {
    "s12-today": "contour-lambda_bmu-lambda_btau.png",
    "s12-mass": "profile-M.png",
    "right-handed-neutrinos": "contour-C_Lp-C_Rp.png",
    "zprime-right-handed-neutrinos": "contour-g_L_sb-ratio.png",
}


def main() -> None:
    """Run what is asked for, then write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the results")
    parser.add_argument("names", nargs="*", metavar="NAME", help="analyses to run; default all")
    parser.add_argument("--tables", action="store_true", help="run nothing")
    parser.add_argument("--page", type=Path, default=PAGE, help="default docs/results/flavour.md")
    parser.add_argument("--images", type=Path, default=IMAGES, help="default docs/images")
    given = parser.parse_args()
    folder, page = given.folder, given.page
    files = sorted(EXAMPLES.glob("*.yaml"))
    stems = [path.stem for path in files]
    if strange := sorted(set(given.names) - set(stems)):
        parser.error(f"no analysis {strange[0]!r}; there are {', '.join(stems)}")
    for path in files:
        if not given.tables and (not given.names or path.stem in given.names):
            try:
                run(path, folder / path.stem)
            except BsinvError as error:
                print(f"{path.stem}: {error}", file=sys.stderr)
    found = {
        path.stem: read(folder / path.stem / "run.h5")
        for path in files
        if (folder / path.stem / "run.h5").exists()
    }
    text = page.read_text(encoding="utf-8")
    blocks = {"ratios": ratios(found), "rates": rates(found), "chains": chains(found)}
    for name, lines in blocks.items():
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- end {name} -->\n")
        text = f"{before}<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- end {name} -->\n{after}"
    page.write_text(text, encoding="utf-8")
    for name, picture in PICTURES.items():
        if (folder / name / picture).exists():
            shutil.copy(folder / name / picture, given.images / f"{name}.png")


def ratios(found: dict[str, RunFile]) -> list[str]:
    """Best fits, with the two ratios to the Standard Model."""
    lines = [
        "| analysis | best fit | R_K^νν | R_K*^νν | −2 ln(SM/best) |",
        "|---|---|---|---|---|",
    ]
    for name, result in found.items():
        best = result.best_fit
        if best is None:
            continue
        analysis = Analysis(EXAMPLES / f"{name}.yaml")
        at = [
            f"{analysis.observable(key, best.values[None])[0]:.2f}"
            for key in ("RK(nunu)", "RK*(nunu)")
        ]
        gain = best.minus_two_delta_log
        lines.append(f"| `{name}` | {values(best)} | {' | '.join(at)} | {gain:.1f} |")
    return lines


def values(best: BestFit) -> str:
    """Parameters at the best fit, those of interest first."""
    shown = list(zip(best.names, best.values, strict=True))[:5]
    return ", ".join(f"{name} = {value:.3g}" for name, value in shown)


def rates(found: dict[str, RunFile]) -> list[str]:
    """Rates at the best fit, with the central 95 % of the posterior, and the limits."""
    chosen = {name: found[name] for name in found if name.endswith(("-talk", "-today"))}
    lines = [
        "| observable | limit, 2024 and today | "
        + " | ".join(f"`{name}`" for name in chosen)
        + " |",
        "|---|---|" + "---|" * len(chosen),
    ]
    for key, limits in LIMITS.items():
        bounds = " / ".join(f"{measurement(one).limit:.2g}" for one in limits)
        row = [number(result.predictions, key) for result in chosen.values()]
        lines.append(f"| {key} | {bounds} | " + " | ".join(row) + " |")
    return lines


def chains(found: dict[str, RunFile]) -> list[str]:
    """Length and diagnostics of every chain, the worst parameter of each."""
    lines = [
        "| chain | steps | burn-in | rest / τ | ESS | of tails | R-hat | of ranks | converged |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, result in found.items():
        given = Analysis(EXAMPLES / f"{name}.yaml").spec.sampler
        verdict = diagnose(
            result.ensembles, target_ess=given.target_ess, target_rhat=given.target_rhat
        )
        lines.append(f"| `{name}` | {judged(verdict)} |")
    return lines


def judged(verdict: Verdict) -> str:
    """Cells of the diagnostics of one chain."""
    if not len(verdict.tau):
        return "none" + " |" * 7
    cells = [
        f"{verdict.steps}",
        f"{verdict.burn_in}",
        f"{(verdict.steps - verdict.burn_in) / verdict.tau.max():.0f}",
        f"{verdict.ess.min():.0f}",
        f"{verdict.tail_ess.min():.0f}",
        f"{verdict.rhat.max():.3f}",
        f"{verdict.rank_rhat.max():.3f}",
    ]
    return " | ".join([*cells, "yes" if verdict.converged else "**no**"])


def number(predictions: tuple[Prediction, ...], key: str) -> str:
    """Best fit and the interval between the 2.5 and 97.5 % quantiles."""
    for entry in predictions:
        if entry.name == key and entry.best_fit is not None:
            text = f"{entry.best_fit[0]:.2g}"
            if len(entry.samples):
                low, high = np.quantile(entry.samples[:, 0], [0.025, 0.975])
                text += f" [{low:.2g}, {high:.2g}]"
            return text
    return ""


if __name__ == "__main__":
    main()
