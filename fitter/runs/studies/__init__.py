"""Studies of a run: toys, limits, significance, evidence, checks, comparisons, projections."""
