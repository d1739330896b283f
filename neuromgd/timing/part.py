"""A part of the hardware at work: how long it is busy once, and what that burns."""

from fractions import Fraction
from typing import NamedTuple

from neuromgd.phases import Phase


class Part(NamedTuple):
    """One interval on one resource.

    Attributes:
        name: What works, such as ``layer 2``; also its resource, unless resources are shared.
        phase: What it does in the timestep.
        ticks: How long [tick].
        pieces: The same time by the entries that make it up, (entry, ticks) [tick].
        energy: Energy by component, (component, joules) [J]; None for an unknown one.
        resource: What it occupies.
        inside: Resources at work meanwhile, (resource, ticks), where it stands for many; ():
            its own.
        after: How long after its end its result is there, where it stands for many in a row
            [tick].
    """

    name: str
    phase: Phase
    ticks: int
    pieces: tuple[tuple[str, int], ...] = ()
    energy: tuple[tuple[str, Fraction | None], ...] = ()
    resource: str = ""
    inside: tuple[tuple[str, int], ...] = ()
    after: int = 0


def plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """Adds two energies; a sum with an unknown part is unknown."""
    return None if one is None or other is None else one + other


def again(part: Part, times: int) -> Part:
    """Returns a part that does so many times in turn what it does once."""
    if times == 1:
        return part
    return part._replace(
        ticks=part.ticks * times,
        pieces=tuple((name, ticks * times) for name, ticks in part.pieces),
        energy=tuple((name, None if e is None else e * times) for name, e in part.energy),
        inside=tuple((name, ticks * times) for name, ticks in part.inside),
    )


def simple(name: str, phase: Phase, ticks: int, energy: Fraction | None = Fraction(0)) -> Part:
    """Returns a part whose time is one entry of the sheet and whose energy is one component."""
    return Part(name, phase, ticks, ((name, ticks),), ((name, energy),), name)
