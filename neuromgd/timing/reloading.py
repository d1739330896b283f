"""A network larger than the chip: its arrays are used in turn, and written anew for each turn."""

from neuromgd.errors import InputError
from neuromgd.sheets.platform import Platform
from neuromgd.timing.layer import Tiling
from neuromgd.timing.workload import Workload


def loads(platform: Platform, workload: Workload, tilings: list[Tiling]) -> dict[int, list[int]]:
    """Returns which matrices are written in front of which loop; nothing if all of them fit.

    Loops fill the chip in the order of a pass; one that finds no room begins with an empty chip.

    Args:
        platform: Sheet of the accelerator.
        workload: Says what is done with a network that is too large.
        tilings: Of all matrices.

    Raises:
        InputError: If the chip is too small and that is not wanted, or not possible.
    """
    there, needed = platform.array.count, sum(tiling.arrays for tiling in tilings)
    if platform.array.form == "whole" or there is None or needed <= there:
        return {}
    if workload.fit == "larger":
        return {}
    if workload.fit == "refuse":
        raise InputError(
            f"layers: need {needed:,} arrays, {platform.name} has {there:,}; allowed are --fit "
            "reload (its arrays in turn, reloads priced) or larger (a chip that is not there)"
        )
    return in_turn(platform, workload, tilings, there)


def in_turn(
    platform: Platform, workload: Workload, tilings: list[Tiling], there: int
) -> dict[int, list[int]]:
    """Returns which matrices are written in front of which loop, at most so many arrays at a time.

    Raises:
        InputError: If a loop alone has no room, or the platform cannot write for certain.
    """
    if platform.write is None or platform.write.mode == "program_verify":
        raise InputError(
            f"fit: read 'reload', but {platform.name} "
            + ("has no [write]" if platform.write is None else "takes a random time for a write")
        )
    turns: dict[int, list[int]] = {}
    held: dict[int, None] = {}
    first = 0
    for number, loop in enumerate(workload.products.loops):
        own = dict.fromkeys(one.matrix for stage in loop.stages for one in stage.products)
        alone = sum(tilings[matrix].arrays for matrix in own)
        if alone > there:
            raise InputError(
                f"fit: read 'reload', but what is in use at one time needs {alone:,} arrays, "
                f"{platform.name} has {there:,}"
            )
        if sum(tilings[matrix].arrays for matrix in held | own) > there:
            first, held = number, {}
        held |= own
        turns[first] = list(held)
    return turns
