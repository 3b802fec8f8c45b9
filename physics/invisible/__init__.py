"""M -> M′ + invisible: rates and their observables, escape from the detector, null prediction."""
