"""The answer: time and energy of a run, exactly, and where they go."""

from fractions import Fraction
from functools import cached_property
from math import sqrt

from neuromgd.errors import InputError
from neuromgd.sheets.platform import Platform
from neuromgd.timing.clock import Clock, rounded
from neuromgd.timing.clockwork import Clockwork
from neuromgd.timing.layout import lay_out
from neuromgd.timing.leap import Totals
from neuromgd.timing.ledger import Costs, Energy, Line
from neuromgd.timing.prices import static_watts
from neuromgd.timing.program import Schedule
from neuromgd.timing.schedules import SCHEDULES, usual
from neuromgd.timing.sized import arrays_needed, of_any_size, sized
from neuromgd.timing.workload import Workload

# Half width of the interval of random run times, in standard deviations: 95 % of a normal.
INTERVAL = 1.96


class Report:
    """Time and energy of a run, and where they go.

    Attributes:
        platform: The sheet, at the size of the network.
        original: The sheet as it was given.
        of_any_size: Entries for a whole chip that the sheet does not say how to scale.
        workload: What was timed.
        schedule: In which order.
        hardware: The platform laid out for the workload.
        ticks: Run time [tick], exact; its mean where times are random.
        tick: One tick [s].
    """

    def __init__(self, platform: Platform, workload: Workload, schedule: Schedule):
        self.platform, self.workload, self.schedule = sized(platform, workload), workload, schedule
        self.original = platform
        self.of_any_size = of_any_size(platform)
        self.hardware = lay_out(self.platform, workload)
        self.tick = Clock(platform).tick
        self.clockwork = Clockwork(self.hardware, workload, schedule)
        self.costs = Costs(self.clockwork.program)
        self.ticks, self.totals = self.clockwork.at(workload.steps)
        if not self.ticks:
            raise InputError(
                f"times: {platform.name} takes no time at all at a tick of {platform.tick}; "
                "allowed is a run of one tick or more"
            )

    @property
    def seconds(self) -> float:
        """Time of the whole run [s]."""
        return float(self.ticks * self.tick)

    @cached_property
    def seconds_per_timestep(self) -> float:
        """Time of the run over its timesteps [s]."""
        return float(self.ticks * self.tick / self.workload.steps)

    @cached_property
    def steady_step(self) -> Fraction:
        """Time that a further timestep adds, averaged over a whole period of a long run [tick]."""
        # The state's own period may be several of the schedule's: 5040 is a multiple of 1 to 10.
        period = 5040 * self.clockwork.program.periods[-1]
        far = period * -(-self.workload.steps // period)
        engine = self.clockwork.engine
        return Fraction(engine.at(2 * far)[0] - engine.at(far)[0], far)

    @cached_property
    def energy(self) -> Energy:
        """Energy of the run by component and cause."""
        return self.costs.spend(self.totals, self.static_watts, self.ticks * self.tick)

    @property
    def joules(self) -> float | None:
        """Energy of the whole run [J], or None; ``missing`` then says what is not known."""
        return None if self.energy.total is None else float(self.energy.total)

    @property
    def missing(self) -> tuple[str, ...]:
        """Entries of the sheet without which the energy cannot be told."""
        return self.energy.missing

    @property
    def writes_as_counted(self) -> bool | None:
        """Whether a run has counted the writes; None: the chip passes over nothing anyway."""
        write = self.platform.write
        if write is None or write.skips == "none":
            return None
        return self.workload.writes_per_window is not None

    @property
    def absent(self) -> tuple[str, ...]:
        """Parts that training needs and the sheet has not: the figures are without them."""
        return () if SCHEDULES[self.schedule.name].infers else self.platform.absent

    @property
    def arrays(self) -> int | None:
        """Arrays that hold the network; None where it is not cut into arrays."""
        return arrays_needed(self.platform, self.workload)

    @property
    def is_too_large(self) -> bool:
        """Whether the network needs more arrays than the chip has."""
        there = self.platform.array.count
        is_more = self.arrays is not None and there is not None and self.arrays > there
        return is_more and self.workload.fit != "reload"

    @property
    def static_watts(self) -> Fraction | None:
        """Power that all chips burn whether or not anything happens, or None if unknown [W]."""
        return static_watts(self.platform, self.workload.chips)

    @cached_property
    def deviation(self) -> float:
        """Standard deviation of the run time, where the sheet's times are random [s]."""
        return self.spread(self.totals)

    def spread(self, totals: Totals) -> float:
        """Returns the standard deviation of a run: variances of independent times add [s]."""
        variance = self.clockwork.program.variance
        if not variance:
            return 0.0
        total = Fraction(0)
        for due, count in totals.beats.items():
            operations = self.clockwork.program.operations(due)
            total += count * sum(variance.get(op.part.name, 0) for op in operations)
        return sqrt(total) * float(self.tick)

    def at(self, steps: int) -> tuple[float, float | None]:
        """Returns time [s] and energy [J] after so many timesteps, exactly and at little cost.

        The energy is None wherever that of the whole run is.

        Example:
            >>> import neuromgd.timing as timing
            >>> workload = timing.Workload(layers=(784, 128, 64, 10), steps=10**9)
            >>> report = timing.time_run(timing.load("fpga_320mhz"), workload)
            >>> seconds, joules = report.at(1_000)
        """
        ticks, totals = self.clockwork.at(steps)
        seconds = ticks * self.tick
        if self.joules is None:
            return float(seconds), None
        total = self.costs.spend(totals, self.static_watts, seconds).total
        return float(seconds), float(total or 0)

    @cached_property
    def ledger(self) -> dict[str, Line]:
        """Busy, blocked and idle time of every resource [tick]."""
        return self.costs.lines(self.ticks, self.totals)

    @cached_property
    def pieces(self) -> dict[str, int]:
        """Time at work of every piece of every part, on or off the critical path [tick]."""
        return self.costs.add_up(self.totals, self.costs.pieces)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each thing happened on one chip; a reading is one pass, sample to cost."""
        names = {
            "loads": "load", "perturbations": "perturb", "broadcasts": "broadcast",
            "updates": "write", "transfers": "transfer",
        }  # fmt: skip
        passed = [part.name for part in self.hardware.forward if part.name != "cost"]
        found = dict.fromkeys(("readings", *names), 0)
        for due, times in self.totals.beats.items():
            done = [operation.part.name for operation in self.clockwork.program.operations(due)]
            for what, part in names.items():
                found[what] += times * done.count(part)
            if passed:
                # A loop shows the last part of a pass in its first turn and in its last.
                found["readings"] += times * done.count(passed[-1]) // passed.count(passed[-1])
        return found

    @cached_property
    def paper_ratio(self) -> float | None:
        """The run time over that of the clock of the MGD papers; None without a forward pass."""
        if not self.hardware.period and not self.hardware.pass_ticks:
            return None
        paper = Clockwork(self.hardware, self.workload_of_one_chip, Schedule("paper_clock"))
        return self.ticks / paper.at(self.workload.steps)[0]

    @property
    def workload_of_one_chip(self) -> Workload:
        """The workload without what the paper's clock does not know."""
        own = self.workload
        return Workload(
            layers=own.layers,
            network=own.network,
            replicas=own.replicas,
            steps=own.steps,
            fit=own.fit,
        )

    @property
    def rounded(self) -> dict[str, Fraction]:
        """What rounding to ticks adds to each time of the sheet that is no multiple of one [s]."""
        return rounded(self.platform)


def time_run(
    platform: Platform, workload: Workload, schedule: Schedule | str | None = None
) -> Report:
    """Times a run on a platform.

    Args:
        platform: Sheet of the accelerator.
        workload: Shape of the network, length of the run, hold times.
        schedule: A schedule, or the name of one; None: two_pass, or the only one of the sheet.

    Returns:
        Time and energy; energy is None where the sheet does not know it all.

    Raises:
        InputError: If platform, workload and schedule do not fit, or a needed time is unknown.
    """
    named = usual(set(platform.times)) if schedule is None else schedule
    chosen = Schedule(named) if isinstance(named, str) else named
    return Report(platform, workload, chosen)
