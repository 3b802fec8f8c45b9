"""Samples of the posterior: ensembles and their moves, nested sampling, draws of the prior."""
