"""Where flavio is called; importing this module imports flavio, which takes seconds.

flavio asks for Wilson coefficients sector by sector. That is used twice: a prediction of the
Standard Model tells which sectors an observable depends on, and at a parameter point each sector
starts at the scale at which bsinv has its coefficients, so that nothing is run there and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import flavio
from flavio.physics import ckm
from flavio.physics.eft import WilsonCoefficients, sectors_flavio2wcxf
from flavio.physics.running import running

from ...errors import PredictionError, UnknownNameError
from ...physics.wcxf_names import SCALES, WCXF_COEFFICIENTS

__all__ = ["FlavioObservable", "alpha_lambda"]

# Scale of b decays in flavio, GeV: alpha in the normalisation of the operators is that at it.
SCALE = 4.8


@lru_cache(maxsize=1)
def _parameters() -> dict[str, float]:
    """Central values of flavio's own parameters."""
    values: dict[str, float] = flavio.default_parameters.get_central_all()
    return values


@lru_cache(maxsize=2)
def alpha_lambda(quarks: str = "bs") -> tuple[float, float]:
    """Factors beside flavio's coefficients: alpha(4.8 GeV) and |V_tb V_ts*|, or that of bd."""
    parameters = _parameters()
    alpha = float(running.get_alpha_e(parameters, SCALE))
    return alpha, float(abs(ckm.xi("t", quarks)(parameters)))


def _sector(name: str) -> str:
    """Name in WCxf of a sector, which flavio has other names for too."""
    return str(sectors_flavio2wcxf.get(name, name))


class _Recorder(WilsonCoefficients):  # type: ignore[misc]
    """The Standard Model, and a list of what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()
        self.smeft = False

    def get_wc(self, sector: str, scale: float, par: Any, eft: str = "WET", **options: Any) -> Any:
        """Coefficients of a sector: all zero."""
        self._note(sector, eft)
        return super().get_wc(sector, scale, par, eft, **options)

    def get_wcxf(
        self, sector: str, scale: float, par: Any, eft: str = "WET", **options: Any
    ) -> Any:
        """Coefficients of a sector as a WCxf record: empty."""
        self._note(sector, eft)
        return super().get_wcxf(sector, scale, par, eft, **options)

    def _note(self, sector: str, eft: str) -> None:
        self.asked.add(_sector(sector))
        self.smeft = self.smeft or eft == "SMEFT"


class _Point(WilsonCoefficients):  # type: ignore[misc]
    """Coefficients of one parameter point, each sector at its own scale."""

    def __init__(self, values: Mapping[str, complex]) -> None:
        super().__init__()
        grouped: dict[tuple[float, str], dict[str, complex]] = {}
        for name, value in values.items():
            where = SCALES[WCXF_COEFFICIENTS[name].sector]
            grouped.setdefault(where, {})[name] = value
        self._parts = {where: _started(part, *where) for where, part in grouped.items()}

    def get_wc(self, sector: str, *args: Any, **options: Any) -> Any:
        """Coefficients of a sector, run from the scale at which they are given."""
        part = self._part(sector)
        if part is None:
            return super().get_wc(sector, *args, **options)
        return part.get_wc(sector, *args, **options)

    def get_wcxf(self, sector: str, *args: Any, **options: Any) -> Any:
        """Coefficients of a sector as a WCxf record, run from the scale where they are given."""
        part = self._part(sector)
        if part is None:
            return super().get_wcxf(sector, *args, **options)
        return part.get_wcxf(sector, *args, **options)

    def _part(self, sector: str) -> WilsonCoefficients | None:
        where = SCALES.get(_sector(sector))
        return None if where is None else self._parts.get(where)


def _started(values: Mapping[str, complex], scale: float, eft: str) -> WilsonCoefficients:
    part = WilsonCoefficients()
    part.set_initial(dict(values), scale, eft=eft, basis="flavio")
    return part


class FlavioObservable:
    """An observable of flavio with its arguments.

    Parameters
    ----------
    name : str
        Of the observable in flavio.
    arguments : mapping of str to float
        Such as q2min and q2max, in GeV^2.

    Attributes
    ----------
    sectors : frozenset of str
        Sectors of WCxf that the prediction depends on.

    Raises
    ------
    UnknownNameError
        If flavio has no such observable, or the observable no such argument.
    PredictionError
        If an argument is missing, flavio cannot predict the observable in the Standard Model, or
        no coefficient of bsinv changes it.
    """

    def __init__(self, name: str, arguments: Mapping[str, float]) -> None:
        known = flavio.Observable.instances
        if name not in known:
            raise UnknownNameError("observable of flavio", name, known)
        self.name, self.arguments = name, dict(arguments)
        allowed = tuple(known[name].arguments or ())
        for argument in arguments:
            if argument not in allowed:
                raise UnknownNameError("argument", argument, allowed, f"flavio's {name}")
        missing = [argument for argument in allowed if argument not in arguments]
        if missing:
            raise PredictionError(f"flavio's {name} needs a value of {', '.join(missing)}.")
        self.sectors = self._find_sectors()

    def _find_sectors(self) -> frozenset[str]:
        recorder = _Recorder()
        self._predict(recorder)
        if recorder.smeft:
            raise PredictionError(
                f"flavio predicts {self.name} from coefficients at the electroweak scale, which "
                "cannot be had from those below it."
            )
        if not recorder.asked & set(SCALES):
            sectors = ", ".join(sorted(recorder.asked)) or "none"
            raise PredictionError(
                f"flavio's {self.name} depends on no coefficient that bsinv has (sectors: "
                f"{sectors})."
            )
        return frozenset(recorder.asked)

    def predict(self, values: Mapping[str, complex]) -> float:
        """Prediction at one point.

        Parameters
        ----------
        values : mapping of str to complex
            Coefficients of new physics in the basis "flavio", each at the scale of its sector in
            `physics.wcxf_names.SCALES`.

        Returns
        -------
        float
            In the unit that flavio has it in.

        Raises
        ------
        PredictionError
            If flavio refuses.
        """
        return self._predict(_Point(values))

    def _predict(self, point: WilsonCoefficients) -> float:
        record = flavio.Observable[self.name]
        try:
            return float(record.prediction_par(_parameters(), point, **self.arguments))
        except ArithmeticError:
            return float("nan")
        except (KeyError, NameError, TypeError, ValueError) as error:
            given = ", ".join(f"{key} = {value:g}" for key, value in self.arguments.items())
            place = f" at {given}" if given else ""
            raise PredictionError(
                f"flavio cannot predict {self.name}{place} ({type(error).__name__}: {error})."
            ) from error
