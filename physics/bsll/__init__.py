"""b -> s l l: rates, ratios, lepton-flavour violation, Bs -> l l."""
