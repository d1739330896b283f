"""Random hardware, workloads and schedules for the clock's tests.

Strategies draw plain numbers; ``build`` makes the hardware from them, outside of drawing.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from neuromgd.phases import Phase
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import simple
from neuromgd.timing.program import Program, Schedule
from neuromgd.timing.schedules import SCHEDULES, program
from neuromgd.timing.workload import Workload

TICKS = st.integers(0, 300)
PHASES = {
    "subtract": Phase.BROADCAST, "broadcast": Phase.BROADCAST, "accumulate": Phase.LEARN,
    "load": Phase.LOAD, "perturb": Phase.PERTURB, "switch": Phase.PERTURB, "write": Phase.WRITE,
    "hop": Phase.BROADCAST, "cost": Phase.COST,
}  # fmt: skip


class Case(NamedTuple):
    hardware: Hardware
    workload: Workload
    schedule: Schedule

    @property
    def program(self) -> Program:
        return program(self.hardware, self.workload, self.schedule)


class Recipe(NamedTuple):
    """What a case is built from."""

    name: str
    layers: list[int]
    ticks: dict[str, int | None]
    period: int
    at_hub: bool
    workload: dict[str, Any]
    registers: int = 2
    writes: str = "drained"
    rule: str | None = None
    on_link: tuple[str, ...] = ()

    def part(self, name):
        ticks = self.ticks.get(name)
        if ticks is None:
            return None
        made = simple(name, PHASES[name], ticks)
        return made._replace(resource="link") if name in self.on_link else made

    def build(self) -> Case:
        forward = [
            simple(f"layer {i}", Phase.FORWARD, ticks) for i, ticks in enumerate(self.layers, 1)
        ]
        hardware = Hardware(
            forward=(*forward, self.part("cost")),
            feedback=(self.part("subtract"), self.part("broadcast")),
            accumulate=self.part("accumulate"),
            load=self.part("load"),
            perturb=self.part("perturb"),
            switch=self.part("switch"),
            write=self.part("write"),
            reduce=self.part("hop"),
            reduces_singly=self.at_hub,
            period=self.period,
            arbitration={"link": self.rule} if self.rule else {},
        )
        schedule = Schedule(self.name, self.registers, self.writes)
        return Case(hardware, Workload(**self.workload), schedule)


@st.composite
def workloads(draw, blocks=False, chips=1, long_samples=False):
    """Hold times that divide one another as a workload demands, in any order."""
    hold = draw(st.integers(1, 4))
    window = hold * draw(st.integers(1, 5))
    divisors = [n for n in range(1, window + 1) if window % n == 0]
    sample = draw(st.sampled_from([*divisors, 2 * window, 3 * window]))
    if long_samples:
        sample = window * draw(st.integers(1, 3))
    aligned = sample % hold == 0 or hold % sample == 0
    orders = ["alternate", "block"] if blocks and aligned else ["alternate"]
    return {
        "layers": (3, 2),
        "steps": 1,
        "tau_sample": sample,
        "tau_perturbation": hold,
        "tau_update": window,
        "broadcast": draw(st.sampled_from(["perturbation", "timestep"])),
        "pass_order": draw(st.sampled_from(orders)),
        "chips": chips,
    }


@st.composite
def settings_of(draw, order, drained=False):
    """Choices of a schedule, where it goes by them."""
    drawn = {
        "registers": draw(st.integers(1, 4)),
        "writes": "drained" if drained else draw(st.sampled_from(["drained", "behind"])),
    }
    return {name: drawn[name] for name in order.settings if name in drawn}


@st.composite
def cases(draw, name, with_load=None, long_samples=False, drained=False, at_hub=None):
    """A schedule on hardware that can run it; any part but the passes and the bus may lack."""
    order = SCHEDULES[name]
    chips = draw(st.integers(1, 3)) if order.takes_chips else 1
    ticks = {part: draw(TICKS) for part in ("subtract", "broadcast", "accumulate", "cost")}
    for part in ("load", "perturb", "switch", "write"):
        ticks[part] = draw(st.none() | TICKS)
    if with_load is not None:
        ticks["load"] = draw(TICKS) if with_load else None
    if not order.has_switch:
        ticks["switch"] = None
    ticks["hop"] = draw(TICKS) if chips > 1 else None
    return Recipe(
        name=name,
        layers=draw(st.lists(TICKS, min_size=1, max_size=4)),
        ticks=ticks,
        period=draw(st.integers(1, 400)),
        at_hub=draw(st.booleans()) if at_hub is None else at_hub,
        workload=draw(workloads(order.has_blocks, chips, long_samples)),
        **draw(settings_of(order, drained)),
    )


@st.composite
def contended(draw):
    """A schedule in which work meets on a resource that serves by arrival or by priority."""
    name = draw(st.sampled_from(["prefetch", "pipelined"]))
    recipe = draw(cases(name, with_load=True))
    members = ("load", "cost", "broadcast") if draw(st.booleans()) else ("load", "cost")
    return recipe._replace(
        rule=draw(st.sampled_from(["fifo", "priority"])),
        on_link=members,
    )


ON_LINK = (
    ("load", "cost"), ("load", "cost", "broadcast"), ("cost", "broadcast", "write"),
    ("load", "broadcast", "accumulate", "perturb"),
)  # fmt: skip


@st.composite
def long_windows(draw, longest):
    """Contention with windows of 1 to so many timesteps, and samples of any length that fits."""
    recipe = draw(contended())
    hold = draw(st.integers(1, 5))
    windows = 2 ** draw(st.integers(0, (longest // hold).bit_length() - 1))
    window = hold * draw(st.integers(max(1, windows // 2), windows))
    divisors = [n for n in range(1, window + 1) if window % n == 0]
    workload = {
        **recipe.workload, "pass_order": "alternate", "tau_perturbation": hold,
        "tau_update": window, "tau_sample": draw(st.sampled_from([*divisors, 2 * window])),
    }  # fmt: skip
    return recipe._replace(workload=workload, on_link=draw(st.sampled_from(ON_LINK)))
