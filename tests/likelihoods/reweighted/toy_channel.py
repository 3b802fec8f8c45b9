"""A toy channel of B0 -> K_S nu nubar: a small workspace, its density and its null spectrum."""

import numpy as np

EDGES = np.linspace(0.0, 22.0, 23)
OBSERVABLE = "dBR/dq2(B0->KSnunu)"
BINS = {"q2": [-1, {"start": 0, "stop": 22.0, "bins": 22}]}
CUTOFF = {"q2": [0, 22.0]}


def null_density(q2):
    """Null spectrum, GeV^-2, of a shape of its own; works on arrays."""
    return 2e-7 * (1.0 - q2 / 23.0)


def null_spectrum(edges=EDGES):
    """Its exact integrals in bins."""
    return 2e-7 * np.diff(edges - edges**2 / 46.0)


def density():
    """Events of three analysis bins from 23 kinematic bins, the first below zero."""
    centres = 0.5 * (EDGES[1:] + EDGES[:-1])
    width = np.array([5.0, 6.0, 9.0])
    middle = np.array([3.0, 9.0, 15.0])
    shape = np.exp(-0.5 * ((centres - middle[:, None]) / width[:, None]) ** 2)
    inside = shape * null_spectrum() / null_spectrum().sum() * np.array([[30.0], [25.0], [12.0]])
    return np.concatenate([[[0.02], [0.03], [0.01]], inside], axis=1)


def workspace():
    """Signal and two backgrounds in three bins; a histosys, normsys, staterror, free factor."""
    signal = density().sum(axis=1)
    return {
        "channels": [
            {
                "name": "ks_sr",
                "samples": [
                    {
                        "name": "ks_signal",
                        "data": signal.tolist(),
                        "modifiers": [
                            {"name": "mu", "type": "normfactor", "data": None},
                            {
                                "name": "ks_shape",
                                "type": "histosys",
                                "data": {
                                    "lo_data": (signal * [0.94, 1.0, 1.05]).tolist(),
                                    "hi_data": (signal * [1.07, 1.0, 0.96]).tolist(),
                                },
                            },
                            {"name": "ks_eff", "type": "normsys", "data": {"lo": 0.95, "hi": 1.04}},
                            {
                                "name": "ks_stat_signal",
                                "type": "staterror",
                                "data": (0.08 * signal).tolist(),
                            },
                        ],
                    },
                    {
                        "name": "ks_ccbar",
                        "data": [40.0, 30.0, 18.0],
                        "modifiers": [
                            {
                                "name": "norm_ccbar",
                                "type": "normsys",
                                "data": {"lo": 0.8, "hi": 1.2},
                            },
                            {"name": "ks_stat", "type": "staterror", "data": [3.0, 2.5, 2.0]},
                        ],
                    },
                    {
                        "name": "ks_bb",
                        "data": [60.0, 70.0, 55.0],
                        "modifiers": [
                            {"name": "free_bb", "type": "normfactor", "data": None},
                            {"name": "ks_stat", "type": "staterror", "data": [3.0, 2.5, 2.0]},
                        ],
                    },
                ],
            }
        ],
        "observations": [{"name": "ks_sr", "data": [138.0, 131.0, 80.0]}],
        "measurements": [
            {
                "name": "m",
                "config": {"poi": "mu", "parameters": [{"name": "mu", "bounds": [[0, 20]]}]},
            }
        ],
        "version": "1.0.0",
    }


def arguments():
    """Keyword arguments of `reweighted_term`."""
    return {
        "workspace": workspace(),
        "fix": {"mu": 1},
        "bins": BINS,
        "cutoff": CUTOFF,
        "null_spectrum": null_spectrum(),
        "signal": [
            {
                "channel": "ks_sr",
                "sample": "ks_signal",
                "observable": OBSERVABLE,
                "density": density(),
            }
        ],
    }


def reweighted(content, signals, weights):
    """A workspace with signal templates and all their variations times weights, by channel."""
    import copy

    content = copy.deepcopy(content)
    for channel in content["channels"]:
        for sample in channel["samples"]:
            if sample["name"] != signals.get(channel["name"]):
                continue
            factor = weights[channel["name"]]
            sample["data"] = list(factor * np.array(sample["data"]))
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    modifier["data"] = list(factor * np.array(modifier["data"]))
                elif modifier["type"] == "histosys":
                    for side in ("lo_data", "hi_data"):
                        modifier["data"][side] = list(factor * np.array(modifier["data"][side]))
    return content
