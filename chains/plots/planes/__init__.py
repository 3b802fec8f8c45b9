"""Pictures of planes of two parameters: regions of single constraints, limits of experiments."""
