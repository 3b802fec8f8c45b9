"""The invisible system: its spectral densities, the currents it couples to, its decay length."""
