"""Statistical forms of measurements: Gaussian, limits, bounds, curves, walls."""
