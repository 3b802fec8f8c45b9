"""M -> M′ + invisible: helicity amplitudes, densities, final states, kernels, rates."""
