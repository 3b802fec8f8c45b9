"""Make the YAML sources of measurements and form factors from a folder of collected data.

    python tools/import_data.py FOLDER

FOLDER holds measurements.yaml, form_factors/index.json with one JSON file for each set, and the
published files of the Belle II likelihood. Written, in data/sources: measurements_*.yaml,
provenance.yaml, form_factors_Bto*.yaml, form_factors_Bstophi.yaml and the Belle II files as they
are. The other sources (constants, overlaps, belle2_2023, form_factors_null) are edited by hand and
not touched. Afterwards run tools/compile_data.py.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import json
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

SOURCES = Path(__file__).parents[1] / "data" / "sources"

TOPIC_FILES = {
    "a": "bsnunu",
    "b": "invisible_charm_kaon",
    "c": "tau_and_lepton_flavour",
    "d": "bsll",
    "e": "mixing",
    "f": "charged_current",
    "g": "radiative",
    "h": "muon_g2",
    "i": "lhc_limits",
    "j": "dark_matter_higgs",
    "k": "inputs",
}
PROCESS_FILES = {"B->K": "BtoK", "B->K*": "BtoKstar", "Bs->phi": "Bstophi"}
BELLE2_FILES = {
    "belle2_2023_bknunu_likelihood.json": "belle2_2023_likelihood.json",
    "belle2_2023_bknunu_number_density_ita_A.csv": "belle2_2023_density_ita_A.csv",
    "belle2_2023_bknunu_number_density_ita_B.csv": "belle2_2023_density_ita_B.csv",
    "belle2_2023_bknunu_number_density_hta.csv": "belle2_2023_density_hta.csv",
}
# Replacements in notes, for what makes sense in the folder alone.
NOTES = {
    "use belle2_2023_bknunu_likelihood.json in this folder (pyhf likelihood and number densities, "
    "HEPData 166082)": "use the published likelihood with its number densities (HEPData 166082)",
    "From memory of the literature; not seen in any source here.": "Not seen in any source.",
}
PROVENANCE = {
    "pdg review": "the named review of the Particle Data Group",
    "flavio-repository": "repository flav-io/flavio; the commit after the @",
    "eos-repository": "repository eos/eos; the commit after the @",
}
CURVE_UNIT = "cm^2 (sigma_SI per nucleon); mass in GeV"
CURVE_NOTE = "Curve: mass in GeV, spin-independent cross section per nucleon in cm^2."
# Masses of sets whose file gives none: (m_B, m_M, where they come from).
RATIO = "implied by the printed ratio a0_A12/a0_A0 to 1e-6"
MASSES = {
    "BtoKstar_BSZ2015_LCSR_Lattice": (5.28, 0.892, RATIO),
    "BtoKstar_BSZ2015_LCSR": (5.28, 0.892, RATIO),
    "Bstophi_BSZ2015_LCSR_Lattice": (5.366, 1.02, RATIO),
    "Bstophi_GRvDV2023_BSZ": (5.366, 1.02, "not given; those of Bstophi_BSZ2015_LCSR_Lattice"),
    "BtoK_FNALMILC2015_BCL": (5.27931, 0.497614, "not given; those of BtoK_FLAG2021_BCL"),
}
POINT_MASSES = {
    "B->K": (5.27941, 0.493677),
    "B->K*": (5.27972, 0.89556),
    "Bs->phi": (5.36693, 1.01946),
}
# A set whose pole does not fit its own points, and what replaces it.
FNAL_F0_POLE = (
    5.711,
    "Pole of f0: 5.711 GeV as in BtoK_FLAG2021_BCL. With 5.63 GeV, as flavio has it, f0 misses the "
    "pseudo-points of the same paper (BtoK_FNALMILC2015_points) by 3 to 7 %; with 5.711 GeV it "
    "meets them to 0.1 %.",
)


def main() -> None:
    """Read the folder named on the command line and write the sources."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the collected data")
    folder = parser.parse_args().folder
    SOURCES.mkdir(parents=True, exist_ok=True)
    import_measurements(folder / "measurements.yaml")
    import_form_factors(folder / "form_factors")
    for old, new in BELLE2_FILES.items():
        shutil.copyfile(folder / old, SOURCES / new)


def import_measurements(path: Path) -> None:
    """Split the measurements by topic, one file each."""
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    content = reader.load(path.read_text(encoding="utf-8"))
    entries = content["entries"]
    observable_of = {entry["id"]: entry.get("observable") for entry in entries}
    for letter, name in TOPIC_FILES.items():
        chosen = [entry for entry in entries if entry.get("group") == letter]
        chosen = [clean(entry, observable_of) for entry in chosen]
        document = {"group": letter, "title": content["meta"]["groups"][letter], "entries": chosen}
        write(f"measurements_{name}.yaml", document)
    provenance = {key: str(text) for key, text in content["sources"].items()}
    provenance |= PROVENANCE
    write("provenance.yaml", provenance)


