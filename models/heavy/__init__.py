"""Models of heavy particles: SMEFT, leptoquarks, Z′, supersymmetry without R-parity."""
