"""Hadronic part of a rate: helicity amplitudes, their products, integrals with a density."""
