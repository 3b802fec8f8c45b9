"""Tables of a user's own: header with units, numbers, faults with their lines."""

import pytest
from bsinv.data.curves import parse_curve
from bsinv.errors import DataError


def test_columns_and_units():
    text = "\ufeff# from the paper\r\nm_X [GeV] , limit [1]\r\n\r\n0, 1e-5\r\n# gap\r\n1.5,2e-5"
    table = parse_curve(text, "c.csv")
    assert dict(table.columns) == {"m_X": (0.0, 1.5), "limit": (1e-5, 2e-5)}
    assert dict(table.units) == {"m_X": "GeV", "limit": "1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "c.csv: no line but comments"),
        ("# a [1]\n", "c.csv: no line but comments"),
        ("0, 1e-5\n", "c.csv:1: '0' in the header is no column with its unit"),
        ("m_X, limit [1]\n1, 2\n", "c.csv:1: 'm_X' in the header is no column with its unit"),
        ("m_X [], limit [1]\n1, 2\n", r"'m_X \[\]' in the header"),
        ("m [GeV], m [GeV]\n1, 2\n", "c.csv:1: the column 'm' is named twice"),
        ("m [GeV], limit [1]\n", "c.csv: a header without numbers"),
        ("#\nm [GeV], limit [1]\n1, 2, 3\n", "c.csv:3: 3 numbers for 2 columns"),
        ("m [GeV], limit [1]\n1; 2\n", "c.csv:2: 1 numbers for 2 columns"),
        ("m [GeV], limit [1]\n1, two\n", "c.csv:2: limit is 'two'; allowed: a finite number"),
        ("m [GeV], limit [1]\n1, nan\n", "c.csv:2: limit is 'nan'; allowed: a finite number"),
        ("m [GeV], limit [1]\n1, \n", "c.csv:2: limit is ''; allowed: a finite number"),
    ],
)
def test_faults(text, message):
    with pytest.raises(DataError, match=message):
        parse_curve(text, "c.csv")
