"""A platform sheet laid out for one network: from entries to parts."""

import dataclasses
from copy import copy
from fractions import Fraction

from neuromgd.errors import InputError
from neuromgd.phases import Phase
from neuromgd.sheets.platform import Platform
from neuromgd.timing import wires
from neuromgd.timing.clock import Clock
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.layer import tilings_of
from neuromgd.timing.part import Part, again, simple
from neuromgd.timing.passing import passing
from neuromgd.timing.prices import Prices
from neuromgd.timing.reloading import loads
from neuromgd.timing.transferring import row_readings, transfer_pulses
from neuromgd.timing.workload import Workload
from neuromgd.timing.writing import pulses


class Builder:
    """Lays one platform out for one workload.

    Attributes:
        pulses: Write times of one update; None: nothing is written.
        prices: Energies of the sheet, by entry, all factors included [J]; None: not known.
    """

    def __init__(
        self,
        platform: Platform,
        workload: Workload,
        clock: Clock,
        which: str = "value",
        has_prices: bool = True,
    ):
        self.platform, self.workload, self.clock, self.which = platform, workload, clock, which
        self.prices = Prices(platform, which) if has_prices else Prices(None, which)
        self.tilings = tilings_of(platform.array, workload)
        self.written = [one for n, one in enumerate(self.tilings) if n not in workload.frozen]
        write = platform.write if self.written else None
        self.pulses = None if write is None else pulses(write, self.written, workload)
        self.resources = {
            member: shared.name for shared in platform.shared for member in shared.members
        }

    def at(self, clock: Clock) -> "Builder":
        """Returns a builder of the same with other times; what hangs on none is not done anew."""
        other = copy(self)
        other.clock = clock
        return other

    def times(self, name: str, count: Fraction | int) -> tuple[str, Fraction | None]:
        """Returns a component of an energy: so many times one entry of the sheet."""
        energy = self.prices[name]
        return name, None if energy is None else energy * count

    def part(self, name: str, phase: Phase, count: Fraction | int = 1) -> Part | None:
        """Returns a part whose time is one entry of the sheet, or None if the platform lacks it."""
        if name not in self.clock:
            return None
        energy = self.times(name, count)[1]
        return self.placed(simple(name, phase, self.clock[name], energy))

    def placed(self, part: Part) -> Part:
        """Returns the part on the resource that it shares, if it shares one."""
        return part._replace(resource=self.resources.get(part.name, part.name))

    def forward(self) -> tuple[Part, ...]:
        """Returns a forward pass, sample to cost."""
        if self.platform.array.form == "whole":
            turns = self.workload.products.turns
            layers = [one and again(one, turns) for one in (self.part("settle", Phase.FORWARD),)]
        else:
            layers = passing(self.platform, self.workload, self.clock, self.times, self.reloads())
        parts = [
            self.part("send", Phase.LOAD),
            *layers,
            self.part("receive", Phase.COST),
            self.part("host", Phase.COST),
            self.part("cost", Phase.COST),
        ]
        return tuple(part for part in parts if part is not None)

    def reloads(self) -> dict[int, Part]:
        """Returns the writes in front of loops of a pass, for a chip with too few arrays."""
        write, found = self.platform.write, {}
        turns = loads(self.platform, self.workload, self.tilings)
        whole = dataclasses.replace(
            self.workload, rows_per_write=None, write_share=1.0, writes_per_window=None
        )
        for loop, matrices in turns.items():
            assert write is not None, "loads sees to that"
            count = pulses(write, [self.tilings[matrix] for matrix in matrices], whole)
            ticks = round(count.mean * self.clock["write"])
            name, energy = f"reload {len(found) + 1}", (self.times("write", count.energy),)
            found[loop] = Part(name, Phase.WRITE, ticks, (("write", ticks),), energy, name)
        return found

    def broadcast(self) -> Part | None:
        """Returns the way of the scalar from the meter to the synapses."""
        broadcast = self.platform.broadcast
        if broadcast is None:
            return None
        arrays = sum(tiling.arrays for tiling in self.tilings)
        columns = self.platform.array.columns
        way = wires.route(broadcast, self.workload.synapses, arrays, columns)
        pieces = tuple(wires.broadcast_pieces(broadcast, way, self.clock))
        if broadcast.topology in ("direct", "tree"):
            energy = self.times("broadcast", 1)
        elif broadcast.topology == "mesh":
            energy = self.times("router", way.nodes)
        else:
            energy = self.times("wire", way.wire * broadcast.word_bits)
        total = sum(ticks for _, ticks in pieces)
        return self.placed(
            Part("broadcast", Phase.BROADCAST, total, pieces, (energy,), "broadcast")
        )

    def write(self) -> tuple[Part | None, Fraction]:
        """Returns the write of all weights, with the variance of its time [tick²]."""
        count = self.pulses
        if count is None:
            return None, Fraction(0)
        ticks = round(count.mean * self.clock["write"])
        energy = self.times("write", count.energy)
        part = Part("write", Phase.WRITE, ticks, (("write", ticks),), (energy,), "write")
        return self.placed(part), count.variance * self.clock["write"] ** 2

    def transfer(self) -> tuple[Part | None, Fraction]:
        """Returns the transfer of some rows, with the variance of its time [tick²]."""
        workload = self.workload
        if workload.transfer_every is None or not self.written:
            return None, Fraction(0)
        rows = row_readings(self.platform, self.clock, self.written, workload.transfer_rows)
        read = workload.transfer_reads * rows.ticks
        energy = [self.times(n, workload.transfer_reads * count) for n, count in rows.counts]
        pieces, variance = [("read", read)], Fraction(0)
        if self.platform.write is not None:
            count = transfer_pulses(self.platform.write, self.written, workload)
            pieces.append(("write", round(count.mean * self.clock["write"])))
            energy.append(self.times("write", count.energy))
            variance = count.variance * self.clock["write"] ** 2
        ticks = sum(ticks for _, ticks in pieces)
        part = Part("transfer", Phase.WRITE, ticks, tuple(pieces), tuple(energy), "transfer")
        return self.placed(part), variance

    def reduce(self) -> Part | None:
        """Returns the sum of the cost changes of several chips."""
        links, chips = self.platform.links, self.workload.chips
        if chips == 1:
            return None
        if links is None:
            raise InputError(
                f"chips: read {chips}, but {self.platform.name} has no [links] between chips"
            )
        at_hub = links.topology == "star"
        ticks = (1 if at_hub else wires.hops(links, chips)) * self.clock["hop"]
        energy = self.times("hop", 1 if at_hub else chips)
        return self.placed(Part("hop", Phase.BROADCAST, ticks, (("hop", ticks),), (energy,), "hop"))

    def deviations(self) -> dict[str, Fraction]:
        """Returns the variance of each part whose time the sheet says varies [tick²].

        What is repeated inside one part (pulses, hops) varies independently each time.
        """
        write, links = self.platform.write, self.platform.links
        repeats: dict[str, Fraction | int] = {}
        if self.pulses is not None:
            repeats["write"] = self.pulses.mean
        if links is not None and links.topology != "star":
            repeats["hop"] = wires.hops(links, self.workload.chips)
        variance = {}
        for name, entry in self.platform.times.items():
            spread = entry.exact("deviation") if entry.deviation is not None else None
            if spread:
                variance[name] = (spread / self.clock.tick) ** 2 * repeats.get(name, 1)
                if "write" == name in repeats and write and self.workload.transfer_every:
                    times = transfer_pulses(write, self.written, self.workload).mean
                    variance["transfer"] = (spread / self.clock.tick) ** 2 * times
        if variance and self.workload.chips > 1:
            raise InputError(
                f"times.{next(iter(variance))}.deviation: random times of several chips do not "
                "add; allowed is chips 1"
            )
        return variance

    def build(self) -> Hardware:
        """Lays out all parts."""
        if set(self.platform.times) == {"paper_clock"}:
            return Hardware(forward=(), period=self.clock["paper_clock"])
        feedback = [self.part("subtract", Phase.BROADCAST), self.broadcast()]
        write, write_variance = self.write()
        variance = self.deviations()
        transfer, transfer_variance = self.transfer()
        if transfer_variance:
            variance["transfer"] = variance.get("transfer", Fraction(0)) + transfer_variance
        if write_variance:
            variance["write"] = variance.get("write", Fraction(0)) + write_variance
        links = self.platform.links
        arbitration = {shared.name: shared.arbitration for shared in self.platform.shared}
        if links is not None:
            arbitration["hop"] = links.arbitration
        return Hardware(
            forward=self.forward(),
            feedback=tuple(part for part in feedback if part is not None),
            accumulate=self.part("accumulate", Phase.LEARN, self.workload.listeners),
            correct=self.part("accumulate", Phase.LEARN, self.workload.by_error)
            if self.workload.by_error
            else None,
            load=self.part("load", Phase.LOAD),
            perturb=self.part("perturb", Phase.PERTURB, self.workload.kicks),
            switch=self.part("switch", Phase.PERTURB, self.workload.kicks),
            write=write,
            transfer=transfer,
            reduce=self.reduce(),
            reduces_singly=links is not None and links.topology == "star",
            period=self.clock.get("paper_clock"),
            variance=variance,
            arbitration=arbitration,
        )


def lay_out(platform: Platform, workload: Workload, which: str = "value") -> Hardware:
    """Lays a platform out for a workload.

    Args:
        platform: Sheet of the accelerator.
        workload: The network's shape and the number of chips.
        which: ``value``, ``low`` or ``high`` end of each entry's range.

    Raises:
        InputError: If the platform cannot carry the workload or a needed time is unknown.
    """
    return Builder(platform, workload, Clock(platform, which), which).build()
