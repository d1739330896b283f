"""Units: exact both ways, and unknown ones are refused by name."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd import units
from neuromgd.errors import InputError


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("45 uS", Fraction(45, 10**6), "conductance"),
        ("0.781 ns", Fraction(781, 10**12), "time"),
        ("1e9", Fraction(10**9), "number"),
        ("3.5 %", Fraction(35, 1000), "number"),
        ("559.28 kohm", Fraction(559280), "resistance"),
        ("2 h", Fraction(7200), "time"),
        ("5 m", Fraction(5), "length"),
        ("5 min", Fraction(300), "time"),
    ],
)
def test_parse_is_exact(text, value, dimension):
    assert units.parse(text) == (value, dimension)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.sampled_from("afpnum kMGT"))
def test_a_prefix_is_a_power_of_ten(number, prefix):
    prefix = prefix.strip()
    scale = units.unit(f"{prefix}s").value
    assert units.parse(f"{number:f} {prefix}s").value == Fraction(number) * scale


@pytest.mark.parametrize("text", ["", "fast", "12 parsec", "1..2 ns", "nan s", "inf s", "1e999 s"])
def test_what_is_no_quantity_is_refused_in_one_line(text):
    with pytest.raises(InputError) as refused:
        units.parse(text)
    assert "\n" not in str(refused.value)


def test_a_wrong_dimension_is_refused():
    with pytest.raises(InputError, match="is a time, expected a energy"):
        units.parse("5 ns", "energy")
