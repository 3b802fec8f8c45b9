"""Dirac matrices in the Dirac representation, for the tests of matching."""

import numpy as np

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
ZERO = np.zeros((2, 2))
GAMMA = [np.kron(PAULI[2], np.eye(2)).astype(complex)]
GAMMA += [np.block([[ZERO, sigma], [-sigma, ZERO]]) for sigma in PAULI]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT, RIGHT = (np.eye(4) - GAMMA_5) / 2, (np.eye(4) + GAMMA_5) / 2
CONJUGATION = 1j * GAMMA[2] @ GAMMA[0]
EPSILON = 1j * PAULI[1]
