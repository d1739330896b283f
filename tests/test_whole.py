"""Whole numbers as text: one reader, and nothing else gets through."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.whole import LARGEST, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("128", 128), ("1e9", 10**9), ("1.5e3", 1500), (" 1_000 ", 1000), ("-3", -3), ("2.50e1", 25)],
)
def test_numbers_are_read_as_written(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "x", "1.5", "1e-3", "1e400", "1e1000000000", "9" * 5000, "1/2", "nan", "inf", "0x10",
     "1e19", "-1e19", "1 2", "\x00"],
)  # fmt: skip
def test_all_else_is_refused_in_one_short_line(text):
    with pytest.raises(InputError, match="allowed is a whole number") as refused:
        whole(text)
    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})?(e[0-9]{1,2})?"))
def test_what_is_read_is_the_number(text):
    try:
        number = whole(text)
    except InputError:
        return
    assert number == Fraction(text.strip().replace("_", ""))
    assert abs(number) <= LARGEST


def command(steps: int = 1, offset: int | None = None, sizes: tuple[int, ...] = ()) -> tuple:
    return steps, offset, sizes


def test_every_whole_option_of_every_command_is_read_by_it():
    given = ["--steps", "1e2", "--offset", "2e3", "--sizes", "3", "1e1"]
    assert parse(command, "test", given) == (100, 2000, (3, 10))
    with pytest.raises(InputError, match="steps"):
        parse(command, "test", ["--steps", "1.5"])
