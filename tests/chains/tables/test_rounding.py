import math

import pytest
from bsinv.chains.tables.rounding import decimals, format_interval, format_measured, format_number
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("error", "expected"),
    [(0.123, 2), (0.0996, 2), (0.0994, 3), (0.99, 2), (0.996, 1), (1.0, 1), (12.3, 0), (123.0, -1)],
)
def test_decimals(error, expected):
    assert decimals(error) == expected


@pytest.mark.parametrize(
    ("arguments", "text", "latex"),
    [
        ((1.2345, 0.123, 0.123), "1.23 ± 0.12", r"$1.23 \pm 0.12$"),
        ((1.2345, -0.123, 0.456), "1.23 +0.46 -0.12", r"$1.23^{+0.46}_{-0.12}$"),
        ((4.6, 1.33, 1.35), "4.6 +1.4 -1.3", r"$4.6^{+1.4}_{-1.3}$"),
        ((0.041, 0.001, 0.001), "0.0410 ± 0.0010", r"$0.0410 \pm 0.0010$"),
        ((5.0, 0.0996, 0.0996), "5.00 ± 0.10", r"$5.00 \pm 0.10$"),
        ((-0.0001, 0.12, 0.12), "0.00 ± 0.12", r"$0.00 \pm 0.12$"),
        ((1234.5, 567.0, 567.0), "1230 ± 570", r"$1230 \pm 570$"),
        ((2.3e-5, 7e-6, 7e-6), "(2.30 ± 0.70) × 10⁻⁵", r"$(2.30 \pm 0.70) \times 10^{-5}$"),
        ((3e-6, -1e-6, 2e-6), "(3.0 +2.0 -1.0) × 10⁻⁶", r"$(3.0^{+2.0}_{-1.0}) \times 10^{-6}$"),
        ((1.5, math.nan, 0.25), "1.50 +0.25 -?", r"$1.50^{+0.25}_{-?}$"),
        ((1.23456, math.nan, math.nan), "1.235", "$1.235$"),
        ((1.23456, 0.0, 0.0), "1.235", "$1.235$"),
        ((math.nan, 0.1, 0.1), "–", "--"),
        ((0.490075261905248971, 5.6e-17, 5.6e-17), "0.4901", "$0.4901$"),
        ((4.75e-6, 8e-22, 9e-22), "4.75 × 10⁻⁶", r"$4.75 \times 10^{-6}$"),
        ((0.0, 1e-20, 1e-20), "(0.0 ± 1.0) × 10⁻²⁰", r"$(0.0 \pm 1.0) \times 10^{-20}$"),
    ],
)
def test_measured(arguments, text, latex):
    assert format_measured(*arguments) == text
    assert format_measured(*arguments, "latex") == latex


@pytest.mark.parametrize(
    ("ends", "text", "latex"),
    [
        ((-1.0234, 1.9731), "[-1.0, 2.0]", "$[-1.0, 2.0]$"),
        ((0.0401, 0.0419), "[0.04010, 0.04190]", "$[0.04010, 0.04190]$"),
        ((1.1e-5, 2.2e-5), "[1.10, 2.20] × 10⁻⁵", r"$[1.10, 2.20] \times 10^{-5}$"),
        ((2.0, 2.0), "[2, 2]", "$[2, 2]$"),
        ((math.nan, 1.0), "–", "--"),
        ((-math.inf, 1.0), "–", "--"),
    ],
)
def test_interval(ends, text, latex):
    assert format_interval(*ends) == text
    assert format_interval(*ends, "latex") == latex


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (0.0, "0", "$0$"),
        (0.123456, "0.1235", "$0.1235$"),
        (-4.44e-6, "-4.44 × 10⁻⁶", r"$-4.44 \times 10^{-6}$"),
        (6.022e23, "6.022 × 10²³", r"$6.022 \times 10^{23}$"),
        (math.inf, "∞", r"$\infty$"),
        (-math.inf, "-∞", r"$-\infty$"),
    ],
)
def test_number(value, text, latex):
    assert format_number(value) == text
    assert format_number(value, "latex") == latex


@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e3))
def test_text_reads_back_within_the_rounding(value, error):
    text = format_measured(value, error, error)
    center, _, shown = text.partition(" ± ")
    step = 10.0 ** -decimals(error)
    assert float(center) == pytest.approx(value, abs=0.51 * step)
    assert float(shown) == pytest.approx(error, abs=0.51 * step)
    assert center != "-0"


def test_a_third_digit_where_two_hide_a_difference():
    assert format_measured(4.599, -1.326, 1.349) == "4.6 ± 1.3"
    assert format_measured(4.599, -1.326, 1.349, resolve=True) == "4.60 +1.35 -1.33"
    assert format_measured(4.599, -1.326, 1.327, resolve=True) == "4.6 ± 1.3"
    assert format_measured(1.14, -2.66, 2.77, resolve=True) == "1.1 +2.8 -2.7"


def test_an_interval_of_rounding_errors_alone_has_no_digits_of_them():
    shown = format_interval(0.49007526190524886, 0.49007526190524908)
    assert shown == "[0.4901, 0.4901]"


def test_zero_has_no_sign():
    assert format_number(-0.0) == "0"
