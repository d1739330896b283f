"""What an exploration looks at and what it is after."""

import msgspec

from neuromgd.errors import InputError
from neuromgd.nearest import suggestion
from neuromgd.options.axes import Axis, told
from neuromgd.options.config import Config
from neuromgd.shown import short

# Beside the metric of the task, less of each is better: its column in the table, what a figure
# calls it, and its unit.
GOALS = {
    "time": ("hardware_seconds", "hardware time [s]", "s"),
    "energy": ("hardware_joules", "hardware energy [J]", "J"),
    "wear": ("endurance_used", "share of the endurance used [1]", ""),
}
# What may say the length of a run.
LENGTHS = ("steps", "windows", "epochs")
MOST = 10_000


class Exploration(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is explored.

    Attributes:
        over: Axes, as a sweep has them: ``NAME=VALUE,VALUE,…``, ``NAME=log:LOW:HIGH``.
        trials: Designs that are looked at; together they train as long as a quarter of so many.
        goals: Beside the metric, what is to be small: of ``time``, ``energy`` and ``wear``, the
            share of its endurance that a cell uses up; None: what can be known.
        is_mixed: Whether cells are also tried on platforms of another technology.
    """

    over: list[str]
    trials: int = 64
    goals: list[str] | None = None
    is_mixed: bool = False


def refuse(wanted: Exploration) -> None:
    """Raises InputError if an exploration cannot be what is asked."""
    if not 0 < wanted.trials <= MOST:
        raise InputError(f"option trials = {wanted.trials}: from 1 to {MOST:,}")
    for goal in wanted.goals or ():
        if goal not in GOALS:
            raise InputError(
                f"option goals = {short(goal)}: beside the metric there are {', '.join(GOALS)}"
                f"{suggestion(goal, tuple(GOALS))}"
            )


def goals(config: Config, wanted: Exploration, along: list[Axis]) -> tuple[str, ...]:
    """Returns what is to be small, beside the metric: as asked, or what can be known."""
    if wanted.goals is not None:
        return tuple(goal for goal in GOALS if goal in wanted.goals)
    names = {name for axis in along for name in axis.names}
    is_there = {
        "time": config.platform or "platform" in names,
        "wear": config.device.sheet
        or config.device.endurance_cycles
        or names & {"device.sheet", "device.endurance_cycles"},
    }
    is_there["energy"] = is_there["time"]
    return tuple(goal for goal in GOALS if is_there[goal])


def on_one_axis(points: list[dict]) -> str:
    """Returns the axis of a sweep that has these points and no others."""
    names = list(points[0])
    return " with ".join(f"{n}={','.join(told(one[n]) for one in points)}" for n in names)
