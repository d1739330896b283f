"""Long forward passes made short, for a clock that is run again and again.

What passes through servers in a row, in order, each with a time of its own, leaves them as it would
leave the slowest of them followed by a wait for all others: d_k = max(a_k + Σ t, d_(k-1) + max t).
That is a product of (max,+) maps, so it is exact.
"""

from collections import Counter
from fractions import Fraction

from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part, plus


def lumped(hardware: Hardware) -> Hardware:
    """Returns hardware that takes as long, with as few parts in a pass as there can be.

    The first part of a pass stays as it is, since a sample may be handed over there. So does what
    works on a resource that is used twice, and what is no layer, since some passes go without.
    """
    every = [
        hardware.accumulate, hardware.correct, hardware.load, hardware.perturb, hardware.switch,
        hardware.write, hardware.transfer, hardware.reduce, *hardware.feedback, *hardware.forward,
    ]  # fmt: skip
    uses = Counter(part.resource for part in every if part is not None)
    uses.update(resource for part in hardware.forward for resource, _ in part.inside)
    found: list[Part] = list(hardware.forward[:1])
    row: list[Part] = []
    for part in hardware.forward[1:]:
        if part.phase is Phase.FORWARD and uses[part.resource] == 1 and not part.inside:
            row.append(part)
        else:
            found += [*lump(row), part]
            row = []
    return hardware._replace(forward=(*found, *lump(row)))


def lump(row: list[Part]) -> list[Part]:
    """Returns parts in a row as one: as busy as the slowest, done after all of them."""
    if len(row) < 2:
        return row
    slowest = max(part.ticks for part in row)
    sums: dict[str, Fraction | None] = {}
    for part in row:
        for name, joules in part.energy:
            sums[name] = plus(sums[name], joules) if name in sums else joules
    return [
        Part(
            row[0].name, Phase.FORWARD, slowest, (), tuple(sums.items()), row[0].resource,
            after=sum(part.ticks for part in row) - slowest,
        )
    ]  # fmt: skip
