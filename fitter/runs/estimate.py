"""What a run will take: time, memory and disk, from a few points measured and the sizes asked for.

An estimate, good to a factor of two or three: enough to tell a minute from a day.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..checked import CheckedFile
from ..drivers.sampling.ensembles import SamplerOptions
from ..options import fit_options, sampler_options
from ..problem import Problem
from ..requests import Scans, scans_asked

if TYPE_CHECKING:
    from ..drivers.global_significance import ExcessSearch

__all__ = [
    "Estimate",
    "duration",
    "estimate",
    "excess_seconds",
    "limit_seconds",
    "projection_seconds",
    "seconds_of_points",
    "toy_seconds",
]

# Python, the libraries and the data of the package.
BASE_BYTES = 250e6
# Points are evaluated in batches of this size where no walkers tell another.
BATCH = 64
# Gradients until a minimum is found, from one start; each is 2 d points. Measured on the built-in
# analyses (8 to 30).
GRADIENTS = 25
# Autocorrelation time in steps that is hoped for; those of the built-in analyses are 10 to 40.
CORRELATION = 40.0
# Steps that nearly every chain needs: burn-in, and ten autocorrelation times after it.
LEAST_STEPS = 400
# Starts of a fit of a toy where parameters are not constrained; profiles until a limit is found;
# rates at which toys are drawn.
FIT_STARTS, LIMIT_PROFILES, TOY_RATES = 4, 100, 16
# Seconds for the excess of a toy at a point where the rate is found together with the nuisance
# parameters (benchmarks/scan_significance.py); profiles of a search along the rate.
JOINT_FIT, EXCESS_PROFILES = 1e-4, 20
# Bytes of a stored step beside its parameters: three logarithms. The chain is held once by the
# sampler, once in the records, and once in the image of the file.
LOGS, COPIES = 3, 3


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    Attributes
    ----------
    fit, scans, sampling : float
        Seconds of CPU; `sampling` until the targets are reached, if the chain mixes as usual.
    sampling_most : float
        Seconds until the limit of steps.
    memory, memory_most : float
        Bytes, likewise.
    disk, disk_most : float
        Bytes of the results file, likewise.
    """

    fit: float
    scans: float
    sampling: float
    sampling_most: float
    memory: float
    memory_most: float
    disk: float
    disk_most: float

    @property
    def seconds(self) -> float:
        """Seconds of CPU of the whole run, if the chain mixes as usual."""
        return self.fit + self.scans + self.sampling

    @property
    def sentence(self) -> str:
        """The estimate in words."""
        parts = f"fit {duration(self.fit)}, scans {duration(self.scans)}, "
        return (
            f"a run takes about {duration(self.seconds)} ({parts}"
            f"samples {duration(self.sampling)}, at most {duration(self.sampling_most)}), "
            f"{_size(self.memory)} of memory (at most {_size(self.memory_most)}) and a file of "
            f"{_size(self.disk)} (at most {_size(self.disk_most)})"
        )

    @property
    def large(self) -> bool:
        """Whether it takes above an hour or 4 GB, so that one had better be asked."""
        return self.seconds > 3600.0 or max(self.memory, self.disk) > 4e9


