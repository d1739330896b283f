"""One layer event by event: every conversion of every column on its own; the oracle of layer.py."""

import simpy

from neuromgd.sheets.platform_schema import Array
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import Tiling


class LayerSimulation:
    """Arrays that are read slice by slice, and converters that they queue for.

    All arrays of a layer are driven together: a slice ends when the last of its columns is
    converted.
    """

    def __init__(self, array: Array, tiling: Tiling, clock: Clock):
        self.array, self.tiling, self.clock = array, tiling, clock
        self.environment = simpy.Environment()
        self.held = simpy.Resource(self.environment, capacity=1)
        count = 1 if array.pool is not None else tiling.arrays
        self.converters = [
            simpy.Resource(self.environment, capacity=array.pool or array.adcs)
            for _ in range(count)
        ]

    def ticks(self) -> int:
        """Returns how long one product takes, first slice to last conversion [tick]."""
        slices = {"self_timed": self.self_timed, "clocked": self.clocked, "none": self.in_turn}
        self.environment.run(self.environment.process(slices[self.array.overlap]()))
        return int(self.environment.now)

    def read(self):
        """The arrays work for one slice."""
        yield self.environment.timeout(self.clock["read"])

    def convert(self):
        """All columns of all arrays are converted."""
        columns = []
        for number in range(self.tiling.arrays):
            if self.array.pool is None:
                columns += [
                    self.environment.process(self.column(self.converters[number], 1))
                    for _ in range(self.tiling.columns)
                ]
            else:
                whole = self.column(self.converters[0], self.tiling.columns)
                columns.append(self.environment.process(whole))
        yield from columns

    def column(self, converters: simpy.Resource, count: int):
        """So many columns queue for a converter and take it one after the other."""
        with converters.request() as grant:
            yield grant
            for _ in range(count):
                yield self.environment.timeout(self.clock["convert"])

    def in_turn(self):
        """Reads a slice only when the one before is converted."""
        for _ in range(self.array.slices):
            yield from self.read()
            yield from self.convert()

    def self_timed(self):
        """Reads a slice while the one before is converted; one set of held values in between."""
        conversions = []
        for _ in range(self.array.slices):
            yield from self.read()
            hold = self.held.request()
            yield hold
            conversions.append(self.environment.process(self.convert_held(hold)))
        yield from conversions

    def convert_held(self, hold):
        """Converts the held values, then gives their place free."""
        yield from self.convert()
        self.held.release(hold)

    def clocked(self):
        """Reads one slice and converts the one before in each beat of the slower of both."""
        for beat in range(self.array.slices + 1):
            begun = self.environment.now
            work = []
            if beat < self.array.slices:
                work.append(self.environment.process(self.read()))
            if beat:
                work.append(self.environment.process(self.convert()))
            yield from work
            # The first and the last beat are as long as the others, although half empty.
            beat_ticks = max(self.clock["read"], self.conversion())
            yield self.environment.timeout(begun + beat_ticks - self.environment.now)

    def conversion(self) -> int:
        """Returns how long the converters need for one slice, counted column by column [tick]."""
        queues = [0] * (self.array.pool or self.array.adcs)
        jobs, length = (
            (self.tiling.columns, 1)
            if self.array.pool is None
            else (self.tiling.arrays, self.tiling.columns)
        )
        for job in range(jobs):
            queues[job % len(queues)] += length * self.clock["convert"]
        return max(queues)
