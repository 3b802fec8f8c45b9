"""Models whose parameters are coefficients of the weak effective theory."""
