"""Final states of the invisible system: from coefficients to entries of W_ab."""
