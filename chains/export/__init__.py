"""Results in the formats of other people's tools: arviz, getdist, CSV, HEPData."""
