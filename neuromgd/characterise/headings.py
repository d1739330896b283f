"""What a heading says of its column: its role, its unit, its direction, its device."""

import re
from typing import Literal, NamedTuple

from neuromgd import units
from neuromgd.errors import InputError

Role = Literal[
    "pulse", "signal", "voltage", "time", "cycle", "device", "direction", "error", "other", ""
]
SIGNALS = ("conductance", "current", "resistance", "number")
# What may stand in a line of units without brackets.
UNITS_ALONE = frozenset(
    f"{prefix}{base}"
    for prefix in ("", "f", "p", "n", "u", "µ", "μ", "m", "k", "g")
    for base in ("s", "a", "v", "ohm", "ω")
) | {"1", "#", "-", "a.u.", "pulses", "%"}
UP = frozenset({"up", "ltp", "pot", "potentiation", "set", "increase", "inc", "p", "auf", "+"})
DOWN = frozenset({"down", "ltd", "dep", "depression", "reset", "decrease", "dec", "d", "ab", "-"})

_NORMALISED = frozenset({"", "1", "a.u.", "a.u", "au", "arb.", "arb. u.", "arb. units", "norm",
                         "norm.", "normalised", "normalized"})  # fmt: skip
_WORDS: dict[Role, frozenset[str]] = {
    "error": frozenset({"std", "stdev", "sd", "err", "error", "sigma", "sem", "uncertainty"}),
    "signal": frozenset({"g", "cond", "conductance", "leitwert", "i", "current", "strom", "r",
                         "res", "resistance", "widerstand", "weight", "conductivity"}),
    "voltage": frozenset({"v", "volt", "voltage", "vg", "vd", "vds", "vgs", "bias", "spannung",
                          "amplitude"}),
    "time": frozenset({"time", "zeit", "t", "timestamp", "elapsed", "seconds", "duration", "width",
                       "delay", "retention"}),
    "cycle": frozenset({"cycle", "cycles", "loop", "sweep", "repeat", "repetition", "zyklus"}),
    "device": frozenset({"device", "dev", "cell", "die", "dut", "sample", "chip"}),
    "direction": frozenset({"direction", "polarity", "sign", "type", "mode", "operation",
                            "process"}),
    "pulse": frozenset({"pulse", "pulses", "puls", "pulsnummer", "pulsenumber", "pulsenum",
                        "pulseindex", "number", "num", "no", "nr", "n", "#", "index", "idx",
                        "step", "steps", "count", "point", "k", "x"}),
}  # fmt: skip
_BY_DIMENSION: dict[str, Role] = {"voltage": "voltage", "time": "time"}


class Heading(NamedTuple):
    """A heading.

    Attributes:
        text: As it stands in the file.
        role: What the column is; empty: the heading does not say.
        unit: As ``units.unit`` takes it, or as it stands if it is none; None: none is named.
        dimension: Of the unit; None: there is none, or it is unknown.
        direction: 1 up, −1 down, 0 not said.
        label: What is left of the name, such as that of a device.
    """

    text: str
    role: Role
    unit: str | None
    dimension: str | None
    direction: int
    label: str


def heading(text: str) -> Heading:
    """Reads a heading such as ``G_up (µS)``, ``I / A``, ``device 2 [uS]`` or ``Pulse #``."""
    name, unit = _cut(text)
    dimension = None if unit is None else dimension_of(unit)
    words = _words(name)
    direction = 1 if words & UP - {"p"} else 0
    # "reset" is told from "set" by whole words.
    direction = -1 if words & DOWN - {"d", "-"} else direction
    known = frozenset.union(UP, DOWN, _WORDS["signal"], _WORDS["pulse"])
    label = " ".join(w for w in re.split(r"[\s_]+", name) if w and not _words(w) <= known)
    return Heading(text, _role(words, dimension), unit, dimension, direction, label)


def dimension_of(unit: str) -> str | None:
    """Returns the dimension of a unit; "number" where values are normalised, None if unknown."""
    if unit.lower() in _NORMALISED:
        return "number"
    try:
        return units.unit(unit).dimension
    except InputError:
        return None


def tidied(unit: str) -> str:
    """Returns a unit as ``units.unit`` takes it: ``µS`` as uS, ``kΩ`` and ``KOhm`` as kohm."""
    bare = unit.strip().replace("µ", "u").replace("μ", "u")
    bare = re.sub(r"[ΩΩ]|(?i:ohms?)$", "ohm", bare)
    return re.sub(r"^K(?=ohm)", "k", bare)


def _role(words: frozenset[str], dimension: str | None) -> Role:
    if words & _WORDS["error"]:
        return "error"
    if dimension in ("conductance", "current", "resistance"):
        return "signal"
    # "conductance [us]" names a signal, with a unit that is none: told where it is used.
    if words & _WORDS["signal"] and not words & _WORDS["pulse"]:
        return "signal"
    if dimension in _BY_DIMENSION:
        return _BY_DIMENSION[dimension]
    for role in ("pulse", "voltage", "time", "cycle", "device", "direction", "signal"):
        if words & _WORDS[role]:
            return role
    if words & (UP | DOWN) or (dimension == "number" and words):
        return "signal"
    return "other" if words else ""


def _cut(text: str) -> tuple[str, str | None]:
    """Returns the name and the unit of a heading: in brackets, after a slash, underscore, blank."""
    if match := re.search(r"[\[(]([^\[\]()]*)[\])]\s*$", text):
        return text[: match.start()].strip(), tidied(match[1])
    if match := re.search(r"(?:/|\bin\b|,)\s*(\S+)\s*$", text):
        unit = tidied(match[1])
        if dimension_of(unit) is not None:
            return text[: match.start()].strip(), unit
    if match := re.search(r"[_\s](\S+?)\s*$", text):
        name, unit = text[: match.start()].strip(), tidied(match[1])
        is_signal = bool(_words(name) & (_WORDS["signal"] | UP | DOWN))
        if is_signal and dimension_of(unit) in SIGNALS[:3]:
            return name, unit
    return text.strip(), None


def _words(name: str) -> frozenset[str]:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return frozenset(re.findall(r"[^\W\d_]+|[#+]|(?<!\w)-(?!\w)", split.lower()))
