"""The plans of the points of a sweep; of a set of sheets, those that can be run."""

from neuromgd.data.dataset import Dataset
from neuromgd.errors import InputError
from neuromgd.options.axes import told
from neuromgd.options.grid import LeftOut, Point
from neuromgd.plan.plan import Parts, Plan
from neuromgd.study.ensemble import prepared


def planned(
    points: list[Point], parts: Parts, has_set: bool
) -> tuple[list[Point], list[Plan], list[LeftOut]]:
    """Returns the points that can be run, their plans, and the others with the reason.

    Args:
        points: Of a sweep, each checked.
        parts: What a library user brings.
        has_set: Whether one of their axes is all sheets that ship.

    Raises:
        InputError: If a point that was named cannot be run, or none of a set can.
    """
    data: dict[tuple, Dataset] = {}
    found: list[Point] = []
    plans: list[Plan] = []
    left_out: list[LeftOut] = []
    for point in points:
        try:
            plans += prepared([point.config], parts, data=data)
        except InputError as error:
            left_out.append(LeftOut(point.values, str(error)))
            if not has_set:
                break
        else:
            found.append(point)
    if left_out and not (found and has_set):
        where = ", ".join(f"{name} = {told(value)}" for name, value in left_out[0].values.items())
        raise InputError(f"option over: at {where}: {left_out[0].reason}")
    return found, plans, left_out
