"""Runs: jobs, stages, fingerprints, progress; what survives a kill."""
