"""Analyses, parameters and priors, and the drivers."""
