"""The axes of a sweep: options, and the values that each of them is to take.

An axis is written ``NAME=VALUE,VALUE,…``, where a value may also be a range (``lin:a:b:n``,
``log:a:b:n``) or all sheets that ship (``@sheets``, ``@platforms``). Two options that change
together are one axis: ``NAME=… with NAME=…``.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from neuromgd.errors import InputError
from neuromgd.nearest import suggestion
from neuromgd.options.catalogue import Option, catalogue
from neuromgd.sheets import library
from neuromgd.shown import short

Value: TypeAlias = float | int | bool | str | tuple | None

# What ``@NAME`` stands for.
SETS = {"@sheets": "devices", "@platforms": "platforms"}
# Names that the command line has for an option.
ALIASES = {
    "device": "device.sheet",
    "hidden": "network.hidden",
    "eta": "learning.rate",
    "amplitude": "synapse.amplitude",
}
# Not of a chip: where a run is written, how it is watched and where it is computed.
FIXED = ("out", "log_every", "memory", "shard_arrays", "metric", "baseline", "data_dir", "engine",
         "stop_at")  # fmt: skip
# Values of one axis.
MOST = 10_000
_WITH = re.compile(r"\s+with\s+")


class Span(NamedTuple):
    """A range that is given by its ends alone: a design chooses within it.

    Attributes:
        low: One end.
        high: The other.
        is_log: Whether it is even over the logarithm.
    """

    low: float
    high: float
    is_log: bool

    def at(self, share: float) -> float:
        """Returns the value at a share of the way from one end to the other."""
        if self.is_log:
            return self.low * (self.high / self.low) ** share
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Returns the share of the way at which a value lies."""
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


class Axis(NamedTuple):
    """Options that change together.

    Attributes:
        names: Of the options.
        values: For each of them, the values that it takes, or the span that they come from.
        is_set: Whether values are all sheets of a kind: those that cannot be run are left out.
    """

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...] | Span, ...]
    is_set: bool = False

    def __len__(self) -> int:
        """Number of places along it; 0: a span has none of its own."""
        return 0 if isinstance(self.values[0], Span) else len(self.values[0])


def axes(over: Sequence[str] | Mapping[str, Sequence[Value]]) -> list[Axis]:
    """Reads ``name=value,value,…`` once for every axis, or a mapping of names to values.

    Raises:
        InputError: If one cannot be read, or names what cannot be swept.
    """
    if isinstance(over, Mapping):
        over = as_text(over)
    found: list[Axis] = []
    seen: set[str] = set()
    for text in over:
        parts = [_option(part, text) for part in _WITH.split(text.strip())]
        for name, _, _ in parts:
            if name in seen:
                raise InputError(f"option over = {short(text)}: {name} is swept already")
            seen.add(name)
        axis = Axis(
            tuple(name for name, _, _ in parts),
            tuple(values for _, values, _ in parts),
            any(is_set for _, _, is_set in parts),
        )
        lengths = {len(one) if isinstance(one, tuple) and not isinstance(one, Span) else 0
                   for one in axis.values}  # fmt: skip
        if len(lengths) > 1:
            raise InputError(
                f"option over = {short(text)}: what changes together has as many values each"
            )
        found.append(axis)
    if not found:
        raise InputError("option over: give at least one, such as device.write_noise=0,0.01,0.03")
    return found


def as_text(over: Mapping[str, Sequence[Value]]) -> list[str]:
    """Returns axes as the command line has them."""
    return [f"{name}={','.join(map(told, over[name]))}" for name in over]


def told(value: Value) -> str:
    """Returns a value as it is written on the command line, and in tables."""
    if value is None:
        return "none"
    if isinstance(value, tuple | list):
        return f"[{','.join(map(str, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, float) else str(value)
    return f"[{text}]" if "," in text else text