def estimate(analysis: CheckedFile) -> Estimate:
    """Estimate what a run of an analysis will take.

    Evaluates the likelihood at a few points of the prior: a fraction of a second.

    Parameters
    ----------
    analysis : CheckedFile

    Returns
    -------
    Estimate
        Of nothing but the base of memory if no parameter is free.
    """
    problem, spec = analysis.problem, analysis.spec
    dimension = len(problem.names)
    if not dimension:
        return Estimate(0.0, 0.0, 0.0, 0.0, BASE_BYTES, BASE_BYTES, 1e6, 1e6)
    options = sampler_options(problem, spec.sampler, analysis.seed)
    fitting = fit_options(problem, spec.fit, analysis.seed)
    one, many = _seconds_of_batch(problem, 1), _seconds_of_batch(problem, BATCH)
    per_point = many / BATCH
    gradient = one + 2 * dimension * per_point
    fit = GRADIENTS * gradient * (fitting.retries + 2)
    steps, most = _steps(options)
    half = max(options.walkers // 2, 1)
    step = 2 * options.ensembles * max(one, half * per_point)
    width = 8.0 * options.ensembles * options.walkers * (dimension + LOGS) / options.thin
    return Estimate(
        fit=fit,
        scans=_scan_points(scans_asked(problem, spec.fit), dimension) * per_point,
        sampling=steps * step,
        sampling_most=most * step,
        memory=BASE_BYTES + COPIES * steps * width,
        memory_most=BASE_BYTES + COPIES * most * width,
        disk=1e6 + steps * width,
        disk_most=1e6 + most * width,
    )


def seconds_of_points(problem: Problem, batch: int) -> float:
    """Seconds of CPU for the likelihood of one point among so many."""
    return _seconds_of_batch(problem, batch) / batch


def toy_seconds(problem: Problem, number: int) -> float:
    """Seconds of CPU that toys will take: two fits of each, from several starts where need be."""
    starts = 1 if problem.constrained.all() or len(problem.names) == 1 else FIT_STARTS
    points = 2 * starts * GRADIENTS * 2 * len(problem.names)
    return number * points * seconds_of_points(problem, BATCH)


def limit_seconds(problem: Problem, points: int, toys: int) -> float:
    """Seconds of CPU that limits will take at points of a scan, with so many toys at each rate."""
    others = max(len(problem.names) - 1, 0)
    fit = 1 + GRADIENTS * 2 * others
    profiles = LIMIT_PROFILES + toys * TOY_RATES * LIMIT_PROFILES / 4
    return points * profiles * fit * seconds_of_points(problem, BATCH)


def projection_seconds(problem: Problem, points: int, toys: int, rival: bool) -> float:
    """Seconds of CPU that a projection will take at points, with so many toys at each."""
    drawn = toys * (3 if rival else 1)  # of a rival, its toys and others of the truth
    return toy_seconds(problem, points * (drawn + 2))


def excess_seconds(search: ExcessSearch, toys: int) -> float:
    """Seconds of CPU that toys of a scan will take, if all are drawn."""
    rows, problem = toys * len(search.points), search.of.problem
    if search.joint is not None:
        return rows * JOINT_FIT
    fits = EXCESS_PROFILES * (1 + GRADIENTS * 2 * len(search.of.others))
    return rows * fits * seconds_of_points(problem, BATCH)


def _seconds_of_batch(problem: Problem, size: int) -> float:
    """Seconds of CPU for one batch, once everything that is kept is made."""
    rng = np.random.default_rng(0)
    problem.log_likelihood(problem.sample_prior(rng, size))
    points = problem.sample_prior(rng, size)
    began = time.process_time()
    problem.log_likelihood(points)
    return max(time.process_time() - began, 1e-6)


def _steps(options: SamplerOptions) -> tuple[float, float]:
    """Steps of each ensemble until the target is reached as hoped for, and at most."""
    walkers = options.ensembles * options.walkers
    hoped = max(LEAST_STEPS, 1.2 * options.target_ess * CORRELATION / walkers)
    most = max(1, options.max_steps // options.thin) * options.thin
    return min(hoped, most), most


def _scan_points(scans: Scans, dimension: int) -> float:
    """Points at which the scans evaluate the likelihood."""
    total = 0.0
    for request in scans:
        points = float(np.prod(request.shape))
        refits = GRADIENTS * 2 * (dimension - len(request.axes)) if request.profiled else 0
        total += points * (1 + refits)
    return total


def duration(seconds: float) -> str:
    """A time in words, such as ``"12 min"``."""
    if seconds == 0.0:
        return "0 s"
    for most, unit, divisor in ((100, "s", 1), (6000, "min", 60), (200_000, "h", 3600)):
        if seconds < most:
            return f"{max(seconds / divisor, 1):.0f} {unit}"
    return f"{seconds / 86_400:.0f} days" if seconds < 9e7 else f"{seconds / 3.156e7:.0f} years"


def _size(count: float) -> str:
    for most, unit, divisor in ((1e9, "MB", 1e6), (1e12, "GB", 1e9)):
        if count < most:
            return f"{max(count / divisor, 1):.{0 if unit == 'MB' else 1}f} {unit}"
    return f"{count / 1e12:.1f} TB"
