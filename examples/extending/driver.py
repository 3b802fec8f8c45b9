"""A driver of one's own: importance sampling from the prior.

In the package: one file in fitter/drivers/, a verb of `Analysis`, a command. A driver asks a
`Target` for names, bounds, draws from the prior and logarithms of batches, and nothing else.
"""

from dataclasses import dataclass

import bsinv
import numpy as np
from bsinv.fitter.drivers.target import Target


@dataclass(frozen=True)
class Averages:
    """Posterior means and widths, (d,), and the size of the sample that they are worth."""

    names: tuple[str, ...]
    means: np.ndarray
    widths: np.ndarray
    effective_size: float
    log_evidence: float


def importance(target: Target, size: int, rng: np.random.Generator) -> Averages:
    """Average over draws from the prior with the likelihood as weight."""
    theta = target.sample_prior(rng, size)
    log = target.log_likelihood(theta)
    weights = np.exp(log - log.max())
    share = weights / weights.sum()
    means = share @ theta
    widths = np.sqrt(share @ (theta - means) ** 2)
    log_evidence = float(log.max() + np.log(weights.mean()))
    return Averages(target.names, means, widths, float(1.0 / (share @ share)), log_evidence)


def main() -> None:
    analysis = bsinv.load("belle2-signal-strength")
    found = importance(analysis, 4000, np.random.default_rng(1))
    for name, mean, width in zip(found.names, found.means, found.widths, strict=True):
        print(f"{name} = {mean:.2f} +- {width:.2f}")
    print(f"{found.effective_size:.0f} of 4000 draws, ln evidence {found.log_evidence:.2f}")


if __name__ == "__main__":
    main()
