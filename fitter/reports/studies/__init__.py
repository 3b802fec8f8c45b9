"""Studies: toys, limits, significances, checks, comparisons of models; requests and records."""
