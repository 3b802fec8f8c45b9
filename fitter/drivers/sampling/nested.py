"""Evidence and weighted posterior samples by importance nested sampling (nautilus, 2306.16923).

The unit cube of the priors is cut into shells of rising likelihood, whose bounds are ellipsoids and
what neural networks learn. Points drawn evenly from each shell give the evidence, a sum of volumes
times mean likelihoods, and are samples of the posterior with weights. Points that taught the bounds
are left out, so that neither is biased. How the sampler was chosen is told in
docs/statistics/sampling.md.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....chains.files.disk import replace_file
from ....chains.records import WeightedSamples
from ....errors import FitError, MissingExtraError, StoreError
from ..target import Array, periods
from ..work import Work
from .prior_content import MappedTarget, log_prior_content

__all__ = ["NestedOptions", "nested"]

# Draws that tell whether there is a likelihood at all.
_DRAWS = 2000
# Spawn key of the random numbers of these runs, apart from those of the ensembles.
_KEY = 2


@dataclass(frozen=True)
class NestedOptions:
    """How the prior is sampled.

    Attributes
    ----------
    runs : int
        Independent runs; two or more tell whether they agree.
    live : int
        Points that a bound is made from.
    effective : float
        Effective number of samples at which a run ends; the error of ln Z is its inverse root.
    batch : int
        Points evaluated at once.
    networks : int
        Neural networks that are averaged for a bound; with none, bounds are ellipsoids.
    max_calls : int
        Points evaluated after which a run ends in any case.
    seed : int
    """

    runs: int = 2
    live: int = 1000
    effective: float = 5000.0
    batch: int = 250
    networks: int = 0
    max_calls: int = 1_000_000
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("runs", "live", "effective", "batch", "max_calls", "networks"):
            least = 0 if name == "networks" else 1
            if not getattr(self, name) >= least:
                raise FitError(f"{name} = {getattr(self, name)}: at least {least} is needed.")


def nested(
    target: MappedTarget,
    options: NestedOptions,
    *,
    first: int = 0,
    checkpoint: Path | None = None,
    identity: str = "",
    seconds: float = 30.0,
    report: Callable[[int, int, float], None] | None = None,
    work: Work | None = None,
    pieces: int = 1,
) -> tuple[WeightedSamples, ...]:
    """Sample the posterior with weights, and find the evidence.

    Parameters
    ----------
    target : MappedTarget
        Its prior has to be normalised and its likelihood one that may be integrated; whether it is
        one is known where it is made (`fitter.evidence.refuse`).
    options : NestedOptions
    first : int
        Number of the first run; those before are left out.
    checkpoint : Path, optional
        Directory in which each run is stored as it grows, and from which it goes on, ending with
        the same samples as one that was never stopped. Its files are left there.
    identity : str
        What tells this likelihood and prior from others: checkpoints of others are refused.
    seconds : float
        Time between two checkpoints.
    report : callable, optional
        Told now and then the number of the run, the points evaluated and the effective number of
        samples; what it raises ends the work, after the checkpoint.
    work : callable, optional
        Who evaluates the likelihood; here by default.
    pieces : int
        Into which each batch of points is cut for that. (A point's ln L depends on its companions
        in the last digits: runs with other numbers of pieces agree within their errors.)

    Returns
    -------
    tuple of WeightedSamples
        One for each run; `log_prior` is that of the target.

    Raises
    ------
    FitError
        If there are no free parameters, or no point of the prior has a likelihood.
    StoreError
        If a checkpoint is of another run or damaged.
    MissingExtraError
        If nautilus is not installed.
    """
    if not target.names:
        raise FitError("the evidence of a fit without free parameters is its likelihood.")
    content, error = log_prior_content(target, options.seed)
    _refuse_zero_likelihood(target, options.seed)
    return tuple(
        _Run(target, options, number, checkpoint, identity, _likelihood(target, work, pieces)).made(
            seconds, report, content, error
        )
        for number in range(first, options.runs)
    )


def _refuse_zero_likelihood(target: MappedTarget, seed: int) -> None:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_KEY, _KEY, 1)))
    points = target.prior_transform(rng.random((_DRAWS, len(target.names))))
    if not np.isfinite(target.log_likelihood(points)).any():
        raise FitError(
            f"none of {_DRAWS} points of the prior has a likelihood above zero: narrow the priors."
        )


@dataclass(frozen=True)
class LikelihoodTask:
    """Log-likelihoods of points, as workers evaluate them."""

    def __call__(self, target: Any, theta: Array) -> Array:
        """Of points (n, d): (n,)."""
        found: Array = target.log_likelihood(theta)
        return found


def _likelihood(target: MappedTarget, work: Work | None, pieces: int) -> Callable[[Array], Array]:
    """Log-likelihood of points (n, d), here or by others."""
    if work is None or pieces < 2:
        return target.log_likelihood

    def shared(theta: Array) -> Array:
        parts = np.array_split(theta, min(pieces, max(len(theta), 1)))
        found = dict(work(LikelihoodTask(), parts))
        return np.concatenate([found[index] for index in range(len(parts))])

    return shared


class _Run:
    """One run of nautilus and its file."""

    def __init__(
        self,
        target: MappedTarget,
        options: NestedOptions,
        number: int,
        directory: Path | None,
        identity: str,
        likelihood: Callable[[Array], Array],
    ) -> None:
        self.identity = hashlib.sha256(identity.encode()).hexdigest()[:16] if identity else ""
        self.target, self.options, self.number = target, options, number
        self.likelihood = likelihood
        self.path = None if directory is None else directory / f".nested-{number}.h5"
        entropy = np.random.SeedSequence(options.seed, spawn_key=(number, _KEY))
        self.seed = int(entropy.generate_state(1, np.uint64)[0])
        self.sampler = self._sampler()

    @property
    def _mark(self) -> str:
        """What a checkpoint must be of."""
        told = {"parameters": self.target.names, "nautilus": _version(), "run": self.number}
        if self.identity:
            told["likelihood"] = self.identity
        # when to end may change
        told |= {k: v for k, v in asdict(self.options).items() if k not in _ENDS}
        return json.dumps(told, sort_keys=True)

    def _sampler(self) -> Any:
        import_nautilus()
        from nautilus import Sampler

        count = len(self.target.names)
        around = np.flatnonzero(np.isfinite(periods(self.target)))
        resumed = self.path is not None and self.path.exists()
        if resumed:
            self._refuse_other()
        try:
            return Sampler(
                self._transformed,
                self._log_likelihood,
                n_dim=max(count, 2),  # nautilus wants two: the second of one does nothing
                n_live=self.options.live,
                n_batch=self.options.batch,
                n_networks=self.options.networks,
                periodic=around if len(around) else None,
                vectorized=True,
                seed=self.seed,
                filepath=self.path if resumed else None,
                resume=True,
            )
        except (OSError, KeyError, ValueError) as error:
            raise StoreError(f"{self.path}: damaged checkpoint: {error}.") from error

    def _refuse_other(self) -> None:
        import h5py

        assert self.path is not None
        try:
            with h5py.File(self.path, "r") as file:
                found = str(file.attrs.get("run", ""))
        except OSError as error:
            raise StoreError(f"{self.path}: damaged checkpoint: {error}.") from error
        if found != self._mark:
            raise StoreError(
                f"{self.path}: the checkpoint of another run ({found or 'unknown'}; now "
                f"{self._mark}): remove it to begin again."
            )

    def _transformed(self, unit: Array) -> Array:
        return self.target.prior_transform(unit[:, : len(self.target.names)])

    def _log_likelihood(self, theta: Array) -> Array:
        inside = np.isfinite(self.target.log_prior(theta))
        total = np.full(len(theta), -np.inf)
        if inside.any():
            total[inside] = self.likelihood(theta[inside])
        return total

    def made(
        self,
        seconds: float,
        report: Callable[[int, int, float], None] | None,
        content: float,
        error: float,
    ) -> WeightedSamples:
        """Run to the end, with a checkpoint every so often."""
        sampler, options = self.sampler, self.options
        sampler.filepath = None  # it would write in place, and a kill could leave half of a file
        began, complete = time.perf_counter(), False
        while not complete and sampler.n_like < options.max_calls:
            complete = bool(
                sampler.run(
                    n_eff=options.effective,
                    n_like_max=options.max_calls,
                    discard_exploration=True,
                    timeout=seconds,
                )
            )
            self._save()
            if report is not None:
                report(self.number, int(sampler.n_like), float(sampler.n_eff))
        return self._record(complete, time.perf_counter() - began, content, error)

    def _save(self) -> None:
        """Write the state elsewhere, then in one step in place of the last."""
        import h5py

        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as directory:
                made = Path(directory) / "state.h5"
                self.sampler.write(made)
                with h5py.File(made, "a") as file:
                    file.attrs["run"] = self._mark
                replace_file(self.path, made.read_bytes())
        except OSError as error:
            raise StoreError(f"{self.path}: cannot write the checkpoint: {error}.") from error

    def _record(
        self, complete: bool, seconds: float, content: float, error: float
    ) -> WeightedSamples:
        points, log_weights, log_likelihood = self.sampler.posterior()
        size, log_evidence = float(self.sampler.n_eff), float(self.sampler.log_z)
        told = {key: value for key, value in asdict(self.options).items() if key != "seed"}
        return WeightedSamples(
            names=tuple(self.target.names),
            points=points,
            log_weights=log_weights,
            log_likelihood=log_likelihood,
            log_prior=self.target.log_prior(points),
            log_evidence=log_evidence - content,
            log_evidence_error=math.hypot(1.0 / math.sqrt(size), error) if size else math.inf,
            sampler=f"nautilus {_version()}",
            options={"seed": str(self.seed)} | {key: str(value) for key, value in told.items()},
            n_calls=int(self.sampler.n_like),
            seconds=seconds,
            complete=complete,
        )


# Options that only say when to end.
_ENDS = ("effective", "max_calls", "runs")


def import_nautilus() -> None:
    """Raise MissingExtraError unless nautilus is installed."""
    try:
        import nautilus  # noqa: F401
    except ImportError:
        raise MissingExtraError("nautilus-sampler", "nested", "nested sampling") from None


def _version() -> str:
    from importlib.metadata import version

    return version("nautilus-sampler")
