"""Write the table of docs/statistics/likelihoods.md: limits of which more than the limit is known.

    python tools/limit_forms.py            # write the table into the page
    python tools/limit_forms.py --check    # exit 1 if the page has another one

One row for each form that a source allows: the branching fraction that it stands for, its credible
bound with a flat prior, the published limit at the same level, and what is used; and one for each
fitted yield that stands for none, as its efficiency is not known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bsinv.data.measurements import measurements
from bsinv.data.records import Measurement
from bsinv.likelihoods.limit_forms import MeasuredForm, chosen_form, measured_forms
from bsinv.likelihoods.measured import usable

PAGE = Path(__file__).parent.parent / "docs" / "statistics" / "likelihoods.md"
BEGIN, END = "<!-- tools/limit_forms.py -->\n", "<!-- end of the table -->\n"
HEAD = (
    "| limit | form | in units of | measured | bound | published limit | used |\n"
    "|---|---|---|---|---|---|---|\n"
)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def table() -> str:
    """Markdown of the table."""
    rows = []
    for record in measurements().values():
        if record.kind != "upper_limit" or record.limit is None or not usable(record):
            continue
        forms, used = measured_forms(record), chosen_form(record, "measured")
        if not forms and "signal_yield" in (record.counts or {}):
            rows.append(_bare_row(record))
        for form in forms:
            taken = used is not None and used.kind == form.kind
            rows.append(_row(record.id, form, _verdict(form, taken)))
    return HEAD + "".join(rows)


def _bare_row(record: Measurement) -> str:
    """A yield without an efficiency."""
    counts, (power, digits) = record.counts or {}, _scale(record.limit or 1.0)
    measured = f"{counts['signal_yield']:g} events".replace("-", "−")
    verdict = "half Gaussian: no efficiency"
    cells = f"`{record.id}`", "yield", power, measured, "", digits(record.limit or 1.0), verdict
    return f"| {' | '.join(cells)} |\n"


def _scale(limit: float) -> tuple[str, Callable[[float], str]]:
    """Power of ten of a limit, and how numbers are written in units of it."""
    exponent = int(np.floor(np.log10(limit) + 1e-9))

    def digits(value: float) -> str:
        return f"{value * 10.0**-exponent:.2f}".replace("-", "−")

    return f"10{str(exponent).translate(SUPERSCRIPTS)}", digits


def _verdict(form: MeasuredForm, taken: bool) -> str:
    if taken:
        return "yes"
    ratio = form.bound / form.limit
    percent = f"{100 * (ratio - 1):+.0f} %".replace("-", "−")
    return "no: the one above is" if form.good else f"half Gaussian: {percent}"


def _row(name: str, form: MeasuredForm, verdict: str) -> str:
    power, digits = _scale(form.limit)
    bound = digits(form.bound)
    if form.kind == "counts":
        # Of no event the background does not matter, and may not be known.
        background = f"{form.background:g}" if form.background > 0 else "any"
        measured = f"{form.observed:g} events on {background}"
        if np.isnan(form.sensitivity):
            bound = "the limit"
        else:
            measured += f", one is {digits(1.0 / form.sensitivity)}"
    else:
        sides = digits(form.error_plus), digits(form.error_minus)
        measured = digits(form.value)
        measured += f" ± {sides[0]}" if sides[0] == sides[1] else f" +{sides[0]} −{sides[1]}"
    cells = f"`{name}`", form.kind, power, measured, bound, digits(form.limit), verdict
    return f"| {' | '.join(cells)} |\n"


def page(text: str) -> str:
    """Return the text of the page with the table of now between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE}: the marks {BEGIN.strip()} and {END.strip()} are needed")
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> None:
    """Write the page or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the page is stale")
    check = parser.parse_args().check
    text = PAGE.read_text(encoding="utf-8")
    made = page(text)
    if check and made != text:
        sys.exit(f"stale: {PAGE.name}; run tools/limit_forms.py")
    if not check:
        PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
