"""Drivers: one algorithm a file, each asks a `Target` for its logarithms."""
