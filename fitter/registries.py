"""Names of all layers, as an analysis may use them."""

from __future__ import annotations

from functools import lru_cache

from .analysis_file.names import KnownNames, KnownObservable, KnownSet

__all__ = ["known_names"]


@lru_cache(maxsize=1)
def known_names() -> KnownNames:
    """Collect the registries of models, likelihoods, constants and form-factor sets.

    Returns
    -------
    KnownNames
    """
    from ..data.constants import constants
    from ..data.form_factors import form_factor_sets
    from ..data.groups import default_floats
    from ..data.measurements import measurements
    from ..likelihoods.catalogue import accepted_options
    from ..models import models
    from ..physics.inputs import DEFAULT_FORM_FACTORS

    return KnownNames(
        models={
            name: {entry.name: (entry.lower, entry.upper) for entry in model.parameters}
            for name, model in models().items()
        },
        likelihoods=accepted_options(),
        constants=tuple(constants()),
        constant_ranges={name: entry.allowed for name, entry in constants().items()},
        same_constants={
            name: entry.gives[0] for name, entry in constants().items() if entry.gives is not None
        },
        default_inputs={
            name: {one: (constants()[one].value, constants()[one].error) for one in floated}
            for name, floated in default_floats().items()
        },
        form_factor_sets={
            name: KnownSet(entry.process, entry.names)
            for name, entry in form_factor_sets().items()
            if entry.kind == "parameters"
        },
        data_ids=(*measurements(), *accepted_options()),
        default_sets=DEFAULT_FORM_FACTORS,
        observables=_observables(),
    )


def _observables() -> dict[str, KnownObservable]:
    from ..physics.observables import ALIASES, observables

    found = {
        name: KnownObservable(entry.kinematics, (*entry.kinematics, *entry.optional))
        for name, entry in observables().items()
    }
    return found | {alias: found[name] for alias, name in ALIASES.items()}
