"""Spectral densities of the invisible system."""
