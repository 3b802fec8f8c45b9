"""Rewrite a results file with a chain that grows, telling after each write; killed by the test."""

import sys

import numpy as np
from bsinv.chains.files.store import write
from bsinv.chains.records import Ensemble, RunFile

path, first = sys.argv[1], int(sys.argv[2])
for steps in range(first, 10**6):
    zero = np.full((steps, 50), float(steps))
    chain = np.full((steps, 50, 4), float(steps))
    ensemble = Ensemble(tuple("abcd"), chain, zero, zero, zero, np.zeros(50))
    write(path, RunFile("kill", "", 1, ensembles=(ensemble, ensemble)))
    print("saved", steps, flush=True)
