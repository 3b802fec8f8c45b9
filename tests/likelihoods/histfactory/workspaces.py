"""Workspaces for the tests: content, weighted samples, held parameters; pyhf's parameters."""

import numpy as np


def sample(name, data, *modifiers):
    return {
        "name": name,
        "data": data,
        "modifiers": [
            {"name": label, "type": kind, "data": content} for kind, label, content in modifiers
        ],
    }


def workspace(channels, observations, *parameters):
    return {
        "channels": [{"name": name, "samples": samples} for name, samples in channels.items()],
        "observations": [{"name": name, "data": data} for name, data in observations.items()],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": list(parameters)}}],
        "version": "1.0.0",
    }


MU = ("normfactor", "mu", None)
SIGNAL = {"signal": ("signal",)}

# Uncorrelated background: the first example of pyhf's documentation, one shapesys.
SHAPESYS = workspace(
    {
        "signal": [
            sample("signal", [12.0, 11.0], MU),
            sample("background", [50.0, 52.0], ("shapesys", "uncorr_bkguncrt", [3.0, 7.0])),
        ]
    },
    {"signal": [51.0, 48.0]},
)
# Data-driven background: a shape factor that a control channel measures.
SHAPEFACTOR = workspace(
    {
        "signal": [
            sample("signal", [20.0, 10.0], MU),
            sample("bkg1", [100.0, 70.0], ("shapefactor", "coupled_shapefactor", None)),
        ],
        "control": [
            sample("background", [100.0, 100.0], ("shapefactor", "coupled_shapefactor", None))
        ],
    },
    {"signal": [120.0, 180.0], "control": [200.0, 300.0]},
)
LUMI = workspace(
    {
        "signal": [
            sample("signal", [20.0, 10.0], MU, ("lumi", "lumi", None)),
            sample(
                "background1",
                [100.0, 0.0],
                ("lumi", "lumi", None),
                ("staterror", "stat_one", [5.0, 0.0]),
            ),
            sample(
                "background2",
                [0.0, 100.0],
                ("lumi", "lumi", None),
                ("normsys", "norm", {"lo": 0.9, "hi": 1.05}),
                ("staterror", "stat_two", [0.0, 10.0]),
            ),
        ]
    },
    {"signal": [122.0, 112.0]},
    {"name": "lumi", "auxdata": [1.1], "sigmas": [0.05], "bounds": [[0.5, 1.5]], "inits": [1.1]},
)
# Two channels with one background variation in both.
COUPLED = workspace(
    {
        "signal": [
            sample("signal", [35.0, 12.0], MU),
            sample(
                "bkg",
                [100.0, 100.0],
                ("histosys", "coupled", {"lo_data": [80.0, 90.0], "hi_data": [118.0, 112.0]}),
            ),
        ],
        "control": [
            sample(
                "background",
                [100.0, 100.0],
                ("histosys", "coupled", {"lo_data": [90.0, 85.0], "hi_data": [115.0, 108.0]}),
            )
        ],
    },
    {"signal": [160.0, 120.0], "control": [105.0, 95.0]},
)
# One staterror of all samples of a channel, and everything else besides; two signals.
EVERYTHING = workspace(
    {
        "signal": [
            sample(
                "signal",
                [8.0, 6.0, 4.0],
                MU,
                ("lumi", "lumi", None),
                ("staterror", "stat", [0.6, 0.5, 0.5]),
                ("histosys", "shape", {"lo_data": [7.0, 6.3, 4.0], "hi_data": [9.2, 5.8, 4.1]}),
            ),
            sample("feed", [2.0, 3.0, 1.0], MU, ("staterror", "stat", [0.3, 0.2, 0.4])),
            sample(
                "qqbar",
                [30.0, 25.0, 12.0],
                ("staterror", "stat", [2.0, 1.5, 1.2]),
                ("normfactor", "norm_qqbar", None),
                (
                    "histosys",
                    "shape",
                    {"lo_data": [32.0, 24.0, 11.0], "hi_data": [29.0, 27.0, 13.0]},
                ),
            ),
            sample(
                "fakes",
                [9.0, 7.0, 5.0],
                ("staterror", "stat", [0.5, 0.5, 0.5]),
                ("shapesys", "fakes_shape", [2.0, 0.0, 1.5]),
                ("normsys", "fakes_norm", {"lo": 0.8, "hi": 1.25}),
            ),
        ],
        "side": [
            sample(
                "qqbar",
                [210.0, 190.0],
                ("normfactor", "norm_qqbar", None),
                ("shapesys", "side_shape", [9.0, 8.0]),
                ("normsys", "fakes_norm", {"lo": 0.97, "hi": 1.02}),
            ),
            sample("other", [20.0, 15.0], ("shapefactor", "other", None)),
        ],
        "control": [sample("other", [40.0, 30.0], ("shapefactor", "other", None))],
    },
    {"signal": [52.0, 37.0, 24.0], "side": [241.0, 190.0], "control": [45.0, 28.0]},
    {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.8, 1.2]], "inits": [1.0]},
)
WORKSPACES = {
    "shapesys": (SHAPESYS, SIGNAL, {"mu": 1.0}),
    "shapefactor": (SHAPEFACTOR, SIGNAL, {"mu": 1.0}),
    "lumi": (LUMI, SIGNAL, {"mu": 1.0}),
    "coupled": (COUPLED, SIGNAL, {"mu": 1.0}),
    "everything": (EVERYTHING, {"signal": ("signal", "feed")}, {"mu": 1.0}),
}


def pyhf_parameters(theirs, model, rates, fixed, data=None):
    """Parameters in pyhf's order; the centres of their constraints, if `data` is given."""
    alpha = rates.alpha[0] if data is None or data.centres is None else data.centres[0]
    names = dict(zip(model.alpha_names, alpha, strict=True))
    if data is None:
        gamma = rates.gamma[0]
    else:
        gamma = np.ones(model.nominal.shape) if data.factors is None else data.factors[0]
    values = []
    for name in theirs.config.par_order:
        count = theirs.config.param_set(name).n_parameters
        if name in fixed:
            values += [fixed[name]] * count
        elif name in names:
            values.append(names[name])
        else:
            for number in range(count):
                own = names.get(f"{name}[{number}]")
                values.append(_factor(theirs, model, gamma, name, number) if own is None else own)
    return np.array(values, float)


def _factor(theirs, model, gamma, name, number):
    """Bin factor of a modifier in its bin: in the slot of the first sample that has it."""
    start = 0
    for channel in theirs.spec["channels"]:
        own = dict(zip(dict(model.channels), model.samples, strict=True))[channel["name"]]
        slots = {each: slot for slot, each in own.items()}
        found = [
            slots[each["name"]]
            for each in channel["samples"]
            if any(modifier["name"] == name for modifier in each["modifiers"])
        ]
        size = len(channel["samples"][0]["data"])
        if found and number < start + size:
            return gamma[found[0], model.channel(channel["name"]).start + number - start]
        start += size if found else 0
    raise KeyError(name)
