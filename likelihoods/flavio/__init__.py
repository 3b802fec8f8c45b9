"""Terms on observables of flavio (arXiv:1810.08132), with the extra ``flavio``."""
