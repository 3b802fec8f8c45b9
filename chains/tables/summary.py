"""The text of summary.md: what was fitted, what came out, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import BestFit, RunFile
from ..statistics.diagnostics import Verdict
from ..statistics.samples import least_ess, posterior_of
from .evidence import evidence_table
from .global_significance import significance_table
from .limits import limit_table
from .observables import observable_table
from .profiles import profile_table
from .robustness import alternative_table, support_table
from .run import (
    diagnostics_table,
    parameter_table,
    prediction_table,
    term_table,
)
from .significance import comparison_text, rests_on
from .toys import toy_tables

__all__ = ["best_fit_lines", "free_parameters", "summary_markdown"]


def summary_markdown(
    run: RunFile,
    verdict: Verdict | None = None,
    *,
    interval: str = "equal-tailed",
    files: Mapping[str, str] | None = None,
) -> str:
    """Write the summary of a run in Markdown.

    Parameters
    ----------
    run : RunFile
    verdict : Verdict, optional
        Verdict on its ensembles; posterior intervals use its burn-in.
    interval : str
        ``"equal-tailed"`` or ``"hdi"``.
    files : mapping of str to str, optional
        File names and what they hold.

    Returns
    -------
    str
    """
    samples = posterior_of(run, verdict)
    fit = run.best_fit
    parts = [f"# {run.name}", _what(run)]
    if fit is not None:
        parts += ["## Best fit", "\n\n".join(best_fit_lines(fit))]
        if comparison_text(fit):
            parts.append(rests_on(run))
    title = "Parameters" if samples is None else "Parameters and posterior"
    parts += [f"## {title}", parameter_table(run, samples, interval).markdown()]
    if samples is not None and verdict is not None and not verdict.converged:
        parts.append("**The chain has not converged: the posterior above is provisional.**")
    if run.weighted:
        parts += ["## Samples with weights", evidence_table(run).markdown()]
    profiles = profile_table(run)
    if profiles.rows:
        parts += ["## Profiles", profiles.markdown()]
    if fit is not None and fit.term_names:
        parts += ["## Likelihood terms", term_table(fit).markdown()]
    if fit is not None and fit.observables:
        parts += ["## Observables", observable_table(fit).markdown()]
    for study in run.toys:
        for table in toy_tables(study):
            parts += [f"## {table.title}", table.markdown()]
    for limits in run.limits:
        table = limit_table(limits)
        parts += [f"## {table.title}", table.markdown()]
    for found in run.significances:
        table = significance_table(found)
        parts += [f"## {table.title}", table.markdown()]
    predictions = prediction_table(
        run.predictions, run.reference_name, interval, least_ess(samples)
    )
    if predictions.rows:
        parts += ["## Predictions", predictions.markdown()]
    if run.support is not None:
        parts += ["## Support by the published simulation", support_table(run.support).markdown()]
    for entry in run.alternatives:
        table = alternative_table(run, entry)
        parts += [f"## {table.title}", table.markdown()]
    if verdict is not None:
        parts += ["## Convergence", diagnostics_table(verdict).markdown()]
    if run.notes:
        parts += ["## Notes", _items(run.notes)]
    parts += ["## Provenance", _provenance(run)]
    if files:
        parts += ["## Files", _items([f"`{name}`: {text}" for name, text in files.items()])]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _items(texts: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _what(run: RunFile) -> str:
    """Say what was fitted: the terms, and the number of parameters by role."""
    sentence = free_parameters(run)
    if run.best_fit is not None and run.best_fit.term_names:
        terms = ", ".join(f"`{name}`" for name in run.best_fit.term_names)
        sentence = f"Fitted to {terms}. " + sentence
    return sentence


def free_parameters(run: RunFile) -> str:
    """Say how many parameters of each role are free."""
    free = [record for record in run.parameters if record.free]
    counts = {role: sum(record.role == role for record in free) for role in _ROLE_NAMES}
    listed = ", ".join(_counted(n, _ROLE_NAMES[role]) for role, n in counts.items() if n)
    return f"Free: {listed or 'nothing'}."


_ROLE_NAMES = {
    "model": "model parameter",
    "auxiliary": "auxiliary parameter",
    "input": "input",
    "form factor": "form-factor coefficient",
}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def best_fit_lines(fit: BestFit) -> list[str]:
    """Say how the fit ended, its log likelihood, and how it compares with the reference point."""
    lines = [fit.status if fit.valid else f"**Not to be trusted.** {fit.status}"]
    lines.append(
        f"ln L = {fit.log_likelihood:.4f}, ln(L x constraints) = {fit.log_penalised:.4f}, "
        f"ln posterior = {fit.log_posterior:.4f} (EDM {fit.edm:.1e}, {fit.n_calls} calls, "
        f"{fit.seconds:.1f} s)."
    )
    if fit.ladder and len(fit.ladder) > 1:
        lines.append("Attempts: " + "; ".join(fit.ladder) + ".")
    if comparison := comparison_text(fit):
        lines.append(comparison)
    return lines


def _provenance(run: RunFile) -> str:
    """List seed, date, versions and fingerprint."""
    items = [f"seed: {run.seed}"]
    if run.created:
        items.append(f"created: {run.created}")
    items += [f"{name} {version}" for name, version in run.versions.items()]
    items += [f"fingerprint of {key}: `{value}`" for key, value in run.fingerprint.items()]
    return _items(items)
