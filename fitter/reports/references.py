"""References of all that an analysis uses: data, form factors, theory, constants, programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...data.records import Reference
from ...physics.inputs import Inputs

if TYPE_CHECKING:
    from ...physics.form_factors import FormFactors
    from ..drivers.target import Array
    from ..problem import Problem

__all__ = ["KEYS", "Citation", "bibtex", "citations"]

# Said beside the keys.
KEYS = (
    "Keys are made of arXiv numbers, else of DOIs, else of names and years: they are not the "
    "texkeys of INSPIRE, which finds the entries by the numbers."
)

# Programs and methods: what they do, and the reference.
_ALWAYS: Mapping[str, Reference] = MappingProxyType(
    {
        "MINUIT (best fit, errors)": Reference(
            experiment="F. James, M. Roos",
            year=1975,
            doi="10.1016/0010-4655(75)90039-9",
            journal="Comput. Phys. Commun. 10, 343",
        ),
        "iminuit (MINUIT in Python)": Reference(
            experiment="H. Dembinski, P. Ongmongkolkul et al.",
            year=2020,
            doi="10.5281/zenodo.3949207",
        ),
        "emcee (posterior)": Reference(
            experiment="D. Foreman-Mackey, D. W. Hogg, D. Lang, J. Goodman",
            year=2012,
            arxiv="1202.3665",
            doi="10.1086/670067",
        ),
        "NumPy": Reference(
            experiment="C. R. Harris et al.",
            year=2020,
            arxiv="2006.10256",
            doi="10.1038/s41586-020-2649-2",
        ),
        "SciPy": Reference(
            experiment="P. Virtanen et al.",
            year=2019,
            arxiv="1907.10121",
            doi="10.1038/s41592-019-0686-2",
        ),
    }
)
# What a published likelihood rests on besides its data, by its name.
_METHODS: Mapping[str, Mapping[str, Reference]] = MappingProxyType(
    {
        "belle2-2023-bknunu": {
            "reweighting of the published likelihood": Reference(
                experiment="L. Gaertner et al.", year=2024, arxiv="2402.08417"
            ),
            "number densities of Belle II": Reference(
                experiment="Belle II", year=2025, arxiv="2507.12393"
            ),
            "HistFactory": Reference(
                experiment="K. Cranmer et al.",
                year=2012,
                journal="CERN-OPEN-2012-016",
            ),
        }
    }
)
_FLAVIO = Reference(experiment="D. M. Straub", year=2018, arxiv="1810.08132")
_WCXF = Reference(experiment="J. Aebischer et al.", year=2017, arxiv="1712.05298")
_WILSON = Reference(
    experiment="J. Aebischer, J. Kumar, D. M. Straub", year=2018, arxiv="1804.05033"
)
_OWN = Reference(experiment="The bsinv developers", source=("CITATION.cff",))


@dataclass(frozen=True)
class Citation:
    """A reference and what it is needed for.

    Attributes
    ----------
    key : str
        BibTeX key.
    reference : Reference
    used_for : tuple of str
        Such as ``"datum belle_2013_kpnunu_value"``.
    """

    key: str
    reference: Reference
    used_for: tuple[str, ...]

    @property
    def text(self) -> str:
        """Authors, journal, arXiv number, DOI and year, as far as they are known."""
        entry = self.reference
        parts = [
            entry.experiment,
            entry.journal,
            f"arXiv:{entry.arxiv}" if entry.arxiv else None,
            f"doi:{entry.doi}" if entry.doi else None,
            str(entry.year) if entry.year else None,
        ]
        told = ", ".join(part for part in parts if part)
        printed = entry.arxiv or entry.doi or entry.journal
        if not printed and entry.source and len(self.used_for) == 1:
            told += f" ({'; '.join(entry.source)})"
        return told or "no reference is recorded"


def citations(problem: Problem) -> tuple[Citation, ...]:
    """References of all that a problem uses, in the order of data, theory, inputs, programs.

    Form factors and constants are those that the predictions of the terms ask for; theory is the
    papers of the observables.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    tuple of Citation
    """
    found: dict[str, Citation] = {}
    for use, reference in _uses(problem):
        for one in _split(reference):
            key = _key(one)
            if key in found:
                entry = found[key]
                uses = entry.used_for if use in entry.used_for else (*entry.used_for, use)
                found[key] = replace(entry, used_for=uses)
            else:
                found[key] = Citation(key, one, (use,))
    return tuple(found.values())


def bibtex(found: Sequence[Citation]) -> str:
    """Entries of BibTeX, with what the data hold and no more."""
    entries = []
    for one in found:
        entry = one.reference
        fields = {
            "author": f"{{{entry.experiment}}}" if entry.experiment else None,
            "journal": entry.journal,
            "eprint": entry.arxiv,
            "archivePrefix": "arXiv" if entry.arxiv else None,
            "doi": entry.doi,
            "year": str(entry.year) if entry.year else None,
            "note": "; ".join(one.used_for),
        }
        kind = "article" if entry.arxiv or entry.doi or entry.journal else "misc"
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@{kind}{{{one.key},\n" + ",\n".join(lines) + "\n}")
    return "\n\n".join(entries)


def _uses(problem: Problem) -> Iterator[tuple[str, Reference]]:
    """What is used, and its reference."""
    from ...data.constants import constants
    from ...data.form_factors import form_factor_sets
    from ...data.measurements import measurements
    from ...likelihoods.catalogue import names
    from ...likelihoods.flavio.term import FlavioTerm
    from ...models.wcxf.model import WcxfModel

    for term in problem.terms:
        used = [datum for datum in term.data_ids if datum in measurements()]
        for datum in used:
            yield f"datum {datum}", measurements()[datum].reference
        if term.reference is not None and (term.own or not used):
            yield f"datum {term.name}", term.reference
        # What the package has besides data, such as perturbativity, rests on no measurement.
        elif not (used or term.name in names()):
            yield f"datum {term.name}", Reference()
        yield from _METHODS.get(term.name, {}).items()
    yield from _theory(problem)
    asked = _asked(problem)
    for set_id in asked.sets:
        if set_id in form_factor_sets():
            yield f"form factors {set_id}", form_factor_sets()[set_id].reference
    for name in sorted(asked.constants):
        yield f"constant {name}", constants()[name].reference
    if any(isinstance(term, FlavioTerm) for term in problem.terms):
        yield "flavio", _FLAVIO
    if isinstance(problem.model, WcxfModel):
        yield "WCxf", _WCXF
        if any("by the package wilson" in note for note in problem.model.notes):
            yield "wilson", _WILSON
    yield "bsinv", _OWN
    yield from _ALWAYS.items()


def _theory(problem: Problem) -> Iterator[tuple[str, Reference]]:
    from ...physics.observables import ALIASES, observables

    for term in problem.terms:
        for name in term.observables:
            entry = problem.observables.get(name) or observables().get(ALIASES.get(name, name))
            for number in () if entry is None else entry.references:
                yield f"theory of {name}", Reference(arxiv=number)


class _Asked(Inputs):
    """Inputs that note what is asked of them."""

    def __init__(self, own: Inputs) -> None:
        object.__setattr__(self, "_own", own)
        object.__setattr__(self, "constants", set())
        object.__setattr__(self, "sets", {})
        super().__init__(own._constants, own._form_factors)

    constants: set[str]
    sets: dict[str, None]

    def constant(self, name: str) -> Array:
        """Value of a constant, whose name is noted."""
        self.constants.add(name)
        return super().constant(name)

    def form_factors(self, process: str) -> FormFactors:
        """Form factors of a process, whose set is noted."""
        found = super().form_factors(process)
        self.sets[found.source.id] = None
        return found


def _asked(problem: Problem) -> _Asked:
    """What the predictions of all terms ask for at the start."""
    wilson, inputs = problem.wilson(problem.start[None])
    asked = _Asked(inputs)
    for term in problem.terms:
        term.predict(wilson, asked)
    return asked


def _split(reference: Reference) -> Iterator[Reference]:
    """One reference for each arXiv number; of several, authors and journal are not known."""
    numbers = (reference.arxiv or "").split(", ")
    if len(numbers) == 1:
        yield reference
    else:
        for number in numbers:
            yield Reference(arxiv=number)


def _key(reference: Reference) -> str:
    if reference.arxiv:
        return f"arXiv:{reference.arxiv}"
    if reference.doi:
        return "doi:" + re.sub(r"[^A-Za-z0-9./:-]+", "-", reference.doi)
    name = re.sub(r"[^A-Za-z0-9]+", "", reference.experiment or "") or "unknown"
    where = re.sub(r"[^A-Za-z0-9]+", "-", reference.journal or "").strip("-")
    return f"{name}{reference.year or ''}" + (f":{where}" if where else "")
