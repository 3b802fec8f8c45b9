"""Numbers as text, rounded to two significant digits of their error."""

from __future__ import annotations

import math

__all__ = ["decimals", "format_interval", "format_measured", "format_number"]

# Errors below this part of the value are left over from sums of numbers that are all the same.
_NOISE = 1e-12

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals(error: float) -> int:
    """Digits after the point that leave two significant digits of an error.

    An error that rounds up to the next power of ten keeps two digits: 0.0996 becomes 0.10.

    Parameters
    ----------
    error : float
        Positive and finite.

    Returns
    -------
    int
        Negative if digits before the point are rounded away.
    """
    digits = 1 - math.floor(math.log10(error))
    return digits - 1 if round(error, digits) >= 10.0 ** (2 - digits) else digits


def _fixed(value: float, digits: int) -> str:
    rounded = round(value, digits) + 0.0  # no minus sign before a zero
    return f"{rounded:.{max(digits, 0)}f}"


def _exponent(*values: float) -> int:
    """Power of ten to take out of numbers that are awkward to read without."""
    size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if size == 0.0 or 1e-3 <= size < 1e5:
        return 0
    return math.floor(math.log10(size))


def _scaled(body: str, exponent: int, style: str, brackets: bool) -> str:
    """Put a power of ten behind a text."""
    if exponent and brackets:
        body = f"({body})"
    if style == "latex":
        power = rf" \times 10^{{{exponent}}}" if exponent else ""
        return f"${body}{power}$"
    return f"{body} × 10{str(exponent).translate(_SUPERSCRIPT)}" if exponent else body


def format_number(value: float, style: str = "text", digits: int = 4) -> str:
    """Format a number that has no error.

    Parameters
    ----------
    value : float
    style : str
        ``"text"`` or ``"latex"``.
    digits : int
        Significant digits.

    Returns
    -------
    str
        A dash if the value is NaN.
    """
    if math.isnan(value):
        return "–" if style == "text" else "--"
    if math.isinf(value):
        sign = "-" if value < 0 else ""
        return f"{sign}∞" if style == "text" else rf"${sign}\infty$"
    exponent = _exponent(value)
    # Adding zero takes the minus sign off a zero.
    return _scaled(f"{value / 10.0**exponent + 0.0:.{digits}g}", exponent, style, False)


def format_measured(
    value: float, minus: float, plus: float, style: str = "text", resolve: bool = False
) -> str:
    """Format a value with its errors, rounded to two digits of the smaller error.

    Parameters
    ----------
    value : float
    minus, plus : float
        Lower and upper error, of any sign; zero or NaN if there is none.
    style : str
        ``"text"`` or ``"latex"``.
    resolve : bool
        Give a third digit to errors that differ by more than one per cent but look the same with
        two: for errors known that well, such as those of MINOS.

    Returns
    -------
    str
        Such as ``"1.23 ± 0.45"`` or ``"1.23 +0.45 -0.33"``; only the value if it has no error, or
        none above the rounding of floating-point numbers, 1e-12 of the value.
    """
    low, high = abs(minus), abs(plus)
    noise = _NOISE * abs(value) if math.isfinite(value) else 0.0
    errors = [error for error in (low, high) if math.isfinite(error) and error > noise]
    if not errors or not math.isfinite(value):
        return format_number(value, style)
    exponent = _exponent(value, *errors)
    scale = 10.0**exponent
    digits = decimals(min(errors) / scale)
    alike = _fixed(low / scale, digits) == _fixed(high / scale, digits)
    if resolve and alike and abs(low - high) > 0.01 * max(low, high):
        digits += 1
    center = _fixed(value / scale, digits)
    down, up = (_fixed(error / scale, digits) if error in errors else "?" for error in (low, high))
    if down == up:
        sign = r"\pm" if style == "latex" else "±"
        return _scaled(f"{center} {sign} {up}", exponent, style, True)
    if style == "latex":
        return _scaled(f"{center}^{{+{up}}}_{{-{down}}}", exponent, style, True)
    return _scaled(f"{center} +{up} -{down}", exponent, style, True)


def format_interval(lower: float, upper: float, style: str = "text") -> str:
    """Format an interval, rounded to two significant digits of half its width.

    Parameters
    ----------
    lower, upper : float
    style : str
        ``"text"`` or ``"latex"``.

    Returns
    -------
    str
        Such as ``"[-1.02, 1.97]"``; a dash if it is not finite.
    """
    half = 0.5 * (upper - lower)
    if not math.isfinite(half):
        return format_number(math.nan, style)
    exponent = _exponent(lower, upper)
    scale = 10.0**exponent
    if half <= _NOISE * max(abs(lower), abs(upper)):
        body = f"[{lower / scale:.4g}, {upper / scale:.4g}]"
    else:
        digits = decimals(half / scale)
        body = f"[{_fixed(lower / scale, digits)}, {_fixed(upper / scale, digits)}]"
    return _scaled(body, exponent, style, False)
