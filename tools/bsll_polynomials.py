"""Rates of b -> s l l as polynomials in Wilson coefficients: rows of data/sources/tables_bsll.yaml.

A rate is an exact quadratic polynomial in real coefficients, so that a few points of flavio give
all of it: F(h e_i), F(-h e_i) and F(h e_i + k e_j). Needs flavio (the extra ``flavio``); 4 minutes.

    python tools/bsll_polynomials.py             write what is missing in the table
    python tools/bsll_polynomials.py --compare   all rows anew, next to those of the table
"""

from __future__ import annotations

import argparse
import re
from itertools import combinations
from pathlib import Path

import flavio
import numpy as np
import yaml  # type: ignore[import-untyped]
from bsinv.physics.bsll.forms import SIZE, SMALL, filled

SOURCE = Path(__file__).resolve().parent.parent / "data" / "sources" / "tables_bsll.yaml"
SCALE = 4.8

# Names of flavio in the order of the table, and steps that change a rate by its own size.
OPERATORS = ("C9", "C10", "C9p", "C10p", "C7", "C7p", "C8", "CS", "CP", "CSp", "CPp")
STEPS = dict(zip(OPERATORS, (1.5, 1.5, 1.5, 1.5, 0.3, 0.3, 1.0, 3.0, 3.0, 3.0, 3.0), strict=True))
# Of tau leptons, whose masses make scalar operators interfere.
TAU_STEPS = {"C9": 5.0, "C10": 5.0, "C9p": 5.0, "C10p": 5.0}
COLUMN = re.compile(r"(?P<decay>.*?)(?P<pair>mumu|ee|tautau)(?P<window>\[.*\])?$")
THEIRS = {"B+->K+": "B+->K", "B0->K*0": "B0->K*"}
NEW = ("B+->K+mumu[14.3,22.9]", "B+->K+ee[14.3,22.9]")


class Rate:
    """A rate of flavio as a function of the coefficients of a column of the table.

    Parameters
    ----------
    column : str
        Such as ``B+->K+mumu[1.1,6.0]``.
    """

    def __init__(self, column: str) -> None:
        found = COLUMN.fullmatch(column)
        if found is None:
            raise SystemExit(f"no decay and pair of leptons in {column!r}")
        self.pair, window = found["pair"], found["window"]
        decay = THEIRS[found["decay"]] + self.pair
        self.name = f"<dBR/dq2>({decay})" if window else f"BR({decay})"
        self.limits = [float(part) for part in window[1:-1].split(",")] if window else []
        self.steps = STEPS | (TAU_STEPS if self.pair == "tautau" else {})

    def __call__(self, **values: float) -> float:
        """Mean of dBR/dq2, GeV^-2, or a total, with the coefficients of flavio by name."""
        named = {
            f"{name}_bs" + ("" if name in ("C7", "C7p", "C8") else self.pair): value
            for name, value in values.items()
        }
        wilson = flavio.WilsonCoefficients()
        if named:
            wilson.set_initial(named, scale=SCALE, eft="WET", basis="flavio")
        return float(flavio.np_prediction(self.name, wilson, *self.limits))

    def form(self, known: np.ndarray | None) -> np.ndarray:
        """Symmetric matrix of the quadratic form in (1, coefficients).

        Parameters
        ----------
        known : (SMALL, SMALL) array or None
            Part that need not be made again.
        """
        form = np.zeros((SIZE, SIZE))
        first = 0
        if known is not None:
            form[:SMALL, :SMALL], first = known, SMALL - 1
        central = self()
        if known is None:
            form[0, 0] = central
        for k, name in enumerate(OPERATORS[first:], first + 1):
            step = self.steps[name]
            up, down = self(**{name: step}), self(**{name: -step})
            form[0, k] = form[k, 0] = (up - down) / (4.0 * step)
            form[k, k] = (up + down - 2.0 * central) / (2.0 * step**2)
        for (i, one), (j, other) in combinations(enumerate(OPERATORS, 1), 2):
            if j <= first:
                continue
            h, g = self.steps[one], self.steps[other]
            # The difference leaves the product alone: no error of the table's part gets in.
            mixed = self(**{one: h, other: g}) - self(**{one: h, other: -g})
            form[i, j] = form[j, i] = mixed / (4.0 * h * g) - form[0, j] / h
        return cleaned(form)


def cleaned(form: np.ndarray) -> np.ndarray:
    """The form with what is zero but for rounding errors set to zero."""
    size = np.sqrt(np.abs(np.diag(form)))
    return np.where(np.abs(form) < 1e-8 * np.outer(size, size), 0.0, form)


def rows(form: np.ndarray) -> list[float]:
    """Upper triangle in the order of the table: that of the first coefficients, then columns."""
    small = 2.0 * form[:SMALL, :SMALL]
    np.fill_diagonal(small, np.diag(form)[:SMALL])
    values = [*small[np.triu_indices(SMALL)]]
    for j in range(SMALL, SIZE):
        values += [*(2.0 * form[:j, j]), form[j, j]]
    return values


def line(column: str, values: list[float]) -> str:
    return f'    "{column}": [{", ".join(f"{value:.10g}" for value in values)}]\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--compare", action="store_true", help="write nothing")
    compare = parser.parse_args().compare
    text = SOURCE.read_text("utf-8")
    entry = next(e for e in yaml.safe_load(text)["entries"] if e["name"] == "bsll_polynomials")
    complete = len(rows(np.zeros((SIZE, SIZE))))
    for column in (*entry["columns"], *(c for c in NEW if c not in entry["columns"])):
        present = entry["columns"].get(column, [])
        if compare:
            fresh, old = Rate(column).form(None), filled(np.array(present))
            size = np.sqrt(np.diag(fresh) + (np.diag(fresh) == 0.0))
            off = np.abs(fresh - old) / np.outer(size, size)
            print(f"{column:28s} {off[:SMALL, :SMALL].max():.1e} {off.max():.1e}")
            continue
        if len(present) == complete:
            continue
        count = SMALL * (SMALL + 1) // 2
        known = filled(np.array(present[:count]))[:SMALL, :SMALL] if present else None
        values = rows(Rate(column).form(known))
        if present:
            pattern = re.compile(rf'(?m)^    "{re.escape(column)}": \[([^\]]*)\]\n')
            kept = [f"{float(value)!r}" for value in present[:count]]
            added = [f"{value:.10g}" for value in values[count:]]
            row = f'    "{column}": [{", ".join((*kept, *added))}]\n'
            text = pattern.sub(lambda _, row=row: row, text)  # type: ignore[misc]
        else:
            units = '  units: {"B+'
            named = f'  units: {{"{column}": "GeV^-2", "B+'
            text = text.replace(units, line(column, values) + named)
        print(column, len(values))
        SOURCE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
