"""Pictures of data beside predictions: spectra, counts, pulls."""