def _option(part: str, text: str) -> tuple[str, tuple[Value, ...] | Span, bool]:
    name, equals, values = part.partition("=")
    name = name.strip().replace("-", "_")
    name = ALIASES.get(name, name)
    listed = [value.strip() for value in _listed(values) if value.strip()]
    if not equals or not listed:
        raise InputError(f"option over = {short(text)}: expected NAME=VALUE,VALUE,…")
    known = catalogue()
    if name not in known:
        raise InputError(f"option over = {short(text)}: there is no option {short(name)}"
                         f"{suggestion(name, known)}")  # fmt: skip
    if name in FIXED:
        raise InputError(f"option over = {short(text)}: {name} is the same for all points")
    where = f"option over {name}"
    if len(listed) == 1 and (span := _span(listed[0], known[name], where)):
        return name, span, False
    found = tuple(one for value in listed for one in _values(value, known[name], where))
    if len(found) > MOST:
        raise InputError(f"{where}: {len(found):,} values, allowed are up to {MOST:,}")
    return name, found, any(value in SETS for value in listed)


def _listed(values: str) -> Iterator[str]:
    """Yields what stands between commas that are not inside brackets."""
    return (one for one in re.split(r",(?![^\[]*\])", values))


def _values(text: str, option: Option, where: str) -> list[Value]:
    if text in SETS:
        return list(library.names(SETS[text]))
    if text.startswith(("lin:", "log:")):
        return _range(text, option, where)
    return [value(text, option, where)]


def _span(text: str, option: Option, where: str) -> Span | None:
    """Returns the range that two ends alone give; None: it is none."""
    kind, *numbers = text.split(":")
    if kind not in ("lin", "log") or len(numbers) != 2:
        return None
    low, high = (_number(one, option, where) for one in numbers)
    if kind == "log" and not (low > 0 and high > 0):
        raise InputError(f"{where} = {short(text)}: a logarithmic range has positive ends")
    return Span(low, high, kind == "log")


def _range(text: str, option: Option, where: str) -> list[Value]:
    kind, *numbers = text.split(":")
    if len(numbers) != 3 or not numbers[2].isdigit() or not 1 < int(numbers[2][:6]) <= MOST:
        raise InputError(f"{where} = {short(text)}: expected {kind}:FIRST:LAST:NUMBER")
    span = _span(":".join([kind, *numbers[:2]]), option, where)
    assert span is not None
    count = int(numbers[2])
    found = [rounded(span.at(place / (count - 1)), option) for place in range(count)]
    return list(dict.fromkeys(found))


def rounded(number: float, option: Option) -> float | int:
    """Returns a number of a range as an option takes it, without the dust of its computation."""
    if float not in option.kinds:
        return round(number)
    return float(f"{number:.6g}")


def _number(text: str, option: Option, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not option.is_number:
        raise InputError(f"{where} = {short(text)}: expected a number")
    return number


def value(text: str, option: Option, where: str) -> Value:
    """Reads one value of an option; whether it is allowed is for the configuration to say.

    Raises:
        InputError: If it is of another kind.
    """
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if bare in option.words:
        return bare
    if text.lower() in ("none", "null") and option.may_be_absent:
        return None
    if tuple in option.kinds:
        widths = [one.strip() for one in bare.split(",") if one.strip()]
        if not all(one.isdigit() and len(one) < 10 for one in widths):
            raise InputError(f"{where} = {short(text)}: expected a width, or several: [128,64]")
        return tuple(map(int, widths))
    if bool in option.kinds:
        if bare.lower() not in ("true", "false"):
            raise InputError(f"{where} = {short(text)}: expected true or false")
        return bare.lower() == "true"
    if option.is_number:
        number = _number(bare, option, where)
        # A number of bits is whole; msgspec takes a whole number for any other kind as well.
        return int(number) if number.is_integer() and float not in option.kinds else number
    if option.words:
        raise InputError(
            f"{where} = {short(text)}: there are {', '.join(option.words)}"
            f"{suggestion(bare, option.words)}"
        )
    return bare


def label(name: str) -> str:
    """Returns what an axis of a figure is called: the name of an option, with its unit."""
    option: Any = catalogue().get(name)
    return f"{name} [{option.unit}]" if option and option.unit else name
