"""A dark scalar as dark matter: relic density, direct detection, Higgs decays."""