def clean(entry: CommentedMap, observable_of: dict[str, str | None]) -> CommentedMap:
    """Simplify the unit, name the successor exactly, drop the group and remarks on the folder."""
    del entry["group"]
    unit = str(entry["units"])
    if unit == CURVE_UNIT:
        unit = "cm^2"
        entry["notes"].insert(0, CURVE_NOTE)
    entry.insert(list(entry).index("units"), "unit", DoubleQuotedScalarString(unit))
    del entry["units"]
    if "*" in entry.get("superseded_by", ""):
        pattern = entry["superseded_by"]
        (successor,) = (
            id
            for id, observable in observable_of.items()
            if fnmatch.fnmatch(id, pattern) and observable == entry["observable"]
        )
        entry["superseded_by"] = successor
    for i, note in enumerate(entry.get("notes", [])):
        for old, new in NOTES.items():
            note = note.replace(old, new)
        entry["notes"][i] = note
    if not isinstance(entry["confirmed_by"], str):
        for i, text in enumerate(entry["confirmed_by"]):
            text = text.strip().replace("(paper excerpt, mastodawn)", "(paper excerpt)")
            if text.startswith("(text of the PDG CKM review"):
                text = "pdg review: CKM matrix, December 2025"
            entry["confirmed_by"][i] = text
    # Blank lines and topic headings of the single file hang on the last key of an entry.
    entry.ca.items.clear()
    return entry


def import_form_factors(folder: Path) -> None:
    """Gather the form-factor sets by process, one file each."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for process, name in PROCESS_FILES.items():
        sets = [
            json.loads((folder / item["file"]).read_text(encoding="utf-8"))
            for item in index
            if item["process"] == process
        ]
        write(
            f"form_factors_{name}.yaml", {"process": process, "entries": [convert(s) for s in sets]}
        )


def convert(source: dict[str, Any]) -> dict[str, Any]:
    """Bring one set into the form of the YAML sources."""
    id = source["id"]
    reference = source["reference"]
    authors = reference["authors"]
    if "collaboration" in reference:
        authors += f" ({reference['collaboration']})"
    arxiv = reference["arxiv"]
    record: dict[str, Any] = {
        "id": id,
        "kind": source["type"],
        "status": source["status"],
        "reference": {
            "experiment": authors,
            "year": reference["year"],
            "arxiv": arxiv if isinstance(arxiv, str) else ", ".join(arxiv),
            "source": flow([source["source"].replace("sigma:  (FLAG", "sigma: (FLAG")]),
        },
    }
    notes = list(source["notes"])
    if source["type"] == "points":
        m_B, m_M = POINT_MASSES[source["process"]]
        record |= {"parametrisation": "points", "m_B": m_B, "m_M": m_M}
        record["options"] = {"masses": "PDG; not part of the set"}
        record["points"] = [flow([point["ff"], point["q2"]]) for point in source["points"]]
    else:
        record |= expansion(id, source["parametrisation"], source["names"], notes)
    dependent = [name for name in ("a0_A12", "a0_T2") if name in source["names"]]
    if dependent:
        record["dependent"] = flow(dependent)
        notes = [note for note in notes if not note.startswith("21 names")]
    record["notes"] = notes
    for key in ("names", "central", "sigma"):
        record[key] = flow(source[key])
    record["covariance"] = [flow(row) for row in source["covariance"]]
    return record


def expansion(id: str, form: dict[str, Any], names: list[str], notes: list[str]) -> dict[str, Any]:
    """Name, poles, masses and options of an expansion; may add a note."""
    m_B, m_M = form.get("mB", form.get("MB")), form.get("mM", form.get("MK"))
    origin = "given with the set"
    if m_B is None:
        m_B, m_M, origin = MASSES[id]
    options: dict[str, Any] = {"t0": "optimal", "variable": "z", "terms": 3}
    if form["name"].startswith("BSZ"):
        name, poles = "BSZ", dict(form["mR"])
        options["variable"] = "z - z(0)"
        options["constraints"] = form["constraint"].split("; ")
    else:
        poles = {"f+": form["M1"], "f0": form["M0"], "fT": form["M1"]}
        name = "BCL"
        if form["name"].startswith("modified BCL"):
            name = "BCL-HPQCD"
            options |= {"t0": "zero", "L": form["L"], "constraints": ["a0_f0 = a0_f+ = a0"]}
        elif "a2_f0" in names:
            options["constraints"] = []
        else:
            options["constraints"] = ["a2_f0 from f0(0) = f+(0)"]
    if id == "BtoK_FNALMILC2015_BCL":
        poles["f0"], note = FNAL_F0_POLE
        notes[:] = [note.split(" Pole masses are")[0] for note in notes] + [note]
    options["masses"] = origin
    return {
        "parametrisation": name,
        "poles": flow(poles),
        "m_B": m_B,
        "m_M": m_M,
        "options": options,
    }


def flow(values: Any) -> Any:
    """Mark a list or mapping to be written on one line."""
    marked = CommentedMap(values) if isinstance(values, dict) else CommentedSeq(values)
    marked.fa.set_flow_style()
    return marked


def write(name: str, document: Any) -> None:
    """Write one source file."""
    writer = YAML(typ="rt")
    writer.width = 1_000_000
    writer.representer.add_representer(
        type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    text = io.StringIO()
    writer.dump(document, text)
    spaced = text.getvalue().rstrip("\n").replace("\n- id:", "\n\n- id:") + "\n"
    (SOURCES / name).write_text(spaced, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
