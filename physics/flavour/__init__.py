"""Other flavour processes: mixing, charged currents, dipoles, muons."""
