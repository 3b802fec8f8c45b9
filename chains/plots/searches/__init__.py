"""Pictures of searches: limits, p-values, projections."""
