"""B -> X_s + invisible: the inclusive decay, its rates and observables."""
