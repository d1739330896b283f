"""Points of a sweep in portions: those that share a program, and fit into the memory together.

What is done, and what waits, is in the folder of its portion; one portion at a time is in memory.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import tomli_w

from neuromgd.fleet.needed import points_at_once
from neuromgd.fleet.processes import agreed
from neuromgd.options.grid import FILE, Point
from neuromgd.plan.plan import Plan
from neuromgd.sheets.library import table
from neuromgd.study.ensemble import grouped, varying

# Of the file that holds the axes of a sweep: most points of a portion, of every group.
TABLE = "portions"


class Portion(NamedTuple):
    """Points that run together.

    Attributes:
        points: Their numbers.
        varies: Which leaves of the parameters differ between all points that share the program, in
            whatever portion: so all portions are computed by the same one.
    """

    points: list[int]
    varies: tuple[bool, ...]


def portioned(
    folder: Path, points: Sequence[Point], plans: Sequence[Plan], is_resumed: bool
) -> tuple[list[Portion], str]:
    """Returns the portions of the points.

    Also returns what the folder keeps of it: what goes on does so in the portions that it began
    with, whatever memory there is by then.

    Args:
        folder: Of the sweep.
        points: What differs.
        plans: Of each of them alone.
        is_resumed: Whether the sweep in the folder goes on.
    """
    configs = [point.config for point in points]
    groups = grouped(configs, plans)
    if is_resumed and (folder / FILE).exists():
        kept = table(folder / FILE).get(TABLE, {}).get("points", [])
        most = kept if len(kept) == len(groups) else [len(group) for group in groups]
    else:
        most = [agreed(points_at_once(configs[g[0]], plans[g[0]], len(g))) for g in groups]
    found = [
        Portion(group[first : first + one], varying([plans[number] for number in group]))
        for one, group in zip(most, groups, strict=True)
        for first in range(0, len(group), one)
    ]
    is_whole = len(found) == len(groups)
    return found, "" if is_whole else "\n" + tomli_w.dumps({TABLE: {"points": most}})
