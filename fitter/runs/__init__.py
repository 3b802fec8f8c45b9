"""Runs: stages, jobs, fingerprints, progress; what survives a kill."""
