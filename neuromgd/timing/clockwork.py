"""One platform, workload and schedule, ready to be asked for any number of timesteps."""

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.leap import Totals
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.recursion import Recursion
from neuromgd.timing.schedules import program as lay_down
from neuromgd.timing.workload import Workload


class Clockwork:
    """A schedule laid out on hardware, with the engine that runs it."""

    def __init__(self, hardware: Hardware, workload: Workload, schedule: Schedule):
        self.program: Program = lay_down(hardware, workload, schedule)
        self.engine = Recursion(self.program)

    def at(self, steps: int) -> tuple[int, Totals]:
        """Returns time [tick] and totals of a run of so many timesteps."""
        return self.engine.at(steps) if steps else (0, Totals({}, {}, {}))
