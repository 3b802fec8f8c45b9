"""Workspaces reweighted to other spectra; Belle II 2023 is the first instance."""
